import Formats
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The pictures below a folder.
public struct ImageFolder {
  public typealias Entry = ImageEntry

  /// What a folder holds.
  public struct Listing: Sendable, Equatable {
    public var entries: [Entry] = []
    /// The first folders of all pictures' paths, also of those that a subset leaves out, in the order of their UTF-8 bytes.
    public var folders: [String] = []
    /// Pictures of other formats, by format in the order of its name: how many, and the first.
    public var others: [(format: String, count: Int, first: String)] = []
    /// Links that lead nowhere and whose names are not those of pictures: what they led to, a folder of pictures perhaps, is left
    /// out. Those that are named like a picture are among the entries, and fail there.
    public var brokenLinks: [String] = []

    /// A sentence on which pictures of the folder were taken; nil where there is nothing to say.
    public var choice: String?
    /// Names of the labels that the entries know of, of all pictures that an index lists; empty without an index, or one without labels.
    public var labels: [String] = []
    /// Archives beside loose pictures, which are left out.
    public var archives: [String] = []
    /// SHA-256 of the index that lists the pictures; nil without one.
    public var index: String?

    public init(
      entries: [Entry] = [], folders: [String] = [], others: [(format: String, count: Int, first: String)] = [],
      brokenLinks: [String] = [], choice: String? = nil
    ) {
      self.entries = entries
      self.folders = folders
      self.others = others
      self.brokenLinks = brokenLinks
      self.choice = choice
    }

    public static func == (first: Listing, second: Listing) -> Bool {
      first.entries == second.entries && first.sentences == second.sentences
    }

    fileprivate static func sentence(ofLinks links: [String]) -> String? {
      links.first.map { first in
        "\(links.count) \(links.count == 1 ? "link leads" : "links lead") nowhere (the file or folder is gone, or may not be read), "
          + "the first: \(first)"
      }
    }

    /// Sentences on the pictures that are left out, and on formats that versions before 0.2.0 left out.
    public var sentences: [String] {
      var sentences = others.map { format, count, first in
        "\(count) \(count == 1 ? "picture is" : "pictures are") left out because \(PictureFormat.listed("and")) are read and not "
          + "\(format), the first: \(first)"
      }
      if let first = archives.first {
        sentences.append(
          "\(archives.count) \(archives.count == 1 ? "archive is" : "archives are") left out beside loose pictures, the first: \(first)"
        )
      }
      if let links = Listing.sentence(ofLinks: brokenLinks) { sentences.append(links) }
      if let choice { sentences.append(choice) }
      let formats = PictureFormat.allCases.compactMap { format -> String? in
        guard format != .jpeg, format != .png else { return nil }
        let count = entries.count { PictureFormat(path: $0.relativePath) == format }
        return count == 0 ? nil : "\(count) \(format.rawValue)"
      }
      if !formats.isEmpty {
        sentences.append(
          "among the pictures are \(formats.joined(separator: ", ")), which versions before 0.2.0 left out")
      }
      return sentences
    }
  }

  /// Endings of the files that are taken, whatever their case.
  public static let extensions = PictureFormat.allCases.flatMap(\.endings)

  /// The pictures below `folder` by the endings of their files (``PictureFormat``), at any depth, in the order of the UTF-8 bytes
  /// of their relative paths. Hidden files and folders are left out; symbolic links are followed, but never in a circle.
  ///
  /// - Parameter subset: which of them.
  /// - Throws: `ImagingError` when there is no such folder, a folder cannot be read, a picture's name is not UTF-8, or there
  ///   is not a picture in it.
  public static func list(_ folder: URL, taking subset: Subset = .all) throws -> [Entry] {
    try listing(folder, taking: subset).entries
  }

  /// Whether a place is one file that stands for a folder: an index of pictures, or an archive.
  public static func isFile(_ place: String) -> Bool { ImageIndex.isIndex(place) || ImageArchive.isArchive(place) }

  /// How many pictures are taken of a folder, an index of pictures, an archive or a folder of archives.
  ///
  /// - Throws: `ImagingError` as ``listing(of:taking:)`` does.
  public static func count(_ place: String, taking subset: Subset = .all) throws -> Int {
    let all: Int
    if ImageIndex.isIndex(place) {
      all = try ImageIndex.count(place)
    } else {
      let contents = try contents(of: place)
      all =
        try contents.archives.isEmpty
        ? contents.found.loose(of: place, taking: subset).pictures.count
        : listing(archives: contents.archives, of: place, taking: subset).entries.count
    }
    return min(all, subset.most ?? all)
  }

  /// The pictures of a folder, of an index of pictures, of a tar or zip file, or of a folder of such files that has no loose pictures.
  ///
  /// - Throws: `ImagingError` as ``listing(_:taking:)``, ``ImageIndex/listing(_:taking:)`` and ``ImageArchive`` do.
  public static func listing(of place: String, taking subset: Subset = .all) throws -> Listing {
    if ImageIndex.isIndex(place) { return try ImageIndex.listing(place, taking: subset) }
    let contents = try contents(of: place)
    return try contents.archives.isEmpty
      ? listing(contents.found.loose(of: place, taking: subset), of: place, taking: subset)
      : listing(archives: contents.archives, of: place, taking: subset)
  }

  /// The files that hold the pictures of a place, by which it is known: loose pictures as ``list(_:taking:)`` has them, or all archives.
  ///
  /// - Throws: `ImagingError` as ``listing(of:taking:)`` does.
  public static func files(
    of place: String, taking subset: Subset = .all
  ) throws -> (entries: [Entry], areArchives: Bool) {
    let contents = try contents(of: place)
    guard contents.archives.isEmpty else {
      return (contents.archives.map { Entry(relativePath: String($0.dropFirst(place.count + 1)), folder: place) }, true)
    }
    return (try listing(contents.found.loose(of: place, taking: subset), of: place, taking: subset).entries, false)
  }

