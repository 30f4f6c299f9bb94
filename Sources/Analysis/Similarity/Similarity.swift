/// How alike the representations at two taps are: for every pair of taps of one or several stores of the same images.
///
/// Definitions with their sources: docs/definitions.md; CKA in a page of plain Swift: `PlainCKA.swift`. CKA from stores to
/// rows, file by file:
///
/// 1. `Similarity.swift`, this file: what can be asked for (``Settings``), and ``analyze(_:settings:progress:)``.
/// 2. `SimilarityComputation.swift`: chooses the taps, reads each once, gives it to the accumulators of the measures
///    (``SimilarityAccumulator``), and collects their tables.
/// 3. `Reading/TapReader.swift`: a tap of a store `[N, T, C]` becomes X `[images, columns]`, some columns at a time.
/// 4. `Reading/GramAccumulator.swift`: X Xᵀ over centred columns: the linear kernel matrix.
/// 5. `Reading/ImagePairMatrix.swift`: how such a matrix lies in memory: the pairs i < j of images, and the diagonal.
/// 6. `Kernels/CKA.swift`: takes the linear matrix or makes the Gaussian of it; CKA as the ratio of three HSIC; its
///    interval and null distribution.
/// 7. `Kernels/HSIC.swift`: U-centring, the sum of products over pairs of images, 1/(n(n−3)); the biased estimator.
/// 8. `Tables/SimilarityResult.swift`: values become rows, rows `similarity.csv`.
///
/// Not needed to follow a value: where kernel matrices lie when memory is short (`Kernels/KernelStorage.swift`), the sums
/// of bootstrap replicates (`Kernels/HSICReplicates.swift`) and of permuted images (`Kernels/HSICPermutations.swift`).
/// Other measures are one file each beside `CKA.swift`, or in `Components/` and `Neighbours/`.
public enum Similarity {
  public enum Measure: String, CaseIterable, Sendable {
    /// Centred kernel alignment (Kornblith et al. 2019) with K = X Xᵀ.
    case ckaLinear = "cka_linear"
    /// The same with a Gaussian kernel whose width follows the median distance.
    case ckaRBF = "cka_rbf"
    /// The mean canonical correlation of the principal components that keep most of the variance (Raghu et al. 2017).
    case svcca
    /// The same, each correlation weighted by what its canonical variable says of the features (Morcos et al. 2018).
    case pwcca
    /// Orthogonal Procrustes as a similarity: the nuclear norm of the cross product of normalised features.
    case procrustes
    /// Representational similarity analysis (Kriegeskorte et al. 2008): Spearman's ρ of the correlation distances.
    case rsa
    /// The share of nearest neighbours that two representations have in common (Huh et al. 2024).
    case mutualKNN = "mutual_knn"

    /// The two that are made of HSIC, by any of its estimators.
    public static let cka: [Measure] = [.ckaLinear, .ckaRBF]

    /// The estimators a measure has, of those asked for.
    func estimators(of hsic: [Estimator]) -> [Estimator] {
      switch self {
      case .ckaLinear, .ckaRBF: hsic
      case .svcca, .pwcca: [.truncated]
      case .procrustes: [.exact]
      case .rsa: [.spearman]
      case .mutualKNN: [.cosine]
      }
    }
  }

  public enum Estimator: String, CaseIterable, Sendable {
    /// The unbiased U-statistic of HSIC (Song et al. 2012).
    case debiased
    /// The V-statistic (Gretton et al. 2005), which is above zero for independent features.
    case biased
    /// The means of the unbiased statistic over minibatches (Nguyen et al. 2021).
    case minibatch
    /// Of `svcca` and `pwcca`: over the principal components kept.
    case truncated
    /// Of `procrustes`: over all of them.
    case exact
    /// Of `rsa`: rank correlation.
    case spearman
    /// Of `mutual_knn`: the nearest by cosine.
    case cosine

