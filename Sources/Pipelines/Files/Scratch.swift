import Formats
import Foundation

/// A folder that is gone when the last reference to it is.
public final class Scratch {
  public let url: URL

  /// - Parameter parent: where it is made; the system's temporary folder where nil.
  public init(parent: String? = nil) throws {
    let base = parent.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
    url = base.appendingPathComponent("palimpsest-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)")
    UnfinishedFiles.add(url.path)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileWritingError(path: url.path, error)
    }
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
    UnfinishedFiles.remove(url.path)
  }
}
