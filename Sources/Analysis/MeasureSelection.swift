import Formats
import Results

/// Which part of its stores an analysis takes, and how its intervals are drawn: what the settings of all analyses share.
public struct MeasureSelection: Sendable, Equatable {
  /// Names of conditions; nil for all that can be measured, and of an analysis that takes one for `original`.
  public var conditions: [String]?
  /// Names of taps; nil for all.
  public var taps: [String]?
  /// Which of the images that can be used.
  public var images: Subset
  /// Replicates of the bootstrap over images; 0 for no intervals. An analysis whose intervals draw nothing gives the same for
  /// all other numbers.
  public var bootstrap: Int
  /// Of the bootstrap, and of what else is drawn.
  public var seed: UInt64
  /// How many images are read or measured at once.
  public var threads: Int
  /// Bytes that the analysis may take; nil where that is not held against what it needs.
  public var memory: Int?

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

  /// The condition of an analysis that takes one.
  public var condition: String {
    get { conditions?.first ?? ConditionName.original.text }
    set { conditions = [newValue] }
  }

  /// Whether values get intervals.
  public var hasIntervals: Bool { bootstrap > 0 }

  /// - Parameter analysis: its name, for messages.
  /// - Throws: ``AnalysisError`` for numbers that are not possible.
  func validate(for analysis: String) throws {
    try DrawnCounts.requireReplicates(bootstrap)
    try requireImages(1, for: analysis)
  }

  /// The same of an analysis that takes one condition and whose intervals draw nothing.
  ///
  /// - Parameter least: the fewest images that it needs.
  func validateOne(for analysis: String, atLeast least: Int = 1) throws {
    if let conditions, conditions.count != 1 {
      throw AnalysisError(
        .badInput,
        "\(analysis) takes one condition, but \(conditions.count) are named (\(conditions.joined(separator: ", "))); "
          + "name one, or none for \(ConditionName.original.text)")
    }
    guard bootstrap >= 0 else {
      throw AnalysisError(.badInput, "\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
    }
    try requireImages(least, for: analysis)
  }

  private func requireImages(_ least: Int, for analysis: String) throws {
    guard let most = images.most, most < least else { return }
    throw AnalysisError(
      .badInput,
      "\(analysis) needs at least \(least) \(least == 1 ? "image" : "images"), the \(images.option) is \(most)")
  }
}
