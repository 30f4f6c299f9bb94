extension FeatureStore {
  /// Reads every shard and compares it with its checksums, one after the other.
  func verifyShards(threads: Int, progress: (@Sendable (Int) -> Void)?) throws -> StoreReport {
    var whole = StoreReport()
    for part in parts.parts {
      let before = whole.bytesChecked
      let report = try FeatureStore(path: part.path).verify(threads: threads) { progress?(before + $0) }
      let name = part.path.split(separator: "/").last ?? ""
      whole.mismatches += report.mismatches.map { mismatch in
        StoreReport.Mismatch(
          condition: mismatch.condition, tap: mismatch.tap, row: mismatch.row.map { $0 + part.rows.lowerBound },
          description: "\(name): \(mismatch.description)", isUnwritten: mismatch.isUnwritten)
      }
      whole.rows = report.rows.map { rows in
        let known = whole.rows.first { $0.condition == rows.condition }
        return StoreReport.Rows(
          condition: rows.condition, complete: (known?.complete ?? 0) + rows.complete,
          total: (known?.total ?? 0) + rows.total)
      }
      whole.unreadableImages += report.unreadableImages
      whole.nonFinite += report.nonFinite
      whole.bytesChecked += report.bytesChecked
      whole.hasChecksums = whole.hasChecksums && report.hasChecksums
      whole.unchecked += report.unchecked.map { "\(name): \($0)" }
    }
    return whole
  }
}
