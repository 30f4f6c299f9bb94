import Formats

/// A part of an experiment that a user could have typed as one command.
public struct Step: Sendable {
  public enum Kind: String, Sendable, Codable { case draw, extract, train, reconstruct, analyze, report }

  /// Something from outside the experiment that a step reads; its content decides, not its place.
  public struct Input: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
      /// Images of a folder.
      case images(String, Subset)
      /// A folder of the Hub's layout or a bare file.
      case model(String)
      case file(String)
      /// Every file below a folder.
      case folder(String)
    }
    public let role: String
    public let content: Content

    public init(_ role: String, _ content: Content) {
      self.role = role
      self.content = content
    }
  }

  /// Section and name, as in `features/vit`.
  public let name: String
  public let kind: Kind
  /// The command line behind `palimpsest`.
  public let arguments: [String]
  /// What decides the result beside the inputs.
  public let settings: [GivenSetting]
  public let inputs: [Input]
  /// The steps whose outputs it reads.
  public let needs: [String]
  /// The file or folder it writes.
  public let output: String
  /// Images times passes over them, by which durations are compared; nil where nothing is known.
  public let units: Int?
  public let why: String?
  /// Where the file describes it.
  public let line: Int

  public init(
    name: String, kind: Kind, arguments: [String], settings: [GivenSetting] = [], inputs: [Input] = [],
    needs: [String] = [], output: String, units: Int? = nil, why: String? = nil, line: Int = 0
  ) {
    self.name = name
    self.kind = kind
    self.arguments = arguments
    self.settings = settings
    self.inputs = inputs
    self.needs = needs
    self.output = output
    self.units = units
    self.why = why
    self.line = line
  }

  /// The command as it is typed.
  public var commandLine: String { ShellWords.text(["palimpsest"] + arguments) }

  /// The value behind a flag of the command.
  public func value(of flag: String) -> String? {
    guard let index = arguments.firstIndex(of: flag), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
  }
}

/// Words as a shell takes them.
public enum ShellWords {
  private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+%@")

  public static func text(_ words: [String]) -> String {
    words.map { word in
      !word.isEmpty && word.allSatisfy(plain.contains)
        ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
  }
}
