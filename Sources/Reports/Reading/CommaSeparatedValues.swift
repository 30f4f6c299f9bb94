import Formats
import Results

extension CommaSeparatedValues {
  /// Reads a table of results.
  ///
  /// - Parameter file: the name used in errors.
  /// - Throws: `ReportError` with the file and the line.
  public init(parsing text: String, file: String) throws(ReportError) {
    do {
      self = try CommaSeparatedValues(parsing: Array(text.utf8))
    } catch {
      throw ReportError("\(file): \(error)")
    }
  }

  /// The index of a column; nil if there is none.
  public func column(_ column: Column) -> Int? { self.column(column.name) }

  /// The header and the records as a file.
  public var text: String { Self.line(header) + records.map { Self.line($0.fields) }.joined() }
}
