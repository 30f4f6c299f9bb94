import Formats
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
struct ComparedKernels {
  let kernels: Int
  let partners: [[Range<Int>]]
}

/// Sums over the pairs of images of one set with the weights of replicates, for all pairs of kernels.
struct WeightedSums {
  /// Σ_{i≠j} w_i w_j K_ij L_ij, `[replicates, kernels, kernels]`, float64.
  let inner: Tensor
  /// Σ_{j≠i} w_j K_ij, `[kernels, images of the set, replicates]`.
  let rows: Tensor
}

extension KernelSet {
  /// Adds the debiased HSIC of every replicate of the bootstrap over the one set of all images, but for replicates with too few
  /// different images. Copies of an image are no pair: docs/definitions.md.
  func addReplicates(_ bootstrap: Bootstrap, pairs: ComparedKernels, to values: inout KernelValues) throws {
    guard count > 0, let sums = try weightedSums(set: 0, pairs: pairs, bootstrap: bootstrap) else { return }
    values.makeReplicates(bootstrap.replicates)
    let size = count * count
    for replicates in pieces(of: 0..<bootstrap.replicates, size: max(1, (1 << 20) / (count * layout.images))) {
      let drawn = bootstrap.weights[replicates]
      let weights = try Tensor(drawn.flatMap { $0.map(Double.init) }, shape: [replicates.count, layout.images])
      let debiased: [Double] = try KernelSet.debiased(
        inner: sums.inner.slice(0, replicates),
        rows: sums.rows.slice(2, replicates).permuted(2, 0, 1).to(.float64).contiguous(), weights: weights
      ).values()
      for (index, replicate) in replicates.enumerated() {
        let total = drawn[index].reduce(0, +)
        let different = drawn[index].count { $0 > 0 }
        guard different >= 4, drawn[index].allSatisfy({ 2 * $0 < total }) else { continue }
        values.add(debiased[index * size..<(index + 1) * size], toReplicate: replicate)
      }
    }
  }

  /// The debiased HSIC of replicates, up to a common factor.
  ///
  /// - Parameters:
  ///   - inner: Σ_{i≠j} w_i w_j K_ij L_ij, `[B, kernels, kernels]`.
  ///   - rows: Σ_{j≠i} w_j K_ij, `[B, kernels, images]`.
  ///   - weights: `[B, images]`; 2 w_i is nowhere Σ w.
  private static func debiased(inner: Tensor, rows: Tensor, weights: Tensor) throws -> Tensor {
    let drawn = try weights.unsqueezed(1)
    let total = try drawn.sum([2], keepingAxes: true)
    let remaining = try total - drawn * 2
    let share = try drawn / remaining
    let common = try (rows * share).sum([2], keepingAxes: true) / (share.sum([2], keepingAxes: true) + 1)
    let shifts = try (rows - common) / remaining * drawn
    let product = try shifts.matmul(rows.transposed(1, 2))
    return try inner - (product + product.transposed(1, 2))
  }
}

extension KernelStorage {
  /// Numbers of all kernels in memory at a time, and of products of two.
  private static var blockNumbers: Int { 4 << 20 }

  /// Streams the kernels of one set of images, a few rows of all of them at a time.
  ///
  /// - Parameter advance: called with the share of the work done; may throw to stop it.
  func weightedSums(
    set: Int, _ pairs: ComparedKernels, _ weights: ReplicateWeights, advance: (Double) throws -> Void
  ) throws -> WeightedSums {
    try advance(0)
    let range = layout.ranges[set]
    let replicates = weights.replicates
    var upper = [Double](repeating: 0, count: replicates * kernels * kernels)
    let rowSums = try Tensor.zeros([kernels, range.count, replicates], dtype: Element.dtype)
    let rowsAtATime = max(1, min(range.count, KernelStorage.blockNumbers / max(1, kernels * range.count)))
    let block = Buffer<Element>(kernels * rowsAtATime * range.count)
    let products = Buffer<Element>(kernels * rowsAtATime * range.count)
    let all = layout.pairs(set: set, rows: range)
    for rows in pieces(of: range, size: rowsAtATime) {
      // Widths in few steps, for products of the same shape are prepared once.
      let width = min(range.count, (range.upperBound - rows.lowerBound + 255) / 256 * 256)
      let columns = range.upperBound - width..<range.upperBound
      try fill(block, set: set, rows: rows, columns: columns)
      let values = try block.tensor([kernels, rows.count, width])
      try addRows(values, rows: rows, columns: columns, first: range.lowerBound, weights, to: rowSums)
      try addInner(values, pairs, rows: rows, columns: columns, weights, products: products, to: &upper)
      let done = layout.offset(set: set, row: rows.upperBound) - all.lowerBound
      try advance(Double(done) / Double(all.count))
    }
    let upperTriangles = try Tensor(upper, shape: [kernels, kernels, replicates]).permuted(2, 0, 1)
    return WeightedSums(inner: try KernelStorage.symmetric(upperTriangles, times: 2), rows: rowSums)
  }

