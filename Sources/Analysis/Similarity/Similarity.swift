import Formats
import Results

/// How alike the representations at two taps are: for every pair of taps of one or several stores of the same images.
///
/// Definitions with their sources: docs/definitions.md; CKA in a page of plain Swift: `PlainCKA.swift`. CKA from stores to
/// rows, file by file:
///
/// 1. `Similarity.swift`, this file: what can be asked for (``Settings``), and ``analyze(_:settings:progress:)``.
/// 2. `SimilarityComputation.swift`: chooses the taps, reads each once, gives it to the accumulators of the measures
///    (`SimilarityAccumulator`), and collects their tables.
/// 3. `Reading/TapReader.swift`: a tap of a store `[N, T, C]` becomes X `[images, columns]`, some columns at a time.
/// 4. `Reading/GramAccumulator.swift`: X Xᵀ over centred columns: the linear kernel matrix.
/// 5. `Reading/ImagePairMatrix.swift`: how such a matrix lies in memory: the pairs i < j of images, and the diagonal.
/// 6. `Kernels/CKA.swift`: takes the linear matrix or makes the Gaussian of it; CKA as the ratio of three HSIC; its
///    interval and null distribution.
/// 7. `Kernels/HSIC.swift`: U-centring, the sum of products over pairs of images, 1/(n(n−3)); the biased estimator.
/// 8. `Tables/SimilarityResult.swift`: values become rows, rows `similarity.csv`.
///
/// Not needed to follow a value: where kernel matrices lie when memory is short (`Kernels/KernelStorage.swift`), intervals
/// (`Kernels/KernelJackknife.swift`), the sums of permuted images (`Kernels/HSICPermutations.swift`), and those of bootstrap
/// replicates, which only hue curves have (`Kernels/HSICReplicates.swift`).
/// Other measures are one file each beside `CKA.swift`, or in `Components/` and `Neighbours/`.
public enum Similarity {
  /// What can be computed: names and descriptions in `Results`, the work in `SimilarityComputation.accumulators`.
  public typealias Measure = SimilarityMeasure
  public typealias Estimator = SimilarityEstimator
  public typealias Pairs = SimilarityPairs

  public struct Settings: Sendable {
    /// Which condition is noted, which taps and images are compared, and whether estimators that have an interval give it.
    /// The condition is that of the sources: who opens them reads it here.
    public var selection = MeasureSelection(bootstrap: 1)
    public var measures: [Measure] = Measure.cka
    /// Of HSIC, for CKA.
    public var estimators: [Estimator] = [.debiased]
    public var tokens: TokenMode = .flatten
    /// Whether images without an object are left out; token mode `object` always leaves them out.
    public var needsObjects = false
    public var pairs: Pairs = .all
    /// σ² = fraction² · median of the squared distances.
    public var rbfFraction = 1.0
    /// The most images in a minibatch; more where batches would have fewer than four.
    public var minibatch = 256
    /// The share of the variance that the principal components of `svcca` and `pwcca` keep.
    public var variance = 0.99
    /// How many nearest neighbours `mutual_knn` looks at.
    public var neighbours = 10
    /// Random permutations of the images behind the null distribution; 0 for none.
    public var permutations = 0
    /// Which differences of values that share a tap are taken.
    public var differences = DifferenceSelection.all
    /// How many folds `linear_predictivity` predicts in turn.
    public var folds = 5
    /// Whether every column of a tap is brought to mean 0 and variance 1 first.
    public var standardizes = false
    /// The quantile of ∣x∣ at which features are clamped first, in 0 … 1; nil for none.
    public var clip: Double?
    /// Bytes of working memory, libtorch itself not counted; beyond it kernel matrices go to a scratch file. Where the selection says how
    /// much memory there is, that counts.
    public var memoryLimit = 1280 << 20
    /// Where the scratch file goes if one is needed; nil is the system's temporary folder.
    public var scratchFolder: String?

    public init() {}

    var scaling: FeatureScaling { FeatureScaling(clip: clip, standardizes: standardizes) }

    func validate() throws {
      func refuse(_ text: String) -> AnalysisError { AnalysisError(.badInput, text) }
      guard !measures.isEmpty else {
        throw refuse("no measure is named; expected \(Measure.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      guard !estimators.isEmpty || !measures.contains(where: Measure.cka.contains) else {
        throw refuse("no estimator is named; expected debiased, biased or minibatch")
      }
      guard rbfFraction > 0, rbfFraction.isFinite else {
        throw refuse("the RBF kernel's fraction of the median distance is \(rbfFraction); expected a number above 0")
      }
      guard minibatch >= 4 else { throw refuse("a minibatch of \(minibatch) images is too small; expected at least 4") }
      guard variance > 0, variance <= 1 else {
        throw refuse("the share of the variance to keep is \(variance); expected a number above 0, at most 1")
      }
      guard neighbours >= 1 else { throw refuse("\(neighbours) nearest neighbours are too few; expected at least 1") }
      try DrawnCounts.requirePermutations(permutations)
      guard differences.taps.count % 2 == 0 else {
        throw refuse(
          "--differences names \(differences.taps.count) taps (\(differences.taps.joined(separator: ", "))); name them in twos, as"
            + " STORE:TAP,STORE:TAP: of every other tap the value with the first less that with the second is taken")
      }
      guard folds >= 2 else { throw refuse("\(folds) folds are too few; expected at least 2") }
      if let clip, !(clip > 0 && clip <= 1) {
        throw refuse("the quantile at which features are clamped is \(clip); expected a number above 0, at most 1")
      }
      try selection.validateOne(for: AnalysisDefinition.similarity.name, atLeast: 4)
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
    try settings.validate()
    var settings = settings
    if let memory = settings.selection.memory {
      settings.memoryLimit = max(256 << 20, memory - MemoryDemand.program)
    }
    let selection = try ImageSelection(
      sources, taking: settings.selection.images, needsObjects: settings.needsObjects || settings.tokens == .object)
    let images = selection.rows.count
    try selection.require(4, for: AnalysisDefinition.similarity.name)
    if settings.measures.contains(.mutualKNN), settings.neighbours >= images {
      throw AnalysisError(
        .badInput,
        "\(settings.neighbours) nearest neighbours need at least \(settings.neighbours + 1) images, there are"
          + " \(images); look at fewer neighbours or extract more images")
    }
    try DrawnCounts.requireMemory(settings.permutations, images: images, option: "--permutations")
    return try SimilarityComputation(sources, selection, settings).result(progress: progress)
  }
}
