import Torch

extension LinearMoments {
  /// Σ_{i≠j} K̂_ij L̂_ij of every replicate of a bootstrap over images, by the influence of single images: S + 2 Σ_i (w_i − 1) s_i, s_i what image i
  /// has of S. What two images say only together, which is the less the more images there are, is left out.
  ///
  /// - Returns: `[replicates, taps, taps]`.
  func replicates(_ bootstrap: Bootstrap, _ centred: Centred) throws -> [Double] {
    let count = taps * taps
    let sums = try Tensor.zeros([bootstrap.replicates, count], dtype: .float64)
    try blocks.forEach { range, rows in
      let rows = try rows.tensor([range.count, blocks.columns]) - centred.means
      let shares = try shares(centred, rows).products.reshaped(range.count, count)
      let weights = try Tensor(
        bootstrap.weights.flatMap { drawn in drawn[range].map { Double($0 - 1) } },
        shape: [bootstrap.replicates, range.count])
      try sums.addProduct(weights, shares)
    }
    return try (sums * 2 + Tensor(centred.debiased, shape: [1, count])).values()
  }
}
