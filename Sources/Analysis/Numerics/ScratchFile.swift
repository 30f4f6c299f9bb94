import Foundation

/// A file for numbers that do not fit into memory. No name leads to it, so it is gone when it is closed, however the
/// program ends.
final class ScratchFile {
  private let descriptor: Int32
  private let folder: String

  /// - Throws: ``AnalysisError`` where none can be made in `folder`.
  init(in folder: String) throws {
    var name = Array((folder + "/.palimpsest-scratch-XXXXXX").utf8CString)
    descriptor = mkstemp(&name)
    self.folder = folder
    guard descriptor >= 0 else { throw failure("create a scratch file in") }
    unlink(name)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Takes room on the disk before it is written to.
  ///
  /// - Returns: why there is none; nil where there is.
  func reserve(_ bytes: Int) -> String? {
    #if os(Linux)
      let status = posix_fallocate(descriptor, 0, off_t(bytes))
    #else
      let status = ftruncate(descriptor, off_t(bytes)) == 0 ? 0 : errno
    #endif
    return status == 0 ? nil : String(cString: strerror(status))
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    guard let base = bytes.baseAddress else { return }
    try transfer(bytes.count, "write to") { pwrite(descriptor, base + $0, $1, off_t(offset + $0)) }
  }

  /// Fills `bytes` with what was written from `offset` on.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    guard let base = bytes.baseAddress else { return }
    try transfer(bytes.count, "read") { pread(descriptor, base + $0, $1, off_t(offset + $0)) }
  }

  /// Calls `move(bytes done, bytes left)` until all are moved.
  private func transfer(_ count: Int, _ verb: String, _ move: (Int, Int) -> Int) throws {
    var done = 0
    while done < count {
      let moved = move(done, count - done)
      if moved < 0, errno == EINTR { continue }
      guard moved > 0 else { throw failure("\(verb) the scratch file in") }
      done += moved
    }
  }

  private func failure(_ action: String) -> AnalysisError {
    AnalysisError(.workFailed, "cannot \(action) \(folder): \(String(cString: strerror(errno)))")
  }
}
