import Formats
import Results

/// A table of one observation a row, written as comma-separated values (RFC 4180, lines ended by a line feed).
public struct TidyTable: Sendable, Equatable {
  public typealias Field = CommaSeparatedValues.Field

  /// Its file and its columns.
  public let definition: TableDefinition
  public private(set) var rows: [[Field]] = []

  public init(_ definition: TableDefinition) { self.definition = definition }

  /// Names of the columns.
  public var header: [String] { definition.header }

  /// - Precondition: a field for each column.
  public mutating func append(_ row: [Field]) {
    precondition(row.count == definition.columns.count, "\(definition.file): a field for each column")
    rows.append(row)
  }

  /// The whole file.
  public var text: String {
    CommaSeparatedValues.line(header) + rows.map(CommaSeparatedValues.line(of:)).joined()
  }

  /// Writes the file under another name and puts it in place in one step.
  ///
  /// - Throws: `FileWritingError`.
  public func write(to path: String) throws {
    let writer = try CommaSeparatedWriter(path: path, header: header)
    for row in rows { try writer.append(row) }
    try writer.finish()
  }
}
