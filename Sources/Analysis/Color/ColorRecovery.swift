import Activations
import Formats
import Results
import Synchronization

/// The colour that comes back under one condition of one store.
struct ColorRecovery {
  let store: PixelStore
  let condition: String
  /// Cuts with reconstructions under the condition and under original.
  let taps: [String]
  let rows: [Int]
  /// For each of ``rows`` the region of each pixel.
  let regions: [LabelRuns]
  let threads: Int
  let memoryLimit: Int

  /// What is measured, in the order of the table.
  var wanted: [RecoveryRegion] { store.objects == nil ? [.image] : RecoveryRegion.allCases }

  /// The regions of all rows, found once for all conditions.
  static func regions(_ store: PixelStore, rows: [Int], condition: String, threads: Int) throws -> [LabelRuns] {
    guard let size = try store.store.inputSize(condition: condition) else { return [] }
    let results = Mutex([LabelRuns?](repeating: nil, count: rows.count))
    try inParallel(rows.count, threads: threads) { index in
      let valid = store.size(row: rows[index], height: size.height, width: size.width)
      let objects = try store.objects?(rows[index])
      let map = RecoveryRegion.map(objects, size: valid, rowPixels: size.width)
      results.withLock { $0[index] = map }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }

  /// The metrics of a region in the order of the table, each share with its baseline behind it.
  static let columns: [(metric: RecoveryMetric, shuffled: Bool)] = RecoveryMetric.allCases.flatMap { metric in
    metric.isShare ? [(metric, false), (metric, true)] : [(metric, false)]
  }

  /// What one image has at one tap, by region: figures of its own, and what enters the shares of all.
  private struct Measured {
    var values: [[Double?]]
    var parts: [ColorMixture.Part?]
  }

  /// Measures all rows at all taps, block by block.
  ///
  /// - Parameters:
  ///   - visit: takes each image's figures: images, taps, regions, metrics in turn; then those of the shares, which are only
  ///     known when all images are.
  ///   - advance: called with the share of the work done since the last time.
  /// - Returns: by tap, region and ``columns`` a figure for each row; and whether some region's colours could not be told apart.
  func measure(
    visit: (ImageValue) throws -> Void, advance: (Double) throws -> Void
  ) throws -> (figures: [[[ImageSeries]]], isAmbiguous: Bool) {
    let metrics = RecoveryMetric.allCases.filter { !$0.isShared }
    var measured = taps.map { _ in wanted.map { _ in Self.columns.map { _ in ImageSeries(count: rows.count) } } }
    var parts = taps.map { _ in wanted.map { _ in [ColorMixture.Part?](repeating: nil, count: rows.count) } }
    let sources = try sources()
    let capacity = PixelRows.capacity(sources, bytes: memoryLimit)
    let pixels = PixelRows(sources, capacity: capacity)
    let means = try means(pixels, capacity: capacity, sources: sources.count, advance)
    for indices in pieces(of: 0..<rows.count, size: capacity) {
      try pixels.read(Array(rows[indices]))
      let values = measure(pixels, means, indices, metrics)
      for (offset, index) in indices.enumerated() {
        for (tap, name) in taps.enumerated() {
          for (region, kind) in wanted.enumerated() {
            parts[tap][region][index] = values[offset][tap].parts[region]
            for (metric, value) in zip(metrics, values[offset][tap].values[region]) {
              guard let value, let column = Self.columns.firstIndex(where: { $0 == (metric, false) }) else { continue }
              measured[tap][region][column][index] = value
              try visit(figure(value, row: rows[index], tap: name, region: kind, metric: metric.rawValue))
            }
          }
        }
      }
      try advance(0.8 * Double(indices.count))
    }
    var isAmbiguous = false
    for (tap, name) in taps.enumerated() {
      for (region, kind) in wanted.enumerated() {
        let mixture = ColorMixture(parts[tap][region], isOriginal: isOriginal)
        isAmbiguous = isAmbiguous || mixture.isAmbiguous
        for (column, (metric, shuffled)) in Self.columns.enumerated() where metric.isShared {
          let series = mixture.figures(metric, shuffled: shuffled)
          measured[tap][region][column] = series
          guard !shuffled else { continue }
          for (index, row) in rows.enumerated() {
            guard let value = series[index] else { continue }
            try visit(figure(value, row: row, tap: name, region: kind, metric: metric.rawValue))
          }
        }
      }
    }
    return (measured, isAmbiguous)
  }

  private var isOriginal: Bool { condition == ConditionName.original.text }

  private func figure(
    _ value: Double, row: Int, tap: String, region: RecoveryRegion, metric: String
  ) -> ImageValue {
    ImageValue(
      labels: [store.name, condition, tap, store.store.imagePaths[row], region.rawValue, metric], value: value)
  }

  /// The mean chroma of every source over the rows.
  private func means(
    _ pixels: PixelRows, capacity: Int, sources: Int, _ advance: (Double) throws -> Void
  ) throws -> MeanChromas {
    let means = (0..<sources).map { _ in MeanChroma(height: pixels.height, width: pixels.width) }
    let shared = means.map(SharedMean.init)
    for indices in pieces(of: 0..<rows.count, size: capacity) {
      try pixels.read(Array(rows[indices]))
      let sizes = indices.map { store.size(row: rows[$0], height: pixels.height, width: pixels.width) }
      // One thread adds all images of a source, in their order.
      inParallel(sources, threads: threads) { source in
        for (offset, size) in sizes.enumerated() {
          shared[source].value.add(LabImage(pixels.image(source, offset, size)), size: size)
        }
      }
      try advance(0.2 * Double(indices.count))
    }
    return MeanChromas(means)
  }

  /// What is shown and what came back of it from each tap; then the same of the originals, where they are not what is shown.
  private func sources() throws -> [StoredPixels] {
    let all = try (condition == ConditionName.original.text ? [condition] : [condition, ConditionName.original.text])
      .flatMap { condition in
        guard let pixels = try store.store.inputPixels(condition: condition) else {
          throw AnalysisError(
            .badInput,
            "\(store.store.path) keeps no inputs under \(condition) to measure the colour of its reconstructions by;"
              + " palimpsest reconstruct --images keeps them")
        }
        return try [pixels] + taps.map { try store.store.reconstructedPixels(condition: condition, tap: $0) }
      }
    guard all.allSatisfy({ $0.height == all[0].height && $0.width == all[0].width }) else {
      throw AnalysisError(
        .badInput, "\(store.store.path) holds pixels of another size under \(condition) than under original")
    }
    return all
  }

  /// By image and tap what each region has.
  private func measure(
    _ pixels: PixelRows, _ means: MeanChromas, _ indices: Range<Int>, _ metrics: [RecoveryMetric]
  ) -> [[Measured]] {
    let results = Mutex([[Measured]](repeating: [], count: indices.count))
    let sizes = indices.map { store.size(row: rows[$0], height: pixels.height, width: pixels.width) }
    let usual = sizes.map(means.images(size:))
    inParallel(indices.count, threads: threads) { offset in
      /// The shown image or its reconstruction from a tap, and the original's.
      func pair(_ source: Int) -> ColorPair {
        func lab(_ source: Int) -> LabImage { LabImage(pixels.image(source, offset, sizes[offset])) }
        let original = 1 + taps.count + source
        return ColorPair(
          shown: lab(source), original: isOriginal ? nil : lab(original), meanShown: usual[offset][source],
          meanOriginal: isOriginal ? nil : usual[offset][original])
      }
      let labels = regions[indices.lowerBound + offset].labels
      let inputs = pair(0)
      let ofInputs = RecoverySums.ofInputs(inputs, labels: labels, regions: RecoveryRegion.labels)
      let values = taps.indices.map { tap in
        let byLabel = RecoverySums.adding(pair(1 + tap), to: ofInputs, of: inputs, labels: labels)
        let sums = wanted.map { $0.sums(byLabel) }
        return Measured(
          values: sums.map { sums in
            metrics.map { metric in sums.flatMap { metric.value($0, isOriginal: isOriginal) } }
          }, parts: sums.map { $0.map(ColorMixture.Part.init) })
      }
      results.withLock { $0[offset] = values }
    }
    return results.withLock { $0 }
  }
}

/// The means of one source, which one thread at a time adds to: that is what `@unchecked` rests on.
private struct SharedMean: @unchecked Sendable {
  let value: MeanChroma

  init(_ value: MeanChroma) { self.value = value }
}
