import Formats
import Results

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

  public struct Result: Sendable {
    /// Every unordered pair once, taps in order of depth, stores in the order given; each measure and estimator in turn.
    public let rows: [Row]
    /// The same pairs in the same order; empty without permutations.
    public let nullRows: [NullRow]
    /// Every two stores, by each measure, estimator and aggregate; empty without permutations.
    public let modelRows: [ModelRow]
    /// Whether taps are closer to one tap than to another; empty without intervals.
    public let differenceRows: [DifferenceRow]
    /// Paths of the images used, in order.
    public let images: [String]
    /// Images left out: store, path, reason.
    public let leftOut: [LeftOutImage]
    /// Whether linear CKA came from products of columns instead of kernel matrices: the same numbers, cheaper.
    public let usesMoments: Bool
    /// One sentence for each thing that a reader of the table should know: taps left out, empty values and why.
    public let notes: [String]

    /// `similarity.csv`.
    public var table: TidyTable {
      var table = TidyTable(.similarity)
      for row in rows {
        table.append(
          fields(row.a, row.b, row.measure, row.estimator) + [
            .integer(row.n), .real(row.value), .real(row.low), .real(row.high),
          ])
      }
      return table
    }

    /// `similarity_null.csv`.
    public var nullTable: TidyTable {
      var table = TidyTable(.similarityNull)
      for row in nullRows {
        table.append(
          fields(row.a, row.b, row.measure, row.estimator) + [
            .integer(row.n), .integer(row.permutations), .real(row.mean), .real(row.low), .real(row.high),
            .real(row.pValue), .real(row.adjustedPValue), .real(row.calibrated?.threshold),
            .real(row.calibrated?.value),
          ])
      }
      return table
    }

    /// `similarity_calibrated.csv`.
    public var modelTable: TidyTable {
      var table = TidyTable(.similarityCalibrated)
      for row in modelRows { table.append(row.fields) }
      return table
    }

    /// `similarity_differences.csv`.
    public var differenceTable: TidyTable {
      var table = TidyTable(.similarityDifferences)
      for row in differenceRows {
        let names = [row.a.store, row.a.tap, row.b.store, row.b.tap, row.c.store, row.c.tap]
        table.append(
          ([row.comparison.rawValue] + names + [row.measure.rawValue, row.estimator.rawValue]).map { .text($0) } + [
            .integer(row.n), .real(row.difference), .real(row.low), .real(row.high),
          ])
      }
      return table
    }

    /// `similarity_images.csv`: the images all values are made of.
    public var imageTable: TidyTable {
      var table = TidyTable(.similarityImages)
      for (index, path) in images.enumerated() { table.append([.integer(index), .text(path)]) }
      return table
    }

    /// Writes `similarity.csv`, `similarity_images.csv` and with permutations `similarity_null.csv` and
    /// `similarity_calibrated.csv` into a folder that exists.
    public func write(to folder: String) throws {
      func path(_ definition: TableDefinition) -> String { folder + "/" + definition.file }
      try table.write(to: path(.similarity))
      if !nullRows.isEmpty { try nullTable.write(to: path(.similarityNull)) }
      if !modelRows.isEmpty { try modelTable.write(to: path(.similarityCalibrated)) }
      if !differenceRows.isEmpty { try differenceTable.write(to: path(.similarityDifferences)) }
      try imageTable.write(to: path(.similarityImages))
    }

    /// What names a value in every table.
    private func fields(_ a: TapName, _ b: TapName, _ measure: Measure, _ estimator: Estimator) -> [TidyTable.Field] {
      [a.store, a.tap, b.store, b.tap, measure.rawValue, estimator.rawValue].map { .text($0) }
    }
  }
}

/// One measure by one estimator for all pairs of taps that were asked for.
struct TapPairTable {
  let measure: Similarity.Measure
  let estimator: Similarity.Estimator
  /// Images used.
  let n: Int
  let taps: Int
  /// For each tap without values, why.
  var reasons: [String?]
  /// In the order of the computation's triples; empty where the estimator has no interval.
  var differences: [PairedSimilarityDifference?] = []
  private(set) var values: [Double?]
  private var intervals: [(low: Double, high: Double)?]
  /// For each pair the scores of all permutations; empty where there are none.
  private(set) var nulls: [[Double]]

  init(_ measure: Similarity.Measure, _ estimator: Similarity.Estimator, n: Int, taps: Int) {
    self.measure = measure
    self.estimator = estimator
    self.n = n
    self.taps = taps
    reasons = [String?](repeating: nil, count: taps)
    values = [Double?](repeating: nil, count: taps * taps)
    intervals = [(low: Double, high: Double)?](repeating: nil, count: taps * taps)
    nulls = [[Double]](repeating: [], count: taps * taps)
  }

  /// Keeps what a pair has, `a` not after `b`.
  ///
  /// - Parameter null: scores of random permutations of the images.
  mutating func set(
    _ a: Int, _ b: Int, _ value: Double?, interval: (low: Double, high: Double)? = nil, null: [Double] = []
  ) {
    values[a * taps + b] = value
    intervals[a * taps + b] = interval
    nulls[a * taps + b] = null
  }

  /// The 2.5th and 97.5th percentile of replicates; nil where there are none.
  static func interval(of replicates: [Double]) -> (low: Double, high: Double)? {
    guard let low = Quantile.linear(replicates, 0.025), let high = Quantile.linear(replicates, 0.975) else {
      return nil
    }
    return (low, high)
  }

  // MARK: Rows

  func rows(_ computation: SimilarityComputation) -> [Similarity.Row] {
    pairs(computation).map { a, b in
      let index = a * taps + b
      return Similarity.Row(
        a: computation.taps[a].name, b: computation.taps[b].name, measure: measure, estimator: estimator, n: n,
        value: values[index], low: intervals[index]?.low, high: intervals[index]?.high)
    }
  }

  /// The pairs asked for, as indices of their taps.
  func pairs(_ computation: SimilarityComputation) -> [(a: Int, b: Int)] {
    computation.taps.indices.flatMap { a in
      computation.taps.indices.dropFirst(a).filter { computation.isWanted(a, $0) }.map { (a, $0) }
    }
  }

  /// A sentence for each tap whose values are empty, and why.
  func notes(_ computation: SimilarityComputation) -> [String] {
    zip(computation.taps, reasons).compactMap { tap, reason in
      reason.map {
        "\(tap.name.store): \(measure.rawValue) (\(estimator.rawValue)) of tap \(tap.name.tap) is empty: \($0)"
      }
    }
  }
}
