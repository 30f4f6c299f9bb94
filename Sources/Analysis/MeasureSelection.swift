import Formats

/// Which part of its stores an analysis of conditions and of pictures takes, and how its intervals are drawn.
public struct MeasureSelection: Sendable, Equatable {
  /// Names of conditions; nil for all that can be measured.
  public var conditions: [String]?
  /// Names of taps; nil for all.
  public var taps: [String]?
  /// Which of the images that can be used.
  public var images: Subset
  /// Replicates of the bootstrap over images; 0 for no intervals.
  public var bootstrap: Int
  /// Of the bootstrap, and of what else is drawn.
  public var seed: UInt64
  /// How many images are measured at once.
  public var threads: Int

  public init(
    conditions: [String]? = nil, taps: [String]? = nil, images: Subset = .all, bootstrap: Int, seed: UInt64 = 0,
    threads: Int = 2
  ) {
    self.conditions = conditions
    self.taps = taps
    self.images = images
    self.bootstrap = bootstrap
    self.seed = seed
    self.threads = threads
  }

  /// - Parameter analysis: its name, for messages.
  /// - Throws: ``AnalysisError`` for numbers that are not possible.
  func validate(for analysis: String) throws {
    try DrawnCounts.requireReplicates(bootstrap)
    if let most = images.most, most < 1 {
      throw AnalysisError(.badInput, "\(analysis) needs at least 1 image, the \(images.option) is \(most)")
    }
  }
}
