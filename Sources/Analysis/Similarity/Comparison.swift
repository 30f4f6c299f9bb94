import Foundation

/// What is compared, and the way from stores to kernel matrices.
struct Comparison {
  /// One tap of one store.
  struct Entry {
    let source: Int
    let tap: Int
    let shape: TapShape
    let name: Similarity.TapName
  }

  let sources: [NamedSource]
  let entries: [Entry]
  let selection: ImageSelection
  let settings: Similarity.Settings
  /// Sentences about taps and images left out.
  let notes: [String]

  var images: Int { selection.rows.count }

  init(_ sources: [NamedSource], _ selection: ImageSelection, _ settings: Similarity.Settings) throws {
    self.sources = sources
    self.selection = selection
    self.settings = settings
    var entries: [Entry] = []
    var notes: [String] = []
    for (index, source) in sources.enumerated() {
      for (tap, shape) in source.source.taps.enumerated() {
        if let reason = settings.tokens.reasonAgainst(shape) {
          notes.append("\(source.name): tap \(shape.name) is left out with --tokens \(settings.tokens): \(reason)")
        } else {
          entries.append(
            Entry(source: index, tap: tap, shape: shape, name: .init(store: source.name, tap: shape.name)))
        }
      }
    }
    guard !entries.isEmpty else {
      throw AnalysisError(
        .badInput, "no tap can be compared with --tokens \(settings.tokens): \(notes.first ?? "there is none")")
    }
    for source in sources {
      let own = selection.leftOut.filter { $0.store == source.name }
      guard let first = own.first else { continue }
      notes.append(
        "\(source.name): \(own.count) of \(source.source.imagePaths.count) images are left out, the first is"
          + " '\(first.path)': \(first.reason)")
    }
    let images = selection.rows.count
    let rest = images - PairLayout.batches(images, size: settings.minibatch).images
    if settings.estimators.contains(.minibatch), rest > 0 {
      notes.append(
        "minibatch: the last \(rest) images are left out, for a batch has at least 4; a divisor of \(images) leaves"
          + " none out")
    }
    self.entries = entries
    self.notes = notes
  }

  // MARK: Layouts

  func layout(of estimator: Similarity.Estimator) -> PairLayout {
    estimator == .minibatch ? .batches(images, size: settings.minibatch) : .whole(images)
  }

  private var layouts: [PairLayout] {
    settings.estimators.reduce(into: []) { layouts, estimator in
      let layout = layout(of: estimator)
      if !layouts.contains(layout) { layouts.append(layout) }
    }
  }

  /// The pairs of kernels to compare: those of one store, of different ones, or all.
  func pairs(of set: KernelSet) -> KernelPairs {
    let own = entries.indices.filter { set.kernels[$0] != nil }.map { entries[$0].source }
    let partners = own.indices.map { kernel -> [Range<Int>] in
      let end = own.firstIndex { $0 > own[kernel] } ?? own.count
      switch settings.pairs {
      case .all: return [kernel..<own.count]
      case .within: return [kernel..<end]
      case .across: return [kernel..<kernel + 1] + (end < own.count ? [end..<own.count] : [])
      }
    }
    return KernelPairs(kernels: own.count, partners: partners)
  }

  private func isWanted(_ a: Entry, _ b: Entry) -> Bool {
    switch settings.pairs {
    case .all: true
    case .within: a.source == b.source
    case .across: a.source != b.source || a.tap == b.tap
    }
  }

  // MARK: Kernels

  /// Reads every tap once and keeps its kernel matrices.
  func kernelSets(_ progress: (Similarity.Progress) throws -> Void) throws -> [KernelSet] {
    let layouts = layouts
    let whole = PairLayout.whole(images)
    let accumulated = layouts.contains(whole) ? whole : layouts[0]
    let isExact = images <= GramAccumulator.exactImages
    let accumulator = GramAccumulator(accumulated, images: images, exact: isExact)
    let stored = layouts.reduce(0) {
      $0 + KernelSet.bytes($1, taps: entries.count, exact: isExact) * settings.measures.count
    }
    // Sums with the weights of every replicate come when the accumulator is gone.
    let replicates = entries.count * images * settings.bootstrap * MemoryLayout<Float>.stride
    let left = settings.memoryLimit - max(GramAccumulator.bytes(accumulated, images: images), replicates)
    let folder = stored <= left - (128 << 20) ? nil : settings.scratchFolder ?? NSTemporaryDirectory()
    if let folder {
      try progress(.init(fraction: 0, phase: "taking \(stored) bytes of scratch space in \(folder)"))
    }
    let sets = try settings.measures.flatMap { measure in
      try layouts.map { try KernelSet(measure, $0, capacity: entries.count, exact: isExact, folder: folder) }
    }
    let builder = KernelBuilder(sets: sets, rbfFraction: settings.rbfFraction)
    let slabBytes = max(16 << 20, left - (folder == nil ? stored : 0))
    for (index, entry) in entries.enumerated() {
      func advance(_ share: Double) throws {
        try progress(self.progress(.reading, share: (Double(index) + share) / Double(entries.count), entry: entry))
      }
      func add(_ accumulator: GramAccumulator) throws -> Bool {
        try accumulate(entry, into: accumulator, slabBytes: slabBytes, advance: advance)
        return try builder.add(
          tap: index, accumulator.matrix, isConstant: accumulator.isConstant, isExact: accumulator.isExact)
      }
      if try !add(accumulator) { _ = try add(GramAccumulator(accumulated, images: images, exact: true)) }
    }
    return sets
  }

