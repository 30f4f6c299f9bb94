import Activations
import Formats
import Results
import Synchronization

/// What of an image came back: reconstructions of a store against the inputs beside them, for every condition and tap.
///
/// Definitions with their sources: docs/definitions.md.
public enum Quality {
  public typealias Metric = QualityMetric

  public struct Settings: Sendable {
    /// Which conditions, taps and images, and how intervals are drawn.
    public var selection = MeasureSelection(bootstrap: 1000)
    public var metrics: [Metric] = Metric.allCases
    /// What a detector has to give a class, at least, for it to count as found.
    public var confidence = Detection.defaultConfidence
    public var interval: IntervalMethod = .hall
    /// Random flips of signs behind the p-values of differences between stores.
    public var permutations = 9999
    /// How those are corrected for their number.
    public var correction: MultipleComparisons = .holm
    /// Bytes of pixels held at once.
    public var memoryLimit = 128 << 20

    public init() {}

    func validate() throws {
      func refuse(_ text: String) -> AnalysisError { AnalysisError(.badInput, text) }
      guard !metrics.isEmpty else {
        throw refuse("no metric is named; expected \(Metric.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      try selection.validate(for: AnalysisDefinition.quality.name)
      try DrawnCounts.requirePermutations(permutations, atLeast: 1)
      guard (0..<1).contains(confidence) else {
        throw refuse("the confidence of a detection is \(confidence); expected 0 or more, and less than 1")
      }
    }
  }

  /// One value: a mean over images, or another summary of PSNR.
  public struct Row: Sendable, Equatable {
    public let store: String
    public let condition: String
    public let tap: String
    public let metric: Metric
    /// Which summary of PSNR it is; nil for the mean.
    public let summary: PeakSignalSummary?
    public let estimate: MeanEstimate

    /// The metric as in the table.
    public var key: String { summary?.rawValue ?? metric.rawValue }
  }

  /// One value of one image.
  public struct ImageValue: Sendable, Equatable {
    public let store: String
    public let condition: String
    public let tap: String
    public let path: String
    public let metric: Metric
    public let value: Double

    /// A row of `quality_images.csv`.
    public var fields: [TidyTable.Field] {
      [.text(store), .text(condition), .text(tap), .text(path), .text(metric.rawValue), .real(value)]
    }
  }

  public struct Result: Sendable {
    /// Stores in the order given, conditions and taps as the store has them, metrics in the order of their type.
    public let rows: [Row]
    /// Between every two stores, in the order given; empty for one store.
    public let differences: [DifferenceRow]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    /// One sentence for each thing that a reader of the table should know.
    public let notes: [String]

    /// `quality.csv`.
    public var table: TidyTable {
      var table = TidyTable(.quality)
      for row in rows {
        table.append([
          .text(row.store), .text(row.condition), .text(row.tap), .text(row.key), .real(row.estimate.value),
          .real(row.estimate.low), .real(row.estimate.high), .integer(row.estimate.n),
        ])
      }
      return table
    }
  }
}

extension Quality {
  /// A metric's value of each pair of images in memory, on several threads; nil where they are too small for it, and for
  /// what is not made of pixels alone.
  ///
  /// - Parameter repeated: how many values are wanted; pairs come again and again.
  public static func values(
    of metric: Metric, pairs: [(RGBPixels, RGBPixels)], repeated: Int? = nil, threads: Int
  ) throws -> [Double?] {
    let count = repeated ?? pairs.count
    let results = Mutex([Double?](repeating: nil, count: count))
    inParallel(count, threads: threads) { index in
      let (image, reference) = pairs[index % pairs.count]
      let value = metric.value(image, reference)
      results.withLock { $0[index] = value }
    }
    return results.withLock { $0 }
  }
}
