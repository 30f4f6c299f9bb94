import Backbones
import NeuralNet
import Torch

/// The inverse of a component as the best linear map: one matrix for all positions, with an intercept for each. What it takes for a
/// position is the token there, or the tokens of a square around it (``CellLayout/neighbourhood``).
///
/// Prefix tokens, where both sides have them, have a map of their own.
final class LinearInverse: ClosedFormLayer {
  private let layout: CellLayout
  private let ridge: Double?
  private let weight: Parameter
  private let bias: Parameter
  private let narrowing: Parameter?
  private let prefixWeight: Parameter?
  private let prefixBias: Parameter?
  private var cells: PairedMoments
  private var prefix: PairedMoments
  private(set) var note = ""
  /// Covariances `[C, C]` of what the map leaves out of the target's tokens, and of its prefix tokens; after ``solve()``.
  private(set) var errors: (tokens: Tensor?, prefix: Tensor?)

  /// - Parameters:
  ///   - ridge: as a share of the mean variance of an input; nil to choose it on the validation images.
  ///   - keepsErrors: whether ``errors`` are wanted.
  init(_ layout: CellLayout, ridge: Double?, keepsErrors: Bool = false) {
    self.layout = layout
    self.ridge = ridge
    cells = PairedMoments(channels: keepsErrors ? layout.target?.channels : nil)
    prefix = cells
    weight = Parameter([layout.inputs, layout.outputs], isLearned: false)
    bias = Parameter([layout.rows, layout.outputs], isLearned: false)
    narrowing = layout.narrowed.flatMap {
      $0 == layout.source.channels ? nil : Parameter([layout.source.channels, $0], .normal(1), isLearned: false)
    }
    let channels = (layout.source.channels, layout.target?.channels ?? 3)
    let hasPrefix = layout.prefixTokens > 0
    prefixWeight = hasPrefix ? Parameter([channels.0, channels.1], isLearned: false) : nil
    prefixBias = hasPrefix ? Parameter([layout.prefixTokens, channels.1], isLearned: false) : nil
  }

  var contents: [ModuleEntry] {
    [.parameter("weight", weight), .parameter("bias", bias)] + ModuleEntry.optional("narrowing", narrowing)
      + ModuleEntry.optional("prefix_weight", prefixWeight) + ModuleEntry.optional("prefix_bias", prefixBias)
  }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let validity = layout.neighbourhood == 1 ? nil : try layout.validity(context, device: input.device)
    let rows = try layout.rows(of: input, narrowing: narrowing?.value, validity: validity)
    let prefix = try prefixWeight.map { weight in
      try input.slice(1, 0..<layout.prefixTokens).matmul(weight.value) + (prefixBias?.value ?? input.zerosLike())
    }
    return try layout.goal(of: rows.matmul(weight.value) + bias.value, prefix: prefix)
  }

  // MARK: Closed form

  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws {
    // MPS has no double precision.
    let device: Device = input.device.kind == .mps ? .cpu : input.device
    let validity = try layout.validity(context, device: input.device)
    try cells.add(
      layout.rows(of: input, narrowing: narrowing?.value, validity: validity).to(device),
      layout.cells(of: goal).to(device), validity: validity?.to(device), role: role)
    if prefixWeight != nil {
      let tokens = 0..<layout.prefixTokens
      try prefix.add(
        input.slice(1, tokens).to(device), goal.slice(1, tokens).to(device), validity: nil, role: role)
    }
  }

  func solve() throws {
    let chosen = try solve(&cells, weight, bias)
    var notes = ["ridge \(chosen.ridge)"]
    if layout.neighbourhood > 1 { notes[0] += ", \(layout.neighbourhood)x\(layout.neighbourhood) tokens" }
    errors.tokens = chosen.errors
    if let prefixWeight, let prefixBias {
      let chosen = try solve(&prefix, prefixWeight, prefixBias)
      notes.append("\(chosen.ridge) for prefix tokens")
      errors.prefix = chosen.errors
    }
    note = notes.joined(separator: ", ")
  }

  /// - Returns: the ridge, and the covariance of errors where it is wanted.
  private func solve(_ moments: inout PairedMoments, _ weight: Parameter, _ bias: Parameter) throws -> (
    ridge: Double, errors: Tensor?
  ) {
    guard let training = moments.training, let solution = try moments.solution(ridge: ridge) else { return (0, nil) }
    moments = PairedMoments(channels: nil)
    let device = try weight.value.device
    try weight.set(solution.weight.to(.float32).to(device))
    try bias.set(solution.intercept.to(.float32).to(device))
    return (solution.ridge, try training.errorCovariance(of: solution))
  }
}
