import Torch

/// Adam, and with decoupled weight decay AdamW. Source: Kingma and Ba 2015; Loshchilov and Hutter 2019, as PyTorch
/// computes them.
///
/// The arithmetic is libtorch's fused operator: one pass over each parameter with its gradient and moments.
public final class Adam {
  public struct Settings: Equatable, Sendable, Codable {
    /// How far the moments remember.
    public var betas = [0.9, 0.999]
    public var epsilon = 1e-8
    public var weightDecay = 0.0
    /// AdamW: the decay shrinks the weights themselves instead of adding to the gradients.
    public var decaysWeights = false

    public init() {}
  }

  public let settings: Settings
  public let parameters: [(name: String, parameter: Parameter)]
  /// How many steps were made.
  public private(set) var steps = 0
  private var first: [Tensor] = []
  private var second: [Tensor] = []

  private static let adam = Operator("aten::_fused_adam_")
  private static let adamW = Operator("aten::_fused_adamw_")

  /// - Parameter parameters: the learned ones, with values on the device they stay on.
  public init(_ parameters: [(name: String, parameter: Parameter)], settings: Settings) throws {
    self.parameters = parameters
    self.settings = settings
    first = try parameters.map { try $0.parameter.value.detached().zerosLike() }
    second = try parameters.map { try $0.parameter.value.detached().zerosLike() }
  }

  /// Moves every parameter that has a gradient by one step.
  public func step(learningRate: Double) throws {
    steps += 1
    try withoutGradients {
      var moved: (values: [Tensor], gradients: [Tensor], first: [Tensor], second: [Tensor]) = ([], [], [], [])
      for (index, entry) in parameters.enumerated() {
        guard let gradient = try entry.parameter.value.gradient() else { continue }
        moved.values.append(try entry.parameter.value)
        moved.gradients.append(gradient)
        moved.first.append(first[index])
        moved.second.append(second[index])
      }
      guard let device = moved.values.first?.device else { return }
      let count = try Tensor.full([], Double(steps), device: device)
      _ = try (settings.decaysWeights ? Adam.adamW : Adam.adam)([
        .tensors(moved.values), .tensors(moved.gradients), .tensors(moved.first), .tensors(moved.second), .tensors([]),
        .tensors(moved.values.map { _ in count }), .real(learningRate), .real(settings.betas[0]),
        .real(settings.betas[1]), .real(settings.weightDecay), .real(settings.epsilon), .boolean(false),
        .boolean(false),
      ])
    }
  }

  /// Forgets all gradients.
  public func clearGradients() throws {
    for (_, parameter) in parameters { try parameter.value.clearGradient() }
  }

  // MARK: State

  /// The moments by name, to be saved.
  public var state: [(name: String, tensor: Tensor)] {
    zip(parameters, zip(first, second)).flatMap { entry, moments in
      [("\(entry.name).first_moment", moments.0), ("\(entry.name).second_moment", moments.1)]
    }
  }

  /// Goes on from saved moments.
  ///
  /// - Parameter tensor: gives the tensor that was saved under a name.
  public func restore(steps: Int, tensor: (String) throws -> Tensor) throws {
    for (index, entry) in parameters.enumerated() {
      try first[index].copy(from: tensor("\(entry.name).first_moment"))
      try second[index].copy(from: tensor("\(entry.name).second_moment"))
    }
    self.steps = steps
  }
}

extension Collection<(name: String, parameter: Parameter)> {
  /// Scales all gradients together so that their Euclidean norm is at most `limit`.
  ///
  /// - Returns: the norm before.
  @discardableResult
  public func clipGradients(norm limit: Double) throws -> Double {
    try withoutGradients {
      let gradients = try compactMap { try $0.parameter.value.gradient() }
      guard !gradients.isEmpty else { return 0 }
      let norm = try Tensor.stack(gradients.map { try $0.norm() }).norm().item()
      // The small number is PyTorch's.
      let factor = limit / (norm + 1e-6)
      if factor < 1 {
        for gradient in gradients { try gradient.multiply(by: factor) }
      }
      return norm
    }
  }
}
