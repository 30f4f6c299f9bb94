import Foundation

/// When what is said to people has colours.
public enum ColorChoice: String, CaseIterable, Sendable {
  /// On a terminal that can, unless `NO_COLOR` is set.
  case auto
  case always, never

  /// As `--color` among `words` says, which is looked for by hand because words that cannot be parsed are complained of in colour too.
  public init(words: [String]) {
    var choice = words.last { $0.hasPrefix("--color=") }.map { String($0.dropFirst(8)) }
    if let index = words.lastIndex(of: "--color"), index + 1 < words.count { choice = words[index + 1] }
    self = choice.flatMap(ColorChoice.init) ?? .auto
  }

  /// - Parameter environment: as `ProcessInfo` has it.
  func applies(to descriptor: Int32, _ environment: [String: String]) -> Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto:
      isatty(descriptor) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
  }
}

/// What a piece of text is, by which it has a colour.
public enum TextRole: Sendable {
  case failure, remark, success

  /// The number of the colour, as ECMA-48 has it.
  var code: Int {
    switch self {
    case .failure: 31
    case .remark: 33
    case .success: 32
    }
  }
}
