import Formats
import Foundation

/// A folder that `analyze similarity` wrote: its numbers and where they come from.
public struct SimilarityResults: Sendable {
  public let folder: URL
  public let table: SimilarityTable
  public let provenance: Provenance?
  /// In the order in which they first appear in the file.
  public let variants: [SimilarityVariant]
  /// The files that were read, with their hashes.
  public let files: [Provenance.File]
  /// What does not fit together, one sentence each.
  public let warnings: [String]

  public static let tableName = "similarity.csv"
  public static let provenanceName = "provenance.json"

  /// Reads the folder. A missing `provenance.json` is a warning, not an error: the numbers stand on their own.
  public init(folder: URL) throws {
    self.folder = folder
    let tableFile = folder.appendingPathComponent(Self.tableName)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw ReportError(
        "\(folder.path) is not a folder of results; run 'palimpsest analyze similarity … --out DIR' first")
    }
    guard let data = FileManager.default.contents(atPath: tableFile.path) else {
      throw ReportError(
        "no \(Self.tableName) in \(folder.path); run 'palimpsest analyze similarity … --out \(folder.path)' first")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw ReportError("\(tableFile.path) is not UTF-8 text")
    }
    let table = try SimilarityTable(parsing: text, file: tableFile.path)
    var warnings: [String] = []
    var files = [Self.file(Self.tableName, data, role: "results")]
    let provenanceFile = folder.appendingPathComponent(Self.provenanceName)
    if let data = FileManager.default.contents(atPath: provenanceFile.path) {
      let read = try Provenance.decoded(from: data, file: provenanceFile.path)
      files.append(Self.file(Self.provenanceName, data, role: "provenance"))
      provenance = read
      let recorded = read.outputs?.first { ($0.path as NSString).lastPathComponent == Self.tableName }?.sha256
      if let recorded, recorded.lowercased() != files[0].sha256 {
        warnings.append(
          "\(Self.tableName) is not the file that \(Self.provenanceName) describes (its SHA-256 differs): "
            + "it was changed after the analysis, or the two come from different runs.")
      }
    } else {
      provenance = nil
      warnings.append(
        "There is no \(Self.provenanceName) beside \(Self.tableName): how the numbers came about is not known.")
    }
    self.table = table
    self.files = files
    variants = Self.variants(of: table, provenance: provenance)
    for variant in variants where variant.contradictions > 0 {
      warnings.append(
        "\(variant.longLabel): \(variant.contradictions) pairs of taps occur again with another value; "
          + "the first is shown."
      )
    }
    self.warnings = warnings
  }

  private static func file(_ name: String, _ data: Data, role: String) -> Provenance.File {
    Provenance.File(path: name, sha256: ContentDigest(data).hexadecimal, bytes: data.count, role: role)
  }

  private static func variants(of table: SimilarityTable, provenance: Provenance?) -> [SimilarityVariant] {
    let order = (provenance?.stores ?? []).map { ($0.name, $0.taps ?? []) }
    var keys: [[String?]] = []
    var groups: [[String?]: [SimilarityTable.Row]] = [:]
    for row in table.rows {
      let key = [row.measure, row.estimator, row.tokens]
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(row)
    }
    return keys.compactMap { key in
      guard let rows = groups[key], let first = rows.first else { return nil }
      return SimilarityVariant(
        measure: first.measure, estimator: first.estimator, tokens: first.tokens, rows: rows, order: order)
    }
  }
}
