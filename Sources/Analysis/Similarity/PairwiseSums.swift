import Torch

/// How often each image is drawn in each replicate, as the products need it.
struct ReplicateWeights {
  let replicates: Int
  /// `[images, replicates]`, whole numbers.
  let byImage: Tensor
  /// `[replicates, images]`.
  let byReplicate: Tensor

  init?(_ bootstrap: Bootstrap, _ dtype: DType) throws {
    guard bootstrap.replicates > 0 else { return nil }
    replicates = bootstrap.replicates
    byReplicate = try Tensor(
      bootstrap.weights.flatMap { $0.map(Float.init) }, shape: [bootstrap.replicates, bootstrap.images]
    ).to(dtype)
    byImage = try byReplicate.transposed(0, 1).contiguous()
  }
}

/// Which kernels are compared: for each, those at or after it, as ranges in order.
struct KernelPairs {
  let kernels: Int
  let partners: [[Range<Int>]]

  func contains(_ a: Int, _ b: Int) -> Bool { partners[min(a, b)].contains { $0.contains(max(a, b)) } }
}

/// Sums over the pairs of images of one set, for all pairs of kernels.
struct PairwiseSums {
  /// Σ_{i≠j} K_ij L_ij, `[kernels, kernels]`, float64.
  let inner: Tensor
  /// Σ_{i≠j} w_i w_j K_ij L_ij for each replicate, `[replicates, kernels, kernels]`, float64; nil without replicates.
  let replicateInner: Tensor?
  /// Σ_{j≠i} w_j K_ij for each replicate, `[kernels, images of the set, replicates]`.
  let replicateRows: Tensor?
}

/// Streams the kernel matrices of one set of images, a few rows of all of them at a time.
struct PairwiseSummation<Element: KernelElement> {
  let storage: KernelStorage<Element>
  let pairs: KernelPairs
  let weights: ReplicateWeights?
  /// Numbers of all kernels in memory at a time, and of products of two.
  private static var blockNumbers: Int { 4 << 20 }

  /// - Parameter advance: called with the share of the work done; may throw to stop it.
  func sums(set: Int, advance: (Double) throws -> Void) throws -> PairwiseSums {
    let inner = try innerProducts(set: set)
    guard let weights else {
      try advance(1)
      return PairwiseSums(inner: inner, replicateInner: nil, replicateRows: nil)
    }
    try advance(0)
    let range = storage.layout.ranges[set]
    let (kernels, replicates) = (storage.kernels, weights.replicates)
    var upper = [Double](repeating: 0, count: replicates * kernels * kernels)
    let rowSums = try Tensor.zeros([kernels, range.count, replicates], dtype: Element.dtype)
    let rowsAtATime = max(1, min(range.count, PairwiseSummation.blockNumbers / max(1, kernels * range.count)))
    let block = Buffer<Element>(kernels * rowsAtATime * range.count)
    let products = Buffer<Element>(kernels * rowsAtATime * range.count)
    let pairs = pairs(of: set)
    for rows in pieces(of: range, size: rowsAtATime) {
      // Widths in few steps, for products of the same shape are prepared once.
      let width = min(range.count, (range.upperBound - rows.lowerBound + 255) / 256 * 256)
      let columns = range.upperBound - width..<range.upperBound
      try fill(block, set: set, rows: rows, columns: columns)
      let values = try block.tensor([kernels, rows.count, width])
      try addRows(values, rows: rows, columns: columns, first: range.lowerBound, weights, to: rowSums)
      try addInner(values, rows: rows, columns: columns, weights, products: products, to: &upper)
      let done = storage.layout.offset(set: set, row: rows.upperBound) - pairs.lowerBound
      try advance(Double(done) / Double(pairs.count))
    }
    let upperTriangles = try Tensor(upper, shape: [kernels, kernels, replicates]).permuted(2, 0, 1)
    return PairwiseSums(
      inner: inner, replicateInner: try PairwiseSummation.symmetric(upperTriangles, times: 2), replicateRows: rowSums)
  }

  /// Where the pairs of a set lie.
  private func pairs(of set: Int) -> Range<Int> {
    let range = storage.layout.ranges[set]
    return storage.layout.offset(
      set: set, row: range.lowerBound)..<storage.layout.offset(set: set, row: range.upperBound)
  }

