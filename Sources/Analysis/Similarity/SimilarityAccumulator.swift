import Results

/// What a measure, or several that share their work, keeps of every tap, and the values that it makes of them.
///
/// To add a measure: its entry in `SimilarityMeasure` (Results), a file with a type that conforms to this, and that type in
/// ``SimilarityComputation/accumulators``. Help, tables, the report's methods and the documentation follow from the entry.
protocol SimilarityAccumulator: AnyObject {
  /// The measures that this type makes.
  static var measures: [Similarity.Measure] { get }

  /// One plan for each accumulator that the settings need; none where none of ``measures`` is asked for.
  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan]

  /// The pairs of images whose inner products it takes.
  var layout: ImagePairLayout { get }
  /// Whether it needs to know what centring the columns took away.
  var needsOffsets: Bool { get }
  /// Whether it overwrites the inner products that it is given.
  var changesProducts: Bool { get }
  /// Whether it takes a tap of so many columns by its columns instead of its inner products.
  func takesColumns(_ columns: Int) -> Bool

  /// Takes the next tap by the inner products of its images.
  ///
  /// - Returns: false where single precision is too coarse; the tap is then offered again in double precision.
  func add(_ products: TapProducts) throws -> Bool

  /// Takes the next tap by its columns, where ``takesColumns(_:)`` says so.
  func add(_ columns: FeatureColumns) throws

  /// Takes the next tap, which has no values.
  ///
  /// - Parameter reason: why, for people.
  func addEmpty(_ reason: String) throws

  /// Images that have no value at some tap and are to be left out of all pairs, once for each such tap. The tap is empty as long
  /// as they are there.
  var undefined: [UndefinedImage] { get }

  /// The values of all pairs of taps: a table for each measure and estimator.
  ///
  /// - Parameter advance: called with the share of the work done; may throw to stop it.
  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable]
}

extension SimilarityAccumulator {
  var needsOffsets: Bool { false }
  var changesProducts: Bool { false }
  var undefined: [UndefinedImage] { [] }
  func takesColumns(_ columns: Int) -> Bool { false }
  func add(_ columns: FeatureColumns) throws { preconditionFailure("a tap is offered as takesColumns says") }
}

/// An image for which a measure is not defined at a tap.
struct UndefinedImage {
  /// Its index among the images compared.
  let image: Int
  let tap: Int
  /// What follows "it".
  let reason: String

  /// Whether so many of the images of a tap are to be left out; where it is most of them the tap itself is empty.
  static func areFew(_ count: Int, of images: Int) -> Bool { 2 * count < images }

  /// What follows "has" of an image whose row is constant.
  static let constantReason = "the same number in every column, so its correlation with others is undefined"

  /// Images whose row is constant at a tap; none where they are most of them.
  static func constant(_ found: [Int], of images: Int, tap: Int) -> [UndefinedImage] {
    areFew(found.count, of: images)
      ? found.map { UndefinedImage(image: $0, tap: tap, reason: "has \(constantReason)") } : []
  }
}

/// The inner products of the images at one tap, columns centred.
struct TapProducts {
  /// Of the accumulator's layout; its own to change where it changes products.
  let matrix: ImagePairMatrix
  /// What centring took away; nil where no accumulator needs it.
  let offsets: RowOffsets?
  /// Whether they are in double precision, or sums of single precision.
  let isExact: Bool

  /// The most by which equal distances or cosines differ through rounding, with room to spare.
  ///
  /// - Parameter range: from the least to the greatest of them, which may be small: columns with a large offset make all rows
  ///   point the same way.
  func rounding(range: Double) -> Double { TapProducts.rounding(range: range, isExact: isExact) }

  static func rounding(range: Double, isExact: Bool) -> Double { max(1e-15, (isExact ? 1e-12 : 1e-6) * range) }
}

/// An accumulator that the settings need: what it will cost, and how it is made.
struct AccumulatorPlan {
  /// What progress calls it.
  let name: String
  let layout: ImagePairLayout
  /// Rough count of the operations that its tables take.
  let operations: Double
  /// Bytes of kernel matrices it will hold, or put into a scratch file.
  var kernelBytes = 0
  /// Whether it holds as much as half of the memory that is left.
  var takesSpareMemory = false
  let make: (AccumulatorMemory) throws -> any SimilarityAccumulator

  /// For a measure that keeps a matrix over the pairs of images for every tap.
  static func kernels(
    _ measure: Similarity.Measure, _ layout: ImagePairLayout, _ computation: SimilarityComputation,
    make: @escaping (KernelSet) -> any SimilarityAccumulator
  ) -> AccumulatorPlan {
    let (images, taps) = (Double(computation.images), Double(computation.taps.count))
    // Leaving out images sums their products again, in double precision.
    let draws = Double((computation.settings.selection.hasIntervals ? 8 : 0) + computation.settings.permutations)
    let capacity = computation.taps.count
    return AccumulatorPlan(
      name: measure.rawValue, layout: layout, operations: images * images / 2 * taps * (50 + taps * draws),
      kernelBytes: KernelSet.bytes(layout, taps: capacity, exact: computation.isExact)
    ) { memory in
      make(
        try KernelSet(layout, capacity: capacity, exact: computation.isExact, folder: memory.kernelFolder))
    }
  }
}

/// Where accumulators may keep what they hold.
struct AccumulatorMemory {
  /// For kernel matrices; nil where they fit into memory.
  let kernelFolder: String?
  /// For a scratch file of what does not fit into `spareBytes`.
  let scratchFolder: String
  let spareBytes: Int
}

extension Similarity.Measure {
  /// What estimates it, where there is only one estimator: of every measure but CKA.
  var onlyEstimator: Similarity.Estimator { definition.estimators[0] }
}

extension Similarity.Settings {
  /// What estimates a measure: those asked for, or its only one.
  func usedEstimators(of measure: Similarity.Measure) -> [Similarity.Estimator] {
    Similarity.Measure.cka.contains(measure) ? estimators : measure.definition.estimators
  }
}
