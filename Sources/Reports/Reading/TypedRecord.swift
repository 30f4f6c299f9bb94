import Formats
import Results

extension CommaSeparatedValues {
  /// Where columns stand in a record, by name.
  /// - Throws: `ReportError` where one is missing.
  func indices(of columns: [Column], file: String) throws(ReportError) -> [String: Int] {
    var indices: [String: Int] = [:]
    for column in columns {
      guard let index = self.column(column) else {
        let expected = columns.map(\.name).joined(separator: ",")
        throw ReportError("\(file): line 1: no column '\(column.name)'; expected \(expected)")
      }
      indices[column.name] = index
    }
    return indices
  }
}

/// Counts as tables have them.
enum WholeCount {
  /// Nonsense such as 1e19 images is the largest whole number, so that one cell does not cost the report; nil for a number that is
  /// negative or has a fraction.
  static func count(_ value: Double) -> Int? {
    value >= 0 && value.rounded() == value ? Int(saturating: value) : nil
  }
}

/// The fields of a record as text and numbers, by column.
struct TypedRecord {
  private let record: CommaSeparatedValues.Record
  private let indices: [String: Int]
  private let file: String

  /// - Parameter indices: where the columns stand that are asked for.
  init(_ record: CommaSeparatedValues.Record, _ indices: [String: Int], _ file: String) {
    self.record = record
    self.indices = indices
    self.file = file
  }

  /// As it stands in the file; empty where the column was not named.
  func text(_ column: Column) -> String { indices[column.name].map { record.fields[$0] } ?? "" }

  /// A finite number; nil where the field is empty.
  func number(_ column: Column) throws(ReportError) -> Double? {
    let text = text(column)
    if text.isEmpty { return nil }
    guard let value = Double(text), value.isFinite else {
      throw ReportError(
        "\(file): line \(record.line): \(column.name) is '\(text)', expected a finite number or nothing")
    }
    return value
  }

  /// A whole number from 0.
  func integer(_ column: Column) throws(ReportError) -> Int {
    let text = text(column)
    guard let value = Int(text) ?? Double(text).flatMap(WholeCount.count), value >= 0 else {
      throw ReportError("\(file): line \(record.line): \(column.name) is '\(text)', expected a whole number")
    }
    return value
  }

  func requireText(in columns: [Column]) throws(ReportError) {
    for column in columns where text(column).isEmpty {
      throw ReportError("\(file): line \(record.line): \(column.name) is empty")
    }
  }
}
