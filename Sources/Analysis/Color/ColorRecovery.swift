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
    try inParallel(rows.count, threads: threads) { place in
      let valid = store.size(row: rows[place], height: size.height, width: size.width)
      let objects = try store.objects?(rows[place])
      let map = RecoveryRegion.map(objects, size: valid, rowPixels: size.width)
      results.withLock { $0[place] = map }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }

  /// Measures all rows at all taps, block by block.
  ///
  /// - Parameters:
  ///   - visit: takes each image's figures: images, taps, regions, metrics in turn.
  ///   - advance: called with the number of images measured since the last time.
  /// - Returns: by tap, region and metric a figure for each row.
  func measure(
    visit: (ImageValue) throws -> Void, advance: (Int) throws -> Void
  ) throws -> [[[ImageSeries]]] {
    let metrics = RecoveryMetric.allCases
    var measured = taps.map { _ in wanted.map { _ in metrics.map { _ in ImageSeries(count: rows.count) } } }
    let sources = try sources()
    let capacity = PixelRows.capacity(sources, bytes: memoryLimit)
    let pixels = PixelRows(sources, capacity: capacity)
    for places in pieces(of: 0..<rows.count, size: capacity) {
      try pixels.read(Array(rows[places]))
      let values = try measure(pixels, places)
      for (offset, place) in places.enumerated() {
        for (tap, name) in taps.enumerated() {
          for (region, kind) in wanted.enumerated() {
            for (metric, value) in values[offset][tap][region].enumerated() {
              measured[tap][region][metric][place] = value
              guard let value else { continue }
              try visit(
                ImageValue(
                  labels: [
                    store.name, condition, name, store.store.imagePaths[rows[place]], kind.rawValue,
                    metrics[metric].rawValue,
                  ], value: value))
            }
          }
        }
      }
      try advance(places.count)
    }
    return measured
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

  /// By image, tap and region a value for each metric.
  private func measure(_ pixels: PixelRows, _ places: Range<Int>) throws -> [[[[Double?]]]] {
    let results = Mutex([[[[Double?]]]](repeating: [], count: places.count))
    let isOriginal = condition == ConditionName.original.text
    inParallel(places.count, threads: threads) { offset in
      let place = places.lowerBound + offset
      let size = store.size(row: rows[place], height: pixels.height, width: pixels.width)
      /// The shown image or its reconstruction from a tap, and the original's.
      func pair(_ source: Int) -> ColorPair {
        func lab(_ source: Int) -> LabImage { LabImage(pixels.image(source, offset, size)) }
        return ColorPair(shown: lab(source), original: isOriginal ? nil : lab(1 + taps.count + source))
      }
      let labels = regions[place].labels
      let inputs = pair(0)
      let ofInputs = RecoverySums.ofInputs(inputs, labels: labels, regions: RecoveryRegion.labels)
      let values = taps.indices.map { tap in
        let byLabel = RecoverySums.adding(pair(1 + tap), to: ofInputs, of: inputs, labels: labels)
        return wanted.map { region in
          let sums = region.sums(byLabel)
          return RecoveryMetric.allCases.map { metric in
            sums.flatMap { metric.value($0, isOriginal: isOriginal) }
          }
        }
      }
      results.withLock { $0[offset] = values }
    }
    return results.withLock { $0 }
  }
}
