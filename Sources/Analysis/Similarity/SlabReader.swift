/// Reads some columns of a tap's matrix for all images, tokens averaged as the token mode says.
struct SlabReader {
  let source: any FeatureSource
  let tap: Int
  let images: [Int]
  /// Bytes for rows as the store has them, while tokens are averaged.
  let readBytes: Int
  /// How much objects cover of each token's cell, `[images, tokens after the prefix]`; for pieces that are weighted.
  var coverage: Buffer<Float>?

  /// Columns that pieces may have so that a slab of all images takes at most `bytes`: a multiple of `step`.
  static func width(images: Int, bytes: Int, step: Int) -> Int {
    max(1, bytes / (max(1, images) * MemoryLayout<Float>.stride) / step) * step
  }

  /// Fills `target` with `[images, piece.columns]`, row-major.
  ///
  /// Means are taken in double precision. From each the first image's is subtracted before it is rounded: a common
  /// offset, which few measures see, would cost digits.
  ///
  /// - Returns: for each column what was subtracted; nil where nothing was.
  func read(_ piece: ColumnPlan.Piece, into target: UnsafeMutableBufferPointer<Float>) throws -> [Double]? {
    guard let cells = piece.cells else {
      try source.read(tap: tap, images: images, columns: piece.input, into: target)
      return nil
    }
    let width = piece.input.count
    let rows = max(1, readBytes / (width * MemoryLayout<Float>.stride))
    let raw = Buffer<Float>(min(rows, images.count) * width)
    let first = Buffer<Double>(piece.columns)
    for some in pieces(of: 0..<images.count, size: rows) {
      try source.read(
        tap: tap, images: Array(images[some]), columns: piece.input,
        into: UnsafeMutableBufferPointer(start: raw.pointer, count: some.count * width))
      let weights = piece.isWeighted ? coverage : nil
      let tokens = width / piece.channels
      if some.lowerBound == 0 {
        SlabReader.means(raw.pointer, cells, piece.channels, weights: weights?.pointer, into: first.pointer)
      }
      guard let base = target.baseAddress else { return nil }
      let shared = SharedPointer(base + some.lowerBound * piece.columns)
      inParallel(some.count) { image in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: piece.columns) { means in
          guard let mean = means.baseAddress else { return }
          let own = weights.map { UnsafePointer($0.pointer + (some.lowerBound + image) * tokens) }
          SlabReader.means(raw.pointer + image * width, cells, piece.channels, weights: own, into: mean)
          let row = shared.pointer + image * piece.columns
          for column in 0..<piece.columns { row[column] = Float(mean[column] - first.pointer[column]) }
        }
      }
    }
    return Array(first.values)
  }

  private static func means(
    _ row: UnsafePointer<Float>, _ cells: [[Int]], _ channels: Int, weights: UnsafePointer<Float>?,
    into means: UnsafeMutablePointer<Double>
  ) {
    if let weights {
      return weightedMean(row, channels, weights: weights, tokens: cells.first?.count ?? 0, into: means)
    }
    for (cell, tokens) in cells.enumerated() {
      let mean = means + cell * channels
      mean.initialize(repeating: 0, count: channels)
      for token in tokens { VectorSums.add(row + token * channels, channels, into: mean) }
      let count = Double(tokens.count)
      for channel in 0..<channels { mean[channel] /= count }
    }
  }

  /// Σ w_t x_t / Σ w_t over tokens t; some weight is above zero.
  private static func weightedMean(
    _ row: UnsafePointer<Float>, _ channels: Int, weights: UnsafePointer<Float>, tokens: Int,
    into mean: UnsafeMutablePointer<Double>
  ) {
    mean.initialize(repeating: 0, count: channels)
    var total = 0.0
    for token in 0..<tokens where weights[token] > 0 {
      let weight = Double(weights[token])
      total += weight
      for channel in 0..<channels { mean[channel] += weight * Double(row[token * channels + channel]) }
    }
    for channel in 0..<channels { mean[channel] /= total }
  }
}

/// A pointer that several threads may use, each for its own part.
struct SharedPointer<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) {
    self.pointer = pointer
  }
}
