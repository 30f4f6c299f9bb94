import Foundation
import Synchronization

/// What stands under temporary names and is renamed or removed later, with the locks beside it: where the process is ended before
/// that, ``discard()`` takes it away.
public enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])

  public static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }

  public static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes all of them; the process ends right after it. Other threads may be writing into a folder that is removed, so that it is
  /// tried some times.
  public static func discard() {
    let paths = paths.withLock { $0 }
    for _ in 0..<5 {
      for path in paths { try? FileManager.default.removeItem(atPath: path) }
      guard paths.contains(where: FileManager.default.fileExists) else { return }
    }
  }
}
