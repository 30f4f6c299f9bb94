import CArchive
import Foundation

/// Reads a tar or a zip forwards from some place, entry by entry, by libarchive. Not for more than one thread at a time.
final class ArchiveReader {
  struct Entry {
    /// nil where it is no UTF-8.
    let name: String?
    let isFile: Bool
    /// As declared; nil where nothing is.
    let bytes: Int?
    /// Where its header begins: a reader that begins there has it as its first entry.
    let offset: Int
  }

  private let path: String
  private let start: Int
  private let descriptor: Int32
  private let archive: OpaquePointer

  /// - Parameter start: a place where an entry begins.
  /// - Throws: `ImagingError` without a path.
  init(_ path: String, isZip: Bool, from start: Int = 0) throws {
    self.path = path
    self.start = start
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ImagingError(reason: FileBytes.reason(errno)) }
    guard let archive = archive_read_new() else {
      close(descriptor)
      throw ImagingError(reason: "there is no memory to read it")
    }
    self.archive = archive
    guard lseek(descriptor, off_t(start), SEEK_SET) == off_t(start) else {
      throw ImagingError(reason: FileBytes.reason(errno))
    }
    // Without filters: what is compressed as a whole cannot be read from the middle.
    let status = UTF8Names.use {
      min(
        isZip ? archive_read_support_format_zip_streamable(archive) : archive_read_support_format_tar(archive),
        archive_read_open_fd(archive, descriptor, 1 << 16))
    }
    guard status == ARCHIVE_OK else { throw failure() }
  }

  deinit {
    archive_read_free(archive)
    close(descriptor)
  }

  /// The next entry; nil at the end.
  ///
  /// - Throws: `ImagingError` without a path, where the archive is damaged.
  func next() throws -> Entry? {
    var entry: OpaquePointer?
    let (status, name) = UTF8Names.use { () -> (Int32, String?) in
      let status = archive_read_next_header(archive, &entry)
      guard status >= ARCHIVE_WARN, status != ARCHIVE_EOF, let entry, let text = archive_entry_pathname(entry) else {
        return (status, nil)
      }
      return (status, String(validatingCString: text))
    }
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw failure() }
    return Entry(
      name: name, isFile: palimpsest_is_regular(entry) != 0,
      bytes: archive_entry_size_is_set(entry) != 0 ? Int(exactly: archive_entry_size(entry)) : nil,
      offset: start + Int(archive_read_header_position(archive)))
  }

  /// The first `limit` bytes of the entry that ``next()`` gave, or all of it.
  ///
  /// - Throws: `ImagingError` without a path, where they are damaged.
  func bytes(limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      // What is declared is not believed: memory is taken for what comes.
      let room = min(limit - bytes.count, 1 << 20)
      var got = 0
      let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
        got = archive_read_data(archive, buffer.baseAddress, room)
        filled = max(0, got)
      }
      guard got >= 0 else { throw failure() }
      if piece.isEmpty { break }
      bytes += piece
    }
    return bytes
  }

  private func failure() -> ImagingError {
    let reason = archive_error_string(archive).map {
      String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: " ").trimmingCharacters(in: .whitespaces)
    }
    return ImagingError(reason: "damaged or no archive (\(reason ?? "unknown"))")
  }
}
