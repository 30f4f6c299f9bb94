import Activations
import Formats

/// What conditions do to the features of one tap, image by image and as a whole.
struct FeatureResponse {
  /// One condition at one tap.
  struct Measured {
    let condition: String
    let tap: String
    /// By metric without its suffix: the images as they are, and shuffled pairs.
    var distance: (own: ImageSeries, shuffled: PairSeries)
    var cosine: (own: ImageSeries, shuffled: PairSeries)
    /// nil with fewer than four images.
    var cka: (own: ConditionCKA.Value, shuffled: ConditionCKA.Value)?
    /// Whether it comes from products of columns.
    var usesMoments = false
  }

  let name: String
  let original: StoreSource
  let changed: [StoreSource]
  /// Rows used, the same under every condition.
  let rows: [Int]
  let cka: ConditionCKA
  /// Bytes of features, and of kernel matrices, held at once.
  let memoryLimit: Int
  /// Whether CKA of a tap comes from products of columns.
  let usesMoments: (TapShape) -> Bool

  /// Measures a tap of the originals under every condition that has it.
  ///
  /// - Parameter advance: called after each condition; may throw to stop the work.
  func measure(tap: Int, advance: () throws -> Void) throws -> [Measured] {
    let shape = original.taps[tap]
    var measured: [Measured] = []
    let usesMoments = rows.count >= 4 && usesMoments(shape)
    let own = try rows.count >= 4 && !usesMoments ? gram(original, shape.name) : nil
    let here = try changed.filter { source in
      guard let other = source.taps.first(where: { $0.name == shape.name }) else { return false }
      guard other.columns == shape.columns else {
        throw AnalysisError(
          .badInput,
          "\(name): tap \(shape.name) is \(shape.tokens) × \(shape.channels) under original and"
            + " \(other.tokens) × \(other.channels) under \(source.condition); extract both with the same settings")
      }
      return true
    }
    if usesMoments {
      let moments = ConditionMoments(cka: cka, rows: rows, memoryLimit: memoryLimit)
      for source in here {
        var (one, _) = try compare(source, shape, wantsGram: false)
        one.cka = try moments.values(original, source, tap: shape.name)
        one.usesMoments = true
        measured.append(one)
        try advance()
      }
      return measured
    }
    for group in pieces(of: here.indices, size: cka.conditions(fitting: memoryLimit)) {
      var matrices: [ImagePairMatrix?] = []
      for source in here[group] {
        let (one, matrix) = try compare(source, shape, wantsGram: own != nil)
        measured.append(one)
        matrices.append(matrix)
        try advance()
      }
      guard let own else { continue }
      let values = try cka.values(own, matrices)
      for (index, value) in zip(group, values) { measured[index].cka = value }
    }
    return measured
  }

  /// Distances and, where wanted, the inner products of one condition; no products where all images have the same features.
  private func compare(
    _ source: StoreSource, _ shape: TapShape, wantsGram: Bool
  ) throws -> (Measured, ImagePairMatrix?) {
    let sums = DistanceSums(cka.pairings, images: rows.count)
    let accumulator =
      wantsGram ? GramAccumulator(cka.layout, images: rows.count, exact: cka.isExact) : nil
    try forEachSlab([original, source], shape.name) { slabs, columns in
      sums.add(slabs[0], slabs[1], columns: columns)
      if let image = try accumulator?.add(slabs[1], columns: columns) { throw notFinite(source, shape.name, image) }
    }
    var (distance, cosine) = (ImageSeries(count: rows.count), ImageSeries(count: rows.count))
    for image in rows.indices {
      guard sums.isFinite(image) else { throw notFinite(source, shape.name, image) }
      distance[image] = sums.relativeDistance(image)
      cosine[image] = sums.cosine(image)
    }
    let shuffled = sums.shuffled()
    let measured = Measured(
      condition: source.condition, tap: shape.name, distance: (distance, shuffled.distance),
      cosine: (cosine, shuffled.cosine))
    return (measured, accumulator?.products)
  }

  /// Inner products of a tap; nil where all images have the same features.
  private func gram(_ source: StoreSource, _ tap: String) throws -> ImagePairMatrix? {
    let accumulator = GramAccumulator(cka.layout, images: rows.count, exact: cka.isExact)
    try forEachSlab([source], tap) { slabs, columns in
      if let image = try accumulator.add(slabs[0], columns: columns) { throw notFinite(source, tap, image) }
    }
    return accumulator.products
  }

  private func notFinite(_ source: StoreSource, _ tap: String, _ image: Int) -> AnalysisError {
    AnalysisError(
      .badInput,
      "\(name): tap \(tap) under \(source.condition) holds a number that is not finite for image"
        + " '\(source.imagePaths[rows[image]])'; \(source.notFiniteAdvice(tap: tap))")
  }

  /// Reads a tap of several conditions in slabs of columns.
  private func forEachSlab(
    _ sources: [StoreSource], _ tap: String, _ body: ([UnsafePointer<Float>], Int) throws -> Void
  ) throws {
    let indices = try sources.map { source -> Int in
      guard let index = source.taps.firstIndex(where: { $0.name == tap }) else {
        throw AnalysisError(.badInput, "\(name): there is no tap \(tap) under \(source.condition)")
      }
      return index
    }
    let columns = sources[0].taps[indices[0]].columns
    let width = SlabReader.width(
      images: rows.count, bytes: memoryLimit / (2 * sources.count), step: GramAccumulator.step)
    let slabs = sources.map { _ in Buffer<Float>(rows.count * min(width, columns)) }
    for piece in pieces(of: 0..<columns, size: width) {
      for (source, (index, slab)) in zip(sources, zip(indices, slabs)) {
        try source.read(
          tap: index, images: rows, columns: piece,
          into: UnsafeMutableBufferPointer(start: slab.pointer, count: rows.count * piece.count))
      }
      try withExtendedLifetime(slabs) { try body(slabs.map { UnsafePointer($0.pointer) }, piece.count) }
    }
  }
}
