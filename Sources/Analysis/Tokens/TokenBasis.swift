import Formats
import Torch

/// The principal components that some taps of one width share, and the tokens of these taps along them.
struct TokenBasis {
  let number: Int
  let taps: [TokenTap]
  let images: ImageSelection
  let memoryLimit: Int

  /// What one pass over a tap's tokens finds.
  private struct Moments {
    /// `[channels]`.
    let mean: Tensor
    /// Mean of the squared distance from the mean; 0 where all tokens are equal.
    let variance: Double
    /// Of every token, image after image.
    let norms: [Float]
  }

  /// - Returns: for each tap what it has, nil where its tokens are all equal, and what is to be said of it.
  func measure(
    shown: [Int], advance: (Int) throws -> Void
  ) throws -> (taps: [Tokens.Tap?], notes: [StoreNote]) {
    let channels = taps[0].shape.channels
    var moments: [Moments] = []
    var notes: [StoreNote] = []
    let pooled = try Tensor.zeros([channels, channels], dtype: .float64)
    for tap in taps {
      let (found, scatter) = try self.moments(of: tap, advance)
      moments.append(found)
      if found.variance > 0 {
        // Each tap counts the same, however large its numbers are.
        try pooled.add(scatter, scale: 1 / found.variance)
      } else {
        notes.append(StoreNote("\(tap.shape.name) of ", tap.source.name, " is left out: all its tokens are equal"))
      }
    }
    let counted = moments.count { $0.variance > 0 }
    guard counted > 0 else { return (taps.map { _ in nil }, notes) }
    try pooled.multiply(by: 1 / Double(counted))
    let (shares, directions) = try TokenBasis.components(pooled)
    let found = try zip(taps, moments).map { tap, moments -> Tokens.Tap? in
      guard moments.variance > 0 else {
        try advance(images.rows.count)
        return nil
      }
      return try project(tap, moments, shares, directions, shown: shown, advance)
    }
    return (found, notes)
  }

  /// The largest eigenvalues of a covariance of trace 1, descending, and their vectors `[channels, components]`, each with its
  /// largest entry by magnitude (the first of equal ones) above zero.
  static func components(_ covariance: Tensor) throws -> (shares: [Double], directions: Tensor) {
    let channels = covariance.extent(0)
    let count = min(Tokens.components, channels)
    let (values, vectors) = try covariance.symmetricEigen()
    let all: [Double] = try values.values()
    let directions = try vectors.slice(1, channels - count..<channels).flipped(1).contiguous()
    let entries: [Double] = try directions.values()
    let signs = (0..<count).map { component -> Double in
      let column = (0..<channels).map { entries[$0 * count + component] }
      let largest = column.max { abs($0) < abs($1) } ?? 1
      let first = column.first { abs($0) == abs(largest) } ?? largest
      return first < 0 ? -1 : 1
    }
    return (
      all.suffix(count).reversed().map { max(0, $0) }, try directions * Tensor(signs, shape: [1, count])
    )
  }

  // MARK: Passes

  /// Mean and scatter (mean of the products of deviations, `[channels, channels]`) of a tap's tokens, and their norms.
  private func moments(
    of tap: TokenTap, _ advance: (Int) throws -> Void
  ) throws -> (Moments, scatter: Tensor) {
    let channels = tap.shape.channels
    let sums = try Tensor.zeros([channels], dtype: .float64)
    let products = try Tensor.zeros([channels, channels], dtype: .float64)
    var norms: [Float] = []
    norms.reserveCapacity(images.rows.count * tap.grid.area)
    // Products of numbers far from zero would lose digits: all are taken from the first image's mean.
    var offset: Tensor?
    try forEachBatch(tap) { tokens, count in
      let wide = try tokens.to(.float64)
      let squares: [Double] = try (wide * wide).sum([1]).values()
      if let place = squares.firstIndex(where: { !$0.isFinite }) {
        let image = images.paths[norms.count / tap.grid.area + place / tap.grid.area]
        throw TapReader.notFinite(
          tap.name, image: image, advice: tap.source.source.notFiniteAdvice(tap: tap.shape.name))
      }
      norms += squares.map { Float($0.squareRoot()) }
      let from = try offset ?? wide.mean([0])
      offset = from
      let moved = try wide - from
      try sums.add(try moved.sum([0]))
      try products.add(try moved.transposed(0, 1).matmul(moved))
      try advance(count)
    }
    let tokens = Double(norms.count)
    try sums.multiply(by: 1 / tokens)
    try products.multiply(by: 1 / tokens)
    let column = try sums.reshaped(channels, 1)
    try products.add(try column.matmul(column.transposed(0, 1)), scale: -1)
    let variance = try (products * Tensor.eye(channels, dtype: .float64)).sum().item()
    let (least, largest) = (norms.min() ?? 0, norms.max() ?? 0)
    // What is left of equal numbers is rounding.
    let isConstant = variance <= 1e-14 * Double(max(largest * largest, least * least))
    return (
      Moments(mean: try offset.map { try sums + $0 } ?? sums, variance: isConstant ? 0 : variance, norms: norms),
      products
    )
  }

