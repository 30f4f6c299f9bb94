import Archives
import Formats

/// The files of a bundle's zip one after the other, with the errors of bundles.
final class ZipReader {
  private let path: String
  private let entries: ArchiveEntries

  /// - Throws: `BundleError` where there is no zip.
  init(path: String) throws {
    self.path = path
    do {
      entries = try ArchiveEntries(path, .zip)
    } catch let failure as ArchiveEntries.Failure {
      throw BundleError.notZip(path, ZipReader.reason(failure))
    }
  }

  /// The next entry; nil at the end.
  ///
  /// - Throws: `BundleError` where the zip is damaged.
  func next() throws -> ArchiveEntries.Entry? {
    do {
      return try entries.next()
    } catch let failure as ArchiveEntries.Failure {
      throw BundleError.notZip(path, ZipReader.reason(failure))
    }
  }

  /// Hands over the bytes of the entry `next` gave, in pieces, and stops at the first byte beyond `size`.
  /// - Throws: `BundleError` naming the entry where they are damaged, fewer or more.
  func read(_ name: String, size: Int, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { room.deallocate() }
    var count = 0
    while true {
      let got: Int
      do {
        got = try entries.read(into: room)
      } catch let failure as ArchiveEntries.Failure {
        throw BundleError(.badInput, "\(name): damaged (\(ZipReader.reason(failure)))")
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

  private static func reason(_ failure: ArchiveEntries.Failure) -> String {
    switch failure {
    case .system(let code): SystemReason.text(code)
    case .damaged(let reason): reason
    }
  }
}
