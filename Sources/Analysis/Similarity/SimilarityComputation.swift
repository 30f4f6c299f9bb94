import Foundation

/// One tap of one store, as it is compared.
struct ComparedTap {
  /// Index of its store among the sources.
  let source: Int
  /// Index of the tap in its store.
  let tap: Int
  let shape: TapShape
  let name: Similarity.TapName
}

/// The comparison of all taps of some stores: it reads every tap once, gives it to the accumulators of the measures, and
/// collects their tables.
struct SimilarityComputation {
  /// Everything that makes values; a measure that is in none of them is not computed.
  static var accumulators: [any SimilarityAccumulator.Type] {
    [
      CKAAccumulator.self, RSAAccumulator.self, DistanceOrderAccumulator.self, NeighbourAccumulator.self,
      ComponentAccumulator.self, PredictivityAccumulator.self,
    ]
  }

  let sources: [NamedSource]
  let taps: [ComparedTap]
  let selection: ImageSelection
  let settings: Similarity.Settings
  /// Sentences about taps and images left out.
  let notes: [String]
  /// Whether linear CKA comes from products of columns, see ``LinearMoments``.
  private var hasMoments = false

  var images: Int { selection.rows.count }
  /// Few images are worth double precision throughout.
  var isExact: Bool { images <= GramAccumulator.exactImages }

  /// - Throws: ``AnalysisError`` where no tap can be compared.
  init(_ sources: [NamedSource], _ selection: ImageSelection, _ settings: Similarity.Settings) throws {
    self.sources = sources
    self.selection = selection
    self.settings = settings
    var taps: [ComparedTap] = []
    var notes: [String] = []
    let wanted = settings.selection.taps
    for source in sources {
      try AttentionWeights.refuse(wanted, among: source.source.attentionWeights, of: source.name)
    }
    try SimilarityComputation.requireKnown(wanted, sources)
    for (index, source) in sources.enumerated() {
      if wanted == nil, let note = AttentionWeights.note(source.source.attentionWeights, of: source.name) {
        notes += StoreNote.sentences([note])
      }
      let named = source.source.taps.enumerated().filter { wanted?.contains($0.element.name) ?? true }
      if named.isEmpty { notes.append("\(source.name): none of its taps is named by --taps") }
      for (tap, shape) in named {
        if let reason = settings.tokens.reasonAgainst(shape) {
          notes.append("\(source.name): tap \(shape.name) is left out with --tokens \(settings.tokens): \(reason)")
        } else {
          taps.append(
            ComparedTap(source: index, tap: tap, shape: shape, name: .init(store: source.name, tap: shape.name)))
        }
      }
    }
    guard !taps.isEmpty else {
      throw AnalysisError(
        .badInput, "no tap can be compared with --tokens \(settings.tokens): \(notes.first ?? "there is none")")
    }
    for source in sources {
      let leftOut = selection.leftOut.filter { $0.store == source.name }
      guard let first = leftOut.first else { continue }
      notes.append(
        "\(source.name): \(leftOut.count) of \(source.source.imagePaths.count) images are left out, the first is"
          + " '\(first.path)': \(first.reason)")
    }
    if settings.selection.hasIntervals {
      notes += settings.measures.flatMap { measure in
        settings.usedEstimators(of: measure).compactMap { estimator in
          estimator.definition.withoutInterval.map {
            "\(measure.rawValue) (\(estimator.rawValue)) has no interval: \($0)"
          }
        }
      }
      if selection.rows.count < SimilarityComputation.fewImages {
        notes.append(
          "there are \(selection.rows.count) images: values of so few are far from what more of the same kind would give, and"
            + " intervals are wide; use \(SimilarityComputation.fewImages) or more")
      }
    }
    notes += try SimilarityComputation.notesOnNamed(settings.differences, taps, sources)
    self.taps = taps
    self.notes = selection.notes + notes
    hasMoments = LinearMoments.isCheaper(self)
  }

  /// Whether a measure by an estimator comes from products of columns.
  func usesMoments(_ measure: Similarity.Measure, _ estimator: Similarity.Estimator) -> Bool {
    hasMoments && measure == .ckaLinear && estimator != .minibatch
  }

