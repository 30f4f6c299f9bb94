import Formats
import Foundation
import Imaging

/// SHA-256 of files, kept as long as size, times and number of a file are the same.
public final class ContentHashes {
  private struct Entry: Codable {
    let state: FileState
    let sha256: String
    /// When it was read: a file that was changed just before may change again within the clock's grain.
    let read: Int
  }

  /// A change this close to a look at the file may not show in its times.
  static let grain = 2_000_000_000

  private let place: String?
  private var entries: [String: Entry]
  private var isChanged = false
  private let images: ImageSetHashes

  /// - Parameter place: the file that keeps them; nil to keep nothing.
  public init(place: String?) {
    self.place = place
    images = ImageSetHashes(folder: place.map(FilePath.folder))
    let data = place.flatMap { FileManager.default.contents(atPath: $0) }
    entries = data.flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) } ?? [:]
  }

  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// nil where the file cannot be read.
  public func sha256(_ path: String) -> String? {
    let key = ContentHashes.absolute(path)
    guard let state = FileState(path) else { return nil }
    if let entry = entries[key], entry.state == state, max(state.modified, state.changed) < entry.read - Self.grain {
      return entry.sha256
    }
    let now = FileState.now
    guard let sum = try? ContentDigest(contentsOfFile: path).hexadecimal else { return nil }
    entries[key] = Entry(state: state, sha256: sum, read: now)
    isChanged = true
    return sum
  }

  /// Writes what was learned.
  public func save() throws {
    try images.save()
    guard isChanged, let place else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(entries), to: place, isDurable: true)
    isChanged = false
  }

  /// Of what a step reads from outside: its content, and the names that its result shows.
  public func digest(of input: Step.Input) -> String {
    switch input.content {
    case .file(let path): return sha256(path) ?? "absent"
    case .folder(let path): return digest(of: FileTree.files(path), in: path)
    case .model(let path):
      let files = FileTree.files(path)
      guard files != [""] else { return sha256(path) ?? "absent" }
      // What a model is loaded from; logs beside it do not matter.
      return digest(
        of: files.filter { name in
          name.hasSuffix(".safetensors") || name.hasSuffix(".safetensors.index.json")
            || ["config.json", "preprocessor_config.json"].contains(name)
        }, in: path)
    case .images(let path, let subset):
      // One file is known by itself: the rows of an index tell the pictures apart.
      if ImageFolder.isFile(path) {
        return ContentDigest(
          CanonicalJSON.list([
            .text(sha256(path) ?? "absent"), .list(subset.recorded.map { .text("\($0.name)=\($0.value)") }),
          ])
          .encoded
        ).hexadecimal
      }
      return images.digest(path, taking: subset)
    }
  }

  private func digest(of files: [String], in folder: String) -> String {
    ContentDigest(
      CanonicalJSON.list(
        files.map { .list([.text($0), .text(sha256($0.isEmpty ? folder : folder + "/" + $0) ?? "absent")]) }
      ).encoded
    ).hexadecimal
  }
}
