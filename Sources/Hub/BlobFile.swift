import Crypto
import Formats
import Foundation

/// The file into which a blob comes before it is whole. Bytes are written where they belong and never at the end of what is there, so
/// that two processes on a file system without locks write the same bytes to the same places.
final class BlobFile {
  let path: String
  private let descriptor: Int32
  private let cache: HubCache
  /// Bytes that are there from the first one on.
  private(set) var position: Int
  /// Whether nothing of the present answer was taken yet.
  private var isBeginning = true
  /// Takes ``position`` whenever it changes.
  private let moved: (Int) -> Void

  /// Opens the file, or goes on with the one that is there.
  ///
  /// - Parameter size: the blob's bytes, where they are known: a longer file is begun anew.
  init(_ path: String, size: Int?, cache: HubCache, moved: @escaping (Int) -> Void) throws {
    self.path = path
    self.cache = cache
    self.moved = moved
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw cache.refusal(path, errno) }
    var status = stat()
    position = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    if let size, position > size { try empty() }
  }

  deinit { close(descriptor) }

  /// Removes what is there.
  func empty() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw cache.refusal(path, errno) }
    position = 0
  }

  /// Before a request is sent.
  func begin() { isBeginning = true }

  /// Takes the next piece of an answer.
  func take(_ head: HTTPResponse, _ bytes: UnsafeRawBufferPointer) throws {
    if isBeginning {
      isBeginning = false
      // The server may not know ranges, or answer another one than was asked.
      let start =
        head.status == 206 ? head["content-range"]?.firstMatch(of: /bytes (\d+)-/).flatMap { Int($0.1) } ?? position : 0
      guard start <= position else {
        throw HubError(
          .damaged, "\(path): the server sent byte \(start) where \(position) was asked for; try again later")
      }
      position = start
    }
    var rest = bytes
    while let address = rest.baseAddress, !rest.isEmpty {
      let count = pwrite(descriptor, address, rest.count, off_t(position))
      if count > 0 {
        position += count
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if count == 0 || errno != EINTR {
        throw cache.refusal(path, count == 0 ? EIO : errno)
      }
    }
    moved(position)
  }

  /// Cuts what lies behind ``position``, and waits until everything is on the disk.
  func finish() throws {
    guard ftruncate(descriptor, off_t(position)) == 0, fsync(descriptor) == 0 else { throw cache.refusal(path, errno) }
  }

  /// - Throws: ``HubError`` where the file system has less room than is still wanted.
  func requireRoom(for size: Int, name: String) throws {
    var status = statvfs()
    guard fstatvfs(descriptor, &status) == 0 else { return }
    let free = Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    let wanted = size - position
    guard wanted > free else { return }
    throw HubError(
      .unusable,
      "\(name): \(NumberText.bytes(wanted)) are to come, but \(FilePath.folder(of: path)) has room for \(NumberText.bytes(free)); "
        + "make room there, or give another folder with HF_HUB_CACHE")
  }

  /// What is wrong with the bytes that are there; nil where they are what the Hub said.
  func problem(_ metadata: FileMetadata) throws -> String? {
    if let size = metadata.size, position != size { return "it has \(position) bytes and not \(size)" }
    if let sha256 = metadata.sha256 {
      var digest = ContentDigest()
      try eachPiece { digest.update($0) }
      return digest.hexadecimal == sha256 ? nil : "its SHA-256 is not \(sha256)"
    }
    if let blob = metadata.gitBlob {
      var digest = Insecure.SHA1()
      digest.update(data: Data("blob \(position)\0".utf8))
      try eachPiece { digest.update(bufferPointer: $0) }
      return Hexadecimal.text(digest.finalize()) == blob ? nil : "its checksum is not git's \(blob)"
    }
    return nil
  }

  private func eachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var offset = 0
    while offset < position {
      let count = pread(descriptor, buffer.baseAddress, min(buffer.count, position - offset), off_t(offset))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw cache.refusal(path, count == 0 ? EIO : errno) }
      body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += count
    }
  }
}
