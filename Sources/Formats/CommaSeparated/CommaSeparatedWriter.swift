import Foundation

/// Writes a table row by row, so that a long one never stands in memory: as `path` with `.partial` after it, which
/// ``finish()`` then renames; a link is followed, and its target written. A writer that is let go unfinished leaves nothing behind.
public final class CommaSeparatedWriter {
  private let path: String
  private let target: String
  private let partialPath: String
  private let handle: FileHandle
  private let columns: Int
  private var waiting: [UInt8] = []
  private var isFinished = false

  /// Bytes that are written at once.
  private static let blockSize = 1 << 20

  /// Begins the file with its header.
  ///
  /// - Throws: ``FileWritingError`` where no file can be made there.
  public init(path: String, header: [String]) throws {
    self.path = path
    target = AtomicFile.target(of: path)
    partialPath = AtomicFile.partialPath(of: target)
    columns = header.count
    let descriptor = open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileWritingError(path: path, code: errno) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    waiting += CommaSeparatedValues.line(header).utf8
  }

  /// Adds a row with a field for each column.
  ///
  /// - Throws: ``FileWritingError``, for example where the disk is full.
  public func append(_ fields: [CommaSeparatedValues.Field]) throws {
    precondition(fields.count == columns, "a field for each column")
    waiting += CommaSeparatedValues.line(of: fields).utf8
    if waiting.count >= CommaSeparatedWriter.blockSize { try writeWaiting() }
  }

  /// Puts the file in its place in one step.
  ///
  /// - Throws: ``FileWritingError``.
  public func finish() throws {
    try writeWaiting()
    guard rename(partialPath, target) == 0 else { throw FileWritingError(path: path, code: errno) }
    isFinished = true
  }

  deinit {
    if !isFinished { unlink(partialPath) }
  }

  private func writeWaiting() throws {
    do {
      try handle.write(contentsOf: waiting)
    } catch {
      throw FileWritingError(path: path, error)
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
