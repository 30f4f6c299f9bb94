import Formats

/// Debiased linear CKA of one tap under several conditions with the same tap of the originals, and with a shuffled pairing.
struct ConditionCKA {
  /// One value: of the images as they are, or of the shuffled pairing.
  struct Value: Sendable {
    /// nil where the definition gives none.
    var value: Double?
    var interval: (low: Double, high: Double)?
    /// The value of each replicate; empty where some replicate has none.
    var replicates: [Double] = []
  }

  let pairing: ShuffledPairing
  let bootstrap: Bootstrap
  /// Whether values have replicates, which hue curves need; intervals do without them.
  let keepsReplicates: Bool
  private var images: Int { pairing.partners.count }

  init(_ pairing: ShuffledPairing, _ bootstrap: Bootstrap, keepsReplicates: Bool) {
    self.pairing = pairing
    self.bootstrap = bootstrap
    self.keepsReplicates = keepsReplicates
  }

  /// Few images are worth double precision throughout.
  var isExact: Bool { images <= GramAccumulator.exactImages }
  var layout: ImagePairLayout { .whole(images) }

  /// How many conditions fit into `bytes` together with the originals.
  func conditions(fitting bytes: Int) -> Int {
    let kernel = KernelSet.bytes(layout, taps: 1, exact: isExact)
    return max(1, (bytes / max(1, kernel) - 1) / 2)
  }

  /// - Parameter changed: inner products of some conditions; nil where all images have the same features.
  /// - Returns: for each condition the value, and that of the shuffled pairing.
  func values(_ original: ImagePairMatrix, _ changed: [ImagePairMatrix?]) throws -> [(own: Value, shuffled: Value)] {
    let set = try KernelSet(layout, capacity: 1 + 2 * changed.count, exact: isExact, folder: nil)
    try set.append(original)
    for matrix in changed.compactMap({ $0 }) {
      try set.append(matrix)
      try set.append(matrix.permuted(pairing.partners))
    }
    // The originals with all, every other one with itself alone.
    let count = set.count
    let pairs = ComparedKernels(kernels: count, partners: [[0..<count]] + (1..<max(1, count)).map { [$0..<$0 + 1] })
    guard
      var values = try set.values([.debiased], hasIntervals: bootstrap.replicates > 0, advance: { _ in }).first
    else { return changed.map { _ in (Value(), Value()) } }
    if keepsReplicates { try set.addReplicates(bootstrap, pairs: pairs, to: &values) }
    func value(_ kernel: Int) -> Value {
      let replicates = values.replicateValues(0, kernel)
      return Value(
        value: values.value(0, kernel), interval: values.interval(0, kernel),
        replicates: replicates.count == bootstrap.replicates ? replicates : [])
    }
    var kernel = 1
    return changed.map { matrix in
      guard matrix != nil else { return (Value(), Value()) }
      defer { kernel += 2 }
      return (value(kernel), value(kernel + 1))
    }
  }
}

extension ImagePairMatrix {
  /// The matrix of the images in another order: image i is what image `order[i]` was. For one set of all images.
  func permuted(_ order: [Int]) -> ImagePairMatrix {
    let result = ImagePairMatrix(layout, images: order.count)
    result.diagonal = order.map { diagonal[$0] }
    let rows = pieces(of: order.indices, size: 16)
    inParallel(rows.count) { [self] piece in
      for row in rows[piece] {
        let target = result.pairs.pointer + layout.offset(set: 0, row: row)
        for column in row + 1..<max(row + 1, order.count) {
          let (low, high) = (min(order[row], order[column]), max(order[row], order[column]))
          target[column - row - 1] = pairs.pointer[layout.offset(set: 0, row: low) + high - low - 1]
        }
      }
    }
    return result
  }
}
