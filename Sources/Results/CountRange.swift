/// How large the counts may be that options take: on the command line, in an experiment's file and of the library. A count beyond its
/// range is a slip of the keyboard, or would ask for memory and time that no machine has.
public enum CountRange {
  /// Bootstrap replicates: the ends of a 95 % interval are known to three digits of its width long before.
  public static let replicates = 0...100_000
  /// Random permutations and sign flips: a p-value has as many digits as their number.
  public static let permutations = 0...1_000_000
  /// Images that are computed at once, or are in one minibatch, and batches in a step.
  public static let batch = 1...65_536
  /// Passes over the training images, and what is counted in them.
  public static let epochs = 1...1_000_000
  /// Steps of an optimiser.
  public static let steps = 0...1_000_000_000
  /// Images, of scenes or of a folder.
  public static let images = 1...1_000_000_000
  /// Scenes in one folder; the names of their files have six digits.
  public static let scenes = 1...1_000_000
  /// Pixels along a side.
  public static let side = 1...65_536
  /// Threads.
  public static let threads = 1...4096
  /// Taps and columns of the stores of benchmarks, and their runs.
  public static let benchmark = 1...1_000_000

  /// What is wrong with a count, as the end of a sentence that begins with the option and the count; nil where it is possible.
  public static func problem(_ count: Int, in range: ClosedRange<Int>) -> String? {
    if count < range.lowerBound { return "give at least \(range.lowerBound)" }
    return count > range.upperBound ? "give at most \(range.upperBound)" : nil
  }
}
