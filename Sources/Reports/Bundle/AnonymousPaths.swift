import Foundation

/// Paths as a bundle for a blind review names them: without the folders that tell whose machine it was.
///
/// Where a path lies in the folder that report, results and experiment share, what leads there is left out; of any other path, also
/// of one that leads out of its folder (`../../alice/vit.h5`), the last name stays, behind "…/". Paths within a folder
/// (`stores/vit.h5`) stay.
struct AnonymousPaths {
  /// What is replaced, longest first, as it stands in text, in HTML, in JSON and in addresses.
  private let replacements: [(text: Data, by: Data)]
  /// The user's name, and names of folders that were cut away, in small letters: what must not stand anywhere else.
  private let identifyingNames: Set<[UInt8]>

  /// - Parameters:
  ///   - paths: as provenance, commands and the experiment have them; those within a folder are passed over.
  ///   - study: absolute paths of report, results and experiment.
  ///   - home: the user's folder.
  init(_ paths: some Sequence<String>, study: [String], home: String) {
    let home = home.split(separator: "/").map(String.init)
    let root = AnonymousPaths.commonFolder(study, besides: home)
    var found: [String: String] = [:]
    var cut: Set<String> = []
    for path in Set(paths).union(study) where AnonymousPaths.leadsOutside(path) {
      let names = path.split(separator: "/").map(String.init)
      guard !names.isEmpty else { continue }
      if path.hasPrefix("/"), let root, names.starts(with: root) {
        found[path] = names.count == root.count ? "." : names.dropFirst(root.count).joined(separator: "/")
        cut.formUnion(root)
      } else {
        let last = names.suffix(1).filter { $0 != home.last && $0 != ".." && !$0.hasPrefix("~") }
        guard names.contains(where: { $0 != ".." }) else { continue }
        found[path] = (["…"] + last).joined(separator: "/")
        // As a page has it that was made for readers of whom the user's name is not kept.
        if last.isEmpty, let name = names.last { found["…/" + name] = "…" }
        cut.formUnion(names.dropLast())
      }
    }
    if !home.isEmpty { found["/" + home.joined(separator: "/")] = "~" }
    replacements = found.sorted { ($1.key.utf8.count, $0.key) < ($0.key.utf8.count, $1.key) }
      .flatMap { path, short -> [(text: Data, by: Data)] in
        [{ $0 }, Escaping.html, AnonymousPaths.json, EntryName.address].map {
          (Data($0(path).utf8), Data($0(short).utf8))
        }
      }
    // A home such as /root tells nothing.
    let user = home.count < 2 ? [] : [home[home.count - 1]]
    identifyingNames = Set(
      (user + cut.filter { $0.count > 2 && !AnonymousPaths.common.contains($0.lowercased()) }).map {
        Array($0.lowercased().utf8)
      })
  }

  /// Names of folders that tell nothing.
  private static let common: Set<String> = Set(
    """
    activations analyses bench bundle bundles cache checkpoints code common condition data dataset datasets demo desktop disk \
    documents downloads example examples experiment experiments export features figures files folder global gpfs group groups \
    home images inverse inverses large lustre media mnt model models nfs open opt other our out output outputs paper papers photos \
    pictures private project projects public report reports repos repository research results root run runs scratch share shared \
    software source sources src srv storage store stores study studies temp test tests tmp train training user users usr val var \
    volume volumes weights work working workspace
    """.split(separator: " ").map(String.init))

  /// Whether a path says where on a machine something lies.
  static func leadsOutside(_ path: String) -> Bool {
    path.hasPrefix("/") || path.hasPrefix("~") || path.split(separator: "/").contains("..")
  }

  /// The words of a text that may be paths which lead outside: of an experiment's file.
  static func paths(in text: String) -> [String] {
    text.split { $0.isWhitespace || "\"'`,;[]{}()<>=".contains($0) }.map(String.init)
      .filter { leadsOutside($0) && $0.contains("/") }
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
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || isOfWord(byte)
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
  }

  /// The identifying names that a text still has, alone or as a part of another name, in the order of their letters.
  func revealedNames(in text: Data) -> [String] {
    guard !identifyingNames.isEmpty else { return [] }
    let lengths = Set(identifyingNames.map(\.count))
    var found: Set<[UInt8]> = []
    func look(_ word: ArraySlice<UInt8>) {
      guard lengths.contains(word.count) else { return }
      let small = word.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
      if identifyingNames.contains(small) { found.insert(small) }
    }
    let bytes = Array(text)
    var name = 0
    var word = 0
    for place in 0...bytes.count {
      let byte = place < bytes.count ? bytes[place] : 0
      guard !AnonymousPaths.isOfWord(byte) else { continue }
      if word < place { look(bytes[word..<place]) }
      word = place + 1
      guard !AnonymousPaths.isOfName(byte) else { continue }
      if name < place { look(bytes[name..<place]) }
      name = place + 1
    }
    return found.map { String(decoding: $0, as: UTF8.self) }.sorted()
  }
}
