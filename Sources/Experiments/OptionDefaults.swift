import Formats
import Foundation

/// Defaults of the command line's options that a user keeps in a file: for every command under `all`, and for one under its name.
///
/// ```yaml
/// all: {device: cuda:1, threads: 8}
/// extract: {dtype: float16, batch-size: 32}
/// analyze similarity: {tokens: mean}
/// ```
public struct OptionDefaults: Sendable {
  /// An option of a command.
  public struct Entry: Sendable, Equatable {
    /// Without dashes.
    public let option: String
    public let values: [String]
    public let line: Int
  }

  /// Under `all`.
  public static let everyCommand = "all"

  public let file: String
  /// By the command, such as `analyze similarity`, in the order of the file.
  public let commands: [(name: String, line: Int, entries: [Entry])]

  /// The file: what `PALIMPSEST_CONFIG` names, else `palimpsest/config.yaml` below `XDG_CONFIG_HOME` or `~/.config`. nil where
  /// `PALIMPSEST_CONFIG` is empty or there is no such file.
  public static func file(_ environment: [String: String]) -> String? {
    if let named = environment["PALIMPSEST_CONFIG"] { return named.isEmpty ? nil : named }
    let home = environment["HOME"].map { $0 + "/.config" }
    guard let folder = environment["XDG_CONFIG_HOME"].flatMap({ $0.isEmpty ? nil : $0 }) ?? home else { return nil }
    let path = folder + "/palimpsest/config.yaml"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// - Throws: ``ExperimentError`` where the file cannot be read, or is no mapping of commands to mappings of options.
  public init(file: String) throws {
    guard let data = try? SmallFile.data(file, largest: 1 << 20) else {
      throw ExperimentError("\(file): cannot be read; PALIMPSEST_CONFIG= (empty) goes without defaults")
    }
    try self.init(parsing: String(decoding: data, as: UTF8.self), file: file)
  }

  init(parsing text: String, file: String) throws {
    self.file = file
    let isEmpty = text.split(separator: "\n").allSatisfy {
      $0.allSatisfy(\.isWhitespace) || $0.drop(while: \.isWhitespace).hasPrefix("#")
    }
    guard !isEmpty else {
      commands = []
      return
    }
    let root = try YAMLValue(parsing: text, file: file)
    guard case .mapping(let pairs) = root.content else {
      throw ExperimentError(
        "\(file): it is \(root.kind); give commands and below each its options, as in all: {threads: 8}")
    }
    commands = try pairs.map { pair in
      switch pair.value.content {
      case .mapping(let options):
        (pair.key, pair.line, try options.map { try OptionDefaults.entry($0, file: file) })
      case .empty: (pair.key, pair.line, [])
      default:
        throw ExperimentError(
          "\(file), line \(pair.line): \(pair.key) is \(pair.value.kind); give its options, as in {threads: 8}")
      }
    }
  }

  private static func entry(_ pair: YAMLValue.Pair, file: String) throws -> Entry {
    switch pair.value.content {
    case .text(let text): return Entry(option: pair.key, values: [text], line: pair.line)
    case .list(let items):
      let texts = items.compactMap { item -> String? in if case .text(let text) = item.content { text } else { nil } }
      if texts.count == items.count { return Entry(option: pair.key, values: texts, line: pair.line) }
    case .mapping, .empty: break
    }
    throw ExperimentError(
      "\(file), line \(pair.line): \(pair.key) is \(pair.value.kind); give a text, a number, true, false or a list")
  }

  /// The defaults of a command: those of `all` that it has, then its own, which win.
  public func entries(for command: String, has: (String) -> Bool) -> [Entry] {
    let own = commands.filter { $0.name == command }.flatMap(\.entries)
    let shared = commands.filter { $0.name == OptionDefaults.everyCommand }.flatMap(\.entries)
    return shared.filter { entry in has(entry.option) && !own.contains { $0.option == entry.option } } + own
  }
}
