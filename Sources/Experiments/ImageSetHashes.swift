import Formats
import Foundation
import Imaging
import Synchronization

/// What the images of folders are known by: the SHA-256 of every file, remembered as it is taken, and a digest of each set of images.
///
/// As long as the names, sizes, times and numbers of all files of a set are the same, its digest is read from one line; else only files that
/// changed are read again, several at once.
final class ImageSetHashes {
  /// A set as it was last seen.
  private struct Seen: Codable {
    /// Of names and states of all files.
    let fingerprint: String
    let digest: String
    /// When, in nanoseconds since 1970.
    let read: Int
  }

  private typealias Hashed = (state: FileState, read: Int, sha256: String)

  /// Files whose hashes are written down together.
  private static let blockSize = 512

  private let setsPlace: String?
  private let filesPlace: String?
  private let log: HashLog
  private var sets: [String: Seen]
  private var areSetsChanged = false
  /// Digests that were asked for already: several steps take the same images.
  private var found: [String: String] = [:]

  /// - Parameter folder: where both files are kept; nil to keep nothing.
  init(folder: String?) {
    setsPlace = folder.map { $0 + "/image-sets.json" }
    let filesPlace = folder.map { $0 + "/image-hashes.csv" }
    self.filesPlace = filesPlace
    log = HashLog(filesPlace)
    let data = setsPlace.flatMap { FileManager.default.contents(atPath: $0) }
    sets = data.flatMap { try? JSONDecoder().decode([String: Seen].self, from: $0) } ?? [:]
  }

  /// Of the names and contents of a folder's images.
  func digest(_ folder: String, taking subset: Subset) -> String {
    let key = ([ContentHashes.absolute(folder)] + subset.recorded.map { "\($0.name)=\($0.value)" }).joined(
      separator: " ")
    if let known = found[key] { return known }
    let digest = digest(folder, subset, key)
    found[key] = digest
    return digest
  }

  private func digest(_ folder: String, _ subset: Subset, _ key: String) -> String {
    let (entries, areArchives) = (try? ImageFolder.files(of: folder, taking: subset)) ?? ([], false)
    let now = FileState.now
    let states = ImageSetHashes.states(entries)
    let fingerprint = ImageSetHashes.fingerprint(entries, states)
    if let seen = sets[key], seen.fingerprint == fingerprint, states.allSatisfy({ $0.isSettled(before: seen.read) }) {
      return seen.digest
    }
    let sums = hashes(entries, states)
    let digest = ContentDigest(
      CanonicalJSON.list(
        zip(entries, sums).map { .list([.text($0.relativePath), .text($1 ?? "absent")]) }
          // Which pictures are taken of archives does not show in their names.
          + (areArchives ? subset.recorded.map { .text("\($0.name)=\($0.value)") } : [])
      ).encoded
    ).hexadecimal
    if sums.allSatisfy({ $0 != nil }) {
      sets[key] = Seen(fingerprint: fingerprint, digest: digest, read: now)
      areSetsChanged = true
    }
    return digest
  }

  /// Writes down which sets were seen; hashes of files are written as they are taken where there is a folder for them.
  func save() throws {
    log.flush()
    guard areSetsChanged, let setsPlace else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(sets), to: setsPlace, isDurable: true)
    areSetsChanged = false
  }

  // MARK: States

  private static func states(_ entries: [ImageEntry]) -> [FileState?] {
    let found = Mutex([FileState?](repeating: nil, count: entries.count))
    let blocks = pieces(of: entries.indices, size: 4096)
    inParallel(blocks.count, threads: ProcessInfo.processInfo.activeProcessorCount) { block in
      let own = blocks[block].map { FileState(entries[$0].path) }
      found.withLock { $0.replaceSubrange(blocks[block], with: own) }
    }
    return found.withLock { $0 }
  }

  private static func fingerprint(_ entries: [ImageEntry], _ states: [FileState?]) -> String {
    var digest = ContentDigest()
    for block in pieces(of: entries.indices, size: 4096) {
      var bytes: [UInt8] = []
      for index in block {
        bytes += entries[index].relativePath.utf8
        bytes.append(0)
        let state = states[index]
        for number in [
          state?.bytes ?? -1, state?.modified ?? 0, state?.changed ?? 0, Int(bitPattern: UInt(state?.inode ?? 0)),
        ] {
          withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }
      }
      digest.update(bytes)
    }
    return digest.hexadecimal
  }

  // MARK: Files

  /// By file its SHA-256; nil where it cannot be read.
  private func hashes(_ entries: [ImageEntry], _ states: [FileState?]) -> [String?] {
    let known = remembered()
    var sums = zip(entries, states).map { entry, state -> String? in
      guard let found = known[ContentHashes.absolute(entry.path)], found.state == state,
        state.isSettled(before: found.read)
      else { return nil }
      return found.sha256
    }
    for block in sums.indices.filter({ sums[$0] == nil && states[$0] != nil }).pieces(of: ImageSetHashes.blockSize) {
      let read = FileState.now
      let found = Mutex([String?](repeating: nil, count: block.count))
      inParallel(block.count, threads: ProcessInfo.processInfo.activeProcessorCount) { place in
        let sum = try? ContentDigest(contentsOfFile: entries[block[place]].path).hexadecimal
        found.withLock { $0[place] = sum }
      }
      for (index, sum) in zip(block, found.withLock { $0 }) {
        sums[index] = sum
        if let sum, let state = states[index] {
          log.add(ContentHashes.absolute(entries[index].path), state, read: read, sha256: sum)
        }
      }
      log.flush()
    }
    return sums
  }

  private func remembered() -> [String: Hashed] {
    guard let filesPlace else { return [:] }
    var known: [String: Hashed] = [:]
    // A line that was cut off when an earlier run was killed lacks fields or digits.
    _ = try? CommaSeparatedValues.forEachRecord(of: filesPlace) { record in
      let fields = record.fields
      guard fields.count == 7, let bytes = Int(fields[1]), let modified = Int(fields[2]), let changed = Int(fields[3]),
        let inode = UInt64(fields[4]), let read = Int(fields[5]), ContentIdentity(fields[6]) != nil
      else { return }
      known[fields[0]] = (FileState(bytes: bytes, modified: modified, changed: changed, inode: inode), read, fields[6])
    }
    return known
  }
}

/// Hashes of files, a line each: path, bytes, modified, changed, inode, read, sha256. Later lines count.
private final class HashLog {
  private let place: String?
  private var handle: FileHandle?
  private var lines = ""

  init(_ place: String?) { self.place = place }

  func add(_ path: String, _ state: FileState, read: Int, sha256: String) {
    lines += CommaSeparatedValues.line([
      path, "\(state.bytes)", "\(state.modified)", "\(state.changed)", "\(state.inode)", "\(read)", sha256,
    ])
  }

  /// What cannot be written is hashed again the next time. Before a run has made the folder lines are kept: to look at a study makes none.
  func flush() {
    guard let place, !lines.isEmpty, FileManager.default.fileExists(atPath: FilePath.folder(of: place)) else { return }
    defer { lines = "" }
    if handle == nil {
      let descriptor = open(place, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { return }
      handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      // What follows a line that was cut off is no part of it.
      lines = "\n" + lines
    }
    try? handle?.write(contentsOf: Data(lines.utf8))
  }
}

extension FileState? {
  /// Whether a look at the file at that time shows what it holds: a change just before may not show in its times.
  fileprivate func isSettled(before read: Int) -> Bool {
    map { max($0.modified, $0.changed) < read - ContentHashes.grain } ?? false
  }
}
