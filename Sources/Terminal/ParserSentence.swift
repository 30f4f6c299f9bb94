import Formats
import Foundation

/// What is said of words that ArgumentParser cannot read, from its own message of them.
public struct ParserSentence: Sendable {
  /// One line; of a value that is none of those an option takes, what it takes and which was perhaps meant.
  public let text: String
  /// Whether it says everything, so that nobody has to read the help.
  public let isComplete: Bool

  /// - Parameters:
  ///   - message: the parser's.
  ///   - arguments: the words that were typed.
  ///   - path: the command; where it is given, a missing value is no reason not to say that an option is misspelt.
  public init(_ message: String, arguments: [String], path: CommandPath? = nil) {
    let refused = RefusedValue(message)
    isComplete = refused != nil
    text =
      refused?.sentence ?? ParserSentence.negativeNumber(message, arguments)
      ?? (message.hasPrefix("Missing expected argument") ? path?.options.unknown(in: path?.rest ?? []) : nil)
      ?? message.split(separator: "\n").joined(separator: " ")
  }

  /// The parser takes a number below zero for another option, and says that the value is missing.
  ///
  /// - Returns: nil for other messages.
  private static func negativeNumber(_ message: String, _ arguments: [String]) -> String? {
    guard let match = message.firstMatch(of: /Missing value for '(--[a-z0-9-]+)/),
      let index = arguments.firstIndex(of: String(match.1)), index + 1 < arguments.count
    else { return nil }
    let (flag, value) = (arguments[index], arguments[index + 1])
    guard value.hasPrefix("-"), Double(value) != nil else { return nil }
    return "\(flag) is \(value), a number below zero; give \(flag)=\(value) if that is meant"
  }
}

/// A value that is none of those that an option takes, read from the parser's message: the parser has no suggestions.
private struct RefusedValue {
  let value: String
  let flag: String
  let isList: Bool
  let allowed: [String]

  /// nil for other messages.
  init?(_ message: String) {
    let pattern =
      /The value '(.*)' is invalid for '(--[a-z0-9-]+)(?: <([^>]*)>)?'\. Please provide one of (.*)/
      .dotMatchesNewlines()
    guard let match = message.firstMatch(of: pattern) else { return nil }
    value = String(match.1)
    flag = String(match.2)
    isList = match.3 == "list"
    let choices = String(match.4)
    allowed =
      choices.hasPrefix("the following:")
      ? choices.split(separator: "\n").dropFirst().map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " -")) }
      : choices.matches(of: /'([^']*)'/).map { String($0.1) }
  }

  /// The flag, the value, what is allowed, and the nearest of that.
  var sentence: String {
    guard isList else {
      let suggestion = Spelling.suggestion(for: value, among: allowed)
      let alternatives =
        allowed.count > 1
        ? allowed.dropLast().joined(separator: ", ") + " or " + (allowed.last ?? "") : allowed.first ?? ""
      return "\(flag) is '\(value)'\(suggestion); give \(alternatives)"
    }
    let names = NameList(value).names
    // Values with a number stand for themselves.
    guard let unknown = names.first(where: { !allowed.contains($0) }) else {
      return "\(flag) is empty; give \(allowed.joined(separator: ", "))"
    }
    return "\(flag): '\(unknown)' is unknown\(Spelling.suggestion(for: unknown, among: allowed)); "
      + "give \(allowed.joined(separator: ", "))"
  }
}
