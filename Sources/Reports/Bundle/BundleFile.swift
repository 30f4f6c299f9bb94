import Formats
import Foundation

/// A bundle opened with suspicion: every name, kind and size in it is looked at before anything is unpacked.
public struct BundleFile {
  /// How much a bundle may claim before it is taken for a trap.
  public struct Limits: Sendable {
    public var entries = 100_000
    /// Of all files together, unpacked.
    public var bytes = 32 << 30
    /// Unpacked bytes for each byte of the file; small files may always have `alwaysAllowed`.
    public var ratio = 200
    public var alwaysAllowed = 64 << 20

    public init() {}
  }

  struct Entry {
    let name: String
    let size: Int
  }

  let path: String
  /// In the order of the file.
  let entries: [Entry]
  /// What is unsafe, one sentence each that begins with the entry's name. Where there is any, nothing must be read.
  package let problems: [String]

  /// Looks at every entry without unpacking any.
  /// - Throws: `BundleError` if there is no zip at `path`.
  public init(_ path: String, limits: Limits = Limits()) throws {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw BundleError(.badInput, "\(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw BundleError(.badInput, "\(path) is not a file") }
    let most = min(limits.bytes, max(limits.alwaysAllowed, Int(status.st_size).multipliedClamping(by: limits.ratio)))
    let zip = try ZipDirectory(path: path)
    let directory = zip.names
    var problems = Self.problems(of: directory) + zip.problems
    let listed = Set(directory.compactMap { $0.map(Self.withoutSlash) })
    let reader = try ZipReader(path: path)
    var entries: [Entry] = []
    var seen: Set<String> = []
    var total = 0
    while let entry = try reader.next() {
      guard seen.count < limits.entries else {
        problems.append("\(path): holds more than \(limits.entries) files")
        break
      }
      guard let name = entry.name.map(Self.withoutSlash) else {
        problems.append("entry \(seen.count + 1): its name is no UTF-8")
        break
      }
      if !listed.contains(name) {
        problems.append("\(name): the directory of the zip has another name for it")
        if let problem = EntryName.problem(name) { problems.append("\(name): the name \(problem)") }
      }
      seen.insert(name)
      if entry.isEncrypted, !problems.contains("\(name): is encrypted") { problems.append("\(name): is encrypted") }
      switch entry.kind {
      case .folder: continue
      case .link: problems.append("\(name): is a link; a bundle holds files only")
      case .other: problems.append("\(name): is neither a file nor a folder")
      case .file:
        guard let size = entry.size, size >= 0 else {
          problems.append("\(name): does not declare its size")
          continue
        }
        let (sum, overflows) = total.addingReportingOverflow(size)
        guard !overflows, sum <= most else {
          problems.append(
            "\(name): with \(size) bytes the files take more than \(most) unpacked, out of \(status.st_size) packed; that is "
              + "a zip bomb or no bundle")
          self.entries = entries
          self.problems = problems
          return
        }
        total = sum
        entries.append(Entry(name: name, size: size))
      }
    }
    for name in listed.sorted(by: EntryName.precedes) where problems.isEmpty && !seen.contains(name) {
      problems.append("\(name): is in the directory of the zip, but has no place of its own")
    }
    self.entries = entries
    self.problems = problems
  }

  /// What is wrong with the names in a zip's directory.
  private static func problems(of directory: [String?]) -> [String] {
    var problems: [String] = []
    var seen: Set<String> = []
    for (place, name) in directory.enumerated() {
      guard let name = name.map(withoutSlash) else {
        problems.append("entry \(place + 1): its name is no UTF-8")
        continue
      }
      if let problem = EntryName.problem(name) { problems.append("\(name): the name \(problem)") }
      if !seen.insert(name).inserted { problems.append("\(name): stands in the bundle twice") }
    }
    return problems
  }

  /// Folders end with one.
  private static func withoutSlash(_ name: String) -> String {
    guard name.utf8.count > 1, name.utf8.last == UInt8(ascii: "/") else { return name }
    return String(name.unicodeScalars.dropLast())
  }

  /// Names and sizes of the files, in the order of the bundle.
  public var files: [(name: String, size: Int)] { entries.map { ($0.name, $0.size) } }

  /// Goes through the files in their order; `take` gets each file's name and what reads it, in pieces. A file that is damaged
  /// throws from there; one that is not read is passed over.
  func visit(
    _ take: (_ entry: Entry, _ read: (_ piece: (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws -> Void
  ) throws {
    guard problems.isEmpty else { throw BundleError(.badInput, problems[0]) }
    let sizes = Dictionary(entries.map { ($0.name, $0.size) }, uniquingKeysWith: { first, _ in first })
    let reader = try ZipReader(path: path)
    while let entry = try reader.next() {
      guard entry.kind == .file, let name = entry.name else { continue }
      // The file may have been exchanged since it was looked at.
      guard let size = sizes[name], size == entry.size else {
        throw BundleError(.badInput, "\(name): is not what it was a moment ago")
      }
      try take(Entry(name: name, size: size)) { piece in try reader.read(name, size: size, piece) }
    }
  }

  /// The content of one file of at most `limit` bytes; nil where there is none of that name.
  func contents(of wanted: String, limit: Int = 64 << 20) throws -> Data? {
    guard let size = entries.first(where: { $0.name == wanted })?.size else { return nil }
    guard size <= limit else { throw BundleError(.badInput, "\(wanted): has \(size) bytes, more than \(limit)") }
    var found: Data?
    try visit { entry, read in
      guard entry.name == wanted, found == nil else { return }
      var data = Data()
      try read { data.append(contentsOf: $0) }
      found = data
    }
    return found
  }

  /// Unpacks the files whose names `isWanted` into a folder.
  public func extract(to folder: URL, where isWanted: (String) -> Bool) throws {
    try visit { entry, read in
      guard isWanted(entry.name) else { return }
      let file = folder.appendingPathComponent(entry.name)
      do {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
          throw FileWritingError(path: file.path, code: errno)
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try read { try handle.write(contentsOf: Data($0)) }
      } catch let error as any ExitStatusError {
        throw error
      } catch {
        throw FileWritingError(path: file.path, error)
      }
    }
  }
}

extension Int {
  /// The product, or the largest number there is.
  fileprivate func multipliedClamping(by other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}
