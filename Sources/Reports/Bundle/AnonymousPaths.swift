import Foundation

/// Absolute paths as a bundle for a blind review names them: without the folders that tell whose machine it was.
///
/// Where a path lies in the folder that report, results and experiment share, what leads there is left out; of any other
/// path the last name or two stay, behind "…/".
struct AnonymousPaths {
  /// What is replaced, longest first, as it stands in text, in HTML and in JSON.
  private let replacements: [(text: Data, by: Data)]
  /// What must not be left: the home folder, and the user's name as a folder.
  private let telling: [Data]

  /// - Parameters:
  ///   - paths: as provenance and commands have them; those that are not absolute are passed over.
  ///   - study: absolute paths of report, results and experiment.
  ///   - home: the user's folder.
  init(_ paths: some Sequence<String>, study: [String], home: String) {
    let home = home.split(separator: "/").map(String.init)
    let root = AnonymousPaths.commonFolder(study, besides: home)
    var found: [String: String] = [:]
    for path in Set(paths).union(study) where path.hasPrefix("/") {
      let names = path.split(separator: "/").map(String.init)
      guard !names.isEmpty else { continue }
      if let root, names.starts(with: root) {
        found[path] = names.count == root.count ? "." : names.dropFirst(root.count).joined(separator: "/")
      } else {
        let last = names.suffix(names.count >= 5 ? 2 : 1).filter { $0 != home.last }
        found[path] = (["…"] + last).joined(separator: "/")
      }
    }
    if !home.isEmpty { found["/" + home.joined(separator: "/")] = "~" }
    replacements = found.sorted { ($1.key.utf8.count, $0.key) < ($0.key.utf8.count, $1.key) }
      .flatMap { path, short -> [(text: Data, by: Data)] in
        [{ $0 }, Escaping.html, AnonymousPaths.json].map { (Data($0(path).utf8), Data($0(short).utf8)) }
      }
    // A home such as /root tells nothing.
    telling =
      home.count < 2 ? [] : [Data(("/" + home.joined(separator: "/")).utf8), Data("/\(home[home.count - 1])/".utf8)]
  }

  /// The deepest folder that all of some paths lie in; nil where it would be one above `home`, or none.
  private static func commonFolder(_ paths: [String], besides home: [String]) -> [String]? {
    let folders = paths.map { $0.split(separator: "/").dropLast().map(String.init) }
    guard var common = folders.first else { return nil }
    for folder in folders { common = zip(common, folder).prefix { $0 == $1 }.map(\.0) }
    let isAboveHome = home.starts(with: common) && common.count < home.count
    return common.count < 2 || isAboveHome ? nil : common
  }

  private static func json(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    // A string can always be encoded.
    return ((try? encoder.encode(text)).map { String(decoding: $0.dropFirst().dropLast(), as: UTF8.self) }) ?? text
  }

  /// A text without the folders; each path only where it is not a part of another name.
  func applied(to text: Data) -> Data {
    var text = text
    for (path, short) in replacements {
      var result = Data()
      var start = text.startIndex
      while let place = text.range(of: path, in: start..<text.endIndex) {
        let isWhole =
          (place.lowerBound == text.startIndex || !AnonymousPaths.isOfName(text[place.lowerBound - 1]))
          && (place.upperBound == text.endIndex || !AnonymousPaths.isOfName(text[place.upperBound]))
        result += text[start..<place.lowerBound]
        result += isWhole ? short : path
        start = place.upperBound
      }
      guard start != text.startIndex else { continue }
      text = result + text[start...]
    }
    return text
  }

  /// Whether a byte belongs to a file's name.
  private static func isOfName(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
  }

  /// Whether a text still tells whose machine it was.
  func isTold(by text: Data) -> Bool { telling.contains { text.range(of: $0) != nil } }
}
