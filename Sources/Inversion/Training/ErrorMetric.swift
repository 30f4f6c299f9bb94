import Backbones
import Formats
import NeuralNet
import Torch

/// How the error of a module that gives activations is measured by ``ModuleLoss/whitened`` and ``ModuleLoss/image``.
///
/// An error e `[C]` of a token counts as e·A·eᵀ with a fixed matrix A. For `whitened` it is the inverse of the covariance of the
/// activation over the training images, regularised. For `image` it is M·Mᵀ, where M is the least-squares map from a token to the
/// pixels of its cell: the squared error that follows in the image; a share of the identity is mixed in, so that directions which
/// M does not see are learned too. Each part is divided by what it gives for the covariance of the activation: 1 is the loss of a
/// module that always gives the mean. Prefix tokens have a matrix of their own; their M leads to the image's means over coarse squares.
package final class ErrorMetric: Module {
  /// Of whitening, as a share of the mean variance.
  private static let whiteningRidge = 1e-3
  /// Squares along each side of the image that prefix tokens are mapped to.
  private static let coarseSquares = 8

  /// Whether errors are carried to the image; otherwise they are whitened.
  private let leadsToImage: Bool
  /// How much of the loss by the image is the plain error of the activation.
  private let featureShare: Double
  private let ridge: Double?
  private let target: Tap
  private let layout: CellLayout
  /// Square roots of A: of a token, of a prefix token, and, where the map takes all tokens together, of all of them narrowed.
  private let tokens: Parameter
  private let prefix: Parameter?
  private let joined: Parameter?
  private let narrowing: Parameter?
  private var observed = Observed()

  /// What the pass over the data adds up.
  private struct Observed {
    var tokens: TokenMoments?
    var prefix: TokenMoments?
    var toImage = PairedMoments(channels: nil)
    var toCoarseImage = PairedMoments(channels: nil)
  }

  /// - Parameters:
  ///   - target: the shape of the activation that the module gives.
  ///   - featureShare: of ``ModuleLoss/image``, between 0 and 1.
  ///   - ridge: of the map to the image; nil chooses it on the validation images.
  package init(leadsToImage: Bool, target: Tap, image: ImageSize, featureShare: Double, ridge: Double?) {
    self.leadsToImage = leadsToImage
    self.target = target
    self.featureShare = featureShare
    self.ridge = ridge
    layout = CellLayout(source: target, target: nil, image: image)
    let channels = target.channels
    tokens = Parameter([channels, channels], isLearned: false)
    prefix = target.prefixTokens > 0 ? Parameter([channels, channels], isLearned: false) : nil
    // Where each token is a row of the map, its matrix and that of the tokens are one.
    let isJoined = leadsToImage && layout.narrowed != nil
    joined = isJoined ? Parameter([layout.inputs, layout.inputs], isLearned: false) : nil
    narrowing = layout.narrowed.flatMap {
      isJoined && $0 != channels ? Parameter([channels, $0], .normal(1), isLearned: false) : nil
    }
  }

  package var contents: [ModuleEntry] {
    [.parameter("tokens", tokens)] + ModuleEntry.optional("prefix", prefix) + ModuleEntry.optional("joined", joined)
      + ModuleEntry.optional("narrowing", narrowing)
  }

  // MARK: Loss

  /// The mean loss of a batch.
  ///
  /// - Parameters:
  ///   - output: what the module gave, `[B, T, C]`.
  ///   - goal: the true activation.
  package func callAsFunction(_ output: Tensor, goal: Tensor, context: InverseContext) throws -> Tensor {
    let error = try output - goal
    let validity = try layout.validity(context, device: error.device)
    let count = target.prefixTokens
    let own = try count == 0 ? error : error.slice(1, count..<error.extent(1))
    var result = try ErrorMetric.mean(own.matmul(tokens.value), validity)
    if let joined {
      result =
        try result + ErrorMetric.mean(layout.rows(of: error, narrowing: narrowing?.value).matmul(joined.value), nil)
    }
    guard let prefix else { return result }
    let first = try ErrorMetric.mean(error.slice(1, 0..<count).matmul(prefix.value), nil)
    // Every token has the same weight.
    let share = Double(count) / Double(error.extent(1))
    return try result * (1 - share) + first * share
  }

  /// The mean over rows of their sums of squares.
  private static func mean(_ rows: Tensor, _ validity: Tensor?) throws -> Tensor {
    let squares = try rows * rows
    guard let validity else { return try squares.sum() / Double(rows.extent(0) * rows.extent(1)) }
    return try (squares * validity).sum() / validity.sum()
  }

  // MARK: Pass over the data

  /// Takes in a batch: the true activation and the model's input.
  package func observe(_ goal: Tensor, pixels: Tensor, role: ObservationRole, context: InverseContext) throws {
    // MPS has no double precision.
    let device: Device = goal.device.kind == .mps ? .cpu : goal.device
    let validity = try layout.validity(context, device: goal.device)?.to(device)
    let count = target.prefixTokens
    let first = try count == 0 ? nil : goal.slice(1, 0..<count).to(device)
    if role == .training {
      let own = try (count == 0 ? goal : goal.slice(1, count..<goal.extent(1))).to(device)
      try ErrorMetric.add(own, validity, to: &observed.tokens)
      if let first { try ErrorMetric.add(first, nil, to: &observed.prefix) }
    }
    guard leadsToImage else { return }
    try observed.toImage.add(
      layout.rows(of: goal, narrowing: narrowing?.value).to(device), layout.cells(of: pixels).to(device),
      validity: validity, role: role)
    guard let first else { return }
    let coarse = try pixels.adaptiveAveragePooled(
      height: ErrorMetric.coarseSquares, width: ErrorMetric.coarseSquares
    ).flattened(from: 1).unsqueezed(1).repeated([1, count, 1])
    try observed.toCoarseImage.add(first, coarse.to(device), validity: nil, role: role)
  }

  private static func add(_ values: Tensor, _ validity: Tensor?, to moments: inout TokenMoments?) throws {
    let begun = try moments ?? TokenMoments(first: values)
    moments = begun
    try begun.add(values, validity: validity)
  }

  /// Gives the matrices their values, when every batch was observed.
  package func solve() throws {
    guard let own = try observed.tokens?.covariance() else { return }
    func set(_ parameter: Parameter, _ matrix: Tensor) throws {
      let device = try parameter.value.device
      try parameter.set(PrincipalDirections(matrix).squareRoot().to(.float32).to(device))
    }
    if let joined {
      try set(joined, carried(observed.toImage))
      try set(tokens, ErrorMetric.plain(own) * featureShare)
    } else {
      try set(tokens, leadsToImage ? carried(observed.toImage, besides: own) : ErrorMetric.whitened(own))
    }
    if let prefix, let first = try observed.prefix?.covariance() {
      try set(prefix, leadsToImage ? carried(observed.toCoarseImage, besides: first) : ErrorMetric.whitened(first))
    }
    observed = Observed()
  }

  // MARK: Matrices

  private static func plain(_ covariance: Tensor) throws -> Tensor {
    try share(Tensor.eye(covariance.extent(0), dtype: .float64, device: covariance.device), of: covariance)
  }

  private static func whitened(_ covariance: Tensor) throws -> Tensor {
    let whitening = try PrincipalDirections(covariance).whitening(ridge: whiteningRidge)
    return try share(whitening.matmul(whitening.transposed(0, 1)), of: covariance)
  }

  /// M·Mᵀ of the least-squares map M.
  ///
  /// - Parameter covariance: of the activation, where its plain error is mixed in.
  private func carried(_ moments: PairedMoments, besides covariance: Tensor? = nil) throws -> Tensor {
    guard let training = moments.training, let map = try moments.solution(ridge: ridge)?.weight else {
      throw InversionError(.failed, "no activation of '\(target.name)' was seen that could be mapped to the image")
    }
    let share = try ErrorMetric.share(map.matmul(map.transposed(0, 1)), of: training.inputCovariance())
    let toImage = try share * (1 - featureShare)
    return try covariance.map { try toImage + ErrorMetric.plain($0) * featureShare } ?? toImage
  }

  /// A matrix divided by what it gives for a covariance: the trace of their product.
  private static func share(_ matrix: Tensor, of covariance: Tensor) throws -> Tensor {
    let whole = try (matrix * covariance).sum().item()
    // An activation that never changes has no variance to be a share of.
    return whole > 0 ? try matrix / whole : matrix
  }
}