  private func accumulate(
    _ entry: Entry, into accumulator: GramAccumulator, slabBytes: Int, advance: (Double) throws -> Void
  ) throws {
    accumulator.reset()
    let source = sources[entry.source].source
    // Where a slab costs a pass over all the data, as wide as there is memory for.
    let most = 256 << 20
    let bytes = try source.readsWholeRows(tap: entry.tap) ? slabBytes : min(slabBytes, most)
    let width = SlabReader.width(images: images, bytes: bytes, step: GramAccumulator.step)
    let plan = ColumnPlan(settings.tokens, entry.shape, width: width)
    let reader = SlabReader(source: source, tap: entry.tap, images: selection.rows, readBytes: min(bytes, 64 << 20))
    let slab = Buffer<Float>(images * (plan.pieces.map(\.columns).max() ?? 0))
    var done = 0
    for piece in plan.pieces {
      try advance(Double(done) / Double(plan.columns))
      let values = UnsafeMutableBufferPointer(start: slab.pointer, count: images * piece.columns)
      try reader.read(piece, into: values)
      if let image = try accumulator.add(slab.pointer, columns: piece.columns) {
        throw AnalysisError(
          .badInput,
          "\(entry.name.store): tap \(entry.name.tap) holds a number that is not finite for image"
            + " '\(selection.paths[image])'; extract that image again or leave it out")
      }
      done += piece.columns
    }
  }

  // MARK: Results

  func rows(
    _ set: KernelSet, _ estimator: Similarity.Estimator, _ values: SimilarityValues
  ) -> [Similarity.Row] {
    let n = layout(of: estimator).images
    var rows: [Similarity.Row] = []
    for (place, a) in entries.enumerated() {
      for (other, b) in entries.enumerated().dropFirst(place) where isWanted(a, b) {
        var value: Double?
        var interval: (low: Double, high: Double)?
        if let first = set.kernels[place], let second = set.kernels[other] {
          value = values.value(first, second)
          interval = values.interval(first, second)
        }
        rows.append(
          Similarity.Row(
            a: a.name, b: b.name, measure: set.measure, estimator: estimator, n: n, value: value, low: interval?.low,
            high: interval?.high))
      }
    }
    return rows
  }

  /// A sentence for each tap whose values are empty, and why.
  func notes(_ set: KernelSet, _ estimator: Similarity.Estimator, _ values: SimilarityValues) -> [String] {
    entries.indices.compactMap { place in
      var reason = set.reasons[place]
      if let kernel = set.kernels[place], !values.isDefined[kernel] {
        reason = "its HSIC with itself vanishes, for at most one image differs from the others"
      }
      return reason.map {
        "\(entries[place].name.store): \(set.measure.rawValue) (\(estimator.rawValue)) of tap"
          + " \(entries[place].name.tap) is empty: \($0)"
      }
    }
  }

  // MARK: Progress

  enum Phase { case reading, summing }

  /// How far the whole work is. Counted in operations: products of columns, then of kernels.
  func progress(_ phase: Phase, share: Double, entry: Entry? = nil, set: KernelSet? = nil, of sets: [KernelSet] = [])
    -> Similarity.Progress
  {
    let pairs = Double(images) * Double(images)
    let columns = entries.reduce(0.0) { $0 + Double($1.shape.columns) }
    let reading = pairs * (columns + 200 * Double(entries.count))
    let kernels = Double(entries.count)
    let summing = pairs / 2 * kernels * (50 + kernels * Double(settings.bootstrap)) * Double(settings.measures.count)
    switch phase {
    case .reading:
      let name = entry.map { "\($0.name.store) \($0.name.tap)" } ?? ""
      return .init(fraction: share * reading / (reading + summing), phase: name)
    case .summing:
      let index = Double(sets.firstIndex { $0 === set } ?? 0)
      let done = reading + summing * (index + share) / Double(max(1, sets.count))
      return .init(fraction: done / (reading + summing), phase: set?.measure.rawValue ?? "")
    }
  }
}
