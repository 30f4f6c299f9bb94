import Formats

/// Keeps a second process from writing the same store: a lock on `STORE.h5.lock`, which goes with the process however
/// it ends.
final class StoreLock: Sendable {
  private let lock: OutputLock

  /// - Throws: `StoreError` of kind `inUse` where another process (or writer) holds the lock.
  init(store: String) throws {
    let path = store + ".lock"
    do {
      lock = try OutputLock(lockFile: path, of: store)
    } catch is OutputInUse {
      throw StoreError(.inUse, "\(store) is being written by another process; wait for it, or give another --out")
    } catch let error as FileWritingError {
      throw StoreError.system("create", path, error.code)
    }
  }
}
