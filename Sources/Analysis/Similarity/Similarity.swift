/// How alike the representations at two taps are: for every pair of taps of one or several stores of the same images.
///
/// Definitions with their sources: docs/definitions.md.
public enum Similarity {
  public enum Measure: String, CaseIterable, Sendable {
    /// Centred kernel alignment (Kornblith et al. 2019) with K = X Xᵀ.
    case ckaLinear = "cka_linear"
    /// The same with a Gaussian kernel whose width follows the median distance.
    case ckaRBF = "cka_rbf"
  }

  public enum Estimator: String, CaseIterable, Sendable {
    /// The unbiased U-statistic of HSIC (Song et al. 2012).
    case debiased
    /// The V-statistic (Gretton et al. 2005), which is above zero for independent features.
    case biased
    /// The means of the unbiased statistic over minibatches (Nguyen et al. 2021).
    case minibatch
  }

  /// Which pairs of taps.
  public enum Pairs: String, CaseIterable, Sendable {
    case all
    /// Both taps of one store.
    case within
    /// Of two stores; a tap is still compared with itself.
    case across
  }

  public struct Settings: Sendable {
    public var measures: [Measure] = Measure.allCases
    public var estimators: [Estimator] = [.debiased]
    public var tokens: TokenMode = .flatten
    public var pairs: Pairs = .all
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 200
    public var seed: UInt64 = 0
    /// σ² = fraction² · median of the squared distances.
    public var rbfFraction = 1.0
    /// Images in a minibatch.
    public var minibatch = 256
    /// Use only the first so many images that can be used; nil for all.
    public var limit: Int?
    /// Bytes of working memory, libtorch itself not counted; beyond it kernel matrices go to a scratch file.
    public var memoryLimit = 1280 << 20
    /// Where the scratch file goes if one is needed; nil is the system's temporary folder.
    public var scratchFolder: String?

    public init() {}

    func validate() throws {
      func refuse(_ text: String) -> AnalysisError { AnalysisError(.badInput, text) }
      guard !measures.isEmpty else { throw refuse("no measure is named; expected cka_linear or cka_rbf") }
      guard !estimators.isEmpty else { throw refuse("no estimator is named; expected debiased, biased or minibatch") }
      guard bootstrap >= 0 else {
        throw refuse("\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
      }
      guard rbfFraction > 0, rbfFraction.isFinite else {
        throw refuse("the RBF kernel's fraction of the median distance is \(rbfFraction); expected a number above 0")
      }
      guard minibatch >= 4 else { throw refuse("a minibatch of \(minibatch) images is too small; expected at least 4") }
      if let limit, limit < 4 { throw refuse("similarity needs at least 4 images, the limit is \(limit)") }
    }
  }

  /// How far the work is.
  public struct Progress: Sendable, Equatable {
    /// In 0 ... 1.
    public let fraction: Double
    /// What is being done, for people.
    public let phase: String
  }

  /// One tap of one store.
  public struct TapName: Sendable, Equatable {
    public let store: String
    public let tap: String

    public init(store: String, tap: String) {
      self.store = store
      self.tap = tap
    }
  }

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

    /// `similarity_images.csv`: the images all values are made of.
    public var imageTable: TidyTable {
      var table = TidyTable(header: ["index", "path"])
      for (index, path) in images.enumerated() { table.append([.integer(index), .text(path)]) }
      return table
    }

    /// Writes `similarity.csv` and `similarity_images.csv` into a folder that exists.
    public func write(to folder: String) throws {
      try table.write(to: folder + "/similarity.csv")
      try imageTable.write(to: folder + "/similarity_images.csv")
    }
  }
}