  /// - Throws: ``AnalysisError`` for the first tap that no source has.
  private static func requireKnown(_ wanted: [String]?, _ sources: [NamedSource]) throws {
    let unknown = wanted?.first { name in !sources.contains { $0.source.taps.contains { $0.name == name } } }
    guard let unknown else { return }
    let known = sources.map { "\($0.name) has \($0.source.taps.map(\.name).joined(separator: ", "))" }
    throw AnalysisError(.badInput, "--taps: no store has a tap '\(unknown)'; \(known.joined(separator: "; "))")
  }

  /// The same for fewer images and some measures only.
  private init(_ whole: SimilarityComputation, images: ImageSelection, measures: [Similarity.Measure]) {
    sources = whole.sources
    taps = whole.taps
    selection = images
    var settings = whole.settings
    settings.measures = measures
    self.settings = settings
    notes = []
  }

  /// Below this number of images a note warns.
  private static let fewImages = 10

  func result(progress: (Similarity.Progress) throws -> Void) throws -> Similarity.Result {
    let found = try tables(progress)
    // Measures in the order asked for.
    let tables = settings.measures.flatMap { measure in
      let own = found.tables.filter { $0.measure == measure }
      return settings.usedEstimators(of: measure).flatMap { estimator in own.filter { $0.estimator == estimator } }
    }
    try progress(.init(fraction: 1, phase: "done"))
    return Similarity.Result(
      rows: tables.flatMap { $0.rows(self) }, nullRows: tables.flatMap { $0.nullRows(self) },
      modelRows: tables.flatMap { $0.modelRows(self) },
      differenceRows: tables.flatMap { $0.differenceRows(self) }, images: selection.paths, leftOut: selection.leftOut,
      usesMoments: hasMoments,
      notes: notes + found.notes + tables.flatMap { $0.notes(self) })
  }

  /// The tables of all measures, and sentences about images that a measure leaves out.
  private func tables(
    _ progress: (Similarity.Progress) throws -> Void
  ) throws -> (tables: [TapPairTable], notes: [String]) {
    let plans = SimilarityComputation.accumulators.flatMap { $0.plans(self) }
    try requireMemory(plans)
    let stages = SimilarityStages(self, plans)
    var notes: [String] = []
    var tables: [TapPairTable] = []
    if hasMoments {
      tables += try LinearMoments.tables(self) { try progress(stages.progress(plans.count + 1, $0)) }
    }
    guard !plans.isEmpty else { return (tables, notes) }
    let accumulators = try read(plans, stages, notes: &notes, progress)
    for (index, accumulator) in accumulators.enumerated() {
      let measures = type(of: accumulator).measures.filter(settings.measures.contains)
      if let part = without(accumulator.undefined, measures) {
        let found = try part.tables { try progress(stages.progress(index + 1, $0.fraction, phase: $0.phase)) }
        tables += found.tables
        notes += measures.map { note(accumulator.undefined, $0) } + found.notes
      } else {
        tables += try accumulator.tables(self) { try progress(stages.progress(index + 1, $0)) }
      }
    }
    return (tables, notes)
  }

  /// The comparison by some measures without images that have no value at some tap; nil where there is none, or where too few
  /// images would remain: the taps are empty then.
  private func without(_ undefined: [UndefinedImage], _ measures: [Similarity.Measure]) -> SimilarityComputation? {
    let images = Set(undefined.map(\.image))
    let least = measures.contains(.mutualKNN) ? settings.neighbours + 1 : 4
    guard !images.isEmpty, self.images - images.count >= max(4, least) else { return nil }
    return SimilarityComputation(self, images: selection.without(images), measures: measures)
  }

  private func note(_ undefined: [UndefinedImage], _ measure: Similarity.Measure) -> String {
    let count = Set(undefined.map(\.image)).count
    let first = undefined.min { ($0.image, $0.tap) < ($1.image, $1.tap) } ?? undefined[0]
    let tap = taps[first.tap].name
    return
      "\(measure.rawValue): \(count) of \(images) images \(count == 1 ? "is" : "are") left out of all pairs, the first is"
      + " '\(selection.paths[first.image])': at tap \(tap.tap) of \(tap.store) it \(first.reason)"
  }

