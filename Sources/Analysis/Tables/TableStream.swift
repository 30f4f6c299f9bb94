import Formats
import Foundation
import Results

/// A tidy table that is written as its rows come, in bounded memory. Until ``finish()`` it lies under another name, so that
/// a half-written one is never taken for a whole.
public final class TableStream {
  private let writer: CommaSeparatedWriter
  /// Rows written so far.
  public private(set) var count = 0

  /// - Parameters:
  ///   - definition: of the table, which names the file and its columns.
  ///   - folder: where the file goes.
  /// - Throws: ``AnalysisError`` where the file cannot be made.
  public init(_ definition: TableDefinition, in folder: String) throws {
    let path = URL(fileURLWithPath: folder).appendingPathComponent(definition.file).path
    writer = try CommaSeparatedWriter(path: path, header: definition.header)
  }

  public func append(_ row: [TidyTable.Field]) throws {
    try writer.append(row)
    count += 1
  }

  /// Writes what is left and puts the file in place.
  public func finish() throws {
    try writer.finish()
  }
}
