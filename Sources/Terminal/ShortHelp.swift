import Foundation

/// What `-h` shows of the help that `--help` shows whole: the first paragraph, the usage, and a sentence an option.
public enum ShortHelp {
  private static let width = 80
  private static let column = 26

  /// - Parameter help: of ArgumentParser, however wide it is wrapped.
  public static func text(of help: String) -> String {
    let all = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let usage = all.firstIndex(where: { $0.hasPrefix("USAGE:") }) else { return help }
    let overview = all[..<usage].prefix { !$0.isEmpty }
    var shortened = Array(overview) + (overview.isEmpty ? [] : [""])
    var entry: (name: String, words: [Substring])?
    func close() {
      if let entry { shortened += lines(of: entry.name, entry.words) }
      entry = nil
    }
    for line in all[usage...] {
      let isEntry = line.hasPrefix("  ") && !line.hasPrefix("   ") && !line.hasPrefix("  See ")
      if isEntry {
        close()
        entry = split(line)
      } else if entry != nil, line.hasPrefix("   ") {
        entry?.words += line.split(separator: " ")
      } else {
        close()
        shortened.append(line)
      }
    }
    close()
    while shortened.last?.isEmpty == true { shortened.removeLast() }
    return (shortened + ["", "--help says more, with examples."]).joined(separator: "\n")
  }

  /// The names at the beginning of an entry, and the words behind them.
  private static func split(_ line: String) -> (name: String, words: [Substring]) {
    let text = line.dropFirst(2)
    guard let gap = text.range(of: "  ") else { return (String(text), []) }
    return (String(text[..<gap.lowerBound]), text[gap.upperBound...].split(separator: " "))
  }

  private static func lines(of name: String, _ words: [Substring]) -> [String] {
    var lines: [String] = []
    var line = "  \(name)"
    if !words.isEmpty, line.count > column - 2 {
      lines.append(line)
      line = ""
    }
    for word in sentence(words.joined(separator: " ")).split(separator: " ") {
      let indented = line.count < column ? line.padding(toLength: column, withPad: " ", startingAt: 0) : line + " "
      if indented.count + word.count > width, line.count > column {
        lines.append(line)
        line = String(repeating: " ", count: column) + word
      } else {
        line = indented + word
      }
    }
    return lines + [line]
  }

  /// The first sentence, with the values and the default that ArgumentParser writes behind the text.
  static func sentence(_ text: String) -> String {
    var rest = text
    var values = ""
    if let match = text.firstMatch(of: /\s*\((?:values|default): [^()]*(?:\([^()]*\)[^()]*)*\)$/) {
      values = " " + match.output.trimmingCharacters(in: .whitespaces)
      rest = String(text[..<match.range.lowerBound])
    }
    if let end = rest.firstMatch(of: #/[.;:] /#) { rest = String(rest[..<end.range.lowerBound]) }
    while let last = rest.last, ".;:".contains(last) { rest.removeLast() }
    return rest + values
  }
}
