import Formats
import Foundation
import Imaging
import Synchronization

/// `index`: a folder of images as a list, with what the files hold, so that later commands neither list nor measure it.
///
/// What was measured goes into `OUT.unfinished` as it comes: interrupted, the same job goes on with the files that are missing there.
public struct IndexJob: Sendable {
  public let folder: String
  public let out: String
  /// Where the column `label` comes from; nil leaves it empty.
  public var labels: LabelSource?
  /// Whether the SHA-256 of every file is taken.
  public var hashes = true
  public var threads = Host.cores

  /// Images that are measured before what is known of them is written down.
  private static let blockSize = 512

  public init(_ folder: String, out: String) {
    self.folder = folder
    self.out = out
  }

  /// What came of it.
  public struct Summary: Codable, Sendable {
    public var out: String
    public var images: Int
    /// Of them those that an earlier run of the job had measured.
    public var remembered: Int
    /// Files without a size: they cannot be read, or are no pictures.
    public var unreadable: Int
    public var bytes: Int
    /// Labels that are not empty.
    public var labelled: Int
    /// SHA-256 of the index.
    public var digest: String
    public var seconds: Double
  }

  /// - Throws: ``BadInput``, `ImagingError`, ``Interrupted``; `FileWritingError`.
  public func run(_ reporter: JobReporter = .silent) throws -> Summary {
    let clock = Stopwatch()
    guard out.lowercased().hasSuffix(".csv") else {
      throw BadInput("--out \(out): an index of images ends in .csv, by which commands know it")
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
      throw BadInput("\(folder): no such folder; give a folder of pictures (\(PictureFormat.listed("or")))")
    }
    let listing = try ImageFolder.listing(URL(fileURLWithPath: folder))
    for sentence in listing.sentences { reporter.note(sentence) }
    let labels = try names(listing, reporter)
    try OutputPath.makeFolder(URL(fileURLWithPath: out).deletingLastPathComponent().path)
    let lock = try OutputLock(beside: out)
    defer { lock.release() }
    let unfinished = try UnfinishedIndex(out + ".unfinished", hashes: hashes)
    let remembered = listing.entries.count { unfinished[$0] != nil }
    if remembered > 0 { reporter.note("\(StoreText.images(remembered)) were measured by an earlier run") }
    var done = remembered
    for block in listing.entries.filter({ unfinished[$0] == nil }).pieces(of: IndexJob.blockSize) {
      if reporter.isCancelled() { throw Interrupted() }
      try unfinished.add(block, measure(block))
      done += block.count
      try reporter.progress(JobProgress("index", done, of: listing.entries.count, unit: "images"))
    }
    return try write(listing, labels, unfinished, remembered: remembered, clock, reporter)
  }

  /// By image the name of its class; empty where there is none.
  private func names(_ listing: ImageFolder.Listing, _ reporter: JobReporter) throws -> [String] {
    let found: ImageLabels
    switch labels {
    case nil: return listing.entries.map { _ in "" }
    case .folders: found = try ImageLabels(listing, of: folder)
    case .file(let file): found = try ImageLabels(file, listing.entries)
    }
    for note in found.notes { reporter.note(note) }
    return found.labels.map { found.classes.indices.contains(Int($0)) ? found.classes[Int($0)] : "" }
  }

  private func measure(_ entries: [ImageEntry]) -> [ImageIndex.Measured?] {
    let found = Mutex([ImageIndex.Measured?](repeating: nil, count: entries.count))
    inParallel(entries.count, threads: threads) { [hashes] index in
      let measured = try? ImageIndex.measure(entries[index], hashing: hashes)
      found.withLock { $0[index] = measured }
    }
    return found.withLock { $0 }
  }

