/// How the modules of a chain come about.
public enum InverseKind: String, Codable, Sendable, CaseIterable {
  /// Networks that mirror the frozen model's, trained step by step.
  case network
  /// Least-squares maps in closed form, from covariances of one pass over the data: the floor.
  case ridge
  /// A control that does not look: the mean of the training images for every activation.
  case meanImage = "mean-image"
  /// A control that only remembers: the training image whose activation is nearest.
  case nearestImage = "nearest-image"

  /// Whether one pass over the data makes the modules, without optimiser steps.
  public var isClosedForm: Bool { self != .network }

  /// Whether each module leads straight to the image, whatever the mode.
  var leadsDirectly: Bool { self == .meanImage || self == .nearestImage }
}
