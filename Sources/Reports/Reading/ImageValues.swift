import Formats
import Foundation
import Results

/// The values of one metric of single images, from a table such as `quality_images.csv`: read in pieces, as it may be long.
struct ImageValues {
  struct Key: Hashable {
    let store: String
    let condition: String
    let tap: String
  }

  private static let columns: [Column] = [.store, .condition, .tap, .path, .metric, .value]

  let metric: String
  /// By store, condition and tap: the value of each image by its path.
  private(set) var values: [Key: [String: Double]] = [:]

  /// - Throws: `ReportError` where a column is missing or a value is not a number.
  init(file: String, metric: String) throws {
    self.metric = metric
    guard let handle = FileHandle(forReadingAtPath: file) else { throw ReportError("cannot read \(file)") }
    defer { try? handle.close() }
    var rest: [UInt8] = []
    var header: [Int]?
    // A quick look tells most lines of other metrics apart; a name that holds the word is sorted out below.
    let mark = Array(metric.utf8)
    func take(_ text: ArraySlice<UInt8>) throws {
      guard header == nil || Self.contains(text, mark) else { return }
      let line = String(decoding: text, as: UTF8.self)
      let table = try CommaSeparatedValues(parsing: line, file: file)
      guard let indices = header else {
        let found = Self.columns.map { table.column($0) }
        guard !found.contains(nil) else {
          let expected = Self.columns.map(\.name).joined(separator: ",")
          throw ReportError("\(file): line 1: expected the columns \(expected)")
        }
        header = found.compactMap { $0 }
        return
      }
      let fields = table.header
      guard let last = indices.max(), fields.count > last, fields[indices[4]] == metric else { return }
      guard let value = Double(fields[indices[5]]) else {
        throw ReportError("\(file): value is '\(fields[indices[5]])', expected a number")
      }
      let key = Key(store: fields[indices[0]], condition: fields[indices[1]], tap: fields[indices[2]])
      values[key, default: [:]][fields[indices[3]]] = value
    }
    while let piece = try handle.read(upToCount: 4 << 20), !piece.isEmpty {
      rest += piece
      var start = 0
      var isQuoted = false
      for index in rest.indices {
        if rest[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
        guard rest[index] == 10, !isQuoted else { continue }
        try take(rest[start..<index])
        start = index + 1
      }
      rest.removeFirst(start)
    }
    if !rest.isEmpty { try take(rest[...]) }
  }

  private static func contains(_ text: ArraySlice<UInt8>, _ mark: [UInt8]) -> Bool {
    guard text.count >= mark.count else { return false }
    var index = text.startIndex
    let last = text.endIndex - mark.count
    while index <= last {
      if text[index] == mark[0], text[index..<index + mark.count].elementsEqual(mark) { return true }
      index += 1
    }
    return false
  }

  subscript(store: String, condition: String, tap: String) -> [String: Double]? {
    values[Key(store: store, condition: condition, tap: tap)]
  }
}