  /// Copies rows of all kernels to `[kernels, rows, columns]`; zero where the column is not after the row.
  private func fill(_ block: Buffer<Element>, set: Int, rows: Range<Int>, columns: Range<Int>) throws {
    let pairs = layout.pairs(set: set, rows: rows)
    let width = columns.count
    let scratch = Buffer<Element>(pairs.count)
    for kernel in 0..<kernels {
      try withValues(kernel: kernel, at: pairs.lowerBound, count: pairs.count, scratch: scratch.pointer) { values in
        for row in rows {
          let target = block.pointer + (kernel * rows.count + row - rows.lowerBound) * width
          let zeros = row + 1 - columns.lowerBound
          target.initialize(repeating: 0, count: min(zeros, width))
          (target + zeros).update(
            from: values + layout.offset(set: set, row: row) - pairs.lowerBound, count: columns.upperBound - row - 1)
        }
      }
    }
  }

  /// Row sums with weights: of the columns after each row, and by symmetry of the rows before each column.
  private func addRows(
    _ values: Tensor, rows: Range<Int>, columns: Range<Int>, first: Int, _ weights: ReplicateWeights, to sums: Tensor
  ) throws {
    let replicates = weights.replicates
    let after = try values.reshaped(kernels * rows.count, columns.count)
      .times(transposed: weights.byReplicate.slice(1, columns).contiguous())
    try sums.slice(1, rows.lowerBound - first..<rows.upperBound - first)
      .add(after.reshaped(kernels, rows.count, replicates))
    let rowWeights = try weights.byImage.slice(0, rows).unsqueezed(0).expanded([kernels, rows.count, replicates])
    _ = try addBatchedProduct.one(
      .tensor(sums.slice(1, columns.lowerBound - first..<columns.upperBound - first)),
      .tensor(values.transposed(1, 2)), .tensor(rowWeights))
  }

  /// Σ_i w_i Σ_j w_j K_ij L_ij over the block, for all pairs of kernels: the products K∘L times the weights.
  private func addInner(
    _ values: Tensor, _ pairs: ComparedKernels, rows: Range<Int>, columns: Range<Int>, _ weights: ReplicateWeights,
    products: Buffer<Element>, to sums: inout [Double]
  ) throws {
    let replicates = weights.replicates
    let columnWeights = try weights.byReplicate.slice(1, columns).contiguous()
    let rowWeights = try weights.byImage.slice(0, rows)
    for kernel in 0..<kernels {
      let first = try values.slice(0, kernel..<kernel + 1)
      for others in pairs.partners[kernel] {
        let target = try products.tensor([others.count, rows.count, columns.count])
        _ = try multiplyInto.one(.tensor(first), .tensor(try values.slice(0, others)), .tensor(target))
        let byRow = try target.reshaped(others.count * rows.count, columns.count).times(transposed: columnWeights)
          .reshaped(others.count, rows.count, replicates)
        let summed: [Double] = try (byRow * rowWeights).sum([1], dtype: .float64).values()
        for (index, other) in others.enumerated() {
          let start = (kernel * kernels + other) * replicates
          for replicate in 0..<replicates { sums[start + replicate] += summed[index * replicates + replicate] }
        }
      }
    }
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
