import Formats

/// Reads the matrix X `[images, columns]` of one tap, slab by slab: some columns of all images at a time.
struct TapReader {
  private let tap: ComparedTap
  private let images: Int
  private let paths: [String]
  private let plan: ColumnPlan
  private let reader: SlabReader
  private let scaling: FeatureScaling
  /// Where numbers are clamped; nil where they are not.
  private let bound: Double?
  private let advice: String

  /// Columns of the tap's matrix.
  var columns: Int { plan.columns }

  /// - Parameter slabBytes: what a slab may take where each costs a pass over all the data.
  init(_ tap: ComparedTap, of computation: SimilarityComputation, slabBytes: Int) throws {
    let source = computation.sources[tap.source].source
    images = computation.images
    paths = computation.selection.paths
    self.tap = tap
    advice = source.notFiniteAdvice(tap: tap.name.tap)
    let usual = 256 << 20
    let bytes = try source.readsWholeRows(tap: tap.tap) ? slabBytes : min(slabBytes, usual)
    let width = SlabReader.width(images: images, bytes: bytes, step: GramAccumulator.step)
    plan = ColumnPlan(computation.settings.tokens, tap.shape, width: width)
    reader = SlabReader(
      source: source, tap: tap.tap, images: computation.selection.rows, readBytes: min(bytes, 64 << 20),
      coverage: TapReader.coverage(of: tap, computation))
    scaling = computation.settings.scaling
    bound = try ClipBound.bound(scaling, reader, plan)
  }

  static func notFinite(_ tap: Similarity.TapName, image: String, advice: String) -> AnalysisError {
    AnalysisError(
      .badInput, "\(tap.store): tap \(tap.tap) holds a number that is not finite for image '\(image)'; \(advice)")
  }

  /// How much objects cover of the cells of a tap's tokens; nil where the token mode does not ask.
  private static func coverage(of tap: ComparedTap, _ computation: SimilarityComputation) -> Buffer<Float>? {
    guard computation.settings.tokens == .object, let grid = tap.shape.grid,
      let objects = computation.sources[tap.source].objects
    else { return nil }
    let cells = grid.area
    let rows = computation.selection.rows
    let coverage = Buffer<Float>(rows.count * cells)
    inParallel(rows.count) { image in
      for (cell, value) in objects.coverage(image: rows[image], grid: grid).enumerated() {
        coverage.pointer[image * cells + cell] = value
      }
    }
    return coverage
  }

  /// Reads all columns into the inner products, the columns, or both, scaled as the settings say.
  ///
  /// - Returns: how many columns are the same for all images, where columns are brought to one variance.
  /// - Throws: ``AnalysisError`` where a number is not finite; what the source throws.
  func read(into gram: GramAccumulator?, _ features: FeatureColumns?, advance: (Double) throws -> Void) throws -> Int {
    gram?.reset()
    let slab = Buffer<Float>(images * (plan.pieces.map(\.columns).max() ?? 0))
    var (done, constant) = (0, 0)
    for piece in plan.pieces {
      try advance(Double(done) / Double(plan.columns))
      let values = UnsafeMutableBufferPointer(start: slab.pointer, count: images * piece.columns)
      var subtracted = try reader.read(piece, into: values)
      if !scaling.isNone {
        let scaled = scaling.apply(
          to: slab.pointer, images: images, columns: piece.columns, bound: bound, subtracted: subtracted)
        subtracted = scaled.subtracted
        constant += scaled.constant
      }
      let notFinite =
        try gram?.add(slab.pointer, columns: piece.columns, subtracted: subtracted)
        ?? features?.add(slab.pointer, columns: piece.columns)
      if let notFinite {
        throw TapReader.notFinite(tap.name, image: paths[notFinite], advice: advice)
      }
      done += piece.columns
    }
    return constant
  }
}