  /// Σ_{i≠j} K_ij L_ij: products of doubles, a few thousand pairs at a time, which stay in the processor's cache.
  private func innerProducts(set: Int) throws -> Tensor {
    let kernels = storage.kernels
    let inner = try Tensor.zeros([kernels, kernels], dtype: .float64)
    for some in pieces(of: pairs(of: set), size: max(1024, (1 << 19) / max(1, kernels))) {
      let values = try storage.values(some).to(.float64)
      try inner.addProduct(values, values.transposed(0, 1))
    }
    try inner.multiply(by: 2)
    return inner
  }

  /// Copies rows of all kernels to `[kernels, rows, columns]`; zero where the column is not after the row.
  private func fill(_ block: Buffer<Element>, set: Int, rows: Range<Int>, columns: Range<Int>) throws {
    let layout = storage.layout
    let first = layout.offset(set: set, row: rows.lowerBound)
    let count = layout.offset(set: set, row: rows.upperBound) - first
    let width = columns.count
    let scratch = Buffer<Element>(count)
    for kernel in 0..<storage.kernels {
      try storage.withValues(kernel: kernel, at: first, count: count, scratch: scratch.pointer) { values in
        for row in rows {
          let target = block.pointer + (kernel * rows.count + row - rows.lowerBound) * width
          let zeros = row + 1 - columns.lowerBound
          target.initialize(repeating: 0, count: min(zeros, width))
          (target + zeros).update(
            from: values + layout.offset(set: set, row: row) - first, count: columns.upperBound - row - 1)
        }
      }
    }
  }

  /// Row sums with weights: of the columns after each row, and by symmetry of the rows before each column.
  private func addRows(
    _ values: Tensor, rows: Range<Int>, columns: Range<Int>, first: Int, _ weights: ReplicateWeights, to sums: Tensor
  ) throws {
    let (kernels, replicates) = (storage.kernels, weights.replicates)
    let after = try product(
      values.reshaped(kernels * rows.count, columns.count), weights.byReplicate.slice(1, columns).contiguous())
    try sums.slice(1, rows.lowerBound - first..<rows.upperBound - first)
      .add(after.reshaped(kernels, rows.count, replicates))
    let rowWeights = try weights.byImage.slice(0, rows).unsqueezed(0).expanded([kernels, rows.count, replicates])
    _ = try addBatchedProduct.one(
      .tensor(sums.slice(1, columns.lowerBound - first..<columns.upperBound - first)),
      .tensor(values.transposed(1, 2)), .tensor(rowWeights))
  }

  /// Σ_i w_i Σ_j w_j K_ij L_ij over the block, for all pairs of kernels: the products K∘L times the weights.
  private func addInner(
    _ values: Tensor, rows: Range<Int>, columns: Range<Int>, _ weights: ReplicateWeights, products: Buffer<Element>,
    to sums: inout [Double]
  ) throws {
    let (kernels, replicates) = (storage.kernels, weights.replicates)
    let columnWeights = try weights.byReplicate.slice(1, columns).contiguous()
    let rowWeights = try weights.byImage.slice(0, rows)
    for kernel in 0..<kernels {
      let own = try values.slice(0, kernel..<kernel + 1)
      for others in pairs.partners[kernel] {
        let target = try products.tensor([others.count, rows.count, columns.count])
        _ = try multiplyInto.one(.tensor(own), .tensor(try values.slice(0, others)), .tensor(target))
        let byRow = try product(target.reshaped(others.count * rows.count, columns.count), columnWeights)
          .reshaped(others.count, rows.count, replicates)
        let summed: [Double] = try (byRow * rowWeights).sum([1], dtype: .float64).values()
        for (place, other) in others.enumerated() {
          let start = (kernel * kernels + other) * replicates
          for replicate in 0..<replicates { sums[start + replicate] += summed[place * replicates + replicate] }
        }
      }
    }
  }

  /// `a` · `b`ᵀ.
  private func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    if Element.self == Float.self, OneDNN.isAvailable { return try OneDNN.linear(a, packed: b, bias: nil) }
    return try a.matmul(b.transposed(0, 1))
  }

  /// From upper triangles `[…, n, n]` with the diagonal to whole matrices, times a factor.
  private static func symmetric(_ upper: Tensor, times factor: Double) throws -> Tensor {
    let strict = try upperTriangle.one(.tensor(upper), .integer(1))
    return try (upperTriangle.one(.tensor(upper), .integer(0)) + strict.transposed(-1, -2)) * factor
  }
}

private let multiplyInto = Operator("aten::mul", "out")
private let addBatchedProduct = Operator("aten::baddbmm_")
private let upperTriangle = Operator("aten::triu")
