import Formats
import Foundation

/// What goes into a bundle: names, and where each content comes from.
struct BundleContents {
  enum Source {
    case file(URL)
    case data(Data)
  }

  /// A file that was read once: its size and hash as they go into the lists.
  struct Listed {
    let name: String
    let source: Source
    let size: Int
    let sha256: String
  }

  private(set) var sources: [String: Source] = [:]

  /// In the order of the bundle.
  var names: [String] { sources.keys.sorted(by: EntryName.precedes) }

  /// - Throws: `BundleError` where the name is not safe on every system, or taken.
  mutating func add(_ name: String, _ source: Source) throws {
    if let problem = EntryName.problem(name) {
      throw BundleError(.badInput, "\(name) cannot go into a bundle: the name \(problem); rename it")
    }
    guard sources.updateValue(source, forKey: name) == nil else {
      throw BundleError(.badInput, "\(name) cannot go into a bundle twice; names that look the same are the same")
    }
  }

  mutating func replace(_ name: String, with data: Data) { sources[name] = .data(data) }
  mutating func remove(_ name: String) { sources[name] = nil }

  /// Every regular file of a folder and the folders in it, under `prefix`; names that begin with a dot are passed over.
  mutating func addFolder(_ folder: URL, as prefix: String) throws {
    let manager = FileManager.default
    guard let found = manager.enumerator(atPath: folder.path) else {
      throw BundleError(.badInput, "\(folder.path) cannot be read; check its permissions")
    }
    for case let path as String in found {
      guard !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { continue }
      let file = folder.appendingPathComponent(path)
      switch try? manager.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType {
      case .typeDirectory?: continue
      case .typeRegular?: try add("\(prefix)/\(path)", .file(file))
      case .typeSymbolicLink?:
        throw BundleError(.badInput, "\(file.path) is a link; a bundle holds files only: put a copy in its place")
      default: throw BundleError(.badInput, "\(file.path) is not a file; take it away")
      }
    }
  }

  /// All of an entry, which is there.
  func data(of name: String) throws -> Data {
    var data = Data()
    if let source = sources[name] { try Self.read(source) { data.append(contentsOf: $0) } }
    return data
  }

  /// Reads everything once, in pieces.
  func listed(_ check: () throws -> Void) throws -> [Listed] {
    try names.map { name in
      guard let source = sources[name] else { throw BundleError(.failed, "\(name) is not there") }
      try check()
      var digest = ContentDigest()
      var size = 0
      try Self.read(source) { piece in
        digest.update(piece)
        size += piece.count
      }
      return Listed(name: name, source: source, size: size, sha256: digest.hexadecimal)
    }
  }

  /// Hands over the bytes of a source, in pieces.
  static func read(_ source: Source, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch source {
    case .data(let data): try data.withUnsafeBytes(take)
    case .file(let file):
      let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure(file) }
      defer { close(descriptor) }
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
      defer { room.deallocate() }
      while true {
        let count = Foundation.read(descriptor, room.baseAddress, room.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw failure(file) }
        if count == 0 { return }
        try take(UnsafeRawBufferPointer(rebasing: room[..<count]))
      }
    }
  }

  private static func failure(_ file: URL) -> BundleError {
    BundleError(.badInput, "\(file.path) cannot be read: \(String(cString: strerror(errno)))")
  }
}
