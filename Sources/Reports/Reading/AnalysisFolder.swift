import Formats
import Foundation
import Results

/// One folder that an analysis wrote: its tables and where they come from.
public struct AnalysisFolder: Sendable {
  /// A table in it.
  public struct Table: Sendable {
    /// The file's name.
    public let name: String
    public let definition: TableDefinition
    /// SHA-256 of its bytes, in lower-case hexadecimal digits.
    public let sha256: String
    public let bytes: Int
  }

  public let url: URL
  /// The folder's name within the results; empty for the results folder itself.
  public let name: String
  public let provenance: Provenance?
  /// The tables in it, in the order of the analyses that write them.
  public let tables: [Table]
  /// Names of its CSV files that no analysis writes.
  public let unknownTables: [String]

  static let provenanceName = "provenance.json"

  /// Reads what there is, without the tables' content.
  /// - Returns: nil where no analysis' main table is in it.
  /// - Throws: `ReportError` where a provenance or a table cannot be read.
  init?(_ url: URL, name: String, definitions: [AnalysisDefinition]) throws {
    let files = Self.commaSeparatedFiles(in: url)
    guard definitions.mainTables.contains(where: { files.contains($0.file) }) else { return nil }
    self.url = url
    self.name = name
    let provenanceFile = url.appendingPathComponent(Self.provenanceName)
    provenance = try FileManager.default.contents(atPath: provenanceFile.path).map {
      try Provenance.decoded(from: $0, file: provenanceFile.path)
    }
    tables = try definitions.tables.flatMap { definition in
      try files.filter(definition.matches).map { file in
        let (sha256, bytes) = try Self.checksum(of: url.appendingPathComponent(file))
        return Table(name: file, definition: definition, sha256: sha256, bytes: bytes)
      }
    }
    unknownTables = files.filter { definitions.table(named: $0) == nil }
  }

  /// The CSV files of a folder, by name.
  static func commaSeparatedFiles(in url: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter { $0.hasSuffix(".csv") && !$0.hasPrefix(".") }.sorted()
  }

  private static func checksum(of file: URL) throws -> (sha256: String, bytes: Int) {
    let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? NSNumber
    guard let size, let digest = try? ContentDigest(contentsOfFile: file.path) else {
      throw ReportError("cannot read \(file.path)")
    }
    return (digest.hexadecimal, size.intValue)
  }

  // MARK: Tables

  /// A table's text.
  /// - Throws: `ReportError` if it cannot be read.
  func text(of table: TableDefinition) throws -> String { try text(of: table.file) }

  /// The text of a file.
  /// - Throws: `ReportError` if it cannot be read.
  func text(of file: String) throws -> String {
    let path = path(of: file)
    guard let data = FileManager.default.contents(atPath: path) else { throw ReportError("cannot read \(path)") }
    guard let text = String(data: data, encoding: .utf8) else {
      throw ReportError("\(path) is not UTF-8 text; make it again with palimpsest analyze")
    }
    return text
  }

  func path(of file: String) -> String { url.appendingPathComponent(file).path }
  func path(of table: TableDefinition) -> String { path(of: table.file) }
  func has(_ table: TableDefinition) -> Bool { tables.contains { $0.name == table.file } }

  /// A table of estimates.
  /// - Throws: `ReportError` with file and line.
  func estimates(_ table: TableDefinition, required: [Column]) throws -> EstimateTable {
    try EstimateTable(parsing: text(of: table), file: path(of: table), required: required)
  }

  /// The files of a table of which there is one for each token mode, by mode.
  func files(ofEachMode table: TableDefinition) -> [(mode: String, file: String)] {
    tables.compactMap { file in table.mode(of: file.name).map { ($0, file.name) } }
  }

  /// What the taps of its stores are in their models.
  var tapTree: TapTree { TapTree(provenance?.stores ?? []) }

  // MARK: What a report says of it

  /// The file's path within the results.
  func path(inResults file: String) -> String { name.isEmpty ? file : "\(name)/\(file)" }

  /// "in quality", or "here" for the results folder itself.
  var place: String { name.isEmpty ? "here" : "in \(name)" }

  /// What does not fit together, one sentence each.
  func warnings() -> [String] {
    let place = name.isEmpty ? "" : " in \(name)"
    var warnings = unknownTables.map {
      "\($0)\(place) is not a table of any analysis that this version knows: it is not shown."
    }
    guard let provenance else {
      return warnings + ["There is no \(Self.provenanceName)\(place): how the numbers in it came about is not known."]
    }
    warnings += tables.compactMap { table in
      let recorded = provenance.outputs?.first { ($0.path as NSString).lastPathComponent == table.name }?.sha256
      guard let recorded, recorded.lowercased() != table.sha256 else { return nil }
      return "\(table.name)\(place) is not the file that \(Self.provenanceName) describes (its SHA-256 differs): "
        + "it was changed after the analysis, or the two come from different runs."
    }
    return warnings
  }
}
