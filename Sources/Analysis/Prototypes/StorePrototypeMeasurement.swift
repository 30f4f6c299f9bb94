import Activations
import Formats
import Results

/// One store of the analysis of prototypes: which images, classes and taps are used.
struct StorePrototypeMeasurement {
  let name: String
  let source: StoreSource
  /// Rows used, all of classes with at least two images.
  let rows: [Int]
  /// The class of each of ``rows``, counted from 0.
  let labels: [Int]
  /// Names of the classes that are used.
  let classes: [String]
  /// Taps that are measured, as places in the source.
  let taps: [Int]
  let leftOut: [LeftOutImage]
  let notes: [String]
  let settings: Prototypes.Settings
  /// For each shuffling the labels of the rows.
  private let shuffled: [[Int]]

  /// What is known of one tap.
  struct Measured {
    var rows: [EstimateRow] = []
    var classRows: [EstimateRow] = []
    var medoids: [Prototypes.Medoid] = []
    /// `[classes, tokens · channels]`
    var means: [Float] = []
    /// Whether every image has the same features, so that there are no values.
    var isConstant = false
    /// Whether figures come from sums of columns over classes instead of inner products of all pairs of images.
    var usesMoments = false
  }

  init(name: String, store: FeatureStore, _ settings: Prototypes.Settings) throws {
    self.name = name
    self.settings = settings
    source = try StoreSource(store, condition: settings.selection.condition, threads: settings.selection.threads)
    guard store.labels.contains(where: { $0 >= 0 }) else {
      throw AnalysisError(
        .badInput,
        "\(store.path) has no labels to make prototypes of; make it with palimpsest extract --labels FILE (a CSV of"
          + " path,label, as palimpsest scenes writes it), or with --annotations FILE where each image has objects of one"
          + " category alone")
    }
    var usable: [Int] = []
    var leftOut: [LeftOutImage] = []
    for (row, path) in store.imagePaths.enumerated() {
      let reason = source.imageProblems[row] ?? (store.labels[row] < 0 ? "it has no label" : nil)
      if let reason {
        leftOut.append(LeftOutImage(store: name, path: path, reason: reason))
      } else {
        usable.append(row)
      }
    }
    usable = settings.selection.images.indices(of: store.imagePaths, usable: usable)
    var members: [Int32: Int] = [:]
    for row in usable { members[store.labels[row], default: 0] += 1 }
    let kept = members.filter { $0.value >= 2 }.keys.sorted()
    guard kept.count >= 2 else {
      throw AnalysisError(
        .badInput, "\(store.path): prototypes need at least two classes of at least two images, there are \(kept.count)"
      )
    }
    let single = members.count - kept.count
    var notes: [String] = []
    if single > 0 {
      notes.append("\(name): \(single) \(single == 1 ? "class has" : "classes have") a single image and no prototype")
    }
    if settings.selection.hasIntervals {
      notes += StorePrototypeMeasurement.notesOnIntervals(name, sizes: members.values.filter { $0 >= 2 })
    }
    if settings.selection.taps == nil, let note = AttentionWeights.note(source.attentionWeights, of: name) {
      notes += StoreNote.sentences([note])
    }
    try AttentionWeights.refuse(settings.selection.taps, among: source.attentionWeights, of: name)
    self.notes = notes
    let used = usable.filter { kept.contains(store.labels[$0]) }
    rows = used
    labels = used.map { row in kept.firstIndex(of: store.labels[row]) ?? 0 }
    let names = ClassNames.distinct(store.classes)
    classes = kept.map { label in names.indices.contains(Int(label)) ? names[Int(label)] : "\(label)" }
    self.leftOut = leftOut
    let present = source.taps.map(\.name)
    if let unknown = settings.selection.taps?.first(where: { !present.contains($0) }) {
      throw AnalysisError(
        .badInput, "\(store.path) has no tap '\(unknown)'; it has \(present.joined(separator: ", "))")
    }
    taps = present.indices.filter { settings.selection.taps?.contains(present[$0]) ?? true }
    try DrawnCounts.requireMemory(settings.permutations, images: used.count, option: "--permutations")
    var stream = RandomStream(seed: ~settings.selection.seed)
    let own = labels
    shuffled = (0..<settings.permutations).map { _ in own.shuffled(using: &stream) }
  }

  // MARK: One tap

