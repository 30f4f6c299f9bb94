import Foundation
import Torch

/// The principal components of all taps, and what SVCCA, PWCCA and Procrustes make of them.
final class ComponentAccumulator: SimilarityAccumulator {
  static let measures: [Similarity.Measure] = [.svcca, .pwcca, .procrustes, .procrustesAngle]

  let layout: ImagePairLayout
  private let measures: [Similarity.Measure]
  private let variance: Double
  private let images: Int
  private let storage: ComponentStorage
  /// For each tap all singular values; empty where it is constant.
  private var values: [[Double]] = []
  /// For each tap how many components keep the variance; nil where they are too many for canonical correlations.
  private var kept: [Int?] = []
  private var reasons: [String?] = []
  private var correlationReasons: [String?] = []

  /// Bytes of freed tensors that may be kept for the next ones. Matrices of every pair have their own sizes here, so that few of
  /// them fit what was freed before, and what is kept would grow to the limit of the whole process.
  private static let mostKept = 512 << 20

  private var count: Int { values.count }
  private var wantsAll: Bool { measures.contains(where: \.isOfAllComponents) }
  private var wantsCorrelations: Bool { measures.contains(.svcca) || measures.contains(.pwcca) }

  /// - Parameter measures: those of the four that are wanted.
  init(measures: [Similarity.Measure], variance: Double, images: Int, storage: ComponentStorage) {
    layout = .whole(images)
    self.measures = measures
    self.variance = variance
    self.images = images
    self.storage = storage
  }

