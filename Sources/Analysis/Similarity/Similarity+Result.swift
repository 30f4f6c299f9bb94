extension Similarity {
  /// One value. `value` is nil where the definition gives none, `low` and `high` where there is no interval.
  public struct Row: Sendable, Equatable {
    public let a: TapName
    public let b: TapName
    public let measure: Measure
    public let estimator: Estimator
    /// Images used.
    public let n: Int
    public let value: Double?
    public let low: Double?
    public let high: Double?
  }

  /// What a value would be if the features of two taps had nothing to do with each other: over random pairings of images.
  public struct NullRow: Sendable, Equatable {
    public let a: TapName
    public let b: TapName
    public let measure: Measure
    public let estimator: Estimator
    public let n: Int
    /// Random pairings.
    public let permutations: Int
    /// nil where the pair has no value.
    public let mean: Double?
    /// The 2.5th and the 97.5th percentile.
    public let low: Double?
    public let high: Double?
    /// The share of pairings, the true one among them, that score as high as the value.
    public let pValue: Double?
  }

  public struct Result: Sendable {
    /// Every unordered pair once, taps in order of depth, stores in the order given; each measure and estimator in turn.
    public let rows: [Row]
    /// The same pairs in the same order; empty without permutations.
    public let nullRows: [NullRow]
    /// Paths of the images used, in order.
    public let images: [String]
    /// Images left out: store, path, reason.
    public let leftOut: [LeftOutImage]
    /// One sentence for each thing that a reader of the table should know: taps left out, empty values and why.
    public let notes: [String]

    /// `similarity.csv`.
    public var table: TidyTable {
      var table = TidyTable(
        header: ["store_a", "tap_a", "store_b", "tap_b", "measure", "estimator", "n", "value", "low", "high"])
      for row in rows {
        table.append([
          .text(row.a.store), .text(row.a.tap), .text(row.b.store), .text(row.b.tap), .text(row.measure.rawValue),
          .text(row.estimator.rawValue), .integer(row.n), .real(row.value), .real(row.low), .real(row.high),
        ])
      }
      return table
    }

    /// `similarity_null.csv`.
    public var nullTable: TidyTable {
      var table = TidyTable(
        header: [
          "store_a", "tap_a", "store_b", "tap_b", "measure", "estimator", "n", "permutations", "mean", "low", "high",
          "p_value",
        ])
      for row in nullRows {
        table.append([
          .text(row.a.store), .text(row.a.tap), .text(row.b.store), .text(row.b.tap), .text(row.measure.rawValue),
          .text(row.estimator.rawValue), .integer(row.n), .integer(row.permutations), .real(row.mean), .real(row.low),
          .real(row.high), .real(row.pValue),
        ])
      }
      return table
    }

    /// `similarity_images.csv`: the images all values are made of.
    public var imageTable: TidyTable {
      var table = TidyTable(header: ["index", "path"])
      for (index, path) in images.enumerated() { table.append([.integer(index), .text(path)]) }
      return table
    }

    /// Writes `similarity.csv`, `similarity_images.csv` and with permutations `similarity_null.csv` into a folder that
    /// exists.
    public func write(to folder: String) throws {
      try table.write(to: folder + "/similarity.csv")
      if !nullRows.isEmpty { try nullTable.write(to: folder + "/similarity_null.csv") }
      try imageTable.write(to: folder + "/similarity_images.csv")
    }
  }
}
