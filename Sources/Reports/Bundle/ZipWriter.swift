import Archives
import CArchive
import Formats
import Foundation

/// Writes a zip whose bytes follow from names and contents alone: no dates, no owners, names in UTF-8. The file appears whole
/// or not at all. Not for more than one thread at a time.
package final class ZipWriter {
  private let path: String
  private let target: String
  private let partial: String
  private let lock: OutputLock
  private let descriptor: Int32
  private let archive: OpaquePointer
  private var isPublished = false

  /// Begins the file under another name beside its place.
  /// - Throws: `FileWritingError` where nothing can be written there, `OutputInUse` where another process does.
  package init(path: String) throws {
    let url = URL(fileURLWithPath: AtomicFile.target(of: path))
    let partial = url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).partial").path
    let lock = try OutputLock(beside: url.path)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    guard let archive = archive_write_new() else {
      close(descriptor)
      throw Self.failure(path, ENOMEM)
    }
    self.path = path
    target = url.path
    self.lock = lock
    self.partial = partial
    self.descriptor = descriptor
    self.archive = archive
    let status = UTF8Names.use {
      min(
        archive_write_set_format_zip(archive),
        archive_write_set_options(archive, "zip:hdrcharset=UTF-8,zip:compression-level=9"),
        archive_write_set_bytes_in_last_block(archive, 1), archive_write_open_fd(archive, descriptor))
    }
    guard status == ARCHIVE_OK else { throw failure() }
  }

  deinit {
    if !isPublished {
      archive_write_fail(archive)
      unlink(partial)
    }
    archive_write_free(archive)
    close(descriptor)
  }

  /// Adds a file. `fill` hands over exactly `size` bytes, in pieces.
  package func add(
    _ name: String, size: Int, isCompressed: Bool = true,
    fill: (_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    guard let entry = archive_entry_new() else { throw BundleError(.failed, "no memory for an entry of \(path)") }
    defer { archive_entry_free(entry) }
    palimpsest_make_regular(entry)
    archive_entry_set_size(entry, Int64(size))
    let status = UTF8Names.use {
      archive_entry_set_pathname(entry, name)
      _ =
        isCompressed
        ? archive_write_zip_set_compression_deflate(archive) : archive_write_zip_set_compression_store(archive)
      return archive_write_header(archive, entry)
    }
    guard status == ARCHIVE_OK else { throw failure() }
    var written = 0
    try fill { piece in
      guard let start = piece.baseAddress, !piece.isEmpty else { return }
      guard archive_write_data(archive, start, piece.count) == piece.count else { throw failure() }
      written += piece.count
    }
    guard written == size else {
      throw BundleError(.failed, "\(name) changed while it was put into \(path); run the same command again")
    }
  }

  /// Ends the file, brings it onto the disk and gives it its name.
  package func publish() throws {
    guard archive_write_close(archive) == ARCHIVE_OK else { throw failure() }
    guard fsync(descriptor) == 0, rename(partial, target) == 0 else { throw Self.failure(path, errno) }
    isPublished = true
    lock.release()
  }

  private func failure() -> any Error {
    let reason = archive_errno(archive)
    guard reason <= 0, let text = archive_error_string(archive) else { return Self.failure(path, reason) }
    return BundleError(.failed, "\(path) cannot be written: \(String(cString: text))")
  }

  private static func failure(_ path: String, _ reason: Int32) -> FileWritingError {
    FileWritingError(path: path, code: reason)
  }
}
