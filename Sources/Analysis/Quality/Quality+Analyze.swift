import Activations
import Results

extension Quality {
  /// Measures every reconstruction of all stores.
  ///
  /// - Parameters:
  ///   - visit: takes each image's values: stores, conditions, images, taps, metrics in turn. May throw to stop the work.
  ///   - progress: called with the number of reconstructions measured and of all of them; may throw to stop the work.
  /// - Throws: ``AnalysisError`` where there is nothing to measure or a name is unknown; `StoreError` where reading fails.
  public static func analyze(
    _ stores: [QualityStore], settings: Settings = Settings(), visit: (ImageValue) throws -> Void = { _ in },
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.validate()
    let identityNotes = try stores.map { PixelStore(name: $0.name, store: $0.store) }.requireSameImages()
    let parts = try stores.flatMap { try StoreQualityMeasurement.parts(of: $0, settings: settings) }
    for part in parts {
      let demand = MemoryDemand.pictures(
        images: part.rows.count, block: settings.memoryLimit, values: part.taps.count * settings.metrics.count)
      try demand.require(
        settings.selection.memory, for: "quality (\(part.store.name), \(part.rows.count) images)",
        advice: "take fewer images with --sample N")
    }
    let total = parts.reduce(0) { $0 + $1.rows.count * $1.taps.count }
    var done = 0
    var rows: [Row] = []
    var notes: [StoreNote] = []
    var all: [StoreQualityMeasurement.Measured] = []
    for part in parts {
      let measured = try part.measure(settings, visit: visit) {
        done += $0
        try progress(done, total)
      }
      rows += try part.rows(measured, settings)
      all.append(measured)
      notes += try part.notes(measured, settings)
    }
    var leftOut: [LeftOutImage] = []
    for part in parts {
      for image in part.leftOut where !leftOut.contains(image) { leftOut.append(image) }
    }
    let differences = try Quality.differences(parts, all, settings)
    let images = stores.map { store in Set(parts.filter { $0.store.name == store.name }.flatMap(\.rows)).count }
    return Result(
      rows: rows, differences: differences.rows, images: images, leftOut: leftOut,
      notes: identityNotes + StoreNote.sentences(notes) + differences.notes)
  }
}

/// One condition of one store.
struct StoreQualityMeasurement {
  let store: QualityStore
  let condition: String
  let taps: [String]
  /// Rows that are complete and whose image could be read.
  let rows: [Int]
  let leftOut: [LeftOutImage]

  /// Conditions with reconstructions.
  static func parts(of store: QualityStore, settings: Quality.Settings) throws -> [StoreQualityMeasurement] {
    try ReconstructionSelection.of(PixelStore(name: store.name, store: store.store), settings.selection).map {
      StoreQualityMeasurement(store: store, condition: $0.condition, taps: $0.taps, rows: $0.rows, leftOut: $0.leftOut)
    }
  }

  /// By tap and metric, a figure for each of ``rows``.
  typealias Measured = [[ImageSeries]]

  func rows(_ measured: Measured, _ settings: Quality.Settings) throws -> [Quality.Row] {
    let estimates = ImageSeries.estimates(
      measured.flatMap { $0 }, replicates: settings.selection.bootstrap, seed: settings.selection.seed,
      method: settings.interval)
    var rows: [Quality.Row] = []
    for (place, estimate) in estimates.enumerated() {
      guard let estimate else { continue }
      let (tap, metric) = (place / settings.metrics.count, place % settings.metrics.count)
      func append(_ summary: PeakSignalSummary?, _ estimate: MeanEstimate) {
        rows.append(
          Quality.Row(
            store: store.name, condition: condition, tap: taps[tap], metric: settings.metrics[metric], summary: summary,
            estimate: estimate))
      }
      append(nil, estimate)
      guard settings.metrics[metric] == .psnr else { continue }
      for summary in PeakSignalSummary.allCases {
        let other = summary.estimate(measured[tap][metric], hasInterval: settings.selection.hasIntervals)
        if let other { append(summary, other) }
      }
    }
    return rows
  }

