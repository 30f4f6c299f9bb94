import Figures
import Formats
import Foundation

/// The settings of a style file and of those that it extends.
struct StyleFile {
  private let file: URL
  private let templates: URL?
  private let settings: [String: Any]

  /// The key that names the style of which a file holds the changes.
  static let extends = "extends"
  private static let most = 16

  /// - Throws: `FigureError` where it cannot be read, is no object, or has a key that means nothing.
  init(_ file: URL, templates: URL?) throws {
    self.file = file
    self.templates = templates
    let data: Data
    do { data = try Data(contentsOf: file) } catch {
      throw FigureError("cannot read the style \(file.path): \(SystemReason.text(of: error))")
    }
    let object: Any
    do { object = try JSONSerialization.jsonObject(with: data) } catch {
      throw FigureError("the style \(file.path) cannot be used: it is not JSON")
    }
    guard let settings = object as? [String: Any] else {
      throw FigureError("the style \(file.path) cannot be used: it is not an object of settings")
    }
    self.settings = settings
    try check(settings, known: Self.keys, before: "")
  }

  /// The keys of a style, those of its parts behind them.
  private static let keys: [String: [String]] = [
    "": FigureStyle.CodingKeys.allCases.map(\.rawValue) + [extends],
    "sizes": FigureStyle.Sizes.CodingKeys.allCases.map(\.rawValue),
    "lines": FigureStyle.Lines.CodingKeys.allCases.map(\.rawValue),
    "colors": FigureStyle.Colors.CodingKeys.allCases.map(\.rawValue),
  ]

  private func check(_ settings: [String: Any], known: [String: [String]], before: String) throws(FigureError) {
    guard let names = known[before] else { return }
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      guard names.contains(key) else {
        throw FigureError(
          "the style \(file.path) cannot be used: unknown key '\(before.isEmpty ? "" : before + ".")\(key)'"
            + "\(Spelling.suggestion(for: key, among: names)); known are \(names.joined(separator: ", "))")
      }
      if before.isEmpty, let inner = value as? [String: Any] { try check(inner, known: known, before: key) }
    }
  }

  /// All settings: those of the style that is extended with these in place of its own.
  func whole() throws -> [String: Any] { try whole(depth: 0) }

  private func whole(depth: Int) throws -> [String: Any] {
    guard let value = settings[Self.extends] else { return settings }
    guard let name = value as? String, !name.isEmpty else {
      throw FigureError("the style \(file.path) cannot be used: 'extends' is not the name of a style")
    }
    guard depth < Self.most else {
      throw FigureError("the style \(file.path) cannot be used: styles extend each other in a circle")
    }
    var base = try StyleFile(try place(of: name), templates: templates).whole(depth: depth + 1)
    for (key, value) in settings where key != Self.extends {
      if let inner = value as? [String: Any], let known = base[key] as? [String: Any] {
        base[key] = known.merging(inner) { _, new in new }
      } else {
        base[key] = value
      }
    }
    return base
  }

  private func place(of name: String) throws(FigureError) -> URL {
    if name.hasSuffix(".json") {
      return name.hasPrefix("/")
        ? URL(fileURLWithPath: name) : file.deletingLastPathComponent().appendingPathComponent(name)
    }
    let folder = templates?.appendingPathComponent("styles") ?? file.deletingLastPathComponent()
    let names = templates.map(FigureStyle.available) ?? []
    guard templates == nil || names.contains(name) else {
      throw FigureError(
        "the style \(file.path) extends '\(name)', which is none\(Spelling.suggestion(for: name, among: names)); there are "
          + names.joined(separator: ", "))
    }
    return folder.appendingPathComponent("\(name).json")
  }
}
