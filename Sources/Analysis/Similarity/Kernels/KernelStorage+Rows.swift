import Formats
import Torch

/// Sums over pairs of images of products, squares and cubes of kernels, each `[kernels, kernels]`, float64.
struct PowerSums {
  /// Σ_{i≠j} K_ij L_ij.
  let products: Tensor
  /// Σ_{i≠j} K²_ij L²_ij.
  let squares: Tensor
  /// Σ_{i≠j} K³_ij L_ij.
  let cubes: Tensor
}

extension KernelStorage {
  /// Numbers of all kernels, in double precision, that lie in memory at a time.
  private static var rowNumbers: Int { 4 << 20 }

  func powerSums(set: Int) throws -> PowerSums {
    let sums = try (0..<3).map { _ in try Tensor.zeros([kernels, kernels], dtype: .float64) }
    let pairs = layout.pairs(set: set, rows: layout.ranges[set])
    for chunk in pieces(of: pairs, size: max(1024, (1 << 19) / max(1, kernels))) {
      // A copy, so that sums are taken in the same order wherever the kernels lie.
      let values = try values(chunk).to(.float64).contiguous()
      let squares = try values * values
      try sums[0].addProduct(values, values.transposed(0, 1))
      try sums[1].addProduct(squares, squares.transposed(0, 1))
      try sums[2].addProduct(squares * values, values.transposed(0, 1))
    }
    for sum in sums { try sum.multiply(by: 2) }
    return PowerSums(products: sums[0], squares: sums[1], cubes: sums[2])
  }

  func differenceSquares(set: Int, _ forms: [(PairForm, PairForm)]) throws -> [Double] {
    guard !forms.isEmpty else { return [] }
    var sums = [Double](repeating: 0, count: forms.count)
    let pairs = layout.pairs(set: set, rows: layout.ranges[set])
    for chunk in pieces(of: pairs, size: max(1024, (1 << 19) / max(1, kernels))) {
      let numbers: [Double] = try values(chunk).to(.float64).contiguous().values()
      numbers.withUnsafeBufferPointer { numbers in
        guard let base = numbers.baseAddress else { return }
        let rows = UnsafeRawPointer(base)
        sums.withUnsafeMutableBufferPointer { sums in
          guard let target = sums.baseAddress.map(SharedPointer.init) else { return }
          let values = SharedRows(rows: rows, count: chunk.count)
          inParallel(forms.count) { target.pointer[$0] += values.differenceSquares(forms[$0].0, forms[$0].1) }
        }
      }
    }
    return sums.map { 2 * $0 }
  }

  func forEachImages(set: Int, _ body: (_ images: Range<Int>, _ rows: Tensor) throws -> Void) throws {
    let range = layout.ranges[set]
    let atATime = max(1, min(range.count, KernelStorage.rowNumbers / max(1, kernels * max(range.count, kernels))))
    let block = Buffer<Double>(atATime * kernels * range.count)
    let scratch = Buffer<Element>(range.count)
    for images in pieces(of: range, size: atATime) {
      for kernel in 0..<kernels { try fill(block, kernel: kernel, set: set, images: images, scratch: scratch) }
      try body(images, block.tensor([images.count, kernels, range.count]))
    }
  }

  /// Writes the numbers of one kernel to `[images, kernels, images of the set]`.
  private func fill(
    _ block: Buffer<Double>, kernel: Int, set: Int, images: Range<Int>, scratch: Buffer<Element>
  ) throws {
    let range = layout.ranges[set]
    let first = range.lowerBound
    func row(_ image: Int) -> UnsafeMutablePointer<Double> {
      block.pointer + ((image - images.lowerBound) * kernels + kernel) * range.count - first
    }
    // Pairs lie by their first image: those before these images have them as columns.
    for other in first..<images.lowerBound {
      let start = layout.offset(set: set, row: other) + images.lowerBound - other - 1
      try withValues(kernel: kernel, at: start, count: images.count, scratch: scratch.pointer) { values in
        for image in images { row(image)[other] = Double(values[image - images.lowerBound]) }
      }
    }
    for image in images {
      let own = row(image)
      own[image] = 0
      let count = range.upperBound - image - 1
      let start = layout.offset(set: set, row: image)
      try withValues(kernel: kernel, at: start, count: count, scratch: scratch.pointer) { values in
        for index in 0..<count { own[image + 1 + index] = Double(values[index]) }
        for other in image + 1..<max(image + 1, images.upperBound) { row(other)[image] = own[other] }
      }
    }
  }
}

/// Some pairs of all kernels, `[kernels, count]`, for several threads to read.
private struct SharedRows: @unchecked Sendable {
  let rows: UnsafeRawPointer
  let count: Int

  /// Σ (f − g)² over the pairs.
  func differenceSquares(_ f: PairForm, _ g: PairForm) -> Double {
    let (a, b, c, d) = (row(f.a), row(f.b), row(g.a), row(g.b))
    var sum = SIMD8<Double>.zero
    let whole = count & ~7
    for place in stride(from: 0, to: whole, by: 8) {
      let difference =
        SharedRows.share(f, load(a, place), load(b, place)) - SharedRows.share(g, load(c, place), load(d, place))
      sum += difference * difference
    }
    var total = sum.sum()
    for place in whole..<count {
      let difference =
        SharedRows.share(f, number(a, place), number(b, place))
        - SharedRows.share(g, number(c, place), number(d, place))
      total += difference * difference
    }
    return total
  }

  private func row(_ kernel: Int) -> UnsafeRawPointer { rows + kernel * count * MemoryLayout<Double>.stride }

  private func load(_ row: UnsafeRawPointer, _ place: Int) -> SIMD8<Double> {
    row.loadUnaligned(fromByteOffset: place * MemoryLayout<Double>.stride, as: SIMD8<Double>.self)
  }

  private func number(_ row: UnsafeRawPointer, _ place: Int) -> Double {
    row.load(fromByteOffset: place * MemoryLayout<Double>.stride, as: Double.self)
  }

  private static func share(_ form: PairForm, _ x: SIMD8<Double>, _ y: SIMD8<Double>) -> SIMD8<Double> {
    form.product * (x * y) - form.first * (x * x) - form.second * (y * y)
  }

  private static func share(_ form: PairForm, _ x: Double, _ y: Double) -> Double {
    form.product * x * y - form.first * x * x - form.second * y * y
  }
}
