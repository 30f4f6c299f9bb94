import Formats

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
}
