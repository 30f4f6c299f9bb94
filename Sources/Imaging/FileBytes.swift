#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whole files into memory, for decoders: only regular files, so that a pipe named `.png` cannot hang the program.
enum FileBytes {
  /// No picture or annotation file is expected to be larger.
  static let largest = 4 << 30

  /// The first `limit` bytes of the file, or all of it.
  ///
  /// - Throws: `ImagingError` without a path.
  static func read(_ path: String, limit: Int = largest) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw ImagingError(reason: reason(errno)) }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ImagingError(reason: reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImagingError(
        reason: status.st_mode & S_IFMT == S_IFDIR ? "is a folder, not a file" : "is not a regular file")
    }
    guard Int(status.st_size) <= largest else {
      throw ImagingError(reason: "is larger than \(largest >> 30) GiB")
    }
    let count = min(Int(status.st_size), limit)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = unistdRead(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard failure == 0 else { throw ImagingError(reason: reason(failure)) }
    return bytes
  }

  /// What the system says about an error number.
  static func reason(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such file or folder"
    case EACCES: "permission denied"
    case ENOTDIR: "is not a folder"
    case ELOOP: "too many symbolic links"
    default: String(cString: strerror(code))
    }
  }

  private static func unistdRead(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer, count)
    #else
      Darwin.read(descriptor, buffer, count)
    #endif
  }
}
