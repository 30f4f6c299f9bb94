import Torch

/// How a parameter is drawn where no checkpoint gives it a value.
public enum Initialization: Sendable {
  case zeros
  case ones
  /// Normal with this standard deviation.
  case normal(Double)
  /// Uniform in ±bound.
  case uniform(Double)
}

/// A tensor that a module owns by name: learned, or a buffer such as a running mean.
///
/// The shape is known from the configuration before there is a value, so that a checkpoint can be compared with it.
public final class Parameter {
  public let shape: [Int]
  public let initialization: Initialization
  /// False for buffers, which no optimiser touches.
  public let isLearned: Bool
  private var current: Tensor?

  public init(_ shape: [Int], _ initialization: Initialization = .zeros, isLearned: Bool = true) {
    self.shape = shape
    self.initialization = initialization
    self.isLearned = isLearned
  }

  /// The value; an error before one was loaded or drawn.
  public var value: Tensor {
    get throws {
      guard let current else {
        throw TorchError(operation: "Parameter.value", operands: "\(shape)", reason: "nothing was loaded or drawn")
      }
      return current
    }
  }

  /// Gives the parameter a value of its shape.
  public func set(_ tensor: Tensor) throws {
    guard tensor.shape == shape else {
      throw TorchError(operation: "Parameter.set", operands: tensor.summary, reason: "its shape is \(shape)")
    }
    current = tensor
  }

  /// Draws the value as its initialization says.
  public func draw(_ generator: Generator) throws {
    switch initialization {
    case .zeros: current = try Tensor.zeros(shape, device: generator.device)
    case .ones: current = try Tensor.ones(shape, device: generator.device)
    case .normal(let deviation): current = try Tensor.randomNormal(shape, generator: generator) * deviation
    case .uniform(let bound):
      current = try (Tensor.randomUniform(shape, generator: generator) * 2 - 1) * bound
    }
  }
}
