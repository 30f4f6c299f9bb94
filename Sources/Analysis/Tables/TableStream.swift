import Foundation

/// A tidy table that is written as its rows come, in bounded memory. Until ``finish()`` it lies under another name, so that
/// a half-written one is never taken for a whole.
public final class TableStream {
  private let path: String
  private let partial: String
  private let columns: Int
  private let handle: FileHandle
  private var pending = ""
  private var isFinished = false
  /// Rows written so far.
  public private(set) var count = 0

  /// - Throws: ``AnalysisError`` where the file cannot be made.
  public init(path: String, header: [String]) throws {
    self.path = path
    partial = path + ".partial"
    columns = header.count
    guard FileManager.default.createFile(atPath: partial, contents: nil),
      let handle = FileHandle(forWritingAtPath: partial)
    else { throw AnalysisError(.workFailed, "cannot write \(partial); choose another --out") }
    self.handle = handle
    pending = header.map(TidyTable.quoted).joined(separator: ",") + "\n"
  }

  deinit {
    guard !isFinished else { return }
    try? handle.close()
    unlink(partial)
  }

  public func append(_ row: [TidyTable.Field]) throws {
    precondition(row.count == columns, "a field for each column")
    pending += row.map(\.written).joined(separator: ",")
    pending += "\n"
    count += 1
    if pending.utf8.count > 1 << 16 { try flush() }
  }

  /// Writes what is left and puts the file in place.
  public func finish() throws {
    try flush()
    try? handle.close()
    guard rename(partial, path) == 0 else {
      throw AnalysisError(
        .workFailed, "cannot write \(path): \(String(cString: strerror(errno))); choose another --out")
    }
    isFinished = true
  }

  private func flush() throws {
    do {
      try handle.write(contentsOf: Data(pending.utf8))
    } catch {
      throw AnalysisError(.workFailed, "cannot write \(partial): \(TidyTable.reason(error)); choose another --out")
    }
    pending = ""
  }
}
