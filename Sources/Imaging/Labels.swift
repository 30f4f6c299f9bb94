import Formats
import Foundation

/// Class labels of images, from a CSV file with the columns `path` and `label`.
public struct Labels: Sendable, Equatable {
  /// Names of the classes; a label is an index into them. Where the file has integers, the integers up to the largest.
  public let classes: [String]
  private let byPath: PathIndex<Int32>

  /// What is kept for an image that the file does not name.
  public static let unknown: Int32 = -1

  /// Reads a UTF-8 CSV file (RFC 4180). A header `path,label` is optional, and with it the columns may stand in any order
  /// beside others. Where every label is an integer from 0 (or -1, unknown), labels are kept as they are; otherwise they are
  /// names, and classes are the names sorted by their UTF-8 bytes. An empty label is unknown.
  ///
  /// - Throws: `ImagingError` naming the file and the line, where it cannot be read or says two things of one path.
  public init(contentsOf url: URL) throws {
    do {
      try self.init(parsing: FileBytes.read(url.path))
    } catch let error as ImagingError {
      throw ImagingError(path: url.path, reason: error.reason)
    }
  }

  /// Reads the bytes of such a file; see `init(contentsOf:)`.
  public init(parsing bytes: [UInt8]) throws {
    var records = try Labels.records(of: bytes)[...]
    var columns = (path: 0, label: 1)
    if let header = records.first?.fields.map({ $0.trimmingCharacters(in: .whitespaces).lowercased() }),
      let path = header.firstIndex(of: "path"), let label = header.firstIndex(of: "label")
    {
      columns = (path, label)
      records.removeFirst()
    }
    guard !records.isEmpty else { throw ImagingError(reason: "no labels in it; expected the columns path,label") }
    var rows: [(line: Int, path: String, label: String)] = []
    for record in records {
      guard record.fields.count > max(columns.path, columns.label), !record.fields[columns.path].isEmpty else {
        throw ImagingError(reason: "line \(record.line): expected the columns path,label")
      }
      let label = record.fields[columns.label].trimmingCharacters(in: .whitespaces)
      rows.append((record.line, record.fields[columns.path], label))
    }
    let named = rows.filter { !$0.label.isEmpty }
    let numbers = named.compactMap { Int32($0.label) }.filter { $0 >= -1 && $0 < 1 << 20 }
    let areNumbers = numbers.count == named.count
    if areNumbers {
      classes = (0..<max((numbers.max() ?? -1) + 1, 0)).map { String($0) }
    } else {
      classes = Set(named.map(\.label)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    let indices = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.element, Int32($0.offset)) })
    var index = PathIndex<Int32>()
    for row in rows {
      let label = areNumbers ? Int32(row.label) ?? Labels.unknown : indices[row.label] ?? Labels.unknown
      if let other = index.insert(label, at: row.path), other != label {
        throw ImagingError(reason: "line \(row.line): \(row.path) has two different labels")
      }
    }
    byPath = index
  }

  private static func records(of bytes: [UInt8]) throws -> [CommaSeparatedValues.Record] {
    do {
      return try CommaSeparatedValues.records(of: bytes)
    } catch {
      throw ImagingError(reason: error.description)
    }
  }

  /// The label of an image by its relative path, else by its file name where only one row has that; -1 where unknown.
  public func label(of relativePath: String) -> Int32 { byPath[relativePath] ?? Labels.unknown }
}
