/// When the images from a cut are called worse than they were: small changes up and down are the course of any training.
public enum WorseImages {
  /// How many times as large the mean squared error has to be.
  static let factor = 1.01

  /// - Parameters:
  ///   - error: the mean squared error of the validation images now.
  ///   - first: that by least squares alone, or after the first epoch.
  public static func isWorse(_ error: Double, than first: Double) -> Bool { error > first * factor }
}
