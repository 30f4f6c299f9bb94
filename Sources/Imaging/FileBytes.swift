import Formats

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
    let (descriptor, size) = try opened(path)
    defer { _ = close(descriptor) }
    return try bytes(of: descriptor, min(size, limit))
  }

  /// How many bytes the file has.
  ///
  /// - Throws: `ImagingError` without a path.
  static func size(_ path: String) throws -> Int {
    let (descriptor, size) = try opened(path)
    _ = close(descriptor)
    return size
  }

  /// The SHA-256 of the file, a piece at a time, so that many can be read at once.
  ///
  /// - Throws: `ImagingError` without a path.
  static func digest(_ path: String) throws -> ContentDigest {
    let (descriptor, size) = try opened(path)
    defer { _ = close(descriptor) }
    var digest = ContentDigest()
    var rest = size
    while rest > 0 {
      let piece = try bytes(of: descriptor, min(rest, 1 << 20))
      guard !piece.isEmpty else { break }
      digest.update(piece)
      rest -= piece.count
    }
    return digest
  }

  /// A regular file opened for reading, and its size.
  private static func opened(_ path: String) throws -> (descriptor: Int32, size: Int) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw ImagingError(reason: reason(errno)) }
    do {
      return (descriptor, try size(of: descriptor))
    } catch {
      _ = close(descriptor)
      throw error
    }
  }

  private static func size(of descriptor: Int32) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ImagingError(reason: reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImagingError(
        reason: status.st_mode & S_IFMT == S_IFDIR ? "is a folder, not a file" : "is not a regular file")
    }
    guard Int(status.st_size) <= largest else {
      throw ImagingError(reason: "is larger than \(largest >> 30) GiB")
    }
    return Int(status.st_size)
  }

  /// The next `count` bytes; fewer where the file ends before.
  private static func bytes(of descriptor: Int32, _ count: Int) throws -> [UInt8] {
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
