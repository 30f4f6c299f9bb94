import CArchive
import Foundation
import Imaging

/// Reads a zip from front to back, entry by entry, in pieces. Trusts nothing in it: what an entry declares is handed on, not used.
/// Not for more than one thread at a time.
final class ZipReader {
  enum Kind {
    case file, folder, link, other
  }

  struct Entry {
    /// nil where it is no UTF-8.
    let name: String?
    let kind: Kind
    /// As declared; nil where nothing is.
    let size: Int?
    let isEncrypted: Bool
  }

  private let path: String
  private let archive: OpaquePointer

  /// - Throws: `BundleError` where there is no zip.
  init(path: String) throws {
    self.path = path
    guard let archive = archive_read_new() else { throw BundleError(.failed, "no memory to read \(path)") }
    self.archive = archive
    let status = UTF8Names.use {
      min(
        archive_read_support_format_zip_seekable(archive),
        archive_read_open_filename(archive, path, 1 << 16))
    }
    guard status == ARCHIVE_OK else { throw failure() }
  }

  deinit { archive_read_free(archive) }

  /// The next entry; nil at the end.
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
    let kind: Kind =
      palimpsest_is_link(entry) != 0
      ? .link : palimpsest_is_regular(entry) != 0 ? .file : palimpsest_is_folder(entry) != 0 ? .folder : .other
    return Entry(
      name: name, kind: kind,
      size: archive_entry_size_is_set(entry) != 0 ? Int(exactly: archive_entry_size(entry)) : nil,
      isEncrypted: archive_entry_is_encrypted(entry) != 0)
  }

  /// Hands over the bytes of the entry `next` gave, in pieces, and stops at the first byte beyond `size`.
  /// - Throws: `BundleError` naming the entry where they are damaged, fewer or more.
  func read(_ name: String, size: Int, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { room.deallocate() }
    var count = 0
    while true {
      let got = archive_read_data(archive, room.baseAddress, room.count)
      guard got >= 0 else {
        let reason = self.reason ?? "damaged"
        throw BundleError(.badInput, "\(name): damaged (\(reason))")
      }
      count += got
      guard count <= size else {
        throw BundleError(.badInput, "\(name): holds more than the \(size) bytes it declares")
      }
      if got == 0 { break }
      try take(UnsafeRawBufferPointer(rebasing: room[..<got]))
    }
    guard count == size else { throw BundleError(.badInput, "\(name): ends after \(count) of \(size) bytes") }
  }

  /// What libarchive says, in one line.
  private var reason: String? {
    archive_error_string(archive).map {
      String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: " ").trimmingCharacters(in: .whitespaces)
    }
  }

  private func failure() -> BundleError {
    let reason = self.reason ?? "unknown"
    return BundleError(.badInput, "\(path) cannot be read as a zip: \(reason)")
  }
}
