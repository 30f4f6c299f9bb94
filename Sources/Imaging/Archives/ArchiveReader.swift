import Archives

/// The entries of an archive of pictures from some place on, with the errors of pictures.
final class ArchiveReader {
  private let entries: ArchiveEntries

  /// - Parameter start: a place where an entry begins.
  /// - Throws: `ImagingError` without a path.
  init(_ path: String, isZip: Bool, from start: Int = 0) throws {
    entries = try ArchiveReader.explaining { try ArchiveEntries(path, isZip ? .streamedZip : .tar, from: start) }
  }

  /// The next entry; nil at the end.
  ///
  /// - Throws: `ImagingError` without a path, where the archive is damaged.
  func next() throws -> ArchiveEntries.Entry? { try ArchiveReader.explaining { try entries.next() } }

  /// The first `limit` bytes of the entry that ``next()`` gave, or all of it.
  ///
  /// - Throws: `ImagingError` without a path, where they are damaged.
  func bytes(limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      // What is declared is not believed: memory is taken for what comes.
      let room = min(limit - bytes.count, 1 << 20)
      let piece = try [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
        filled = try ArchiveReader.explaining { try entries.read(into: UnsafeMutableRawBufferPointer(buffer)) }
      }
      if piece.isEmpty { break }
      bytes += piece
    }
    return bytes
  }

  private static func explaining<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let failure as ArchiveEntries.Failure {
      switch failure {
      case .system(let code): throw ImagingError(reason: FileBytes.reason(code))
      case .damaged(let reason): throw ImagingError(reason: "damaged or no archive (\(reason))")
      }
    }
  }
}
