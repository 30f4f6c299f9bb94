import HDF5
import Results

/// Which rows of a condition are complete, and what others lack.
struct RowCompleteness: Sendable {
  /// Rows of a dataset that were never written.
  struct Unwritten: Sendable {
    let dataset: String
    let rows: [Range<Int>]
  }

  /// 1 where the row is complete.
  var marks: [UInt8]
  /// Of stores that were written by other means: their marks say nothing of what is in the file, or are not there.
  var unwritten: [Unwritten] = []
}

extension FeatureStore {
  /// Whether the store has the sums that Palimpsest's own have: then its marks are right, because rows are marked last.
  private func hasOwnMarks() throws -> Bool {
    guard try file.entry(at: StoreSchema.checksums) == .group else { return false }
    return try file.attribute(MetadataChecksum.value, of: StoreSchema.checksums) != nil
  }

  func completeness(of condition: String) throws -> RowCompleteness {
    if let known = completeness.withLock({ $0[condition] }) { return known }
    let found = try reporting { try findCompleteness(of: condition) }
    completeness.withLock { $0[condition] = found }
    return found
  }

  private func findCompleteness(of condition: String) throws -> RowCompleteness {
    // Shards are finished, or the store would not have been opened.
    guard parts.parts.count == 1 else { return RowCompleteness(marks: [UInt8](repeating: 1, count: count)) }
    let progress = StoreSchema.progress(condition)
    var result = RowCompleteness(marks: [UInt8](repeating: 1, count: count))
    let hasMarks = try file.entry(at: progress) != nil
    if hasMarks {
      let values = try file.dataset(progress).read(UInt8.self)
      guard values.count == count else {
        throw StoreError(.badStore, "\(path): \(progress) has \(values.count) rows, expected \(count)")
      }
      result.marks = values
      if try hasOwnMarks() { return result }
    }
    for dataset in try rowDatasets(of: condition) {
      let rows = try file.dataset(dataset.path).unwrittenRows()
      for range in rows {
        for row in range where row < count { result.marks[row] = 0 }
      }
      if !rows.isEmpty { result.unwritten.append(RowCompleteness.Unwritten(dataset: dataset.path, rows: rows)) }
    }
    return result
  }

  /// The datasets of a condition with a row for each image, and the tap that a dataset of features is of.
  func rowDatasets(of condition: String) throws -> [(path: String, tap: String?)] {
    var datasets: [(path: String, tap: String?)] = []
    if try inputSize(condition: condition) != nil { datasets.append((StoreSchema.inputs(condition), nil)) }
    datasets += try taps(condition: condition).map { (StoreSchema.features(condition, $0.name), $0.name) }
    datasets += try reconstructions(of: condition).map { (StoreSchema.reconstructions(condition, $0), nil) }
    if try joints(of: condition) != nil { datasets.append((StoreSchema.joints(condition), nil)) }
    return datasets
  }

  /// Why a row is not complete, for lists of images that are left out; nil where it is.
  ///
  /// - Parameter content: what the reader wants of the row.
  public func incompleteness(
    ofRow row: Int, condition: String = ConditionName.original.text, content: String = "features"
  ) throws -> String? {
    let found = try completeness(of: condition)
    guard found.marks[row] != 1 else { return nil }
    if let unwritten = found.unwritten.first(where: { $0.rows.contains { $0.contains(row) } }) {
      return "its row \(row) of \(unwritten.dataset) was never written"
    }
    return "its \(content) are not complete" + (condition == ConditionName.original.text ? "" : " under \(condition)")
  }
}