  /// The same as ``list(_:taking:)`` with what is left out.
  public static func listing(_ folder: URL, taking subset: Subset = .all) throws -> Listing {
    let root = folder.path
    return try listing(found(in: root).loose(of: root, taking: subset), of: root, taking: subset)
  }

  private static func listing(_ found: Found, of root: String, taking subset: Subset) throws -> Listing {
    let broken = found.brokenLinks.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var paths = found.pictures
    paths.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let entries = subset.indices(of: paths).map { Entry(relativePath: paths[$0], folder: root) }
    let folders = Set(paths.compactMap(LabelSource.folder)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var result = Listing(
      entries: entries, folders: folders, others: found.ofOtherFormats, brokenLinks: broken,
      choice: subset.note(paths, taken: entries.count, kind: "pictures"))
    result.archives = found.archives.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return result
  }

  // MARK: Looking

  private static func found(in root: String) throws -> Found {
    var found = Found()
    try walk(root, prefix: "", above: [], into: &found)
    return found
  }

  /// What lies in a place, and the archives that hold its pictures, in the order of their bytes; none where it has loose pictures.
  private static func contents(of place: String) throws -> (found: Found, archives: [String]) {
    if ImageArchive.isArchive(place) { return (Found(), [place]) }
    let found = try found(in: place)
    guard found.pictures.isEmpty else { return (found, []) }
    return (found, found.archives.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { place + "/" + $0 })
  }

  /// Relative paths, in no order.
  private struct Found {
    var pictures: [String] = []
    /// Pictures that are not read, by what they are.
    var others: [String: [String]] = [:]
    var archives: [String] = []
    var brokenLinks: [String] = []

    /// By format.
    var ofOtherFormats: [(format: String, count: Int, first: String)] {
      others.keys.sorted().map { format in
        let paths = (others[format] ?? []).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (format: format, count: paths.count, first: paths[0])
      }
    }

    /// The same where there are pictures.
    ///
    /// - Throws: `ImagingError` where there are none, or none are wanted.
    func loose(of root: String, taking subset: Subset) throws -> Found {
      if let most = subset.most, most < 1 {
        throw ImagingError(reason: "a \(subset.option) of \(most) images leaves nothing; give 1 or more")
      }
      guard pictures.isEmpty else { return self }
      let broken = brokenLinks.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let left = ofOtherFormats.map { "\($0.count) of \($0.format)" }.joined(separator: ", ")
      throw ImagingError(
        path: root,
        reason: "no images in this folder (looked for \(PictureFormat.listed("and")) by their endings at any depth"
          + (left.isEmpty ? ")" : "; there are \(left), which are not read: convert them)")
          + (archives.isEmpty ? "" : "; there are \(archives.count) archives, which --images takes as they are")
          + (Listing.sentence(ofLinks: broken).map { "; " + $0 } ?? ""))
    }
  }

  /// Device and number of a folder, by which a circle of links is recognised.
  private struct Identity: Equatable {
    let device: UInt64
    let number: UInt64
  }

  private static func walk(_ path: String, prefix: String, above: [Identity], into found: inout Found) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw ImagingError(path: path, reason: FileBytes.reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw ImagingError(path: path, reason: "is not a folder") }
    let identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard !above.contains(identity) else { return }
    guard let stream = opendir(path) else { throw ImagingError(path: path, reason: FileBytes.reason(errno)) }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let item = readdir(stream) else {
        if errno != 0 { throw ImagingError(path: path, reason: FileBytes.reason(errno)) }
        return
      }
      let bytes = withUnsafeBytes(of: &item.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard bytes.first != UInt8(ascii: ".") else { continue }
      let ending = ending(of: bytes)
      let isPicture = extensions.contains(ending)
      guard let name = String(validating: bytes, as: UTF8.self) else {
        guard isPicture else { continue }
        throw ImagingError(
          path: path, reason: "the file name \(String(decoding: bytes, as: UTF8.self)) is not UTF-8; rename it")
      }
      let full = path + "/" + name
      // The folder knows what a file is; only of links, and where it does not, the file has to be asked.
      if isPicture, Int32(item.pointee.d_type) == Int32(DT_REG) {
        found.pictures.append(prefix + name)
        continue
      }
      guard stat(full, &status) == 0 else {
        // A broken link that names a picture is listed, so that its failure is reported and counted.
        if isPicture {
          found.pictures.append(prefix + name)
        } else if lstat(full, &status) == 0 {
          found.brokenLinks.append(prefix + name)
        }
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try walk(full, prefix: prefix + name + "/", above: above + [identity], into: &found)
      case S_IFREG where isPicture: found.pictures.append(prefix + name)
      case S_IFREG where ImageArchive.endings.contains(ending): found.archives.append(prefix + name)
      case S_IFREG:
        if let format = otherPicture(full, ending: ending) { found.others[format, default: []].append(prefix + name) }
      default: continue
      }
    }
  }

  /// In lower case, without the dot; empty where there is none.
  private static func ending(of name: [UInt8]) -> String {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return "" }
    return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
  }

  /// What a picture is that is not taken: of a format that is not read, or without an ending, which only its first bytes tell.
  private static func otherPicture(_ path: String, ending: String) -> String? {
    if let format = PictureFormat.namesOfOthers[ending] { return format }
    guard ending.isEmpty, let start = try? FileBytes.read(path, limit: 16) else { return nil }
    return PictureFormat(content: start).map { "\($0.rawValue) without an ending such as .\($0.endings[0])" }
  }
}
