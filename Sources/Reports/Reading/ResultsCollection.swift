import Formats
import Foundation
import Results

/// A results folder and its immediate sub-folders: every analysis may have written into its own.
public struct ResultsCollection: Sendable {
  public let url: URL
  /// The results folder itself first, then by name.
  public let folders: [AnalysisFolder]
  /// What the user should know of other folders, one sentence each.
  let warnings: [String]
  /// What begins the names of the files in a report that are of one folder, by the folder's name: no two are the same.
  private let prefixes: [String: String]

  /// Finds what there is.
  /// - Parameter definitions: the analyses whose tables are known.
  /// - Throws: `ReportError` if `url` is not a folder or holds no results, or a provenance cannot be read.
  public init(_ url: URL, definitions: [AnalysisDefinition] = AnalysisDefinition.all) throws {
    self.url = url
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw ReportError(
        "\(url.path) is not a folder of results; run 'palimpsest analyze similarity … --out DIR' first")
    }
    let names = ((try? manager.contentsOfDirectory(atPath: url.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    var folders: [AnalysisFolder] = []
    var warnings: [String] = []
    for name in [""] + names {
      let place = name.isEmpty ? url : url.appendingPathComponent(name)
      guard manager.fileExists(atPath: place.path, isDirectory: &isFolder), isFolder.boolValue else { continue }
      if let folder = try AnalysisFolder(place, name: name, definitions: definitions) {
        folders.append(folder)
      } else if manager.fileExists(atPath: place.appendingPathComponent(AnalysisFolder.provenanceName).path) {
        // Of an analysis of a later version, perhaps: its tables are named rather than passed over.
        warnings += AnalysisFolder.commaSeparatedFiles(in: place).map {
          "\(name.isEmpty ? $0 : "\(name)/\($0)") belongs to no analysis that this version knows: it is not shown."
        }
      }
    }
    guard !folders.isEmpty else {
      let main = definitions.mainTables.prefix(2).map(\.file).joined(separator: ", ")
      throw ReportError(
        "no results in \(url.path) or the folders in it (\(main) and the like); "
          + "run 'palimpsest analyze similarity … --out \(url.path)' first")
    }
    self.folders = folders
    self.warnings = warnings
    let unique = UniqueNames()
    prefixes = Dictionary(
      folders.map { ($0.name, $0.name.isEmpty ? "" : unique.take(Escaping.folderName($0.name)) + "-") },
      uniquingKeysWith: { first, _ in first })
  }

  /// What begins the names of a folder's files in a report; empty for the results folder itself.
  func prefix(of folder: AnalysisFolder) -> String { prefixes[folder.name] ?? "" }

  /// What the copy of a folder's provenance is called in a report.
  func provenanceName(of folder: AnalysisFolder) -> String { prefix(of: folder) + AnalysisFolder.provenanceName }

  /// The folders that hold a table.
  func with(_ table: TableDefinition) -> [AnalysisFolder] { folders.filter { $0.has(table) } }

  /// A heading for one of several folders of an analysis: what its name adds to that of the analysis.
  static func heading(
    _ heading: String, _ folder: AnalysisFolder, of folders: [AnalysisFolder], analysis: String
  ) -> String {
    guard folders.count > 1 else { return heading }
    let prefix = analysis + "-"
    let own = folder.name.hasPrefix(prefix) ? String(folder.name.dropFirst(prefix.count)) : folder.name
    return "\(heading) (\(own.isEmpty ? "here" : own))"
  }
}
