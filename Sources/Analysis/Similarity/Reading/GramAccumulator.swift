import Formats
import Torch

/// Adds up X Xᵀ, the inner products of all pairs of images over the columns of a tap, slab by slab.
///
/// Columns are centred first, by a mean summed in double precision, so that a large common offset costs nothing. Products
/// of few thousand columns are taken in single precision and added in double; for few images all is double.
final class GramAccumulator {
  /// Columns whose products are summed in single precision.
  static let step = 4096
  /// Up to so many images products are taken in double precision.
  static let exactImages = 256
  private static let rowsAtATime = 512

  /// Images in the order of the layout. Its pairs are uninitialised memory until products were added: read ``products``.
  private let matrix: ImagePairMatrix
  let isExact: Bool
  private let images: Int
  private let step: Int
  private let single: Buffer<Float>
  private let double: Buffer<Double>
  /// Whether no products were added yet.
  private var isFirst = true
  /// What centring took away; nil where no measure needs it.
  private(set) var offsets: RowOffsets?

  /// - Parameter keepsOffsets: whether to keep what centring takes away.
  init(_ layout: ImagePairLayout, images: Int, exact: Bool, keepsOffsets: Bool = false) {
    offsets = keepsOffsets ? RowOffsets(images: images) : nil
    matrix = ImagePairMatrix(layout, images: images)
    self.images = images
    isExact = exact
    step = exact ? min(GramAccumulator.step, max(256, (32 << 20) / (8 * images))) : GramAccumulator.step
    single = Buffer(exact ? 0 : images * step)
    double = Buffer(exact ? images * step : 0)
  }

  /// The inner products of what was added; nil where every image had the same numbers, so that there is nothing to compare.
  var products: ImagePairMatrix? { isFirst ? nil : matrix }

  /// Bytes an accumulator takes.
  static func bytes(_ layout: ImagePairLayout, images: Int) -> Int {
    layout.count * 8 + images * (step * 4 + 8) + min(rowsAtATime, images) * images * 4
  }

  /// Adds `[images, columns]` numbers, row-major, images in the order of the store.
  ///
  /// - Parameter subtracted: for each column what was subtracted from it before; nil where nothing was.
  /// - Returns: the index of an image with a number that is not finite, if there is one; nothing is added then.
  func add(_ slab: UnsafePointer<Float>, columns: Int, subtracted: [Double]? = nil) throws -> Int? {
    for range in pieces(of: 0..<columns, size: step) {
      let means = means(slab + range.lowerBound, stride: columns, count: range.count)
      guard means.allSatisfy(\.isFinite) else {
        return GramAccumulator.firstNotFinite(slab, images: images, columns: columns)
      }
      let before = subtracted.map { Array($0[range]) } ?? [Double](repeating: 0, count: range.count)
      if isExact {
        try addExactly(slab + range.lowerBound, stride: columns, means: means, subtracted: before)
      } else {
        try addInSinglePrecision(slab + range.lowerBound, stride: columns, means: means, subtracted: before)
      }
    }
    return nil
  }

  /// Forgets everything added.
  func reset() {
    isFirst = true
    matrix.diagonal = [Double](repeating: 0, count: images)
    if offsets != nil { offsets = RowOffsets(images: images) }
  }

  /// The first image of `[images, columns]` numbers with one that is not finite.
  static func firstNotFinite(_ slab: UnsafePointer<Float>, images: Int, columns: Int) -> Int? {
    (0..<images).first { image in
      !UnsafeBufferPointer(start: slab + image * columns, count: columns).allSatisfy(\.isFinite)
    }
  }

  /// The means of `count` columns.
  private func means(_ slab: UnsafePointer<Float>, stride: Int, count: Int) -> [Double] {
    let sums = Buffer<Double>(count)
    let parts = pieces(of: 0..<count, size: max(64, (count + 1) / 2))
    let images = images
    let source = SharedPointer(UnsafeMutablePointer(mutating: slab))
    inParallel(parts.count) { part in
      let target = sums.pointer + parts[part].lowerBound
      target.initialize(repeating: 0, count: parts[part].count)
      for image in 0..<images {
        VectorSums.add(source.pointer + image * stride + parts[part].lowerBound, parts[part].count, into: target)
      }
    }
    return sums.values.map { $0 / Double(images) }
  }

