import Foundation

/// Keeps a second process from writing the same store: a lock on `STORE.h5.lock`, which goes with the process however
/// it ends.
final class StoreLock: Sendable {
  private let descriptor: Int32
  private let path: String

  /// - Throws: `StoreError` of kind `inUse` where another process (or writer) holds the lock.
  init(store: String) throws {
    path = store + ".lock"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw StoreError.system("create", path, errno) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(descriptor)
        throw StoreError(
          .inUse, "\(store) is being written by another process; wait for it, or give another --out")
      }
      // The file may have been removed by its last owner between opening and locking.
      var own = stat()
      var named = stat()
      if fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    unlink(path)
    // A program that another thread is just starting has the descriptor until its exec; unlocking does not wait for that.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