/// How the columns of a matrix come from those of a store, piece by piece.
struct ColumnPlan {
  /// Some columns of the store and what becomes of them.
  struct Piece {
    /// Columns of the store.
    let input: Range<Int>
    /// For each cell, the tokens it is the mean of, counted from the first of `input`; nil where columns are taken as
    /// they are.
    let cells: [[Int]]?
    let channels: Int
    /// Whether the tokens of a cell count as much as objects cover of theirs; else all count the same.
    var isWeighted = false

    /// Columns of the matrix.
    var columns: Int { cells.map { $0.count * channels } ?? input.count }
  }

  let pieces: [Piece]
  var columns: Int { pieces.reduce(0) { $0 + $1.columns } }

  /// - Parameter width: the most columns of a piece that is taken as it is.
  init(_ mode: TokenMode, _ tap: TapShape, width: Int) {
    let channels = tap.channels
    switch mode {
    case .flatten: pieces = ColumnPlan.direct(0..<tap.columns, channels, width)
    case .prefix: pieces = ColumnPlan.direct(0..<tap.prefixTokens * channels, channels, width)
    case .mean:
      let first = tap.tokens > tap.prefixTokens ? tap.prefixTokens : 0
      if tap.tokens - first == 1 {
        pieces = ColumnPlan.direct(first * channels..<tap.columns, channels, width)
      } else {
        pieces = [
          Piece(input: first * channels..<tap.columns, cells: [Array(0..<tap.tokens - first)], channels: channels)
        ]
      }
    case .object:
      let first = tap.prefixTokens
      pieces = [
        Piece(
          input: first * channels..<tap.columns, cells: [Array(0..<tap.tokens - first)], channels: channels,
          isWeighted: true)
      ]
    case .grid(let size):
      let grid = tap.grid ?? ImageSize(height: 1, width: tap.tokens - tap.prefixTokens)
      if grid == ImageSize(side: size) {
        pieces = ColumnPlan.direct(tap.prefixTokens * channels..<tap.columns, channels, width)
      } else {
        pieces = (0..<size).map { row in
          let rows = ColumnPlan.window(row, of: size, over: grid.height)
          let cells = (0..<size).map { column in
            let columns = ColumnPlan.window(column, of: size, over: grid.width)
            return (0..<rows.count).flatMap { y in columns.map { y * grid.width + $0 } }
          }
          let first = (tap.prefixTokens + rows.lowerBound * grid.width) * channels
          return Piece(input: first..<first + rows.count * grid.width * channels, cells: cells, channels: channels)
        }
      }
    }
  }

  private static func direct(_ columns: Range<Int>, _ channels: Int, _ width: Int) -> [Piece] {
    Formats.pieces(of: columns, size: width).map { Piece(input: $0, cells: nil, channels: channels) }
  }

  /// ⌊i·n/G⌋ ..< ⌈(i + 1)·n/G⌉.
  private static func window(_ index: Int, of size: Int, over extent: Int) -> Range<Int> {
    index * extent / size..<((index + 1) * extent + size - 1) / size
  }
}

/// Reads some columns of a tap's matrix for all images, tokens averaged as the token mode says.
struct SlabReader {
  let source: any FeatureSource
  let tap: Int
  var images: [Int]
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
    for group in pieces(of: 0..<images.count, size: rows) {
      try source.read(
        tap: tap, images: Array(images[group]), columns: piece.input,
        into: UnsafeMutableBufferPointer(start: raw.pointer, count: group.count * width))
      let weights = piece.isWeighted ? coverage : nil
      let tokens = width / piece.channels
      if group.lowerBound == 0 {
        SlabReader.means(raw.pointer, cells, piece.channels, weights: weights?.pointer, into: first.pointer)
      }
      guard let base = target.baseAddress else { return nil }
      let shared = SharedPointer(base + group.lowerBound * piece.columns)
      inParallel(group.count) { image in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: piece.columns) { means in
          guard let mean = means.baseAddress else { return }
          let imageWeights = weights.map { UnsafePointer($0.pointer + (group.lowerBound + image) * tokens) }
          SlabReader.means(raw.pointer + image * width, cells, piece.channels, weights: imageWeights, into: mean)
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
