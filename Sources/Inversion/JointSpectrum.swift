import Backbones
import Formats
import Torch

/// Where the errors that chains have at one joint lie: along the directions by which an activation there shows the picture.
///
/// M is the least-squares map from a token (where taps have no place in the image: from all of them together) to the pixels of
/// its cell, as ``ErrorMetric`` has it. Its principal directions are orthogonal, and so are what they add to the image: the
/// squared error of the image that follows from an error e is Σ gain² (e · direction)². Prefix tokens, which the last inverse drops, do not count.
/// Definitions: docs/definitions.md, *Errors at the joints*.
package final class JointSpectrum {
  private let layout: CellLayout
  private let ridge: Double?
  private let narrowing: Tensor?
  private var map = PairedMoments(channels: nil)
  private var truth: TokenMoments?
  private var errors: [(start: String, sum: SquaredErrors)] = []

  /// Sums of products of errors, about zero.
  private final class SquaredErrors {
    var products: Tensor?
    var count = 0.0

    /// - Parameters:
    ///   - rows: `[B, rows, C]`; `validity`: `[B, rows, 1]`.
    func add(_ rows: Tensor, _ validity: Tensor?) throws {
      var rows = try rows.to(.float64)
      count += try validity.map { try $0.sum().item() } ?? Double(rows.extent(0) * rows.extent(1))
      if let validity { rows = try rows * validity.to(.float64) }
      let flat = try rows.reshaped(-1, rows.extent(2))
      let found = try flat.transposed(0, 1).matmul(flat)
      products = try products.map { try $0 + found } ?? found
    }
  }

  /// - Parameters:
  ///   - joint: the shape of the activation there.
  ///   - ridge: of the map; nil chooses it on the images that are observed as validation.
  ///   - seed: of the random matrix that narrows tokens without a place in the image, where they are many numbers.
  package init(_ joint: Tap, image: ImageSize, ridge: Double?, seed: Int) throws {
    layout = CellLayout(source: joint, target: nil, image: image)
    self.ridge = ridge
    narrowing = try layout.narrowed.flatMap { narrowed in
      narrowed == joint.channels
        ? nil : try Tensor.randomNormal([joint.channels, narrowed], generator: Generator(seed: UInt64(clamping: seed)))
    }
  }

  // MARK: Pass over the images

  private func rows(_ activation: Tensor) throws -> Tensor {
    let device = activation.device
    let rows = try layout.rows(of: activation, narrowing: narrowing?.to(device))
    // MPS has no double precision.
    return device.kind == .mps ? try rows.to(.cpu) : rows
  }

  private func validity(_ context: InverseContext, like rows: Tensor) throws -> Tensor? {
    try layout.validity(context, device: rows.device)
  }

  /// Takes in the true activations of a batch.
  ///
  /// - Parameters:
  ///   - activation: `[B, T, C]`.
  ///   - pixels: `[B, 3, H, W]`, in 0 … 1.
  package func observe(_ activation: Tensor, pixels: Tensor, role: ObservationRole, context: InverseContext) throws {
    let rows = try rows(activation)
    let validity = try validity(context, like: rows)
    let moments = try truth ?? TokenMoments(first: rows)
    truth = moments
    try moments.add(rows, validity: validity)
    try map.add(rows, layout.cells(of: pixels).to(rows.device), validity: validity, role: role)
  }

  /// Takes in what a chain has at the joint.
  package func observe(
    _ output: Tensor, truth activation: Tensor, from start: String, context: InverseContext
  ) throws {
    let rows = try rows(output - activation)
    if !errors.contains(where: { $0.start == start }) { errors.append((start, SquaredErrors())) }
    for error in errors where error.start == start { try error.sum.add(rows, validity(context, like: rows)) }
  }

  // MARK: Directions

  /// The spectrum of the errors of every start, in the order in which they were first observed; none where nothing was.
  package func solve() throws -> [ErrorSpectrum] {
    guard let covariance = try truth?.covariance(), let weight = try map.solution(ridge: ridge)?.weight else {
      return []
    }
    let (squares, directions) = try weight.matmul(weight.transposed(0, 1)).symmetricEigen()
    func along(_ matrix: Tensor) throws -> [Double] {
      try (directions * matrix.matmul(directions)).sum([0]).values(as: Double.self).reversed().map { max(0, $0) }
    }
    let gains = try squares.values(as: Double.self).reversed().map { max(0, $0).squareRoot() }
    let variances = try along(covariance)
    return try errors.compactMap { start, sum in
      guard let products = sum.products, sum.count > 0 else { return nil }
      return ErrorSpectrum(
        start: start, gains: gains, variances: variances, errors: try along(products / sum.count),
        pixels: layout.outputs)
    }
  }
}

/// The errors of one chain at one joint by direction, in order of falling gain.
package struct ErrorSpectrum: Sendable, Equatable {
  /// The cut at which the chain starts.
  package let start: String
  /// How far the pixels of a cell, in 0 … 1, move with the activation along each direction.
  package let gains: [Double]
  /// Of the true activation about the means of its positions.
  package let variances: [Double]
  /// Mean squared errors.
  package let errors: [Double]
  /// Numbers of a cell's pixels.
  let pixels: Int

  /// The share of what the map shows of the true activation that counts as all of it.
  private static let seen = 0.99

  private func sum(_ numbers: [Double]) -> Double { numbers.reduce(0, +) }
  private func weighted(_ numbers: [Double]) -> [Double] { zip(gains, numbers).map { $0 * $0 * $1 } }

  /// The mean over the directions.
  package var variance: Double { sum(variances) / Double(variances.count) }
  package var error: Double { sum(errors) / Double(errors.count) }

  /// The squared error of pixels in 0 … 1 that follows through the map.
  package var imageError: Double { sum(weighted(errors)) / Double(pixels) }
  /// That of an error of the same size that is alike in all directions.
  package var isotropicImageError: Double { error * sum(gains.map { $0 * $0 }) / Double(pixels) }
  /// Of ``imageError`` the share of each direction; nil where there is none.
  package var imageShares: [Double]? {
    let parts = weighted(errors)
    let whole = sum(parts)
    return whole > 0 ? parts.map { $0 / whole } : nil
  }

  /// The directions that make up most of what the map shows of the true activation, as indices.
  package var seenDirections: [Int] {
    let parts = weighted(variances)
    let wanted = Self.seen * sum(parts)
    var found: [Int] = []
    var reached = 0.0
    for index in parts.indices.sorted(by: { (-parts[$0], $0) < (-parts[$1], $1) }) where reached < wanted {
      found.append(index)
      reached += parts[index]
    }
    return found
  }

  /// The share of the squared error in ``seenDirections``; nil where there is no error.
  package var seenShare: Double? {
    let whole = sum(errors)
    return whole > 0 ? sum(seenDirections.map { errors[$0] }) / whole : nil
  }
}