  // MARK: Reading

  /// Reads every tap once and gives it to the accumulator of every plan.
  ///
  /// - Parameter notes: takes a sentence for every tap with columns that cannot be brought to one variance.
  private func read(
    _ plans: [AccumulatorPlan], _ stages: SimilarityStages, notes: inout [String],
    _ progress: (Similarity.Progress) throws -> Void
  ) throws -> [any SimilarityAccumulator] {
    let layout = layout(of: plans)
    let kernelBytes = plans.reduce(0) { $0 + $1.kernelBytes }
    let left = settings.memoryLimit - GramAccumulator.bytes(layout, images: images)
    let scratch = settings.scratchFolder ?? NSTemporaryDirectory()
    let kernelFolder = kernelBytes <= left - (128 << 20) ? nil : scratch
    if kernelFolder != nil, kernelBytes > 0 {
      try progress(.init(fraction: 0, phase: "taking \(kernelBytes) bytes of scratch space in \(scratch)"))
    }
    let spare = max(0, left - (kernelFolder == nil ? kernelBytes : 0))
    let memory = AccumulatorMemory(kernelFolder: kernelFolder, scratchFolder: scratch, spareBytes: spare / 2)
    let accumulators = try plans.map { try $0.make(memory) }
    // A compressed store is decompressed once a slab; beyond some size larger ones gain nothing.
    let slabBytes = max(
      16 << 20,
      min(
        spare / (plans.contains(where: \.takesSpareMemory) ? 2 : 1), max(1280 << 20, settings.memoryLimit / 8)))
    let keepsOffsets = accumulators.contains(where: \.needsOffsets)
    var shared: GramAccumulator?
    for (index, tap) in taps.enumerated() {
      let reader = try TapReader(tap, of: self, slabBytes: slabBytes)
      func advance(_ share: Double) throws {
        let done = (Double(index) + share) / Double(taps.count)
        try progress(stages.progress(0, done, phase: "\(tap.name.store) \(tap.name.tap)"))
      }
      let byColumns = accumulators.filter { $0.takesColumns(reader.columns) }
      let byProducts = accumulators.filter { !$0.takesColumns(reader.columns) }
      let columns = byColumns.isEmpty ? nil : FeatureColumns(images: images, width: reader.columns)
      let constant: Int
      if byProducts.isEmpty {
        constant = try reader.read(into: nil, columns, advance: advance)
      } else {
        let gram = shared ?? GramAccumulator(layout, images: images, exact: isExact, keepsOffsets: keepsOffsets)
        shared = gram
        constant = try reader.read(into: gram, columns, advance: advance)
        let tooCoarse = try add(gram, to: byProducts)
        if !tooCoarse.isEmpty {
          let exact = GramAccumulator(layout, images: images, exact: true, keepsOffsets: keepsOffsets)
          _ = try reader.read(into: exact, nil, advance: advance)
          _ = try add(exact, to: tooCoarse)
        }
      }
      if constant > 0 {
        notes.append(
          "\(tap.name.store): tap \(tap.name.tap): \(constant) of \(reader.columns) columns are the same for all images and"
            + " stay 0 with --standardize")
      }
      if let columns {
        for accumulator in byColumns {
          try columns.isConstant
            ? accumulator.addEmpty(SimilarityComputation.constantReason) : accumulator.add(columns)
        }
      }
    }
    return accumulators
  }

  /// Of plans that share products of images: that of all images, where one of them takes it.
  private func layout(of plans: [AccumulatorPlan]) -> ImagePairLayout {
    let whole = ImagePairLayout.whole(images)
    return plans.contains { $0.layout == whole } ? whole : plans[0].layout
  }

