import Activations
import Formats
import Results
import Synchronization

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
  private let settings: Prototypes.Settings
  private let bootstrap: Bootstrap
  /// For each shuffling the labels of the rows.
  private let shuffled: [[Int]]

  /// What is known of one tap.
  struct Measured {
    var rows: [EstimateRow] = []
    var classRows: [EstimateRow] = []
    var medoids: [Prototypes.Medoid] = []
    /// `[classes, tokens · channels]`
    var means: [Float] = []
  }

  init(name: String, store: FeatureStore, _ settings: Prototypes.Settings) throws {
    self.name = name
    self.settings = settings
    source = try StoreSource(store, condition: settings.condition, threads: settings.threads)
    guard store.labels.contains(where: { $0 >= 0 }) else {
      throw AnalysisError(
        .badInput,
        "\(store.path) has no labels to make prototypes of; make it with palimpsest extract --labels FILE (a CSV"
          + " path,label) or --annotations FILE")
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
    usable = Array(usable.prefix(settings.limit ?? usable.count))
    var members: [Int32: Int] = [:]
    for row in usable { members[store.labels[row], default: 0] += 1 }
    let kept = members.filter { $0.value >= 2 }.keys.sorted()
    guard kept.count >= 2 else {
      throw AnalysisError(
        .badInput, "\(store.path): prototypes need at least two classes of at least two images, there are \(kept.count)"
      )
    }
    let single = members.count - kept.count
    notes =
      single > 0
      ? ["\(name): \(single) \(single == 1 ? "class has" : "classes have") a single image and no prototype"] : []
    let used = usable.filter { kept.contains(store.labels[$0]) }
    rows = used
    labels = used.map { row in kept.firstIndex(of: store.labels[row]) ?? 0 }
    classes = kept.map { label in
      store.classes.indices.contains(Int(label)) ? store.classes[Int(label)] : "\(label)"
    }
    self.leftOut = leftOut
    let present = source.taps.map(\.name)
    if let unknown = settings.taps?.first(where: { !present.contains($0) }) {
      throw AnalysisError(
        .badInput, "\(store.path) has no tap '\(unknown)'; it has \(present.joined(separator: ", "))")
    }
    taps = present.indices.filter { settings.taps?.contains(present[$0]) ?? true }
    try DrawnCounts.requireMemory(
      settings.bootstrap + settings.permutations, images: used.count, option: "--bootstrap and --permutations")
    bootstrap = Bootstrap(images: used.count, replicates: settings.bootstrap, seed: settings.seed)
    var stream = RandomStream(seed: ~settings.seed)
    let own = labels
    shuffled = (0..<settings.permutations).map { _ in own.shuffled(using: &stream) }
  }

  // MARK: One tap

  func measure(_ place: Int, visit: (ImageValue) throws -> Void) throws -> Measured {
    let tap = source.taps[place]
    var measured = Measured()
    let layout = ImagePairLayout.whole(rows.count)
    let accumulator = GramAccumulator(
      layout, images: rows.count, exact: rows.count <= GramAccumulator.exactImages)
    measured.means = try readMeans(place, into: accumulator)
    let gram = ClassGram(accumulator.matrix, labels: labels, classes: classes.count)
    let series = try imageSeries(gram, tap.name, visit)
    let estimates = ReplicateMeans.estimates(series, bootstrap, threads: settings.threads)
    let metrics: [Prototypes.Metric] = [.withinSpread, .nearestAccuracy, .silhouette]
    measured.rows.append(
      EstimateRow(
        labels: [name, tap.name, Prototypes.Metric.separability.rawValue], value: gram.separability, low: nil,
        high: nil, n: rows.count))
    for (metric, estimate) in zip(metrics, estimates) {
      guard let estimate else { continue }
      measured.rows.append(EstimateRow(labels: [name, tap.name, metric.rawValue], estimate))
    }
    measured.rows += null(accumulator.matrix, tap.name)
    for (label, own) in classes.enumerated() {
      measured.classRows += classRows(series, metrics, of: label, own, tap.name)
      guard let medoid = gram.medoid(of: label) else { continue }
      measured.medoids.append(
        Prototypes.Medoid(
          store: name, tap: tap.name, label: own, path: source.imagePaths[rows[medoid.image]],
          distance: medoid.squaredDistance.squareRoot(), n: gram.counts[label]))
    }
    return measured
  }

  /// Reads a tap in slabs of columns, adds up its inner products and takes the mean of each class.
  private func readMeans(_ place: Int, into accumulator: GramAccumulator) throws -> [Float] {
    let tap = source.taps[place]
    var means = [Float](repeating: 0, count: classes.count * tap.columns)
    var counts = [Double](repeating: 0, count: classes.count)
    for label in labels { counts[label] += 1 }
    let width = min(
      tap.columns, SlabReader.width(images: rows.count, bytes: settings.memoryLimit, step: GramAccumulator.step))
    let slab = Buffer<Float>(rows.count * width)
    for piece in pieces(of: 0..<tap.columns, size: width) {
      try source.read(
        tap: place, images: rows, columns: piece,
        into: UnsafeMutableBufferPointer(start: slab.pointer, count: rows.count * piece.count))
      if let image = try accumulator.add(UnsafePointer(slab.pointer), columns: piece.count) {
        throw AnalysisError(
          .badInput,
          "\(name): tap \(tap.name) holds a number that is not finite for image '\(source.imagePaths[rows[image]])';"
            + " extract that image again or leave it out")
      }
      let sums = Buffer<Double>(classes.count * piece.count)
      sums.pointer.initialize(repeating: 0, count: sums.count)
      for (image, label) in labels.enumerated() {
        VectorSums.add(
          slab.pointer + image * piece.count, piece.count, into: sums.pointer + label * piece.count)
      }
      for label in classes.indices {
        for column in piece {
          means[label * tap.columns + column] = Float(
            sums.pointer[label * piece.count + column - piece.lowerBound] / counts[label])
        }
      }
    }
    return means
  }

  /// By metric a figure for each image.
  private func imageSeries(
    _ gram: ClassGram, _ tap: String, _ visit: (ImageValue) throws -> Void
  ) throws -> [ImageSeries] {
    var series = (0..<3).map { _ in ImageSeries(count: rows.count) }
    let metrics: [Prototypes.Metric] = [.withinSpread, .nearestAccuracy, .silhouette]
    for image in rows.indices {
      series[0][image] = gram.withinSpread(image)
      if let nearest = gram.nearest(image) {
        series[1][image] = nearest.label == labels[image] ? 1 : 0
        series[2][image] = nearest.silhouette
      }
      for (metric, values) in zip(metrics, series) {
        guard let value = values[image] else { continue }
        try visit(
          ImageValue(
            labels: [name, tap, source.imagePaths[rows[image]], classes[labels[image]], metric.rawValue], value: value))
      }
    }
    return series
  }

  private func classRows(
    _ series: [ImageSeries], _ metrics: [Prototypes.Metric], of label: Int, _ own: String, _ tap: String
  ) -> [EstimateRow] {
    let members = labels.indices.filter { labels[$0] == label }
    let narrowed = series.map { values in
      var classValues = ImageSeries(count: members.count)
      for (place, image) in members.enumerated() { classValues[place] = values[image] }
      return classValues
    }
    let draws = Bootstrap(images: members.count, replicates: settings.bootstrap, seed: settings.seed)
    return zip(metrics, ReplicateMeans.estimates(narrowed, draws, threads: settings.threads)).compactMap {
      metric, estimate in estimate.map { EstimateRow(labels: [name, tap, own, metric.rawValue], $0) }
    }
  }

  /// What shuffled labels give.
  private func null(_ gram: ImagePairMatrix, _ tap: String) -> [EstimateRow] {
    guard !shuffled.isEmpty else { return [] }
    let values = Mutex([[Double?]](repeating: [], count: shuffled.count))
    inParallel(shuffled.count, threads: settings.threads) { [shuffled, rows, count = classes.count] place in
      let shuffledGram = ClassGram(gram, labels: shuffled[place], classes: count)
      func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
      }
      let nearest = rows.indices.map { shuffledGram.nearest($0) }
      let scores = [
        shuffledGram.separability, mean(rows.indices.compactMap(shuffledGram.withinSpread)),
        mean(
          nearest.enumerated().compactMap { image, value in
            value.map { $0.label == shuffled[place][image] ? 1 : 0 }
          }), mean(nearest.compactMap { $0?.silhouette }),
      ]
      values.withLock { $0[place] = scores }
    }
    let all = values.withLock { $0 }
    return Prototypes.Metric.allCases.enumerated().map { index, metric in
      let present = all.compactMap { $0[index] }
      let mean = present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
      return EstimateRow(
        labels: [name, tap, metric.rawValue + MetricDefinition.shuffledSuffix], value: mean,
        low: present.count > 1 ? Quantile.linear(present, 0.025) : nil,
        high: present.count > 1 ? Quantile.linear(present, 0.975) : nil, n: rows.count)
    }
  }
}
