import Foundation

/// Centred kernel alignment as its papers write it: whole matrices, one loop for each sum, nothing done for memory or speed.
/// ``Similarity`` computes the same numbers for thousands of images; its tests compare it with this.
///
/// - Kornblith, Norouzi, Lee and Hinton: "Similarity of Neural Network Representations Revisited", ICML 2019.
/// - Song, Smola, Gretton, Bedo and Borgwardt: "Feature Selection via Dependence Maximization", JMLR 2012.
/// - Nguyen, Raghu and Kornblith: "Do Wide and Deep Networks Learn the Same Things?", ICLR 2021.
package enum PlainCKA {
  /// Rows of numbers: features `[images, columns]` or a kernel `[images, images]`.
  package typealias Matrix = [[Double]]

  /// CKA(K, L) = HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L)), by one of the estimators of HSIC below (Kornblith et al. 2019).
  package static func value(_ k: Matrix, _ l: Matrix, by hsic: (Matrix, Matrix) -> Double) -> Double {
    hsic(k, l) / (hsic(k, k) * hsic(l, l)).squareRoot()
  }

  // MARK: Kernels

  /// K_ij = x_i · x_j over centred columns.
  package static func linearKernel(_ features: Matrix) -> Matrix {
    let x = centred(features)
    return x.map { a in x.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  /// K_ij = exp(−d²_ij / (2σ²)), σ² = fraction² · the median of d²_ij over i < j.
  package static func gaussianKernel(_ features: Matrix, fraction: Double = 1) -> Matrix {
    let x = centred(features)
    let squares = x.map { a in x.map { b in zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } } }
    let pairs = x.indices.flatMap { i in x.indices.filter { $0 > i }.map { squares[i][$0] } }.sorted()
    let median = (pairs[(pairs.count - 1) / 2] + pairs[pairs.count / 2]) / 2
    return squares.map { row in row.map { exp(-$0 / (2 * fraction * fraction * median)) } }
  }

  // MARK: Estimators of HSIC

  /// tr(K H L H) / (n − 1)², H = I − 11ᵀ/n (Gretton et al. 2005). H K H has rows and columns of mean 0, and H H = H.
  package static func biasedHSIC(_ k: Matrix, _ l: Matrix) -> Double {
    func doublyCentred(_ matrix: Matrix) -> Matrix { transposed(centred(transposed(centred(matrix)))) }
    let n = Double(k.count)
    return sum(doublyCentred(k), doublyCentred(l)) / ((n - 1) * (n - 1))
  }

  /// 1/(n(n−3)) · [tr(K̃L̃) + 1ᵀK̃1 · 1ᵀL̃1 / ((n−1)(n−2)) − 2/(n−2) · 1ᵀK̃L̃1], K̃ and L̃ with zeros on the diagonal
  /// (Song et al. 2012, equation 5).
  package static func debiasedHSIC(_ k: Matrix, _ l: Matrix) -> Double {
    let n = Double(k.count)
    let (k, l) = (withoutDiagonal(k), withoutDiagonal(l))
    let (kSums, lSums) = (k.map { $0.reduce(0, +) }, l.map { $0.reduce(0, +) })
    let totals = kSums.reduce(0, +) * lSums.reduce(0, +)
    let products = zip(kSums, lSums).reduce(0) { $0 + $1.0 * $1.1 }
    return (sum(k, l) + totals / ((n - 1) * (n - 2)) - 2 / (n - 2) * products) / (n * (n - 3))
  }

  /// The mean of the debiased HSIC over minibatches of images (Nguyen et al. 2021, equation 3).
  package static func minibatchHSIC(_ k: Matrix, _ l: Matrix, batches: [[Int]]) -> Double {
    batches.reduce(0) { $0 + debiasedHSIC(part(k, $1), part(l, $1)) } / Double(batches.count)
  }

  // MARK: Matrices

  /// Rows and columns of some images only, as often as they are named.
  package static func part(_ kernel: Matrix, _ images: [Int]) -> Matrix {
    images.map { i in images.map { kernel[i][$0] } }
  }

  private static func centred(_ matrix: Matrix) -> Matrix {
    let means = transposed(matrix).map { $0.reduce(0, +) / Double(matrix.count) }
    return matrix.map { row in zip(row, means).map { $0 - $1 } }
  }

  private static func transposed(_ matrix: Matrix) -> Matrix {
    (matrix.first ?? []).indices.map { column in matrix.map { $0[column] } }
  }

  private static func withoutDiagonal(_ matrix: Matrix) -> Matrix {
    matrix.enumerated().map { i, row in row.enumerated().map { j, value in i == j ? 0 : value } }
  }

  /// Σ_ij A_ij B_ij, which is tr(A B) of symmetric matrices.
  private static func sum(_ a: Matrix, _ b: Matrix) -> Double {
    zip(a, b).reduce(0) { $0 + zip($1.0, $1.1).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}
