/// How the modules of a chain are made.
public enum InverseKind: String, Codable, Sendable, CaseIterable {
  /// Networks that mirror the frozen model's, trained step by step.
  case network
  /// Such networks on top of least-squares maps: they learn what these leave out.
  case residual
  /// Least-squares maps in closed form, from covariances of one pass over the data: the baseline.
  case ridge
  /// A control that ignores its input: the mean of the training images for every activation.
  case meanImage = "mean-image"
  /// A control that only retrieves: the training image whose activation is nearest.
  case nearestImage = "nearest-image"

  /// Whether one pass over the data makes the modules, without optimiser steps.
  public var isClosedForm: Bool { !isTrained }

  /// Whether optimiser steps make the modules, or a part of them.
  var isTrained: Bool { self == .network || self == .residual }

  /// By what its modules are trained unless another loss is asked for: as in the paper, or, where they stand on least-squares maps
  /// whose errors lie where the image does not look, by the image.
  public var defaultLoss: ModuleLoss { self == .residual ? .image : .feature }

  /// The learning rate of its modules unless another is asked for; nil for the paper's, which go by module. The paper has no networks
  /// on top of maps; these learn several times faster at a larger rate (`docs/inversion.md` has the comparison).
  public var defaultLearningRate: Double? { self == .residual ? 1e-3 : nil }

  /// Whether there is a least-squares map, alone or below a network.
  public var hasRidge: Bool { self == .ridge || self == .residual }

  /// Tokens along a side of the square around a token that its least-squares maps take unless another number is asked for: a baseline
  /// knows the token alone; a map below a network is to be as good as a map can be.
  public var defaultNeighbourhood: Int { self == .residual ? 3 : 1 }

  /// Whether each module gives the image directly, whatever the mode.
  public var leadsDirectly: Bool { self == .meanImage || self == .nearestImage }
}
