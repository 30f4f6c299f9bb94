import Activations
import Formats
import Torch

/// What ``ConditionCKA`` measures, by products of columns instead of kernel matrices: of one tap under the originals and under one condition.
struct ConditionMoments {
  let cka: ConditionCKA
  /// Rows used, the same under both.
  let rows: [Int]
  /// Bytes of features held at once.
  let memoryLimit: Int

  /// Whether it costs less than kernels of so many images, and how many columns that takes.
  ///
  /// - Parameter hasMemory: whether the kernels would fit into memory.
  static func isCheaper(images: Int, columns: Int, hasMemory: Bool) -> Bool {
    guard columns < images, images > GramAccumulator.exactImages else { return false }
    guard hasMemory else { return true }
    // Three passes for values and errors, one for each pairing; of kernels products in single precision and pairings number by number.
    let (images, columns) = (Double(images), Double(columns))
    let pairings = Double(ShuffledPairing.shufflings)
    return columns * columns * (9 + pairings) < images * (columns / 2 + 4 * pairings)
  }

  /// - Returns: the value, and the mean and the spread of shuffled pairings; nil where the originals all have the same features.
  func values(
    _ original: StoreSource, _ changed: StoreSource, tap: String
  ) throws -> (own: ConditionCKA.Value, shuffled: ConditionCKA.Value)? {
    var settings = Similarity.Settings()
    settings.measures = [.ckaLinear]
    settings.selection.taps = [tap]
    settings.selection.bootstrap = cka.bootstrap.replicates
    let computation = try SimilarityComputation(
      [original, changed].map { NamedSource(name: $0.condition, source: $0) }, ImageSelection(rows: rows, of: original),
      settings)
    let moments = try LinearMoments(computation) { _ in }
    guard !moments.isConstant[0] else { return nil }
    guard !moments.isConstant[1] else { return (ConditionCKA.Value(), ConditionCKA.Value()) }
    let centred = try moments.centred()
    var values = try moments.values(.debiased, centred, settings, differences: []) { _ in }
    if cka.keepsReplicates, cka.bootstrap.replicates > 0 {
      let size = moments.taps * moments.taps
      let sums = try moments.replicates(cka.bootstrap, centred)
      values.makeReplicates(cka.bootstrap.replicates)
      for replicate in 0..<cka.bootstrap.replicates {
        values.add(sums[replicate * size..<(replicate + 1) * size], toReplicate: replicate)
      }
    }
    values.permuted = try permuted(original, changed, tap, centred).flatMap { [0, $0, 0, 0] }
    return cka.values(values, kernel: 1)
  }

  // MARK: Shuffled pairings

  /// By pairing Σ_{i≠j} K̂_ij L̂_π(i)π(j), K of the originals and L of the changed images.
  private func permuted(
    _ original: StoreSource, _ changed: StoreSource, _ tap: String, _ centred: LinearMoments.Centred
  ) throws -> [Double] {
    guard let first = original.taps.firstIndex(where: { $0.name == tap }),
      let second = changed.taps.firstIndex(where: { $0.name == tap })
    else { return [] }
    let columns = original.taps[first].columns
    let width = max(1, min(columns, memoryLimit / (2 * MemoryLayout<Float>.stride * max(1, rows.count))))
    var squares = [Double](repeating: 0, count: cka.pairings.count)
    var lengths = (first: [Double](repeating: 0, count: rows.count), second: [Double](repeating: 0, count: rows.count))
    for (place, piece) in pieces(of: 0..<columns, size: width).enumerated() {
      let own = try slab(original, first, piece)
      own.addSquares(to: &lengths.first)
      for other in pieces(of: 0..<columns, size: width) {
        let slab = try slab(changed, second, other)
        if place == 0 { slab.addSquares(to: &lengths.second) }
        for (index, pairing) in cka.pairings.enumerated() {
          squares[index] += try CenteredSlab.squaredProduct(own, slab, pairing.partners)
        }
      }
    }
    let n = Double(rows.count)
    return zip(squares, cka.pairings).map { square, pairing in
      let diagonal = rows.indices.reduce(0) { $0 + lengths.first[$1] * lengths.second[pairing.partners[$1]] }
      return square - diagonal * n / (n - 2) + centred.traces[0] * centred.traces[1] / ((n - 1) * (n - 2))
    }
  }

  private func slab(_ source: StoreSource, _ tap: Int, _ columns: Range<Int>) throws -> CenteredSlab {
    let values = Buffer<Float>(rows.count * columns.count)
    try source.read(
      tap: tap, images: rows, columns: columns,
      into: UnsafeMutableBufferPointer(start: values.pointer, count: values.count))
    return CenteredSlab(values, images: rows.count, columns: columns.count)
  }
}

/// Some columns of all images as they were read, lent centred in double precision.
private struct CenteredSlab {
  private static let imagesAtATime = 2048

  private let values: Buffer<Float>
  private let images: Int
  private let columns: Int
  /// Means, less the first image's numbers.
  private let means: [Double]

  init(_ values: Buffer<Float>, images: Int, columns: Int) {
    var sums = [Double](repeating: 0, count: columns)
    for image in 0..<images {
      let row = values.pointer + image * columns
      for column in 0..<columns { sums[column] += Double(row[column]) - Double(values.pointer[column]) }
    }
    means = sums.map { $0 / Double(images) }
    (self.values, self.images, self.columns) = (values, images, columns)
  }

  private func copy(_ image: Int, to target: UnsafeMutablePointer<Double>) {
    let row = values.pointer + image * columns
    for column in 0..<columns { target[column] = Double(row[column]) - Double(values.pointer[column]) - means[column] }
  }

  func addSquares(to lengths: inout [Double]) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: columns) { row in
      guard let row = row.baseAddress else { return }
      for image in 0..<images {
        copy(image, to: row)
        for column in 0..<columns { lengths[image] += row[column] * row[column] }
      }
    }
  }

  private func rows(_ count: Int, _ image: @Sendable (Int) -> Int) throws -> Tensor {
    let block = Buffer<Double>(count * columns)
    let parts = pieces(of: 0..<count, size: 128)
    let copied = SharedSlab(slab: self)
    inParallel(parts.count) { part in
      for place in parts[part] { copied.slab.copy(image(place), to: block.pointer + place * copied.slab.columns) }
    }
    return try block.tensor([count, columns])
  }

  /// Its buffer is not written to while threads share it.
  private struct SharedSlab: @unchecked Sendable {
    let slab: CenteredSlab
  }

  /// ‖Σ_i x_i y_π(i)ᵀ‖²
  static func squaredProduct(_ first: CenteredSlab, _ second: CenteredSlab, _ partners: [Int]) throws -> Double {
    let sum = try Tensor.zeros([first.columns, second.columns], dtype: .float64)
    for images in pieces(of: 0..<first.images, size: imagesAtATime) {
      let left = try first.rows(images.count) { images.lowerBound + $0 }
      let right = try second.rows(images.count) { partners[images.lowerBound + $0] }
      try sum.addProduct(left.transposed(0, 1), right)
    }
    return try (sum * sum).sum().item()
  }
}
