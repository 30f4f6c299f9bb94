/// An option of an analysis or of another step: a key in an experiment's file, and a flag of the command that carries it out.
public struct OptionDefinition: Sendable, Equatable {
  /// What can be given.
  public enum Kind: Sendable, Equatable {
    case text
    case flag
    /// A whole number; counts have a ``CountRange``.
    case integer(atLeast: Int, atMost: Int = .max)
    case number
    /// One of these.
    case choice([String])
    /// Some of these, as a list or separated by commas, or `all` where it may be.
    case choices([ValueForm], orAll: Bool = false)
    /// Names, as a list or separated by commas.
    case list
    /// Colour conditions, as a list or separated by commas.
    case conditions
    /// Width and height, such as 160x120.
    case size
    /// Where to compute.
    case device
    /// A file that is read; relative paths are relative to the experiment.
    case file
  }

  /// As in an experiment's file, and behind `--` as on the command line.
  public let name: String
  public let kind: Kind
  /// What it does: a few words for documentation and help.
  public let meaning: String

  public init(_ name: String, _ kind: Kind, _ meaning: String) {
    self.name = name
    self.kind = kind
    self.meaning = meaning
  }

  /// A count.
  public init(_ name: String, count range: ClosedRange<Int>, _ meaning: String) {
    self.init(name, .integer(atLeast: range.lowerBound, atMost: range.upperBound), meaning)
  }

  /// What is wrong with a whole number for it, as the end of a sentence that begins with the option and the number; nil where it is
  /// possible, and of an option that takes no numbers.
  public func problem(with number: Int) -> String? {
    guard case .integer(let least, let most) = kind else { return nil }
    return CountRange.problem(number, in: least...most)
  }

  /// What stands for every choice.
  public static let all = "all"

  /// The values that it takes, as help texts list them; empty where there is no list of them.
  public var values: [String] {
    switch kind {
    case .choice(let values): values
    case .choices(let forms, let orAll): forms.map(\.description) + (orAll ? [OptionDefinition.all] : [])
    default: []
    }
  }
}

// MARK: What several analyses take

extension OptionDefinition {
  static let seed = OptionDefinition("seed", .integer(atLeast: 0), "random seed")
  static let limit = OptionDefinition(
    "limit", count: CountRange.images,
    "use the first so many images in their order only; of a folder sorted by class these are of few classes")
  static let sample = OptionDefinition(
    "sample", .text, "use so many images at random, the same of all stores: N, drawn by the seed, or N:SEED")
  static let bootstrap = OptionDefinition(
    "bootstrap", count: CountRange.replicates,
    "bootstrap replicates for the 95 % intervals of what is no mean over images; 0: no intervals")
  static let jackknife = OptionDefinition(
    "bootstrap", .integer(atLeast: 0),
    "0: no 95 % intervals; they are of a jackknife, which draws nothing, so that any other number gives the same")
  static let intervals = OptionDefinition(
    "bootstrap", .integer(atLeast: 0),
    "0: no 95 % intervals; nothing is drawn for them, so that any other number gives the same")
  static let standardize = OptionDefinition(
    "standardize", .flag,
    "bring every column of a tap to variance 1 first; columns that are the same for all images stay 0")
  static let clip = OptionDefinition(
    "clip", .number, "clamp the features of a tap first, at the mean over images of this quantile of |x|, such as 0.95")
  static let conditions = OptionDefinition("conditions", .list, "which colour conditions")
  static let condition = OptionDefinition("condition", .text, "which colour condition")
  static let taps = OptionDefinition("taps", .list, "which taps")
}
