import Figures
import Foundation

/// Colour bars of several figures that are to be compared: same map, other range.
public enum ColorBars {
  /// Compares the descriptions that stand as JSON beside figures, where they do.
  public static func compare(_ files: [String]) -> [LintFinding] {
    var seen: [(file: String, key: String, range: String)] = []
    var findings: [LintFinding] = []
    for file in files {
      let beside = URL(fileURLWithPath: file).deletingPathExtension().appendingPathExtension("json")
      guard let data = FileManager.default.contents(atPath: beside.path),
        let description = try? JSONDecoder().decode(FigureDescription.self, from: data)
      else { continue }
      func setting(_ name: String) -> String? { description.settings.first { $0.name == name }?.value }
      guard let map = setting("colour map"), let range = setting("range") else { continue }
      let key = "\(setting("measure") ?? description.title) in \(map)"
      if let known = seen.first(where: { $0.key == key && $0.range != range }) {
        findings.append(
          LintFinding(
            .warning, "bars",
            "\(file) colours \(key) from \(range), \(known.file) from \(known.range): equal colours mean different values; "
              + "give both one range"))
      }
      seen.append((file, key, range))
    }
    return findings
  }

  /// The style that a figure says it was made in, in the JSON beside it.
  public static func style(of file: String) -> String? {
    let beside = URL(fileURLWithPath: file).deletingPathExtension().appendingPathExtension("json")
    return FileManager.default.contents(atPath: beside.path)
      .flatMap { try? JSONDecoder().decode(FigureDescription.self, from: $0) }?.settings.first { $0.name == "style" }?
      .value
  }
}
