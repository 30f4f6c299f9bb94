import Formats
import Imaging
import Results

/// Reads one mapping of the file: each key once, unknown ones refused with the nearest that is known.
struct EntryReader {
  /// What the mapping is, as in `inverses`, for messages.
  let title: String
  let line: Int
  private let pairs: [YAMLValue.Pair]
  private let problems: ProblemList

  /// - Parameter keys: the keys that may stand in it, in the order in which they are named.
  init(
    _ pairs: [YAMLValue.Pair], title: String, line: Int, keys: [String], _ problems: ProblemList
  ) {
    self.title = title
    self.line = line
    self.pairs = pairs
    self.problems = problems
    for pair in pairs where !keys.contains(pair.key) {
      problems.add(
        line: pair.line,
        "\(title): unknown key '\(pair.key)'\(Spelling.suggestion(for: pair.key, among: keys)); known are "
          + keys.joined(separator: ", "))
    }
  }

  func value(_ key: String) -> YAMLValue? { pairs.first { $0.key == key }?.value }

  func has(_ key: String) -> Bool { pairs.contains { $0.key == key } }

  func line(of key: String) -> Int { pairs.first { $0.key == key }?.line ?? line }

  func add(_ text: String) { problems.add(line: line, "\(title): \(text)") }

  func add(_ key: String, _ text: String) { problems.add(line: line(of: key), "\(title): \(text)") }

  /// A text; nil where the key is absent or something else, which is reported.
  func text(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    guard case .text(let text) = value.content else {
      add(key, "\(key) is \(value.kind); give a text")
      return nil
    }
    return text
  }

  func integer(_ key: String, atLeast least: Int, atMost most: Int = .max) -> Int? {
    value(key).flatMap { OptionDefinition(key, .integer(atLeast: least, atMost: most), "").text(of: $0, problems) }
      .flatMap(Int.init)
  }

  func flag(_ key: String) -> Bool? {
    value(key).flatMap { OptionDefinition(key, .flag, "").text(of: $0, problems) }.map { $0 == "true" }
  }

  /// Names, as a list or separated by commas; nil where the key is absent.
  func names(_ key: String) -> [String]? {
    value(key).flatMap { OptionDefinition(key, .list, "").text(of: $0, problems) }
      .map { $0.split(separator: ",").map(String.init) }
  }

  /// Those of a table that are given, in the order of the table.
  func settings(_ table: [OptionDefinition]) -> [GivenSetting] {
    table.compactMap { setting in
      value(setting.name).flatMap { setting.text(of: $0, problems) }.map { GivenSetting(setting.name, $0) }
    }
  }

  /// A name for files and folders.
  func name(_ key: String) -> String? {
    guard let name = text(key) else { return nil }
    return EntryReader.isName(name, line: line(of: key), problems) ? name : nil
  }

  /// Whether `name` can be part of a file's name.
  static func isName(_ name: String, line: Int, _ problems: ProblemList) -> Bool {
    let isFine =
      !name.isEmpty && !name.hasPrefix(".") && !name.hasPrefix("-")
      && name.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0) || "._-".unicodeScalars.contains($0)
      }
    if !isFine {
      problems.add(
        line: line, "'\(name)' cannot be a name: it becomes part of file names; use letters, digits, '.', '_' and '-'")
    }
    return isFine
  }
}

extension YAMLValue {
  /// The pairs of a mapping; nil where it is something else, which is added to the problems.
  func pairs(_ title: String, _ problems: ProblemList) -> [Pair]? {
    guard case .mapping(let pairs) = content else {
      problems.add(line: line, "\(title) is \(kind); give a mapping of keys to values")
      return nil
    }
    return pairs
  }
}

/// Entries that are `like` others: their keys stand where an entry has none of its own.
struct LikeResolver {
  let section: String
  let entries: [(name: String, line: Int, pairs: [YAMLValue.Pair])]
  /// Keys that are not taken over.
  let own: Set<String>

  /// Every entry's own keys and those it takes over.
  func resolved(_ problems: ProblemList) -> [[YAMLValue.Pair]] {
    entries.indices.map { pairs(of: $0, path: [], problems) }
  }

  private func pairs(of index: Int, path: [Int], _ problems: ProblemList) -> [YAMLValue.Pair] {
    let entry = entries[index]
    guard let like = entry.pairs.first(where: { $0.key == "like" }), case .text(let name) = like.value.content else {
      return entry.pairs
    }
    if let start = path.firstIndex(of: index) {
      let circle = (path[start...] + [index]).map { entries[$0].name }
      // Each circle is reported once, at its first entry.
      if start == 0, index == path.min() {
        problems.add(line: like.line, "\(section): \(circle.joined(separator: " is like ")): a circle; break it")
      }
      return entry.pairs
    }
    guard let base = entries.firstIndex(where: { $0.name == name }) else {
      if path.isEmpty {
        problems.add(
          line: like.line,
          "\(section): like names '\(name)', but there is none of that name"
            + Spelling.suggestion(for: name, among: entries.map(\.name)))
      }
      return entry.pairs
    }
    let inherited = pairs(of: base, path: path + [index], problems)
    return entry.pairs
      + inherited.filter { pair in !own.contains(pair.key) && !entry.pairs.contains { $0.key == pair.key } }
  }
}
