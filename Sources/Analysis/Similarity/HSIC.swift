import Torch

/// Inner products of centred kernel matrices with weights, for all pairs of kernels: the numerators of CKA and what stands
/// under its root. Formulas: docs/definitions.md. All in double precision.
struct HSIC {
  /// ⟨K, L⟩_w of the debiased estimator, `[B, kernels, kernels]`.
  let debiased: Tensor
  /// ⟨K, L⟩_w of the biased estimator.
  let biased: Tensor

  /// For the whole sample: every weight is 1 and the rows of the kernels, centred before, sum to zero.
  ///
  /// - Parameters:
  ///   - inner: Σ_{i≠j} K_ij L_ij, `[kernels, kernels]`.
  ///   - diagonal: `[kernels, images]`.
  init(inner: Tensor, diagonal: Tensor) throws {
    let images = Double(diagonal.extent(1))
    let kernels = diagonal.extent(0)
    debiased = try inner.reshaped(1, kernels, kernels)
    // Σ_ij K_ij L_ij − (2/n) Σ_i k_i l_i + k l / n², where the row sums k_i are the diagonal.
    let squares = try diagonal.matmul(diagonal.transposed(0, 1))
    let totals = try diagonal.sum([1], keepingAxes: true)
    biased = try (inner + squares * (1 - 2 / images) + totals.matmul(totals.transposed(0, 1)) * (1 / (images * images)))
      .reshaped(1, kernels, kernels)
  }

  /// For replicates.
  ///
  /// - Parameters:
  ///   - inner: Σ_{i≠j} w_i w_j K_ij L_ij, `[B, kernels, kernels]`.
  ///   - rows: Σ_{j≠i} w_j K_ij, `[B, kernels, images]`.
  ///   - diagonal: `[kernels, images]`.
  ///   - weights: `[B, images]`; 2 w_i is nowhere Σ w.
  init(inner: Tensor, rows: Tensor, diagonal: Tensor, weights: Tensor) throws {
    let drawn = try weights.unsqueezed(1)
    let total = try drawn.sum([2], keepingAxes: true)
    let remaining = try total - drawn * 2
    let share = try drawn / remaining
    let common = try (rows * share).sum([2], keepingAxes: true) / (share.sum([2], keepingAxes: true) + 1)
    let shifts = try (rows - common) / remaining * drawn
    let product = try shifts.matmul(rows.transposed(1, 2))
    debiased = try inner - (product + product.transposed(1, 2))
    let scaled = try diagonal.unsqueezed(0) * drawn
    let all = try rows + scaled
    let totals = try (all * drawn).sum([2], keepingAxes: true)
    biased =
      try inner + scaled.matmul(scaled.transposed(1, 2))
      - (all * drawn).matmul(all.transposed(1, 2)) * 2 / total
      + totals.matmul(totals.transposed(1, 2)) / (total * total)
  }
}
