import Foundation
import Results

/// What `analyze similarity` wrote into a folder: its numbers for every token mode, and what chance gives.
package struct SimilarityResults: Sendable {
  /// The table of one token mode.
  struct File: Sendable {
    let name: String
    let table: SimilarityTable
    let variants: [SimilarityVariant]
    /// Name of the table of what chance gives; nil where that was not computed.
    let nullName: String?
  }

  /// The first token mode, then the others.
  let files: [File]
  /// What does not fit together, one sentence each.
  package let warnings: [String]

  /// In the order in which they first appear in the files.
  package var variants: [SimilarityVariant] { files.flatMap(\.variants) }

  /// - Throws: `ReportError` with file and line.
  package init(folder: AnalysisFolder) throws {
    let others = folder.files(ofEachMode: .similarityOfMode)
    // Where there is one mode only, names do without it.
    let first = others.isEmpty ? nil : folder.provenance?.stores?.first?.tokens
    let otherNulls = folder.files(ofEachMode: .similarityNullOfMode)
    var named: [(mode: String?, file: String, null: String?)] = [
      (first, TableDefinition.similarity.file, folder.has(.similarityNull) ? TableDefinition.similarityNull.file : nil)
    ]
    for other in others {
      named.append((other.mode, other.file, otherNulls.first { $0.mode == other.mode }?.file))
    }
    let order = (folder.provenance?.stores ?? []).map { ($0.name, $0.taps ?? []) }
    let tree = folder.tapTree
    files = try named.map { mode, file, null in
      let table = try SimilarityTable(parsing: folder.text(of: file), file: folder.path(of: file))
      let nullTable = try null.map { try NullTable(parsing: folder.text(of: $0), file: folder.path(of: $0)) }
      return File(
        name: file, table: table,
        variants: Self.variants(of: table, mode: mode, nullTable: nullTable, order: order, tree: tree),
        nullName: null)
    }
    warnings = files.flatMap(\.variants).filter { $0.contradictions > 0 }.map { variant in
      "\(variant.longLabel): \(variant.contradictions) pairs of taps occur again with another value; "
        + "the first is shown."
    }
  }

  private static func variants(
    of table: SimilarityTable, mode: String?, nullTable: NullTable?, order: [(String, [String])],
    tree: TapTree
  ) -> [SimilarityVariant] {
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
        measure: first.measure, estimator: first.estimator, tokens: first.tokens ?? mode, rows: rows,
        nullTable: nullTable, order: order, tree: tree)
    }
  }
}
