/// Reads some columns of a tap's matrix for all images, tokens averaged as the token mode says.
struct SlabReader {
  let source: any FeatureSource
  let tap: Int
  let images: [Int]
  /// Bytes for rows as the store has them, while tokens are averaged.
  let readBytes: Int

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
      if some.lowerBound == 0 { SlabReader.means(raw.pointer, cells, piece.channels, into: first.pointer) }
      guard let base = target.baseAddress else { return nil }
      let shared = SharedPointer(base + some.lowerBound * piece.columns)
      inParallel(some.count) { image in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: piece.columns) { means in
          guard let mean = means.baseAddress else { return }
          SlabReader.means(raw.pointer + image * width, cells, piece.channels, into: mean)
          let row = shared.pointer + image * piece.columns
          for column in 0..<piece.columns { row[column] = Float(mean[column] - first.pointer[column]) }
        }
      }
    }
    return Array(first.values)
  }

  private static func means(
    _ row: UnsafePointer<Float>, _ cells: [[Int]], _ channels: Int, into means: UnsafeMutablePointer<Double>
  ) {
    for (cell, tokens) in cells.enumerated() {
      let mean = means + cell * channels
      mean.initialize(repeating: 0, count: channels)
      for token in tokens { VectorSums.add(row + token * channels, channels, into: mean) }
      let count = Double(tokens.count)
      for channel in 0..<channels { mean[channel] /= count }
    }
  }
}

/// A pointer that several threads may use, each for its own part.
struct SharedPointer<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) {
    self.pointer = pointer
  }
}
