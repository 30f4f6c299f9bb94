import Foundation

extension Comparison {
  /// How far the work is, in operations: products of columns, then what each measure takes.
  struct Work {
    let stages: [Stage]

    struct Stage {
      let name: String
      let operations: Double
    }

    /// - Parameter share: of the stage done.
    func progress(_ stage: Int, _ share: Double, phase: String? = nil) -> Similarity.Progress {
      let total = stages.reduce(0) { $0 + $1.operations }
      let before = stages[..<stage].reduce(0) { $0 + $1.operations }
      return .init(fraction: (before + share * stages[stage].operations) / total, phase: phase ?? stages[stage].name)
    }
  }

  /// Rough counts of the operations of every measure, reading first.
  var work: Work {
    let n = Double(images)
    let taps = Double(entries.count)
    let columns = entries.reduce(0.0) { $0 + Double($1.shape.columns) }
    var stages = [Work.Stage(name: "reading", operations: n * n * (columns + 200 * taps))]
    let draws = Double(settings.bootstrap + settings.permutations)
    for measure in settings.measures where Collected.isMadeOfKernels(measure) {
      for _ in layouts(of: measure) {
        stages.append(.init(name: measure.rawValue, operations: n * n / 2 * taps * (50 + taps * draws)))
      }
    }
    if settings.measures.contains(.mutualKNN) {
      let neighbours = Double(settings.neighbours) * 4
      stages.append(
        .init(
          name: Similarity.Measure.mutualKNN.rawValue,
          operations: n * neighbours * taps * taps / 2 * Double(1 + settings.permutations)))
    }
    let spectral = settings.measures.filter(ComponentSet.measures.contains)
    if let first = spectral.first {
      let rank = entries.map { Double(min($0.shape.columns, images)) }.reduce(0, +) / taps
      stages.append(
        .init(
          name: first.rawValue,
          operations: taps * taps / 2 * Double(1 + settings.permutations) * rank * rank * (2 * n + 20 * rank)))
    }
    return Work(stages: stages)
  }

  /// What was read, as the measures need it.
  struct Collected {
    let sets: [KernelSet]
    let neighbours: NeighbourSet?
    let components: ComponentSet?

    static func isMadeOfKernels(_ measure: Similarity.Measure) -> Bool {
      measure == .rsa || Similarity.Measure.cka.contains(measure)
    }
  }

  /// Reads every tap once and keeps what the measures are made of.
  func collect(_ progress: (Similarity.Progress) throws -> Void) throws -> Collected {
    let work = work
    let whole = PairLayout.whole(images)
    let kernelMeasures = settings.measures.filter(Collected.isMadeOfKernels)
    let layouts = settings.measures.flatMap { self.layouts(of: $0) }
    let accumulated = layouts.contains(whole) ? whole : layouts[0]
    let isExact = images <= GramAccumulator.exactImages
    let stored = kernelMeasures.flatMap { self.layouts(of: $0) }.reduce(0) {
      $0 + KernelSet.bytes($1, taps: entries.count, exact: isExact)
    }
    // Sums with the weights of every replicate come when the accumulator is gone.
    let replicates = entries.count * images * settings.bootstrap * MemoryLayout<Float>.stride
    let left = settings.memoryLimit - max(GramAccumulator.bytes(accumulated, images: images), replicates)
    let scratch = settings.scratchFolder ?? NSTemporaryDirectory()
    let folder = stored <= left - (128 << 20) ? nil : scratch
    if let folder, stored > 0 {
      try progress(.init(fraction: 0, phase: "taking \(stored) bytes of scratch space in \(folder)"))
    }
    let sets = try kernelMeasures.flatMap { measure in
      try self.layouts(of: measure).map {
        try KernelSet(measure, $0, capacity: entries.count, exact: isExact, folder: folder)
      }
    }
    let remaining = max(0, left - (folder == nil ? stored : 0))
    let collected = Collected(
      sets: sets,
      neighbours: settings.measures.contains(.mutualKNN)
        ? NeighbourSet(images: images, neighbours: settings.neighbours) : nil,
      components: components(isExact: isExact, memoryLimit: remaining / 2, folder: scratch))
    let collector = TapCollector(
      sets: sets, neighbours: collected.neighbours, components: collected.components,
      rbfFraction: settings.rbfFraction)
    var accumulator: GramAccumulator?
    for (index, entry) in entries.enumerated() {
      let reader = try TapReading(
        comparison: self, entry: entry, slabBytes: max(16 << 20, remaining / (collected.components == nil ? 1 : 2)))
      func advance(_ share: Double) throws {
        let all = (Double(index) + share) / Double(entries.count)
        try progress(work.progress(0, all, phase: "\(entry.name.store) \(entry.name.tap)"))
      }
      let columns = collected.components == nil || reader.columns >= images ? nil : reader.columns
      let isDirect = columns != nil
      let features = columns.map { FeatureColumns(images: images, width: $0) }
      if !isDirect || collector.needsProducts {
        let own =
          accumulator
          ?? GramAccumulator(
            accumulated, images: images, exact: isExact, keepsOffsets: collector.needsOffsets)
        accumulator = own
        try reader.read(into: own, features, advance: advance)
        if let features { try collector.add(tap: index, features) }
        if try !collector.add(tap: index, own) {
          let exact = GramAccumulator(
            accumulated, images: images, exact: true, keepsOffsets: collector.needsOffsets)
          try reader.read(into: exact, nil, advance: advance)
          _ = try collector.add(tap: index, exact)
        }
      } else if let features {
        try reader.read(into: nil, features, advance: advance)
        try collector.add(tap: index, features)
      }
    }
    return collected
  }

