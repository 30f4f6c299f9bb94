import Formats
import Foundation

/// The pictures in a tar or zip file, each read by itself from where it lies; and what WebDataset's `KEY.cls` and `KEY.json` say of them.
///
/// It is gone through once, header by header. Compressed tars are not read: pictures are compressed themselves.
public final class ImageArchive: Sendable {
  /// A file in it.
  struct Member: Sendable, Equatable {
    let name: String
    /// Where its header begins.
    let offset: Int
    /// As declared; nil where nothing is.
    let bytes: Int?
  }

  public let path: String
  /// Pictures in the order of the archive.
  let members: [Member]
  /// Pictures of formats that are not read, and links: names that are left out.
  let leftOut: [String]
  /// By ``key(of:)`` what its class is called.
  private let labels: [String: String]
  private let isZip: Bool

  /// Endings of files that are taken for archives.
  static let endings = ["tar", "zip"]

  /// Files beside pictures that say what they are of are no longer than that.
  private static let mostOfLabel = 1 << 20

  /// Whether a path is that of an archive: a file with one of their endings.
  public static func isArchive(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return endings.contains(URL(fileURLWithPath: path).pathExtension.lowercased())
      && FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
  }

  /// - Throws: `ImagingError` with the path, where the file is no archive or damaged, or names a picture twice.
  public init(_ path: String) throws {
    self.path = path
    let isZip = path.lowercased().hasSuffix("zip")
    self.isZip = isZip
    var members: [Member] = []
    var labels: [String: String] = [:]
    var leftOut: [String] = []
    var seen: Set<String> = []
    do {
      let reader = try ArchiveReader(path, isZip: isZip)
      while let entry = try reader.next() {
        guard let full = entry.name else {
          throw ImagingError(reason: "holds a file whose name is not UTF-8; make it again with such names")
        }
        let name = full.hasPrefix("./") ? String(full.dropFirst(2)) : full
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.hasPrefix(".") && $0 != ".." }) else { continue }
        let ending = URL(fileURLWithPath: name).pathExtension.lowercased()
        if entry.kind == .file, ending == "cls" || ending == "json" {
          // A file without a label is not about one picture.
          labels[ImageArchive.key(of: name)] =
            ImageArchive.label(try reader.bytes(limit: ImageArchive.mostOfLabel), isJSON: ending == "json")
            ?? labels[ImageArchive.key(of: name)]
          continue
        }
        guard PictureFormat(path: name) != nil else { continue }
        guard entry.kind == .file else {
          leftOut.append(name)
          continue
        }
        guard !name.hasPrefix("/"), !parts.contains("..") else {
          throw ImagingError(reason: "holds \(name), which leads out of it; make it again with relative names")
        }
        guard seen.insert(name).inserted else { throw ImagingError(reason: "holds \(name) twice") }
        members.append(Member(name: name, offset: entry.offset, bytes: entry.size))
      }
    } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
    (self.members, self.labels, self.leftOut) = (members, labels, leftOut)
  }

  /// The first `limit` bytes of a picture's file, or all of it.
  ///
  /// - Throws: `ImagingError` without a path.
  func read(_ member: Int, limit: Int = FileBytes.largest) throws -> [UInt8] {
    let wanted = members[member]
    let reader = try ArchiveReader(path, isZip: isZip, from: wanted.offset)
    guard let entry = try reader.next(), let name = entry.name, name == wanted.name || name == "./" + wanted.name else {
      throw ImagingError(reason: "is no longer where it was: the archive has changed")
    }
    let bytes = try reader.bytes(limit: limit)
    if let declared = wanted.bytes, bytes.count != min(declared, limit) {
      throw ImagingError(reason: "ends after \(bytes.count) of \(declared) bytes")
    }
    return bytes
  }

  /// The name of a picture's class; nil where nothing says it.
  func label(of member: Int) -> String? { labels[ImageArchive.key(of: members[member].name)] }

  /// What files of one sample share: the path up to the first dot of its last part, as WebDataset has it.
  private static func key(of name: String) -> String {
    let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    return String(name[..<(name[start...].firstIndex(of: ".") ?? name.endIndex)])
  }

  /// The text of a `.cls` file, or what a `.json` has under `label`, `cls` or `class`.
  private static func label(_ bytes: [UInt8], isJSON: Bool) -> String? {
    guard isJSON else {
      let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      return text.isEmpty ? nil : text
    }
    guard case .object(let fields)? = try? JSONValue(parsing: bytes) else { return nil }
    for name in ["label", "cls", "class"] {
      switch fields[name] {
      case .string(let text)? where !text.isEmpty: return text
      case .number(let number)?: return Int(exactly: number).map { "\($0)" }
      default: continue
      }
    }
    return nil
  }
}

extension ImageFolder {
  /// The pictures of some archives together, in the order of the UTF-8 bytes of their names: what a folder would list that they were made
  /// of, or unpacked into.
  ///
  /// - Parameter place: what they are called in messages.
  /// - Throws: `ImagingError` where one is no archive, two have a picture of one name, or there is none.
  static func listing(archives paths: [String], of place: String, taking subset: Subset) throws -> Listing {
    if let most = subset.most, most < 1 {
      throw ImagingError(reason: "a \(subset.option) of \(most) images leaves nothing; give 1 or more")
    }
    let archives = try paths.map { try ImageArchive($0) }
    var all: [(name: String, archive: ImageArchive, member: Int)] = []
    for archive in archives {
      for (index, member) in archive.members.enumerated() { all.append((member.name, archive, index)) }
    }
    guard !all.isEmpty else {
      throw ImagingError(
        path: place, reason: "no images in it (looked for \(PictureFormat.listed("and")) by their endings)")
    }
    all.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    if let twice = zip(all, all.dropFirst()).first(where: { $0.name == $1.name }) {
      throw ImagingError(
        path: place, reason: "\(twice.0.name) is in \(twice.0.archive.path) and in \(twice.1.archive.path)")
    }
    let labels = all.map { $0.archive.label(of: $0.member) }
    let numbers = LabelNumbers(labels.compactMap { $0 })
    let names = all.map(\.name)
    let entries = subset.indices(of: names).map { index in
      ImageEntry(
        in: all[index].archive, all[index].member,
        known: .init(
          bytes: all[index].archive.members[all[index].member].bytes, label: labels[index].map(numbers.number)))
    }
    var listing = Listing(
      entries: entries,
      folders: Set(names.compactMap(LabelSource.folder)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
      choice: subset.note(names, taken: entries.count, kind: "pictures"))
    listing.labels = numbers.classes
    let left = archives.flatMap(\.leftOut)
    if let first = left.first {
      listing.others.append((format: "links in archives", count: left.count, first: first))
    }
    return listing
  }
}
