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
    let inputs = try selection.inputs()
    let sources = try [inputs] + selection.reconstructions()
    let capacity = PixelRows.capacity(sources, bytes: settings.memoryLimit)
    let pixels = PixelRows(sources, capacity: capacity)
    let sizes = rows.map { store.size(row: $0, height: inputs.height, width: inputs.width) }
    let chance = EdgeChance(sizes: sizes, seed: settings.selection.seed)
    let archive = try EdgeArchive(
      images: rows.count, taps: selection.taps.count, pixels: inputs.height * inputs.width)
    let blocks = pieces(of: 0..<rows.count, size: capacity)
    for positions in blocks {
      try pixels.read(Array(rows[positions]))
      try keepEdges(pixels, positions, sizes, archive)
      try advance(positions.count * selection.taps.count / 2)
    }
    var series: [Key: SparseSeries] = [:]
    var withoutEdges = [Int](repeating: 0, count: ShapeRegion.allCases.count)
    for positions in blocks {
      try pixels.read(Array(rows[positions]))
      let measured = try measure(pixels, positions, sizes, chance, archive)
      for (offset, position) in positions.enumerated() {
        for region in measured[offset].withoutEdges { withoutEdges[region] += 1 }
        for (tap, name) in selection.taps.enumerated() {
          for groupValues in measured[offset].taps[tap] {
            for (region, kind) in ShapeRegion.allCases.enumerated() {
              for (metric, value) in groupValues.values[region].enumerated() {
                guard let value else { continue }
                let key = Key(tap: tap, group: groupValues.group, region: region, metric: metric)
                series[key, default: SparseSeries()].append(position, value)
                try visit(
                  ImageValue(
                    labels: [
                      store.name, selection.condition, name, store.store.imagePaths[rows[position]], kind.rawValue,
                      groupValues.group, ShapeMetric.allCases[metric].rawValue,
                    ], value: value))
              }
            }
          }
        }
      }
      let all = positions.count * selection.taps.count
      try advance(all - all / 2)
    }
    return (estimates(series), notes(inputs, withoutEdges, hasPartners: chance.partners.contains { !$0.isEmpty }))
  }

  /// Finds the edges of all reconstructions of some images.
  private func keepEdges(
    _ pixels: PixelRows, _ positions: Range<Int>, _ sizes: [ImageSize], _ archive: EdgeArchive
  ) throws {
    let taps = selection.taps.count
    let found = Mutex([[UInt8]](repeating: [], count: positions.count * taps))
    inParallel(positions.count * taps, threads: settings.selection.threads) { index in
      let (offset, tap) = index.quotientAndRemainder(dividingBy: taps)
      let edges = Canny.edges(pixels.image(tap + 1, offset, sizes[positions.lowerBound + offset]))
      found.withLock { $0[index] = edges }
    }
    for (index, edges) in found.withLock({ $0 }).enumerated() {
      try archive.write(edges, image: positions.lowerBound + index / taps, tap: index % taps)
    }
  }

  /// What is measured of one image.
  private struct MeasuredImage {
    /// By tap what each group comes to.
    var taps: [[Measured]] = []
    /// Regions of all objects in which the input has no edges.
    var withoutEdges: [Int] = []
  }

  private func measure(
    _ pixels: PixelRows, _ positions: Range<Int>, _ sizes: [ImageSize], _ chance: EdgeChance,
    _ archive: EdgeArchive
  ) throws -> [MeasuredImage] {
    let taps = selection.taps.indices
    // By image and tap the edges of the image itself, then those of its partners.
    let edges = try positions.map { position in
      let pixels = sizes[position].height * sizes[position].width
      return try taps.map { tap in
        try ([position] + chance.partners[position]).map { try archive.edges(image: $0, tap: tap, pixels: pixels) }
      }
    }
    let results = Mutex([MeasuredImage](repeating: MeasuredImage(), count: positions.count))
    try inParallel(positions.count, threads: settings.selection.threads) { offset in
      let position = positions.lowerBound + offset
      let (row, size) = (selection.rows[position], sizes[position])
      let maps = ShapeMap.maps(try selection.store.objects?(row), size: size, rowPixels: pixels.width)
      let input = pixels.image(0, offset, size)
      let pairing = EdgePairing(height: size.height, width: size.width, tolerance: ShapeMap.tolerance(size))
      let measure = ShapeMeasure(
        pairing: pairing, input: pairing.edges(Canny.edges(input)),
        noise: pairing.edges(chance.noise(image: position, size: size)))
      let references = maps.map(measure.references)
      var image = MeasuredImage()
      image.withoutEdges = references[0].indices.filter {
        references[0][$0].region.pixels >= ShapeMeasure.leastPixels && references[0][$0].input.isEmpty
      }
      image.taps = taps.map { tap in
        let sets = edges[offset][tap].map(pairing.edges)
        let own = ShapeMeasure.Edges(output: sets[0], others: Array(sets.dropFirst()))
        let similarity = SimilarityMap.values(pixels.image(tap + 1, offset, size), input)
        return zip(maps, references).map { map, references in
          let values = references.map { measure.values($0, own, similarity: similarity) }
          return Measured(group: map.group, values: regions(of: map, values))
        }
      }
      results.withLock { $0[offset] = image }
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

  private func estimates(_ series: [Key: SparseSeries]) -> [EstimateRow] {
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
    return keys.compactMap { key in
      series[key]?.estimate(hasInterval: settings.selection.hasIntervals).map {
        EstimateRow(
          labels: [
            selection.store.name, selection.condition, selection.taps[key.tap],
            ShapeRegion.allCases[key.region].rawValue,
            key.group, ShapeMetric.allCases[key.metric].rawValue,
          ], $0)
      }
    }
  }

  private func notes(_ inputs: StoredPixels, _ withoutEdges: [Int], hasPartners: Bool) -> [StoreNote] {
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
        StoreNote(
          "\(ShapeMetric.similarityMap.rawValue) is left out of ", name,
          ": it needs \(StructuralSimilarity.window) pixels a side"))
    }
    let counts = zip(ShapeRegion.allCases, withoutEdges).filter { $0.1 > 0 }.map { "\($0.1) of \($0.0.rawValue)" }
    if !counts.isEmpty {
      notes.append(
        StoreNote(
          "\(ShapeMetric.edges.rawValue) of ", name,
          ": regions in which the input has no edges are left out, the same at every tap: \(counts.joined(separator: ", "))"
        ))
    }
    if !hasPartners {
      notes.append(
        StoreNote(
          "\(ShapeMetric.edgesShuffled.rawValue) and what is made of it is left out of ", name,
          ": no two images have the same size"))
    }
    return notes
  }
}
