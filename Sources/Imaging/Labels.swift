import Formats
import Foundation

/// Class labels of images, from a CSV file with the columns `path` and `label`.
public struct Labels: Sendable, Equatable {
  /// Names of the classes; a label is an index into them. Where the file has integers, the integers up to the largest.
  public let classes: [String]
  private let byPath: PathIndex<Int32>
  private let contents: PathIndex<ContentIdentity>

  /// What is kept for an image that the file does not name.
  public static let unknown: Int32 = -1

  /// Reads a UTF-8 CSV file (RFC 4180), see ``init(parsing:)``.
  ///
  /// - Throws: `ImagingError` naming the file and the line, where it cannot be read or says two things of one path.
  public init(contentsOf url: URL) throws {
    do {
      try self.init(parsing: FileBytes.read(url.path))
    } catch let error as ImagingError {
      throw ImagingError(path: url.path, reason: error.reason)
    }
  }

  /// Reads the bytes of such a file; semicolons or tabs may stand for the commas. A header is optional where the first column has names of pictures; with it the columns may
  /// stand in any order beside others, and may have other names that are usual for them (``LabelColumns``). Where every label is an
  /// integer from 0 (or -1, unknown), labels are kept as they are; otherwise they are names, and classes are the integers among
  /// them by their values and then the others by their UTF-8 bytes. An empty label is unknown.
  ///
  /// - Throws: `ImagingError` without a path.
  public init(parsing bytes: [UInt8]) throws {
    if let reason = PointerFile.reason(bytes) { throw ImagingError(reason: reason) }
    var records = try Labels.records(of: bytes)[...]
    guard let first = records.first else { throw ImagingError(reason: LabelColumns.nothing) }
    let columns = try LabelColumns(of: first.fields)
    if columns.areNamed { records.removeFirst() }
    guard !records.isEmpty else { throw ImagingError(reason: LabelColumns.nothing) }
    var rows: [(line: Int, path: String, label: String, content: ContentIdentity?)] = []
    for record in records {
      guard record.fields.count > max(columns.path, columns.label), !record.fields[columns.path].isEmpty else {
        throw ImagingError(reason: "line \(record.line): expected the columns path,label")
      }
      let label = record.fields[columns.label].trimmingCharacters(in: .whitespaces)
      let content = columns.content.flatMap { record.fields.indices.contains($0) ? record.fields[$0] : nil }
      rows.append((record.line, record.fields[columns.path], label, content.flatMap { ContentIdentity($0) }))
    }
    let numbers = LabelNumbers(rows.map(\.label).filter { !$0.isEmpty })
    classes = numbers.classes
    var index = PathIndex<Int32>()
    var contents = PathIndex<ContentIdentity>()
    for row in rows {
      let label = numbers.number(of: row.label)
      if let other = index.insert(label, at: row.path), other != label {
        throw ImagingError(reason: "line \(row.line): \(row.path) has two different labels")
      }
      if let content = row.content { _ = contents.insert(content, at: row.path) }
    }
    byPath = index
    self.contents = contents
  }

  private static func records(of bytes: [UInt8]) throws -> [CommaSeparatedValues.Record] {
    do {
      return try CommaSeparatedValues.records(of: bytes, anySeparator: true)
    } catch {
      throw ImagingError(reason: error.description)
    }
  }

  /// The label of an image by its relative path, else by the end of its path or its file name where only one row has that; -1
  /// where unknown.
  public func label(of relativePath: String) -> Int32 { byPath[relativePath] ?? Labels.unknown }

  /// What the file of an image holds by the column `sha256`; nil where the rows do not say.
  public func content(of relativePath: String) -> ContentIdentity? { contents[relativePath] }

  /// Which rows are those of the images with these relative paths.
  public func matches(_ relativePaths: [String]) -> PathMatches { byPath.matches(relativePaths) }

  /// How many images the file names.
  public var count: Int { byPath.count }
}
