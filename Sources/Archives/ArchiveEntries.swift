import CArchive
import Foundation

/// The entries of a tar or a zip, one after the other, by libarchive. Trusts nothing in them: what an entry declares is handed on,
/// not used. Not for more than one thread at a time.
package final class ArchiveEntries {
  package enum Form: Sendable {
    case tar
    /// A zip by its directory, which stands at its end.
    case zip
    /// A zip from front to back, from any entry on.
    case streamedZip
  }

  package enum Kind: Sendable {
    case file, folder, link, other
  }

  package struct Entry: Sendable {
    /// nil where it is no UTF-8.
    package let name: String?
    package let kind: Kind
    /// In bytes, as declared; nil where nothing is.
    package let size: Int?
    package let isEncrypted: Bool
    /// Where its header begins: a reader that begins there has it as its first entry.
    package let offset: Int
  }

  /// Why there is no next entry, or none of its bytes.
  package enum Failure: Error, Sendable {
    /// The system's number of an error.
    case system(Int32)
    /// What libarchive says, in one line.
    case damaged(String)
  }

  private let start: Int
  private let descriptor: Int32
  private let archive: OpaquePointer

  /// - Parameter start: a place where an entry begins.
  /// - Throws: ``Failure``.
  package init(_ path: String, _ form: Form, from start: Int = 0) throws {
    self.start = start
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system(errno) }
    guard let archive = archive_read_new() else {
      close(descriptor)
      throw Failure.system(ENOMEM)
    }
    self.archive = archive
    guard lseek(descriptor, off_t(start), SEEK_SET) == off_t(start) else { throw Failure.system(errno) }
    // Without filters: what is compressed as a whole cannot be read from the middle.
    let status = UTF8Names.use {
      let support =
        switch form {
        case .tar: archive_read_support_format_tar(archive)
        case .zip: archive_read_support_format_zip_seekable(archive)
        case .streamedZip: archive_read_support_format_zip_streamable(archive)
        }
      return min(support, archive_read_open_fd(archive, descriptor, 1 << 16))
    }
    guard status == ARCHIVE_OK else { throw failure }
  }

  deinit {
    archive_read_free(archive)
    close(descriptor)
  }

  /// The next entry; nil at the end.
  ///
  /// - Throws: ``Failure`` where the archive is damaged.
  package func next() throws -> Entry? {
    var entry: OpaquePointer?
    let (status, name) = UTF8Names.use { () -> (Int32, String?) in
      let status = archive_read_next_header(archive, &entry)
      guard status >= ARCHIVE_WARN, status != ARCHIVE_EOF, let entry, let text = archive_entry_pathname(entry) else {
        return (status, nil)
      }
      return (status, String(validatingCString: text))
    }
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw failure }
    let kind: Kind =
      palimpsest_is_link(entry) != 0
      ? .link : palimpsest_is_regular(entry) != 0 ? .file : palimpsest_is_folder(entry) != 0 ? .folder : .other
    return Entry(
      name: name, kind: kind,
      size: archive_entry_size_is_set(entry) != 0 ? Int(exactly: archive_entry_size(entry)) : nil,
      isEncrypted: archive_entry_is_encrypted(entry) != 0,
      offset: start + Int(archive_read_header_position(archive)))
  }

  /// Fills `room` with bytes that follow of the entry that ``next()`` gave.
  ///
  /// - Returns: how many; 0 at the end of the entry.
  /// - Throws: ``Failure`` where they are damaged.
  package func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = archive_read_data(archive, room.baseAddress, room.count)
    guard count >= 0 else { throw failure }
    return count
  }

  private var failure: Failure {
    let reason = archive_error_string(archive).map {
      String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: " ").trimmingCharacters(in: .whitespaces)
    }
    return .damaged(reason ?? "unknown")
  }
}
