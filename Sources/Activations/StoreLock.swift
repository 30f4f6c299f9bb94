import Formats
import Foundation

/// Keeps a second process from writing the same store: a lock on `STORE.h5.lock`, which goes with the process however
/// it ends. Where a file system knows no locks, the file still says who is at work.
final class StoreLock: Sendable {
  private let lock: OutputLock

  static func path(of store: String) -> String { store + ".lock" }

  /// - Throws: `StoreError` of kind `inUse` where another process (or writer) holds the lock.
  init(store: String) throws {
    let path = StoreLock.path(of: store)
    do {
      lock = try OutputLock(lockFile: path, of: store)
    } catch is OutputInUse {
      throw StoreError(.inUse, "\(store) is being written by another process; wait for it, or give another --out")
    } catch let error as FileWritingError {
      throw StoreError.system("create", path, error.code)
    }
  }

  /// Says in the lock who works here, from how many rows on.
  func describe(rowsDone: Int) {
    guard let note = try? JSONEncoder().encode(StoreWorker(rowsDone: rowsDone)) else { return }
    lock.write(note: note)
  }
}

/// A process that writes a store, as its lock says.
public struct StoreWorker: Codable, Sendable, Equatable {
  public let host: String
  public let process: Int32
  /// Seconds since 1970.
  public let started: Double
  /// Rows that were done when it began, over all conditions.
  public let rowsDone: Int

  static var thisHost: String { ProcessInfo.processInfo.hostName }

  /// This process, now.
  init(rowsDone: Int) {
    host = StoreWorker.thisHost
    process = getpid()
    started = Date().timeIntervalSince1970
    self.rowsDone = rowsDone
  }

  /// nil where there is no lock, or it says nothing.
  init?(ofLock path: String) {
    guard let data = try? SmallFile.data(path, largest: 4096),
      let worker = try? JSONDecoder().decode(StoreWorker.self, from: data)
    else { return nil }
    self = worker
  }

  /// Whether it runs on this machine's locks: then the lock itself says whether it is alive.
  var isHere: Bool { host == StoreWorker.thisHost }
}