  /// One for all measures, for the components are the same.
  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan] {
    let settings = computation.settings
    let measures = settings.measures.filter(ComponentAccumulator.measures.contains)
    guard let first = measures.first else { return [] }
    let (images, taps) = (computation.images, Double(computation.taps.count))
    let rank = computation.taps.map { Double(min($0.shape.columns, images)) }.reduce(0, +) / taps
    return [
      AccumulatorPlan(
        name: first.rawValue, layout: .whole(images),
        operations: taps * taps / 2 * Double(1 + settings.permutations) * rank * rank
          * (2 * Double(images) + 20 * rank),
        takesSpareMemory: true
      ) { memory in
        ComponentAccumulator(
          measures: measures, variance: settings.variance, images: images,
          storage: ComponentStorage(
            images: images, isExact: computation.isExact, memoryLimit: memory.spareBytes,
            folder: memory.scratchFolder))
      }
    ]
  }

  /// Fewer columns than images make smaller matrices.
  func takesColumns(_ columns: Int) -> Bool { columns < images }

  func add(_ columns: FeatureColumns) throws {
    try append(PrincipalComponents(columns: columns.tensor()))
  }

  func add(_ products: TapProducts) throws -> Bool {
    try append(PrincipalComponents(products: products.matrix.square(), isExact: products.isExact))
    return true
  }

  func addEmpty(_ reason: String) throws {
    try storage.append(nil)
    values.append([])
    kept.append(nil)
    reasons.append(reason)
    correlationReasons.append(reason)
  }

  private static func releaseFreed() {
    if Runtime.memory.cached > mostKept { Runtime.trimMemory() }
  }

  private func append(_ components: PrincipalComponents) throws {
    defer { ComponentAccumulator.releaseFreed() }
    let count = components.count(keeping: variance)
    // Two spaces of so many dimensions share none by necessity: all images span n − 1.
    let isSmall = 2 * count <= images - 1
    let columns = wantsAll ? components.values.count : isSmall ? count : 0
    try storage.append(columns > 0 ? components.vectors.slice(1, 0..<columns) : nil)
    values.append(components.values)
    kept.append(isSmall ? count : nil)
    reasons.append(nil)
    correlationReasons.append(
      isSmall
        ? nil
        : "\(variance) of its variance takes \(count) dimensions, for which canonical correlations need at least"
          + " \(2 * count + 1) images; use more images or keep less of the variance")
  }

  // MARK: Values

  /// The values of each measure for all pairs.
  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable] {
    var tables = measures.map { measure in
      var table = TapPairTable(measure, measure.onlyEstimator, n: images, taps: count)
      table.reasons = measure.isOfAllComponents ? reasons : correlationReasons
      return table
    }
    let orders = try computation.permutations.orders.map { try Tensor($0.map(Int64.init), shape: [$0.count]) }
    let wanted = values.indices.map { a in (a..<count).filter { computation.isWanted(a, $0) } }
    let total = wanted.reduce(0) { $0 + $1.count }
    var done = 0
    for (a, partners) in wanted.enumerated() {
      let first = try storage.vectors(a, columns: columns(a))
      for b in partners {
        if let first, let second = a == b ? first : try storage.vectors(b, columns: columns(b)) {
          var nulls = [[Double]](repeating: [], count: measures.count)
          for order in orders {
            let scores = try scores(a, b, first.transposed(0, 1).matmul(second.indexed(0, by: order)))
            for (index, score) in scores.enumerated() { if let score { nulls[index].append(score) } }
          }
          // A tap agrees with itself by definition.
          let values =
            a == b
            ? measures.map { isDefined($0, a) ? $0.definition.agreement : nil }
            : try scores(a, b, first.transposed(0, 1).matmul(second))
          for index in measures.indices { tables[index].set(a, b, values[index], null: nulls[index]) }
          ComponentAccumulator.releaseFreed()
        }
        done += 1
        try advance(Double(done) / Double(total))
      }
    }
    return tables
  }

  /// Columns that storage has of a tap.
  private func columns(_ tap: Int) -> Int { wantsAll ? values[tap].count : kept[tap] ?? 0 }

  private func isDefined(_ measure: Similarity.Measure, _ tap: Int) -> Bool {
    measure.isOfAllComponents ? !values[tap].isEmpty : kept[tap] != nil
  }

  /// The measures of two taps from the products of their components.
  ///
  /// - Parameter product: U_aᵀ U_b.
  private func scores(_ a: Int, _ b: Int, _ product: Tensor) throws -> [Double?] {
    let (correlation, projected) = try correlations(a, b, product)
    return try measures.map { measure in
      switch measure {
      case .svcca: correlation
      case .pwcca: projected
      case .procrustesAngle: try procrustes(a, b, product).map(acos)
      default: try procrustes(a, b, product)
      }
    }
  }

  /// Σ singular values of S_a U_aᵀ U_b S_b, over the norms of the features.
  private func procrustes(_ a: Int, _ b: Int, _ product: Tensor) throws -> Double? {
    let (first, second) = (values[a], values[b])
    guard !first.isEmpty, !second.isEmpty else { return nil }
    // Scaled before, so that no product leaves the range of numbers.
    func normalized(_ values: [Double]) -> [Double] {
      let largest = values[0]
      let norm = values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
      return values.map { $0 / largest / norm }
    }
    let scaled =
      try product * Tensor(normalized(first), shape: [first.count, 1])
      * Tensor(normalized(second), shape: [1, second.count])
    return try min(1, scaled.singularValues().sum().item())
  }

  /// The mean canonical correlation, and the mean weighted by projections.
  private func correlations(_ a: Int, _ b: Int, _ product: Tensor) throws -> (mean: Double?, projected: Double?) {
    guard wantsCorrelations, let first = kept[a], let second = kept[b] else { return (nil, nil) }
    let kept = try product.slice(0, 0..<first).slice(1, 0..<second).contiguous()
    let count = Double(min(first, second))
    guard measures.contains(.pwcca) else {
      let correlations: [Double] = try kept.singularValues().values()
      return (correlations.reduce(0) { $0 + min(1, $1) } / count, nil)
    }
    let (left, singular, right) = try kept.singularDecomposition()
    let correlations: [Double] = try singular.values()
    let isFirst = first <= second
    // Canonical variables in the basis of the components: what each says of a component is its coordinate times s.
    let directions = isFirst ? left : try right.transposed(0, 1)
    let scales = values[isFirst ? a : b].prefix(isFirst ? first : second)
    let weights: [Double] = try directions.absolute().transposed(0, 1)
      .matmul(Tensor(scales.map { $0 / (scales.first ?? 1) }, shape: [scales.count, 1])).values()
    let total = weights.reduce(0, +)
    let projected = zip(weights, correlations).reduce(0) { $0 + $1.0 * min(1, $1.1) } / total
    return (correlations.reduce(0) { $0 + min(1, $1) } / count, projected)
  }
}

extension Similarity.Measure {
  /// Whether it is made of all principal components, rather than of those that keep most of the variance.
  fileprivate var isOfAllComponents: Bool { self == .procrustes || self == .procrustesAngle }
}