  private func components(isExact: Bool, memoryLimit: Int, folder: String) -> ComponentSet? {
    let measures = settings.measures.filter(ComponentSet.measures.contains)
    guard !measures.isEmpty else { return nil }
    return ComponentSet(
      measures: measures, variance: settings.variance, images: images,
      storage: ComponentStorage(images: images, isExact: isExact, memoryLimit: memoryLimit, folder: folder))
  }
}

/// Reads the columns of one tap, slab by slab.
struct TapReading {
  private let entry: Comparison.Entry
  private let images: Int
  private let paths: [String]
  private let plan: ColumnPlan
  private let reader: SlabReader

  /// Columns of the tap's matrix.
  var columns: Int { plan.columns }

  init(comparison: Comparison, entry: Comparison.Entry, slabBytes: Int) throws {
    let source = comparison.sources[entry.source].source
    images = comparison.images
    paths = comparison.selection.paths
    self.entry = entry
    // Where a slab costs a pass over all the data, as wide as there is memory for.
    let most = 256 << 20
    let bytes = try source.readsWholeRows(tap: entry.tap) ? slabBytes : min(slabBytes, most)
    let width = SlabReader.width(images: images, bytes: bytes, step: GramAccumulator.step)
    plan = ColumnPlan(comparison.settings.tokens, entry.shape, width: width)
    reader = SlabReader(
      source: source, tap: entry.tap, images: comparison.selection.rows, readBytes: min(bytes, 64 << 20),
      coverage: TapReading.coverage(comparison, entry))
  }

  /// How much objects cover of the cells of a tap's tokens; nil where the token mode does not ask.
  private static func coverage(_ comparison: Comparison, _ entry: Comparison.Entry) -> Buffer<Float>? {
    guard comparison.settings.tokens == .object, let grid = entry.shape.grid,
      let objects = comparison.sources[entry.source].objects
    else { return nil }
    let cells = grid.height * grid.width
    let rows = comparison.selection.rows
    let coverage = Buffer<Float>(rows.count * cells)
    inParallel(rows.count) { image in
      for (cell, value) in objects.coverage(image: rows[image], grid: grid).enumerated() {
        coverage.pointer[image * cells + cell] = value
      }
    }
    return coverage
  }

  /// Reads all columns into whichever of the two there is.
  func read(
    into accumulator: GramAccumulator?, _ features: FeatureColumns?, advance: (Double) throws -> Void
  ) throws {
    accumulator?.reset()
    let slab = Buffer<Float>(images * (plan.pieces.map(\.columns).max() ?? 0))
    var done = 0
    for piece in plan.pieces {
      try advance(Double(done) / Double(plan.columns))
      let values = UnsafeMutableBufferPointer(start: slab.pointer, count: images * piece.columns)
      let subtracted = try reader.read(piece, into: values)
      let bad =
        try accumulator?.add(slab.pointer, columns: piece.columns, subtracted: subtracted)
        ?? features?.add(slab.pointer, columns: piece.columns)
      if let bad {
        throw AnalysisError(
          .badInput,
          "\(entry.name.store): tap \(entry.name.tap) holds a number that is not finite for image"
            + " '\(paths[bad])'; extract that image again or leave it out")
      }
      done += piece.columns
    }
  }
}
