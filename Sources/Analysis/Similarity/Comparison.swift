import Foundation

/// What is compared, and the rows that come of it.
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
    if settings.estimators.contains(.minibatch), settings.measures.contains(where: Similarity.Measure.cka.contains),
      rest > 0
    {
      notes.append(
        "minibatch: the last \(rest) images are left out, for a batch has at least 4; a divisor of \(images) leaves"
          + " none out")
    }
    self.entries = entries
    self.notes = notes
  }

  // MARK: Pairs

  func layout(of estimator: Similarity.Estimator) -> PairLayout {
    estimator == .minibatch ? .batches(images, size: settings.minibatch) : .whole(images)
  }

  /// The pairs of images that a measure is made of.
  func layouts(of measure: Similarity.Measure) -> [PairLayout] {
    measure.estimators(of: settings.estimators).reduce(into: []) { layouts, estimator in
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

  /// Whether the pair of these entries is asked for.
  func isWanted(_ first: Int, _ second: Int) -> Bool {
    let (a, b) = (entries[first], entries[second])
    return switch settings.pairs {
    case .all: true
    case .within: a.source == b.source
    case .across: a.source != b.source || a.tap == b.tap
    }
  }

  // MARK: Results

  /// The values of a kernel set by one estimator, for all pairs of taps.
  func table(_ set: KernelSet, _ estimator: Similarity.Estimator, _ values: SimilarityValues) -> PairTable {
    var table = PairTable(set.measure, estimator, n: layout(of: estimator).images, taps: entries.count)
    table.reasons = set.reasons
    for a in entries.indices {
      guard let first = set.kernels[a] else { continue }
      if !values.isDefined[first] {
        table.reasons[a] = "its HSIC with itself vanishes, for at most one image differs from the others"
      }
      for b in entries.indices.dropFirst(a) where isWanted(a, b) {
        guard let second = set.kernels[b] else { continue }
        table.set(
          a, b, values.value(first, second), interval: values.interval(first, second),
          null: values.nullValues(first, second))
      }
    }
    return table
  }

  func rows(_ table: PairTable) -> [Similarity.Row] {
    forEachPair { a, b in
      let interval = table.interval(a, b)
      return Similarity.Row(
        a: entries[a].name, b: entries[b].name, measure: table.measure, estimator: table.estimator, n: table.n,
        value: table.value(a, b), low: interval?.low, high: interval?.high)
    }
  }

  func nullRows(_ table: PairTable) -> [Similarity.NullRow] {
    guard settings.permutations > 0 else { return [] }
    return forEachPair { a, b in
      let scores = table.null(a, b)
      let interval = PairTable.interval(of: scores)
      return Similarity.NullRow(
        a: entries[a].name, b: entries[b].name, measure: table.measure, estimator: table.estimator, n: table.n,
        permutations: settings.permutations,
        mean: scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count), low: interval?.low,
        high: interval?.high,
        pValue: scores.isEmpty ? nil : table.value(a, b).map { Pairings.share(of: scores, notBelow: $0) })
    }
  }

  private func forEachPair<Row>(_ row: (Int, Int) -> Row) -> [Row] {
    entries.indices.flatMap { a in entries.indices.dropFirst(a).filter { isWanted(a, $0) }.map { row(a, $0) } }
  }

  /// A sentence for each tap whose values are empty, and why.
  func notes(_ table: PairTable) -> [String] {
    zip(entries, table.reasons).compactMap { entry, reason in
      reason.map {
        "\(entry.name.store): \(table.measure.rawValue) (\(table.estimator.rawValue)) of tap \(entry.name.tap) is"
          + " empty: \($0)"
      }
    }
  }
}