  /// - Parameter check: called now and then; may throw to stop the work.
  func measure(
    _ place: Int, visit: (ImageValue) throws -> Void, check: () throws -> Void = {}
  ) throws -> Measured {
    let tap = source.taps[place]
    var measured = Measured()
    let usesMoments = usesMoments(tap)
    measured.usesMoments = usesMoments
    let statistics = try usesMoments ? readColumns(place, &measured.means) : readProducts(place, &measured.means)
    guard let statistics, let (figures, medoids) = try statistics.figures(labels) else {
      measured.isConstant = true
      let baselines = settings.permutations > 0 ? ["", MetricDefinition.shuffledSuffix] : [""]
      measured.rows = baselines.flatMap { suffix in
        Prototypes.Metric.allCases.map { metric in
          EstimateRow(
            labels: [name, tap.name, metric.rawValue + suffix], value: nil, low: nil, high: nil, n: rows.count)
        }
      }
      return measured
    }
    try visitImages(figures, tap.name, visit)
    let jackknife =
      try settings.selection.hasIntervals ? statistics.jackknife(labels, seed: settings.selection.seed) : nil
    let null = try statistics.figures(shuffled, advance: check)
    for metric in Prototypes.Metric.allCases {
      let value = figures.value(metric)
      let interval = interval(metric, value, jackknife)
      measured.rows.append(
        EstimateRow(
          labels: [name, tap.name, metric.rawValue], value: value, low: interval?.low, high: interval?.high,
          n: rows.count))
    }
    measured.rows += baselines(null, labels: [name, tap.name], metrics: Prototypes.Metric.allCases, n: rows.count) {
      $0.value($1)
    }
    for (label, own) in classes.enumerated() {
      let count = labels.count { $0 == label }
      for metric in PrototypeMetric.ofImages {
        guard let value = figures.value(metric, ofClass: label) else { continue }
        let error = metric == .withinSpread ? jackknife?.ofClass[label] : nil
        let interval = error?.skewedInterval(around: value, limit: count - 1).map { metric.possible($0) }
        measured.classRows.append(
          EstimateRow(
            labels: [name, tap.name, own, metric.rawValue], value: value, low: interval?.low, high: interval?.high,
            n: count))
      }
      measured.classRows += baselines(
        null, labels: [name, tap.name, own], metrics: PrototypeMetric.ofImages, n: count
      ) { $0.value($1, ofClass: label) }
      guard let medoid = medoids[label] else { continue }
      measured.medoids.append(
        Prototypes.Medoid(
          store: name, tap: tap.name, label: own, path: source.imagePaths[rows[medoid.image]],
          distance: medoid.squaredDistance.squareRoot(), n: count))
    }
    return measured
  }

  /// By image and metric what the table of images holds.
  private func visitImages(_ figures: ClassFigures, _ tap: String, _ visit: (ImageValue) throws -> Void) throws {
    for image in rows.indices {
      for metric in PrototypeMetric.ofImages {
        guard let value = figures.value(metric, ofImage: image) else { continue }
        try visit(
          ImageValue(
            labels: [name, tap, source.imagePaths[rows[image]], classes[labels[image]], metric.rawValue], value: value))
      }
    }
  }

  // MARK: Intervals and baselines

  /// Sentences on intervals that classes are too small for.
  private static func notesOnIntervals(_ name: String, sizes: [Int]) -> [String] {
    func note(_ least: Int, _ what: String) -> [String] {
      let small = sizes.count { $0 < least }
      return small == 0
        ? []
        : ["\(name): \(what), for \(small) \(small == 1 ? "class has" : "classes have") fewer than \(least) images"]
    }
    let all = note(ClassJackknife.leastImages, "no intervals")
    return all.isEmpty ? note(ClassJackknife.leastOfClass, "no intervals of the spread of small classes") : all
  }

  /// Only figures of sums of squares have an error: nothing that one sample holds says how far a leave-one-out accuracy
  /// scatters (Bengio and Grandvalet 2004), and which prototype is the nearest other one jumps, of which the jackknife makes too much.
  private func interval(
    _ metric: Prototypes.Metric, _ value: Double, _ jackknife: ClassJackknife?
  ) -> (low: Double, high: Double)? {
    let limit = rows.count - 1
    switch metric {
    case .separabilityAdjusted:
      return jackknife?.adjusted?.skewedInterval(around: value, limit: limit).map { metric.possible($0) }
    case .separability:
      // η² is ε² on another scale: 1 − η² = (1 − ε²)(n − k)/(n − 1).
      let scale = Double(rows.count - classes.count) / Double(limit)
      let adjusted = 1 - (1 - value) / scale
      return jackknife?.adjusted?.skewedInterval(around: adjusted, limit: limit).map {
        metric.possible((1 - (1 - $0.low) * scale, 1 - (1 - $0.high) * scale))
      }
    case .withinSpread:
      return jackknife?.spread?.skewedInterval(around: value, limit: limit).map { metric.possible($0) }
    case .nearestAccuracy, .silhouette: return nil
    }
  }

  /// What shuffled labels give: the mean over the shufflings, between their 2.5th and 97.5th percentile.
  private func baselines(
    _ null: [ClassFigures], labels: [String], metrics: [Prototypes.Metric], n: Int,
    _ value: (ClassFigures, Prototypes.Metric) -> Double?
  ) -> [EstimateRow] {
    guard !null.isEmpty else { return [] }
    return metrics.map { metric in
      let present = null.compactMap { value($0, metric) }
      return EstimateRow(
        labels: labels + [metric.rawValue + MetricDefinition.shuffledSuffix],
        value: present.isEmpty ? nil : present.reduce(0, +) / Double(present.count),
        low: present.count > 1 ? Quantile.linear(present, 0.025) : nil,
        high: present.count > 1 ? Quantile.linear(present, 0.975) : nil, n: n)
    }
  }
}

extension PrototypeMetric {
  /// An interval cut off at the values that are possible.
  fileprivate func possible(_ interval: (low: Double, high: Double)) -> (low: Double, high: Double) {
    let range: ClosedRange<Double> =
      switch self {
      case .separability, .nearestAccuracy: 0...1
      case .separabilityAdjusted: -Double.infinity...1
      case .withinSpread: 0...Double.infinity
      case .silhouette: -1...1
      }
    return (max(range.lowerBound, interval.low), min(range.upperBound, interval.high))
  }
}