    /// The estimators of HSIC, for CKA; the other measures have one each.
    public static let hsic: [Estimator] = [.debiased, .biased, .minibatch]
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
    public var measures: [Measure] = Measure.cka
    /// Of HSIC, for CKA.
    public var estimators: [Estimator] = [.debiased]
    public var tokens: TokenMode = .flatten
    /// Whether images without an object are left out; token mode `object` always leaves them out.
    public var needsObjects = false
    public var pairs: Pairs = .all
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 200
    public var seed: UInt64 = 0
    /// σ² = fraction² · median of the squared distances.
    public var rbfFraction = 1.0
    /// Images in a minibatch.
    public var minibatch = 256
    /// The share of the variance that the principal components of `svcca` and `pwcca` keep.
    public var variance = 0.99
    /// How many nearest neighbours `mutual_knn` looks at.
    public var neighbours = 10
    /// Random permutations of the images behind the null distribution; 0 for none.
    public var permutations = 0
    /// Use only the first so many images that can be used; nil for all.
    public var limit: Int?
    /// Bytes of working memory, libtorch itself not counted; beyond it kernel matrices go to a scratch file.
    public var memoryLimit = 1280 << 20
    /// Where the scratch file goes if one is needed; nil is the system's temporary folder.
    public var scratchFolder: String?

    public init() {}

    func validate() throws {
      func refuse(_ text: String) -> AnalysisError { AnalysisError(.badInput, text) }
      guard !measures.isEmpty else {
        throw refuse("no measure is named; expected \(Measure.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      guard !estimators.isEmpty || !measures.contains(where: Measure.cka.contains) else {
        throw refuse("no estimator is named; expected debiased, biased or minibatch")
      }
      guard bootstrap >= 0 else {
        throw refuse("\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
      }
      guard rbfFraction > 0, rbfFraction.isFinite else {
        throw refuse("the RBF kernel's fraction of the median distance is \(rbfFraction); expected a number above 0")
      }
      guard minibatch >= 4 else { throw refuse("a minibatch of \(minibatch) images is too small; expected at least 4") }
      guard variance > 0, variance <= 1 else {
        throw refuse("the share of the variance to keep is \(variance); expected a number above 0, at most 1")
      }
      guard neighbours >= 1 else { throw refuse("\(neighbours) nearest neighbours are too few; expected at least 1") }
      guard permutations >= 0 else { throw refuse("\(permutations) permutations are not possible; expected 0 or more") }
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

  // MARK: Analysis

  /// Compares all taps of all sources.
  ///
  /// - Parameter progress: called now and then; may throw to stop the work.
  /// - Throws: ``AnalysisError`` for settings, images or features that cannot be compared; what reading throws.
  public static func analyze(
    _ sources: [NamedSource], settings: Settings = Settings(), progress: (Progress) throws -> Void = { _ in }
  ) throws -> Result {
    try analyze(sources, settings: settings, bootstrap: nil, progress: progress)
  }

  /// The same with given draws of the bootstrap. For tests.
  package static func analyze(
    _ sources: [NamedSource], settings: Settings, bootstrap: Bootstrap?,
    progress: (Progress) throws -> Void = { _ in }
  ) throws -> Result {
    try settings.validate()
    let selection = try ImageSelection(
      sources, limit: settings.limit, needsObjects: settings.needsObjects || settings.tokens == .object)
    let images = selection.rows.count
    try selection.require(4, for: "similarity")
    if settings.measures.contains(.mutualKNN), settings.neighbours >= images {
      throw AnalysisError(
        .badInput,
        "\(settings.neighbours) nearest neighbours need at least \(settings.neighbours + 1) images, there are"
          + " \(images); look at fewer neighbours or extract more images")
    }
    let computation = try SimilarityComputation(sources, selection, settings)
    return try computation.result(
      bootstrap ?? Bootstrap(images: images, replicates: settings.bootstrap, seed: settings.seed), progress: progress)
  }
}