  private func project(
    _ tap: TokenTap, _ moments: Moments, _ shares: [Double], _ directions: Tensor, shown: [Int],
    _ advance: (Int) throws -> Void
  ) throws -> Tokens.Tap {
    let (places, count) = (tap.grid.area, shares.count)
    let sorted = moments.norms.map(Double.init).sorted()
    let lower = Quantile.linear(sorted: sorted, 0.25) ?? 0
    let upper = Quantile.linear(sorted: sorted, 0.75) ?? 0
    let fence = upper + Tokens.fence * (upper - lower)
    var squares = [Double](repeating: 0, count: count)
    var maps: [[Tokens.MappedToken]] = []
    var (norms, outliers) = ([Double](), [Double]())
    try forEachBatch(tap) { tokens, size in
      let moved = try (tokens.to(.float64) - moments.mean) / moments.variance.squareRoot()
      let scores: [Double] = try moved.matmul(directions).values()
      for (place, score) in scores.enumerated() { squares[place % count] += score * score }
      for own in 0..<size {
        let image = norms.count
        let ownNorms = moments.norms[image * places..<(image + 1) * places].map(Double.init)
        norms.append(ownNorms.reduce(0, +) / Double(places))
        outliers.append(Double(ownNorms.count { $0 > fence }) / Double(places))
        guard shown.contains(image) else { continue }
        maps.append(
          ownNorms.enumerated().map { place, norm in
            let first = (own * places + place) * count
            return Tokens.MappedToken(
              row: place / tap.grid.width, column: place % tap.grid.width, norm: norm, isOutlier: norm > fence,
              components: Array(scores[first..<first + count]))
          })
      }
      try advance(size)
    }
    return Tokens.Tap(
      name: tap.name, channels: tap.shape.channels, basis: number,
      shares: zip(shares, squares).map { ($0, $1 / Double(moments.norms.count)) }, outlierNorm: fence, norms: norms,
      outlierShares: outliers, maps: maps)
  }

  // MARK: Reading

  /// The tokens of some images at a time, `[images · places, channels]`, without prefix tokens.
  private func forEachBatch(_ tap: TokenTap, _ body: (_ tokens: Tensor, _ images: Int) throws -> Void) throws {
    let (channels, places) = (tap.shape.channels, tap.grid.area)
    let columns = tap.shape.prefixTokens * channels..<tap.shape.columns
    let size = TokenBasis.batch(columns.count)
    let buffer = Buffer<Float>(min(size, images.rows.count) * columns.count)
    for group in pieces(of: 0..<images.rows.count, size: size) {
      try tap.source.source.read(
        tap: tap.place, images: group.map { images.rows[$0] }, columns: columns,
        into: UnsafeMutableBufferPointer(start: buffer.pointer, count: group.count * columns.count))
      try body(try buffer.tensor([group.count * places, channels]), group.count)
    }
  }

  private static let batchBytes = 32 << 20

  /// Images at a time, of so many numbers each.
  private static func batch(_ columns: Int) -> Int {
    max(1, batchBytes / (columns * MemoryLayout<Float>.stride))
  }

  /// - Throws: ``AnalysisError`` where the largest tap needs more than the limit, or the maps would be endless.
  static func requireMemory(_ taps: [TokenTap], images: Int, maps: Int, _ settings: Tokens.Settings) throws {
    let mapped = taps.reduce(0) { $0 + $1.grid.area } * maps
    guard mapped <= Tokens.mostMapped else {
      throw AnalysisError(
        .badInput,
        "maps of \(maps) images would be of \(mapped) tokens, at most \(Tokens.mostMapped) are possible; give a smaller --maps or fewer"
          + " --taps")
    }
    for tap in taps {
      let (channels, places) = (tap.shape.channels, tap.grid.area)
      // Numbers as they are read and in double precision, moved and multiplied; two matrices and their decomposition; norms, sorted.
      let bytes = batch(places * channels) * places * channels * 36 + channels * channels * 48 + images * places * 20
      guard bytes <= settings.memoryLimit else {
        throw AnalysisError(
          .badInput,
          "\(tap.name.tap) of \(tap.name.store): \(images) images of \(places) tokens of \(channels) numbers need \(bytes >> 20) MiB, "
            + "at most \(settings.memoryLimit >> 20) MiB are taken; take fewer images with --limit or --sample, or other --taps"
        )
      }
    }
  }
}
