import CSystem
import Foundation

/// A folder made under another name beside its place, and put there in one step.
public enum FolderExchange {
  /// Puts `staging` in the place of `output`, and removes what was there. Where the file system can exchange two names, there is
  /// always a whole folder at `output`; elsewhere the one before lies at `.NAME.previous` for a moment (see ``restore(_:)``).
  ///
  /// - Throws: ``FileWritingError``.
  public static func publish(_ staging: String, at output: String) throws {
    guard isThere(output) else {
      guard rename(staging, output) == 0 else { throw FileWritingError(path: output, code: errno) }
      return
    }
    if palimpsest_exchange(staging, output) == 0 {
      try? FileManager.default.removeItem(atPath: staging)
      return
    }
    let previous = previous(of: output)
    try? FileManager.default.removeItem(atPath: previous)
    guard rename(output, previous) == 0 else { throw FileWritingError(path: output, code: errno) }
    guard rename(staging, output) == 0 else {
      let code = errno
      _ = rename(previous, output)
      throw FileWritingError(path: output, code: code)
    }
    try? FileManager.default.removeItem(atPath: previous)
  }

  /// Brings back what lay at `output`, where a process was killed between the two steps.
  public static func restore(_ output: String) {
    let previous = previous(of: output)
    guard isThere(previous) else { return }
    if isThere(output) {
      try? FileManager.default.removeItem(atPath: previous)
    } else {
      _ = rename(previous, output)
    }
  }

  private static func previous(of output: String) -> String {
    let place = URL(fileURLWithPath: output)
    return place.deletingLastPathComponent().appendingPathComponent(".\(place.lastPathComponent).previous").path
  }

  private static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
