import Foundation
import Torch

/// One fold of cross-validated ridge regression in terms of inner products: all that depends on the side that predicts.
///
/// With R the images of training, E those of the test, features centred by the means over R, K_RR = U diag(s) Uᵀ of the
/// predicting side, and λ the penalty, the other side's features of E are predicted as K_ER U diag(1/(s + λ)) Uᵀ Y_R. Neither
/// features nor coefficients are needed: squared errors follow from the inner products of both sides.
struct RidgeFold {
  private let train: Tensor
  private let test: Tensor
  private let trainCount: Int
  /// s, descending, all above rounding.
  private let values: [Double]
  /// U, `[R, rank]`.
  private let vectors: Tensor?
  /// K_ER U, `[E, rank]`.
  private let projections: Tensor?

  /// Exponents of the penalties tried, in units of the largest s: 10^−8, 10^−7.5, …, 10².
  static let exponents = stride(from: -8.0, through: 2, by: 0.5)

  /// - Parameters:
  ///   - products: inner products of the predicting side, `[images, images]`, float64.
  ///   - train: the images of training, at least two.
  ///   - test: the others.
  ///   - isExact: whether the products are in double precision, or sums of single precision.
  init(_ products: Tensor, train: [Int], test: [Int], isExact: Bool) throws {
    self.train = try Tensor(train.map(Int64.init), shape: [train.count])
    self.test = try Tensor(test.map(Int64.init), shape: [test.count])
    trainCount = train.count
    let centred = try CentredProducts(products, train: self.train, test: self.test)
    let (ascending, all) = try centred.train.symmetricEigen()
    let squares: [Double] = try ascending.values()
    let largest = squares.last ?? 0
    let rank = largest > 0 ? squares.count { $0 > (isExact ? 1e-12 : 1e-6) * largest } : 0
    values = squares.suffix(rank).reversed()
    guard rank > 0 else {
      vectors = nil
      projections = nil
      return
    }
    let kept = try all.slice(1, squares.count - rank..<squares.count).flipped(1).contiguous()
    vectors = kept
    projections = try centred.cross.matmul(kept)
  }

  /// Squared errors of the predictions of the test images, and their squared distances from the mean over training.
  ///
  /// λ is the one with the least generalised cross-validation (Golub, Heath and Wahba 1979) over the images of training, of equal
  /// ones the largest.
  ///
  /// - Parameter products: inner products of the side that is predicted.
  func errors(predicting products: Tensor) throws -> (residual: Double, total: Double) {
    let other = try CentredProducts(products, train: train, test: test)
    let total = try other.testSquares.sum().item()
    guard let vectors, let projections else { return (total, total) }
    let turned = try vectors.transposed(0, 1).matmul(other.train).matmul(vectors)
    let diagonal: [Double] = try (other.train.matmul(vectors) * vectors).sum([0]).values()
    let whole = other.trainTrace
    let penalty = penalty(diagonal, outside: max(0, whole - diagonal.reduce(0, +)))
    let weights = try Tensor(values.map { 1 / ($0 + penalty) }, shape: [1, values.count])
    let weighted = try projections * weights
    let crossed = try vectors.transposed(0, 1).matmul(other.cross.transposed(0, 1)).transposed(0, 1)
    let explained = try (weighted * crossed).sum().item()
    let predicted = try (weighted.matmul(turned) * weighted).sum().item()
    return (max(0, total - 2 * explained + predicted), total)
  }

  /// - Parameters:
  ///   - diagonal: the squared length of the predicted side along each of ``vectors``.
  ///   - outside: what lies along none of them.
  private func penalty(_ diagonal: [Double], outside: Double) -> Double {
    let largest = values[0]
    var best = (score: Double.infinity, penalty: largest)
    for exponent in RidgeFold.exponents {
      let penalty = largest * pow(10, exponent)
      var residual = outside
      // The mean takes one degree of freedom.
      var freedom = Double(trainCount - 1)
      for (value, square) in zip(values, diagonal) {
        let left = penalty / (value + penalty)
        residual += left * left * square
        freedom -= value / (value + penalty)
      }
      let score = residual / (freedom * freedom)
      if score <= best.score { best = (score, penalty) }
    }
    return best.penalty
  }
}

/// Inner products of some images with columns centred by the means over the images of training.
private struct CentredProducts {
  /// `[R, R]`.
  let train: Tensor
  /// `[E, R]`.
  let cross: Tensor
  /// ‖x − mean‖² of the test images, `[E]`.
  let testSquares: Tensor
  /// Σ ‖x − mean‖² of those of training.
  let trainTrace: Double

  init(_ products: Tensor, train: Tensor, test: Tensor) throws {
    let rows = try products.indexed(0, by: train)
    let own = try rows.indexed(1, by: train)
    let between = try rows.indexed(1, by: test).transposed(0, 1)
    let means = try own.mean([0], keepingAxes: true)
    let mean = try means.mean()
    let crossMeans = try between.mean([1], keepingAxes: true)
    self.train = try own - means - means.transposed(0, 1) + mean
    cross = try between - crossMeans - means + mean
    let diagonal = try products.diagonal()
    testSquares = try diagonal.indexed(0, by: test) - crossMeans.squeezed(1) * 2 + mean
    trainTrace = try diagonal.indexed(0, by: train).sum().item() - Double(train.count) * mean.item()
  }
}

extension Tensor {
  /// Of a matrix, as a view.
  fileprivate func diagonal() throws -> Tensor { try diagonalOperator.one(.tensor(self)) }
}

private let diagonalOperator = Operator("aten::diagonal")
