/// Takes what every measure needs of a tap from the inner products of its images, or from its columns.
struct TapCollector {
  let sets: [KernelSet]
  let neighbours: NeighbourSet?
  let components: ComponentSet?
  let rbfFraction: Double

  static let constantReason = "every image has the same features"
  static let zeroMedianReason = "the median distance between images is 0"
  static let rowReason = "an image has the same number in every column, so its correlation with others is undefined"
  static let equalReason = "all distances between images are equal"

  /// Whether a measure sees what centring takes away.
  var needsOffsets: Bool { neighbours != nil || sets.contains { $0.measure == .rsa } }
  /// Whether a measure is made of the inner products.
  var needsProducts: Bool { neighbours != nil || !sets.isEmpty }

  /// Adds a tap that has fewer columns than images to what is made of columns.
  func add(tap: Int, _ columns: FeatureColumns) throws {
    guard let components else { return }
    if columns.isConstant {
      try components.appendNone(TapCollector.constantReason)
    } else {
      try components.append(PrincipalComponents(columns: columns.tensor()))
    }
  }

  /// Adds a tap to everything that lacks it. The accumulator's matrix is spoilt after.
  ///
  /// - Parameter tap: its number; taps are added in order.
  /// - Returns: false where single precision is too coarse for the distances; those sets still lack the tap.
  func add(tap: Int, _ accumulator: GramAccumulator) throws -> Bool {
    if accumulator.isConstant { return try addNone(tap: tap) }
    let matrix = accumulator.matrix
    let lacking = sets.filter { $0.kernels.count == tap }
    for set in lacking where set.measure == .ckaLinear {
      try set.append(set.layout == matrix.layout ? matrix : matrix.restricted(to: set.layout))
    }
    if let neighbours, neighbours.count == tap, let offsets = accumulator.offsets {
      neighbours.append(matrix, offsets)
    }
    if let components, components.count == tap {
      try components.append(PrincipalComponents(products: matrix.square(), isExact: accumulator.isExact))
    }
    // What is made of the matrix by changing it: sets of other pairs first, and the last takes the matrix itself.
    let changing = lacking.filter { $0.measure != .ckaLinear }
    let order = changing.filter { $0.layout != matrix.layout } + changing.filter { $0.layout == matrix.layout }
    var isComplete = true
    for set in order {
      let isOther = set.layout != matrix.layout
      let own = isOther ? matrix.restricted(to: set.layout) : set === order.last ? matrix : matrix.copy()
      if set.measure == .rsa, let offsets = accumulator.offsets {
        try addRanks(own, offsets, to: set)
      } else {
        isComplete = try addGaussian(own, to: set, isExact: accumulator.isExact) && isComplete
      }
    }
    return isComplete
  }

  private func addNone(tap: Int) throws -> Bool {
    for set in sets where set.kernels.count == tap { set.appendNone(TapCollector.constantReason) }
    if let neighbours, neighbours.count == tap { neighbours.appendNone(TapCollector.constantReason) }
    if let components, components.count == tap { try components.appendNone(TapCollector.constantReason) }
    return true
  }

  private func addRanks(_ matrix: PairMatrix, _ offsets: RowOffsets, to set: KernelSet) throws {
    if matrix.becomeCorrelationDistances(offsets) != nil {
      set.appendNone(TapCollector.rowReason)
    } else if matrix.becomeRanks() {
      try set.appendRanks(matrix)
    } else {
      set.appendNone(TapCollector.equalReason)
    }
  }

  private func addGaussian(_ matrix: PairMatrix, to set: KernelSet, isExact: Bool) throws -> Bool {
    let scale = matrix.diagonal.reduce(0, +) / Double(matrix.diagonal.count)
    matrix.becomeSquaredDistances()
    let median = Quantile.median(nonNegative: matrix.pairs.values) ?? 0
    // Products in single precision are good to about 1e-7 of the squared norms.
    guard isExact || median > 0.05 * scale else { return false }
    if median <= 1e-12 * scale {
      set.appendNone(TapCollector.zeroMedianReason)
    } else {
      try matrix.becomeGaussian(variance: rbfFraction * rbfFraction * median)
      try set.append(matrix)
    }
    return true
  }
}
