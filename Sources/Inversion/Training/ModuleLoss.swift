/// By what the error of a module that gives activations is measured while it is trained.
public enum ModuleLoss: String, Codable, Sendable, CaseIterable {
  /// The mean squared error of the activation, as in the paper: every direction counts alike.
  case feature
  /// The same after each principal direction is divided by its deviation over the training images.
  case whitened
  /// The error that follows in the image by the least-squares map from the activation to the image, with a share of
  /// ``feature``.
  case image
}

/// By what the weights that are kept as the best ones are chosen.
public enum BestWeights: String, Codable, Sendable, CaseIterable {
  /// The error of the images that follow from a cut through the modules that are kept before it.
  case image
  /// A module's own loss.
  case loss
}
