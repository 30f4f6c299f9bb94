import Formats
import Foundation

/// Keeps processes from fetching one file twice: the lock that `huggingface_hub` takes too. The system lets go of it with the process,
/// however that ends. Nothing is damaged where a file system has no locks, or only says so.
final class BlobLock {
  private let descriptor: Int32

  /// Takes the lock, or waits while whoever has it is seen to work.
  ///
  /// - Parameters:
  ///   - path: the file that is locked; it stays, as in `huggingface_hub`.
  ///   - name: what is fetched, for messages.
  ///   - seconds: how long to wait while `growing` stays the same.
  ///   - growing: bytes that the other process has.
  /// - Returns: nil where the file system has no locks.
  /// - Throws: ``HubError`` where the other process stands still or the user stops; the system's refusal to make the file.
  init?(
    _ path: String, of name: String, seconds: Double, cache: HubCache, _ reporter: HubReporter, growing: () -> Int
  ) throws {
    try cache.makeFolder(FilePath.folder(of: path))
    var known = -1
    var since = Date()
    var isSaid = false
    while true {
      var opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
      // Made by another user: it can be locked all the same.
      if opened < 0, errno == EACCES { opened = open(path, O_RDONLY | O_CLOEXEC) }
      guard opened >= 0 else { throw cache.refusal(path, errno) }
      if flock(opened, LOCK_EX | LOCK_NB) == 0 {
        // Newer versions of filelock remove the file: then the lock of a removed one keeps nobody out.
        var own = stat()
        var named = stat()
        if fstat(opened, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev {
          descriptor = opened
          return
        }
        close(opened)
        continue
      }
      let code = errno
      close(opened)
      guard code == EWOULDBLOCK || code == EINTR else { return nil }
      if reporter.isCancelled() { throw HubConnection.interrupted }
      let bytes = growing()
      if bytes != known { (known, since) = (bytes, Date()) }
      guard Date().timeIntervalSince(since) < seconds else {
        throw HubError(
          .unreachable,
          "\(name): another process has held \(path) for \(Int(seconds)) s and fetched nothing; end it, or remove that file"
        )
      }
      if !isSaid {
        reporter.note("\(name): another process fetches it; waiting for that")
        isSaid = true
      }
      usleep(100_000)
    }
  }

  deinit {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
