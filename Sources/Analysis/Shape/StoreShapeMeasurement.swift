import Activations
import Formats
import Results
import Synchronization

/// The structure of one condition of one store.
struct StoreShapeMeasurement {
  let selection: ReconstructionSelection
  let settings: Shape.Settings

  /// What a series is of. In order: all objects, sizes, classes by name; then regions and metrics.
  private struct Key: Hashable {
    let tap: Int
    let group: String
    let region: Int
    let metric: Int
  }

  /// The figures of one image at one tap.
  private struct Measured {
    let group: String
    /// By region and metric.
    let values: [[Double?]]
  }

  func measure(
    visit: (ImageValue) throws -> Void, advance: (Int) throws -> Void
  ) throws -> (rows: [EstimateRow], notes: [StoreNote]) {
    let (store, rows) = (selection.store, selection.rows)
    let sources = try [selection.inputs()] + selection.reconstructions()
    let capacity = PixelRows.capacity(sources, bytes: settings.memoryLimit)
    let pixels = PixelRows(sources, capacity: capacity)
    var series: [Key: SparseSeries] = [:]
    for places in pieces(of: 0..<rows.count, size: capacity) {
      try pixels.read(Array(rows[places]))
      let measured = try measure(pixels, places)
      for (offset, place) in places.enumerated() {
        for (tap, name) in selection.taps.enumerated() {
          for groupValues in measured[offset][tap] {
            for (region, kind) in ShapeRegion.allCases.enumerated() {
              for (metric, value) in groupValues.values[region].enumerated() {
                guard let value else { continue }
                let key = Key(tap: tap, group: groupValues.group, region: region, metric: metric)
                series[key, default: SparseSeries()].append(place, value)
                try visit(
                  ImageValue(
                    labels: [
                      store.name, selection.condition, name, store.store.imagePaths[rows[place]], kind.rawValue,
                      groupValues.group, ShapeMetric.allCases[metric].rawValue,
                    ], value: value))
              }
            }
          }
        }
      }
      try advance(places.count * selection.taps.count)
    }
    return (try estimates(series), notes(sources[0], series))
  }

  /// By image and tap what each group comes to.
  private func measure(_ pixels: PixelRows, _ places: Range<Int>) throws -> [[[Measured]]] {
    let results = Mutex([[[Measured]]](repeating: [], count: places.count))
    try inParallel(places.count, threads: settings.selection.threads) { offset in
      let row = selection.rows[places.lowerBound + offset]
      let size = selection.store.size(row: row, height: pixels.height, width: pixels.width)
      let maps = ShapeMap.maps(try selection.store.objects?(row), size: size, rowPixels: pixels.width)
      let input = pixels.image(0, offset, size)
      let inputEdges = EdgeMap(input)
      let values = selection.taps.indices.map { tap in
        let output = pixels.image(tap + 1, offset, size)
        let measure = ShapeMeasure(
          input: inputEdges, output: EdgeMap(output), similarity: SimilarityMap.values(output, input),
          tolerance: ShapeMap.tolerance(size))
        return maps.map { map in
          Measured(group: map.group, values: regions(of: map, measure.values(map)))
        }
      }
      results.withLock { $0[offset] = values }
    }
    return results.withLock { $0 }
  }

  /// A group of some objects has no background and is not a whole image.
  private func regions(of map: ShapeMap, _ values: [[Double?]]) -> [[Double?]] {
    guard map.group != ShapeMap.all else { return values }
    return zip(ShapeRegion.allCases, values).map { region, values in
      region == .object || region == .boundary ? values : values.map { _ in nil }
    }
  }

  private func estimates(_ series: [Key: SparseSeries]) throws -> [EstimateRow] {
    let images = selection.rows.count
    try DrawnCounts.requireMemory(settings.selection.bootstrap, images: images, option: "--bootstrap")
    let bootstrap = Bootstrap(
      images: images, replicates: images > 1 ? settings.selection.bootstrap : 0, seed: settings.selection.seed)
    let present = Set(series.keys.map(\.group))
    let sizes = ObjectSize.allCases.map { "size:\($0.rawValue)" }
    let classes = present.filter { $0.hasPrefix("class:") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var keys: [Key] = []
    for tap in selection.taps.indices {
      for group in ([ShapeMap.all] + sizes + classes).filter(present.contains) {
        for region in ShapeRegion.allCases.indices {
          for metric in ShapeMetric.allCases.indices {
            let key = Key(tap: tap, group: group, region: region, metric: metric)
            if series[key] != nil { keys.append(key) }
          }
        }
      }
    }
    let ordered = keys
    let results = Mutex([MeanEstimate?](repeating: nil, count: ordered.count))
    inParallel(ordered.count, threads: settings.selection.threads) { place in
      let estimate = series[ordered[place]]?.estimate(bootstrap)
      results.withLock { $0[place] = estimate }
    }
    return zip(ordered, results.withLock { $0 }).compactMap { key, estimate in
      estimate.map {
        EstimateRow(
          labels: [
            selection.store.name, selection.condition, selection.taps[key.tap],
            ShapeRegion.allCases[key.region].rawValue,
            key.group, ShapeMetric.allCases[key.metric].rawValue,
          ], $0)
      }
    }
  }

  private func notes(_ inputs: StoredPixels, _ series: [Key: SparseSeries]) -> [StoreNote] {
    let name = selection.store.name
    var notes: [StoreNote] = []
    if selection.store.objects == nil {
      notes.append(
        StoreNote(
          "\(TableDefinition.shape.file) looks at whole images of ", name,
          ": give a COCO instances JSON with --annotations to tell objects, their boundaries and the background apart"))
    }
    if min(inputs.height, inputs.width) < StructuralSimilarity.window {
      notes.append(
        StoreNote("ssim is left out of ", name, ": it needs \(StructuralSimilarity.window) pixels a side"))
    }
    return notes
  }
}