  // MARK: Single precision

  private func addInSinglePrecision(
    _ slab: UnsafePointer<Float>, stride: Int, means: [Double], subtracted: [Double]
  ) throws {
    let columns = means.count
    let shifts = means.map { Float($0) }
    let groups = pieces(of: 0..<images, size: max(1, (images + 15) / 16))
    let source = SharedPointer(UnsafeMutablePointer(mutating: slab))
    let squares = Buffer<Double>(images)
    inParallel(groups.count) { [single, order = matrix.layout.order] group in
      for image in groups[group] {
        squares.pointer[image] = VectorSums.subtract(
          shifts, from: source.pointer + (order?[image] ?? image) * stride, columns,
          into: single.pointer + image * columns)
      }
    }
    for image in 0..<images { matrix.diagonal[image] += squares.pointer[image] }
    offsets?.add(single.pointer, means: zip(shifts, subtracted).map { Double($0) + $1 })
    let largest = squares.values.reduce(0, max)
    guard largest > 0 else { return }
    // Products of very small or large numbers would leave the range of single precision: scaled by a power of two.
    let exponent = (-60...60).contains(Int(largest.exponent)) ? 0 : -Int(largest.exponent) / 2
    if exponent != 0 {
      let scale = Double(sign: .plus, exponent: exponent, significand: 1)
      for index in 0..<images * columns { single.pointer[index] = Float(Double(single.pointer[index]) * scale) }
    }
    try addProducts(
      of: try single.tensor([images, columns]), as: Float.self,
      scale: Double(sign: .plus, exponent: -2 * exponent, significand: 1))
  }

  // MARK: Double precision

  private func addExactly(
    _ slab: UnsafePointer<Float>, stride: Int, means: [Double], subtracted: [Double]
  ) throws {
    let columns = means.count
    // Rounded, so that equal numbers give exactly zero.
    let shifts = means.map { Double(Float($0)) }
    var largest = 0.0
    let order = matrix.layout.order
    for image in 0..<images {
      var squares = 0.0
      let row = (order?[image] ?? image) * stride
      for column in 0..<columns {
        let difference = Double(slab[row + column]) - shifts[column]
        double.pointer[image * columns + column] = difference
        squares += difference * difference
        largest = max(largest, abs(difference))
      }
      matrix.diagonal[image] += squares
    }
    offsets?.add(double.pointer, means: zip(shifts, subtracted).map { $0 + $1 })
    guard largest > 0 else { return }
    try addProducts(of: try double.tensor([images, columns]), as: Double.self, scale: 1)
  }

  // MARK: Products

  private func addProducts<Element: BinaryFloatingPoint & Sendable>(
    of centred: Tensor, as _: Element.Type, scale: Double
  ) throws {
    let layout = matrix.layout
    for (set, range) in layout.ranges.enumerated() {
      for rows in pieces(of: range, size: GramAccumulator.rowsAtATime) {
        let others = rows.lowerBound..<range.upperBound
        let product = try centred.slice(0, rows).times(transposed: centred.slice(0, others)).contiguous()
        try product.withUnsafeBytes { bytes in
          guard let base = bytes.bindMemory(to: Element.self).baseAddress else { return }
          let source = SharedPointer(UnsafeMutablePointer(mutating: base))
          let groups = pieces(of: rows, size: 32)
          inParallel(groups.count) { [matrix, isFirst] group in
            for row in groups[group] {
              GramAccumulator.add(
                source.pointer + (row - rows.lowerBound) * others.count + (row - rows.lowerBound) + 1,
                range.upperBound - row - 1, scale: scale, isFirst: isFirst,
                to: matrix.pairs.pointer + layout.offset(set: set, row: row))
            }
          }
        }
      }
    }
    isFirst = false
  }

  private static func add<Element: BinaryFloatingPoint>(
    _ source: UnsafePointer<Element>, _ count: Int, scale: Double, isFirst: Bool,
    to target: UnsafeMutablePointer<Double>
  ) {
    if isFirst {
      for index in 0..<count { target[index] = Double(source[index]) * scale }
    } else {
      for index in 0..<count { target[index] += Double(source[index]) * scale }
    }
  }
}
