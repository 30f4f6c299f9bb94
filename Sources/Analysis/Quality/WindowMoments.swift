import Foundation

/// Gaussian means, variances and covariance of two images at every place where the window fits, and what SSIM makes of
/// them. Rows are interleaved, so that a neighbour in the row is three numbers away. In double precision: a variance is a small
/// difference of large sums, and in a small or flat picture its rounding would show.
struct WindowMoments {
  private static let radius = StructuralSimilarity.window / 2
  /// Weights of the middle and of its neighbours on one side; with those of the other side they sum to 1.
  private static let weights: [Double] = {
    let values = (0...radius).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = values[0] + 2 * values[1...].reduce(0, +)
    return values.map { $0 / sum }
  }()

  let height: Int
  let width: Int

  /// Means over all places, a channel each: of SSIM, and of its factor for contrast and structure.
  typealias Means = (structure: [Double], contrast: [Double])

  /// - Parameters: two images `[height, width, 3]` in 0 ... 1.
  func similarity(_ image: FloatPlane, _ reference: FloatPlane) -> Means {
    withExtendedLifetime((image, reference)) { similarity(image.pointer, reference.pointer) }
  }

  private func similarity(_ image: UnsafePointer<Float>, _ reference: UnsafePointer<Float>) -> Means {
    let outputs = (width - 2 * WindowMoments.radius) * 3
    let stride = width * 3 + FloatPlane.margin
    var sums = [Double](repeating: 0, count: 2 * stride)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let structure = sums.baseAddress else { return }
      forEachRow(image, reference) { _, columns, weights in
        accumulate(columns, outputs, weights, structure: structure, contrast: structure + stride)
      }
    }
    let places = Double((height - 2 * WindowMoments.radius) * (width - 2 * WindowMoments.radius))
    func means(_ start: Int) -> [Double] {
      (0..<3).map { channel in
        Swift.stride(from: channel, to: outputs, by: 3).reduce(0) { $0 + sums[start + $1] } / places
      }
    }
    return (means(0), means(stride))
  }

  /// SSIM of every place, `[height - 10, width - 10]`, channels averaged.
  func similarityMap(_ image: FloatPlane, _ reference: FloatPlane) -> [Float] {
    let across = width - 2 * WindowMoments.radius
    let line = FloatPlane(across * 3)
    var map = [Float](repeating: 0, count: (height - 2 * WindowMoments.radius) * across)
    withExtendedLifetime((image, reference, line)) {
      forEachRow(image.pointer, reference.pointer) { row, columns, weights in
        for place in stride(from: 0, to: across * 3, by: VectorMath.width) {
          line.start.store(Lanes(values(columns, place, weights).structure), place)
        }
        for place in 0..<across {
          map[row * across + place] =
            (line.start[3 * place] + line.start[3 * place + 1] + line.start[3 * place + 2]) / 3
        }
      }
    }
    return map
  }

  /// Calls `body` for every row of places with what is blurred downwards there: both images, squares and products.
  private func forEachRow(
    _ image: UnsafePointer<Float>, _ reference: UnsafePointer<Float>,
    _ body: (_ row: Int, _ columns: [Plane<Double>], _ weights: UnsafeBufferPointer<Double>) -> Void
  ) {
    let row = width * 3
    // Rows of products in a ring of as many rows as the window has; squares of both images are only needed as a sum.
    let stride = row + FloatPlane.margin
    let ring = StructuralSimilarity.window
    let squares = Plane<Double>(ring * stride)
    let products = Plane<Double>(ring * stride)
    let columns = (0..<4).map { _ in Plane<Double>(stride) }
    defer { withExtendedLifetime((squares, products, columns)) {} }
    WindowMoments.weights.withUnsafeBufferPointer { weights in
      for line in 0..<height {
        multiply(
          image + line * row, reference + line * row, row, squares: squares.start + line % ring * stride,
          products: products.start + line % ring * stride)
        guard line >= ring - 1 else { continue }
        let middle = line - WindowMoments.radius
        blurDown(image + middle * row, row, weights, into: columns[0].start)
        blurDown(reference + middle * row, row, weights, into: columns[1].start)
        blurDown(squares.pointer, stride, ring: line, row, weights, into: columns[2].start)
        blurDown(products.pointer, stride, ring: line, row, weights, into: columns[3].start)
        body(middle - WindowMoments.radius, columns, weights)
      }
    }
  }

  /// Sums of squares and products of two rows, both less 0.5, which keeps digits that variances need.
  private func multiply(
    _ image: UnsafePointer<Float>, _ reference: UnsafePointer<Float>, _ count: Int,
    squares: UnsafeMutablePointer<Double>, products: UnsafeMutablePointer<Double>
  ) {
    for place in stride(from: 0, to: count, by: VectorMath.width) {
      let x = DoubleLanes(image.lanes(place)) - 0.5
      let y = DoubleLanes(reference.lanes(place)) - 0.5
      squares.store(x * x + y * y, place)
      products.store(x * y, place)
    }
  }

  /// The vertical pass over an image around a row; the result is less 0.5.
  private func blurDown(
    _ middle: UnsafePointer<Float>, _ row: Int, _ weights: UnsafeBufferPointer<Double>,
    into target: UnsafeMutablePointer<Double>
  ) {
    for place in stride(from: 0, to: row, by: VectorMath.width) {
      let pixel = middle + place
      var sum = DoubleLanes(pixel.lanes(0)) * weights[0] - 0.5
      for step in 1...5 {
        sum += (DoubleLanes(pixel.lanes(-step * row)) + DoubleLanes(pixel.lanes(step * row))) * weights[step]
      }
      target.store(sum, place)
    }
  }

  /// The vertical pass over a ring of rows whose last one is row `line`.
  private func blurDown(
    _ rows: UnsafePointer<Double>, _ stride: Int, ring line: Int, _ row: Int, _ weights: UnsafeBufferPointer<Double>,
    into target: UnsafeMutablePointer<Double>
  ) {
    let ring = StructuralSimilarity.window
    func start(_ step: Int) -> UnsafePointer<Double> { rows + (line - WindowMoments.radius + step) % ring * stride }
    let middle = start(0)
    let (a1, a2, a3, a4, a5) = (start(-1), start(-2), start(-3), start(-4), start(-5))
    let (b1, b2, b3, b4, b5) = (start(1), start(2), start(3), start(4), start(5))
    for place in Swift.stride(from: 0, to: row, by: VectorMath.width) {
      var sum = middle.lanes(place) * weights[0]
      sum += (a1.lanes(place) + b1.lanes(place)) * weights[1]
      sum += (a2.lanes(place) + b2.lanes(place)) * weights[2]
      sum += (a3.lanes(place) + b3.lanes(place)) * weights[3]
      sum += (a4.lanes(place) + b4.lanes(place)) * weights[4]
      sum += (a5.lanes(place) + b5.lanes(place)) * weights[5]
      target.store(sum, place)
    }
  }

  /// The horizontal pass, and SSIM of each place of a row added to the sums of its column.
  private func accumulate(
    _ columns: [Plane<Double>], _ outputs: Int, _ weights: UnsafeBufferPointer<Double>,
    structure: UnsafeMutablePointer<Double>, contrast: UnsafeMutablePointer<Double>
  ) {
    for place in stride(from: 0, to: outputs, by: VectorMath.width) {
      let values = values(columns, place, weights)
      add(values.structure, to: structure + place)
      add(values.contrast, to: contrast + place)
    }
  }

  /// SSIM and its factor for contrast and structure, of places in a row from one on.
  @inline(__always)
  private func values(
    _ columns: [Plane<Double>], _ place: Int, _ weights: UnsafeBufferPointer<Double>
  ) -> (structure: DoubleLanes, contrast: DoubleLanes) {
    @inline(__always)
    func blurAcross(_ row: UnsafePointer<Double>) -> DoubleLanes {
      let middle = row + place + 15
      var sum = middle.lanes(0) * weights[0]
      for step in 1...5 { sum += (middle.lanes(-3 * step) + middle.lanes(3 * step)) * weights[step] }
      return sum
    }
    let (c1, c2) = (1e-4, 9e-4)
    let x = blurAcross(columns[0].pointer)
    let y = blurAcross(columns[1].pointer)
    let variances = blurAcross(columns[2].pointer) - (x * x + y * y)
    let covariance = blurAcross(columns[3].pointer) - x * y
    let (meanX, meanY) = (x + 0.5, y + 0.5)
    let local = (covariance * 2 + c2) / (variances + c2)
    let light = (meanX * meanY * 2 + c1) / (meanX * meanX + meanY * meanY + c1)
    return (local * light, local)
  }

  @inline(__always)
  private func add(_ values: DoubleLanes, to sums: UnsafeMutablePointer<Double>) {
    sums.store(UnsafePointer(sums).lanes(0) + values, 0)
  }
}