  /// What is missing from the rows, and why: metrics with the same reason in one sentence.
  func notes(_ measured: Measured, _ settings: Quality.Settings) throws -> [StoreNote] {
    var reasons: [(reason: String, metrics: [String])] = []
    let comparison = ModelComparison(store.model, settings)
    for (place, metric) in settings.metrics.enumerated() {
      let missing = measured.map { series in
        series[place].count - series[place].present.count - series[place].failures.count
      }
      guard missing.contains(where: { $0 > 0 }), let reason = reason(metric, missing, comparison) else { continue }
      if let known = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[known].metrics.append(metric.rawValue)
      } else {
        reasons.append((reason, [metric.rawValue]))
      }
    }
    var notes = reasons.map { reason, metrics in
      StoreNote(
        "\(metrics.joined(separator: ", ")) \(metrics.count == 1 ? "is" : "are") left out of ", store.name, reason)
    }
    notes += failures(measured, settings)
    if let psnr = settings.metrics.firstIndex(of: .psnr) {
      let equal = try measured.reduce(0) { try $0 + identical($1[psnr]) }
      if equal > 0 {
        notes.append(
          StoreNote(
            "psnr of ", store.name,
            ": \(equal) \(equal == 1 ? "reconstruction equals its input and counts" : "reconstructions equal their inputs and count")"
              + " as half a step of 8 bits off, which lifts the mean; psnr_of_mean and psnr_median are beside it"))
      }
    }
    return notes
  }

  /// Values that came out as no finite number: of a model or a network whose weights or arithmetic overflow.
  private func failures(_ measured: Measured, _ settings: Quality.Settings) -> [StoreNote] {
    var found: [(text: String, metrics: [String])] = []
    for (place, metric) in settings.metrics.enumerated() {
      guard let tap = measured.firstIndex(where: { !$0[place].failures.isEmpty }),
        let image = measured[tap][place].failures.min()
      else { continue }
      let count = measured.reduce(0) { $0 + $1[place].failures.count }
      let origin = metric.origin == .network ? "the network of --lpips" : "its model"
      let text =
        ": \(count) of \(rows.count * taps.count) values under \(condition) \(count == 1 ? "is" : "are") left out because "
        + "\(origin) gives numbers that are not finite, the first for image '\(store.store.imagePaths[rows[image]])' from "
        + "\(taps[tap]); check the weights with palimpsest verify"
      if let known = found.firstIndex(where: { $0.text == text }) {
        found[known].metrics.append(metric.rawValue)
      } else {
        found.append((text, [metric.rawValue]))
      }
    }
    return found.map { StoreNote("\($0.metrics.joined(separator: ", ")) of ", store.name, $0.text) }
  }

  /// How many reconstructions equal their inputs: no imperfect one comes near to half a step of one value.
  private func identical(_ series: ImageSeries) throws -> Int {
    guard let size = try store.store.inputSize(condition: condition) else { return 0 }
    let pixels = PixelStore(name: store.name, store: store.store, validSize: store.validSize)
    return rows.enumerated().count { place, row in
      let valid = pixels.size(row: row, height: size.height, width: size.width)
      let highest = PixelError.peakSignalToNoise(squaredError: 0, values: valid.height * valid.width * 3)
      return series[place].map { $0 > highest - 3 } ?? false
    }
  }

  /// Why a metric lacks values, as the end of a sentence; nil where that is no fault.
  private func reason(_ metric: Quality.Metric, _ missing: [Int], _ comparison: ModelComparison?) -> String? {
    let isWhole = missing.allSatisfy { $0 == rows.count }
    switch metric.origin {
    case .pixels, .network:
      if metric.origin == .network, store.networks[metric] == nil {
        return ": give the weights with --lpips FILE; scripts/lpips_weights.py writes it"
      }
      let side = store.networks[metric]?.leastSide ?? metric.leastSide
      let part = isWhole ? "" : " for \(missing[0]) \(missing[0] == 1 ? "image" : "images")"
      return "\(part): it needs \(side) pixels a side"
    case .model:
      guard store.model != nil else { return ": give the model that made it with --model" }
      if metric == .top1Agreement { return ": its model does not name one class for an image" }
      if metric == .featureCosine {
        let unknown = taps.filter { comparison?.has(metric, tap: $0) == false }
        return unknown.isEmpty ? nil : " for \(unknown.joined(separator: ", ")): the model has no such tap"
      }
      // A detector that finds nothing in an image, or nothing that overlaps, leaves that image out.
      return store.model?.detectionTaps == nil ? ": its model finds no objects" : nil
    }
  }
}
