import Formats

/// Debiased linear CKA of one tap under several conditions with the same tap of the originals, and with shuffled pairings.
struct ConditionCKA {
  /// One value: of the images as they are, or of shuffled pairings.
  struct Value: Sendable {
    /// nil where the definition gives none.
    var value: Double?
    var interval: (low: Double, high: Double)?
    /// The value of each replicate; empty where some replicate has none. The baseline is held as it is in all of them.
    var replicates: [Double] = []
  }

  let images: Int
  let pairings: [ShuffledPairing]
  let bootstrap: Bootstrap
  /// Whether values have replicates, which hue curves need; intervals do without them.
  let keepsReplicates: Bool

  init(images: Int, _ pairings: [ShuffledPairing], _ bootstrap: Bootstrap, keepsReplicates: Bool) {
    self.images = images
    self.pairings = pairings
    self.bootstrap = bootstrap
    self.keepsReplicates = keepsReplicates
  }

  /// Few images are worth double precision throughout.
  var isExact: Bool { images <= GramAccumulator.exactImages }
  var layout: ImagePairLayout { .whole(images) }

  /// How many conditions fit into `bytes` together with the originals.
  func conditions(fitting bytes: Int) -> Int {
    let kernel = KernelSet.bytes(layout, taps: 1, exact: isExact)
    return max(1, bytes / max(1, kernel) - 1)
  }

  /// - Parameter changed: inner products of some conditions; nil where all images have the same features.
  /// - Returns: for each condition the value, and the mean and the spread of shuffled pairings.
  func values(_ original: ImagePairMatrix, _ changed: [ImagePairMatrix?]) throws -> [(own: Value, shuffled: Value)] {
    let set = try KernelSet(layout, capacity: 1 + changed.count, exact: isExact, folder: nil)
    try set.append(original)
    for matrix in changed.compactMap({ $0 }) { try set.append(matrix) }
    // The originals with all, every other one with itself alone.
    let count = set.count
    let pairs = ComparedKernels(kernels: count, partners: [[0..<count]] + (1..<max(1, count)).map { [$0..<$0 + 1] })
    guard
      var values = try set.values([.debiased], hasIntervals: bootstrap.replicates > 0, advance: { _ in }).first
    else { return changed.map { _ in (Value(), Value()) } }
    if keepsReplicates { try set.addReplicates(bootstrap, pairs: pairs, to: &values) }
    let divisor = HSIC.divisor(.debiased, images: images)
    values.permuted = try set.permutedSums(set: 0, orders: pairings.map(\.partners)) { _ in }.map { $0 / divisor }
    var kernel = 0
    return changed.map { matrix in
      guard matrix != nil else { return (Value(), Value()) }
      kernel += 1
      return self.values(values, kernel: kernel)
    }
  }

  /// Of the originals, kernel 0, and another kernel.
  func values(_ values: KernelValues, kernel: Int) -> (own: Value, shuffled: Value) {
    let replicates = values.replicateValues(0, kernel)
    return (
      Value(
        value: values.value(0, kernel), interval: values.interval(0, kernel),
        replicates: replicates.count == bootstrap.replicates ? replicates : []),
      baseline(values.permutedValues(0, kernel))
    )
  }

  /// The mean over the pairings, and between which percentiles of them 95 % lie.
  private func baseline(_ values: [Double]) -> Value {
    guard !values.isEmpty else { return Value() }
    let mean = values.reduce(0, +) / Double(values.count)
    let interval: (low: Double, high: Double)? =
      if let low = Quantile.linear(values, 0.025), let high = Quantile.linear(values, 0.975) { (low, high) } else {
        nil
      }
    return Value(
      value: mean, interval: interval, replicates: Array(repeating: mean, count: bootstrap.replicates))
  }
}
