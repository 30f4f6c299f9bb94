import Figures
import Formats
import Foundation

extension FigureRenderer {
  /// Writes `figure` into `folder` as `name.pdf`, `.svg`, `.png` and its description as `name.json`; each file appears
  /// whole or not at all.
  /// - Returns: the names of the files, in the order of `formats`, the description last.
  /// - Throws: `FigureError` where it cannot be drawn, `FileWritingError` where it cannot be written.
  @discardableResult
  public func write(
    _ figure: Figure, named name: String, to folder: URL, formats: [FigureFormat] = FigureFormat.allCases
  ) throws -> [String] {
    // All of them before the first is written: a figure that cannot be drawn in one format leaves none.
    var files = try formats.map { ("\(name).\($0.rawValue)", Data(try render(figure, as: $0))) }
    files.append(("\(name).json", try Self.encoded(figure.description)))
    for (file, data) in files { try AtomicFile.write(data, to: folder.appendingPathComponent(file).path) }
    return files.map(\.0)
  }

  /// The description as the file beside a figure.
  public static func encoded(_ description: FigureDescription) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(description) + Data("\n".utf8)
  }
}

extension FigureStyle {
  /// Reads a style from a JSON file. A file that says `"extends": "neurips"` holds only what is other than in that style: the name
  /// of one that is shipped, or the path of a file from the folder of this one.
  /// - Parameter templates: where the shipped styles are.
  /// - Throws: `FigureError` that names the file and the setting.
  public static func load(from file: URL, templates: URL? = nil) throws -> FigureStyle {
    let object = try StyleFile(file, templates: templates).whole()
    do {
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
      let style = try JSONDecoder().decode(FigureStyle.self, from: data)
      try style.validate()
      return style
    } catch let error as DecodingError {
      throw FigureError("the style \(file.path) cannot be used: \(explain(error))")
    }
  }

  /// The style `name` of the folder `styles` in `templates`; `name` may also be the path of a `.json` file.
  public static func named(_ name: String, templates: URL) throws -> FigureStyle {
    if name.hasSuffix(".json") { return try load(from: URL(fileURLWithPath: name), templates: templates) }
    let names = available(templates: templates)
    guard names.contains(name) else {
      throw FigureError(
        "no style '\(name)' in \(templates.appendingPathComponent("styles").path); there are "
          + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    }
    return try load(from: templates.appendingPathComponent("styles/\(name).json"), templates: templates)
  }

  /// The names of the styles in `templates`, in alphabetical order.
  public static func available(templates: URL) -> [String] {
    let files = try? FileManager.default.contentsOfDirectory(atPath: templates.appendingPathComponent("styles").path)
    return (files ?? []).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  private static func explain(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "'\((context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: "."))' is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "'\(path(context))' is not a \(type)"
    case .dataCorrupted(let context):
      return path(context).isEmpty ? "it is not JSON" : "'\(path(context))': \(context.debugDescription)"
    @unknown default:
      return "\(error)"
    }
  }
}