  /// - Throws: ``AnalysisError`` where the comparison takes more memory than there is, kernel matrices in a scratch file.
  private func requireMemory(_ plans: [AccumulatorPlan]) throws {
    let columns = taps.map {
      ColumnPlan(settings.tokens, $0.shape, width: max(1, $0.shape.columns)).columns
    }
    let demand = MemoryDemand.similarity(
      images: images, columns: columns, pairs: plans.isEmpty ? 0 : layout(of: plans).count, hasMoments: hasMoments,
      hasIntervals: settings.selection.hasIntervals)
    try demand.require(
      settings.selection.memory, for: "similarity (\(images) images, \(taps.count) taps)",
      advice: plans.isEmpty
        ? "compare fewer taps with --taps, or --bootstrap 0"
        : "take fewer images with --sample N, or linear CKA alone with --tokens mean, which needs no pairs of images")
  }

  static let constantReason = "every image has the same features"

  /// Gives the inner products of a tap to some accumulators. The matrix is spoilt after.
  ///
  /// - Returns: those for which single precision is too coarse, which still lack the tap.
  private func add(
    _ gram: GramAccumulator, to accumulators: [any SimilarityAccumulator]
  ) throws -> [any SimilarityAccumulator] {
    guard let all = gram.products else {
      for accumulator in accumulators { try accumulator.addEmpty(SimilarityComputation.constantReason) }
      return []
    }
    // First those that only read the matrix; of the others those of fewer pairs, and the last takes the matrix itself.
    let changing = accumulators.filter(\.changesProducts)
    let order =
      accumulators.filter { !$0.changesProducts } + changing.filter { $0.layout != all.layout }
      + changing.filter { $0.layout == all.layout }
    return try order.enumerated().compactMap { index, accumulator in
      let isShared = accumulator.layout == all.layout
      let matrix =
        !isShared
        ? all.restricted(to: accumulator.layout)
        : !accumulator.changesProducts || index == order.count - 1 ? all : all.copy()
      let products = TapProducts(matrix: matrix, offsets: gram.offsets, isExact: gram.isExact)
      return try accumulator.add(products) ? nil : accumulator
    }
  }

  // MARK: Pairs

  /// The pairs of images that an estimator looks at.
  func layout(of estimator: Similarity.Estimator) -> ImagePairLayout {
    estimator == .minibatch
      ? .batches(ImageBatches(images: images, size: settings.minibatch, seed: settings.selection.seed)) : .whole(images)
  }

  /// Whether the pair of these taps is asked for.
  func isWanted(_ first: Int, _ second: Int) -> Bool {
    let (a, b) = (taps[first], taps[second])
    return switch settings.pairs {
    case .all: true
    case .within: a.source == b.source
    case .across: a.source != b.source || a.tap == b.tap
    }
  }

  /// Random orders of the images for the null distribution.
  var permutations: ImagePermutations {
    ImagePermutations(images: images, count: settings.permutations, seed: settings.selection.seed)
  }

  /// The share of an accumulator's tables that values take; the null distribution takes the rest.
  var shareOfValues: Double { settings.permutations > 0 ? 0.5 : 1 }
}

/// How far the work is, in operations: products of columns, then what each accumulator's tables take.
struct SimilarityStages {
  private let stages: [(name: String, operations: Double)]

  init(_ computation: SimilarityComputation, _ plans: [AccumulatorPlan]) {
    let images = Double(computation.images)
    let columns = computation.taps.reduce(0.0) { $0 + Double($1.shape.columns) }
    let reading = images * images * (columns + 200 * Double(computation.taps.count))
    let moments =
      computation.usesMoments(.ckaLinear, .debiased) ? [("moments", LinearMoments.operations(computation))] : []
    stages = [("reading", plans.isEmpty ? 0 : reading)] + plans.map { ($0.name, $0.operations) } + moments
  }

  /// - Parameter share: of the stage done.
  func progress(_ stage: Int, _ share: Double, phase: String? = nil) -> Similarity.Progress {
    let total = stages.reduce(0) { $0 + $1.operations }
    // Moments come first, though they stand last.
    let first = stages.last?.name == "moments" && stage < stages.count - 1 ? stages[stages.count - 1].operations : 0
    let before =
      stage == stages.count - 1 && stages[stage].name == "moments"
      ? 0 : first + stages[..<stage].reduce(0) { $0 + $1.operations }
    return .init(
      fraction: total > 0 ? (before + share * stages[stage].operations) / total : share,
      phase: phase ?? stages[stage].name)
  }
}
