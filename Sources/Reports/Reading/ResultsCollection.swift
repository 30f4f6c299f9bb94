import Formats
import Foundation

/// One folder that an analysis wrote: its tables and where they come from.
public struct AnalysisFolder: Sendable {
  public let url: URL
  /// The folder's name within the results; empty for the results folder itself.
  public let name: String
  public let provenance: Provenance?
  /// The tables in it that a report knows, by name.
  public let tables: [String]

  static let provenanceName = "provenance.json"

  /// A table's text.
  /// - Throws: `ReportError` if it cannot be read.
  func text(of table: String) throws -> String {
    let file = url.appendingPathComponent(table)
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ReportError("cannot read \(file.path)")
    }
    guard let text = String(data: data, encoding: .utf8) else { throw ReportError("\(file.path) is not UTF-8 text") }
    return text
  }

  func path(of table: String) -> String { url.appendingPathComponent(table).path }
  func has(_ table: String) -> Bool { tables.contains(table) }

  /// What the report read of the folder, with hashes.
  func files() -> [Provenance.File] {
    (tables + (provenance == nil ? [] : [Self.provenanceName])).compactMap { table in
      guard let data = FileManager.default.contents(atPath: path(of: table)) else { return nil }
      return Provenance.File(
        path: name.isEmpty ? table : "\(name)/\(table)", sha256: ContentDigest(data).hexadecimal, bytes: data.count,
        role: table == Self.provenanceName ? "provenance" : "results")
    }
  }

  /// What does not fit together, one sentence each.
  func warnings() -> [String] {
    let place = name.isEmpty ? "" : " in \(name)"
    guard let provenance else {
      return ["There is no \(Self.provenanceName)\(place): how the numbers in it came about is not known."]
    }
    return tables.compactMap { table in
      let recorded = provenance.outputs?.first { ($0.path as NSString).lastPathComponent == table }?.sha256
      guard let recorded, let data = FileManager.default.contents(atPath: path(of: table)),
        recorded.lowercased() != ContentDigest(data).hexadecimal
      else { return nil }
      return "\(table)\(place) is not the file that \(Self.provenanceName) describes (its SHA-256 differs): "
        + "it was changed after the analysis, or the two come from different runs."
    }
  }
}

/// A results folder and its immediate sub-folders: every analysis may have written into its own.
public struct ResultsCollection: Sendable {
  public let url: URL
  /// In the order of the report's sections, then of their names.
  public let folders: [AnalysisFolder]

  /// The tables that make a folder one of results, in the order of the report's sections.
  public static let mainTables = [
    "similarity.csv", "quality.csv", "color.csv", "detail.csv", "shape.csv", "prototypes.csv", "efficiency.csv",
  ]
  private static let otherTables = [
    "quality_images.csv", "detail_spectrum.csv", "hue.csv", "recovery.csv", "efficiency_curves.csv",
    "efficiency_equal.csv",
  ]

  /// Finds what is there.
  /// - Throws: `ReportError` if `url` is no folder or holds no results, or a provenance cannot be read.
  public init(_ url: URL) throws {
    self.url = url
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw ReportError(
        "\(url.path) is not a folder of results; run 'palimpsest analyze similarity … --out DIR' first")
    }
    let names = ((try? manager.contentsOfDirectory(atPath: url.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    var folders: [AnalysisFolder] = []
    for name in [""] + names {
      let place = name.isEmpty ? url : url.appendingPathComponent(name)
      guard manager.fileExists(atPath: place.path, isDirectory: &isFolder), isFolder.boolValue else { continue }
      let tables = (Self.mainTables + Self.otherTables).filter {
        manager.fileExists(atPath: place.appendingPathComponent($0).path)
      }
      guard tables.contains(where: Self.mainTables.contains) else { continue }
      let file = place.appendingPathComponent(AnalysisFolder.provenanceName)
      let provenance = try manager.contents(atPath: file.path).map {
        try Provenance.decoded(from: $0, file: file.path)
      }
      folders.append(AnalysisFolder(url: place, name: name, provenance: provenance, tables: tables))
    }
    guard !folders.isEmpty else {
      throw ReportError(
        "no results in \(url.path) or the folders in it (\(Self.mainTables[0]), \(Self.mainTables[1]) and the like); "
          + "run 'palimpsest analyze similarity … --out \(url.path)' first")
    }
    self.folders = folders
  }

  /// The folders that hold a table.
  func with(_ table: String) -> [AnalysisFolder] { folders.filter { $0.has(table) } }

  /// A heading for one of several folders of an analysis.
  static func heading(_ heading: String, _ folder: AnalysisFolder, of folders: [AnalysisFolder]) -> String {
    folders.count > 1 ? "\(heading) (\(folder.name.isEmpty ? "here" : folder.name))" : heading
  }
}