  private func write(
    _ listing: ImageFolder.Listing, _ labels: [String], _ unfinished: UnfinishedIndex, remembered: Int,
    _ clock: Stopwatch, _ reporter: JobReporter
  ) throws -> Summary {
    let writer = try CommaSeparatedWriter(path: out, header: ImageIndex.Column.allCases.map(\.rawValue))
    var summary = Summary(
      out: out, images: listing.entries.count, remembered: remembered, unreadable: 0, bytes: 0, labelled: 0, digest: "",
      seconds: 0)
    var firstUnreadable: String?
    for (row, entry) in listing.entries.enumerated() {
      let known = unfinished[entry] ?? nil
      summary.bytes += known?.bytes ?? 0
      summary.labelled += labels[row].isEmpty ? 0 : 1
      if known?.size == nil {
        summary.unreadable += 1
        firstUnreadable = firstUnreadable ?? entry.relativePath
      }
      func text(_ number: Int?) -> CommaSeparatedValues.Field { number.map { .integer($0) } ?? .text("") }
      try writer.append(
        ImageIndex.Column.allCases.map { column in
          switch column {
          case .path: .text(entry.relativePath)
          case .bytes: text(known?.bytes)
          case .height: text(known?.size?.height)
          case .width: text(known?.size?.width)
          case .label: .text(labels[row])
          case .sha256: .text(known?.content.map { "\($0)" } ?? "")
          case .folder: .text(row == 0 ? relativeFolder : "")
          }
        })
    }
    try writer.finish()
    unfinished.remove()
    if let firstUnreadable {
      reporter.note(
        "\(StoreText.images(summary.unreadable)) without a size, for they cannot be read as pictures, the first: \(firstUnreadable)"
      )
    }
    summary.digest = try ContentDigest(contentsOfFile: out).hexadecimal
    summary.seconds = clock.seconds
    return summary
  }

  /// The folder of the images from that of the index, so that both can be moved together.
  private var relativeFolder: String {
    func parts(_ path: String) -> [String] {
      URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().pathComponents
    }
    let (target, base) = (parts(folder), parts(URL(fileURLWithPath: out).deletingLastPathComponent().path))
    let shared = zip(target, base).prefix { $0 == $1 }.count
    let steps = Array(repeating: "..", count: base.count - shared) + target[shared...]
    return steps.isEmpty ? "." : steps.joined(separator: "/")
  }
}

/// What was measured of files so far, as lines of a file that are added as they come.
private final class UnfinishedIndex {
  private static let header = ["path", "modified", "bytes", "height", "width", "sha256"]

  private let path: String
  private let hashes: Bool
  private let handle: FileHandle
  /// nil for files that could not be read.
  private var known: Known
  private typealias Known = [String: (modified: Int, measured: ImageIndex.Measured?)]

  /// - Parameter hashes: whether what was measured without a SHA-256 is of no use.
  init(_ path: String, hashes: Bool) throws {
    self.path = path
    self.hashes = hashes
    known = UnfinishedIndex.read(path, hashes: hashes)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileWritingError(path: path, code: errno) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    // What follows a line that was cut off is no part of it.
    try write("\n")
  }

  private static func read(_ path: String, hashes: Bool) -> Known {
    var known: Known = [:]
    // A line that was cut off by the end of an earlier run has fewer fields, or no proper SHA-256.
    _ = try? CommaSeparatedValues.forEachRecord(of: path) { record in
      guard record.fields.count == header.count, let modified = Int(record.fields[1]), let bytes = Int(record.fields[2])
      else { return }
      let content = ContentIdentity(record.fields[5])
      guard content != nil || !hashes else { return }
      let size = Int(record.fields[3]).flatMap { height in
        Int(record.fields[4]).map { ImageSize(height: height, width: $0) }
      }
      known[record.fields[0]] = (modified, .init(bytes: bytes, size: size, content: hashes ? content : nil))
    }
    return known
  }

  /// What is known of a file as it is now: nil where it has to be measured, nil inside where it cannot be read.
  subscript(_ entry: ImageEntry) -> ImageIndex.Measured?? {
    guard let found = known[entry.relativePath] else { return nil }
    guard let measured = found.measured else { return .some(nil) }
    return FileTimes.modified(entry.path) == found.modified ? .some(measured) : nil
  }

  func add(_ entries: [ImageEntry], _ measured: [ImageIndex.Measured?]) throws {
    var lines = ""
    for (entry, measured) in zip(entries, measured) {
      let modified = FileTimes.modified(entry.path) ?? 0
      known[entry.relativePath] = (modified, measured)
      guard let measured else { continue }
      lines += CommaSeparatedValues.line([
        entry.relativePath, "\(modified)", "\(measured.bytes)", measured.size.map { "\($0.height)" } ?? "",
        measured.size.map { "\($0.width)" } ?? "", measured.content.map { "\($0)" } ?? "",
      ])
    }
    try write(lines)
  }

  private func write(_ text: String) throws {
    do { try handle.write(contentsOf: Data(text.utf8)) } catch { throw FileWritingError(path: path, error) }
  }

  func remove() { unlink(path) }
}

private enum FileTimes {
  /// Nanoseconds since 1970; nil where there is no file.
  static func modified(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      return status.st_mtimespec.tv_sec * 1_000_000_000 + status.st_mtimespec.tv_nsec
    #else
      return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    #endif
  }
}
