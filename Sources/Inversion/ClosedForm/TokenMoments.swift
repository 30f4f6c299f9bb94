import Torch

/// Sums over tokens `[B, T, C]` and of products of their channels, in double precision. Every position has means of its own.
///
/// Everything is counted from the first batch's means, which keeps the sums from losing digits to a large offset.
package final class TokenMoments {
  private let origin: Tensor
  private let counts: Tensor
  private let sums: Tensor
  private let products: Tensor

  /// - Parameter first: the first batch, `[B, T, C]`.
  package init(first: Tensor) throws {
    origin = try first.to(.float64).mean([0])
    let (tokens, channels) = (first.extent(1), first.extent(2))
    func zeros(_ shape: [Int]) throws -> Tensor { try Tensor.zeros(shape, dtype: .float64, device: first.device) }
    counts = try zeros([tokens, 1])
    sums = try zeros([tokens, channels])
    products = try zeros([channels, channels])
  }

  /// - Parameter validity: `[B, T, 1]`, 0 where a token does not count; nil where all do.
  package func add(_ tokens: Tensor, validity: Tensor?) throws {
    var centered = try tokens.to(.float64) - origin
    if let validity {
      let weight = try validity.to(.float64)
      centered = try centered * weight
      try counts.add(weight.sum([0]))
    } else {
      try counts.add(Tensor.full([], Double(tokens.extent(0)), dtype: .float64, device: tokens.device))
    }
    try sums.add(centered.sum([0]))
    let flat = try centered.reshaped(-1, centered.extent(2))
    try products.addProduct(flat.transposed(0, 1), flat)
  }

  /// The covariance `[C, C]` about the mean of each position.
  package func covariance() throws -> Tensor {
    let means = try sums / counts.clamped(low: 1)
    let total = max(1, try counts.sum().item())
    return try (products - sums.transposed(0, 1).matmul(means)) / total
  }
}

/// A covariance by its principal directions.
package struct PrincipalDirections {
  /// Variances in ascending order `[C]`, and the directions as columns `[C, C]`.
  package let variances: Tensor
  package let directions: Tensor

  /// - Parameter covariance: `[C, C]`, in double precision.
  package init(_ covariance: Tensor) throws {
    let (values, vectors) = try covariance.symmetricEigen()
    (variances, directions) = (try values.clamped(low: 0), vectors)
  }

  /// `[C, C]`: row i is direction i times its deviation.
  package func scaled() throws -> Tensor {
    try directions.transposed(0, 1) * variances.squareRoot().unsqueezed(1)
  }

  /// The symmetric square root `[C, C]`.
  package func squareRoot() throws -> Tensor { try directions.matmul(scaled()) }

  /// `[C, C]`: column i is direction i divided by its deviation.
  ///
  /// - Parameter ridge: what is added to every variance, as a share of their mean.
  package func whitening(ridge: Double) throws -> Tensor {
    let added = max(try variances.mean().item() * ridge, 1e-30)
    return try directions * (variances + added).reciprocalSquareRoot().unsqueezed(0)
  }
}
