import Activations
import Formats
import Results

/// One store of the analysis of colour: which conditions, taps and images are used.
struct StoreColorMeasurement {
  let store: PixelStore
  let settings: ColorResponse.Settings
  /// Conditions beside original.
  let conditions: [String]
  /// Taps of the originals that are wanted.
  let taps: [String]
  /// Those that are no tokens × channels.
  let attentionWeights: [String]
  /// Rows that are complete under original and under every condition.
  let rows: [Int]
  let leftOut: [LeftOutImage]
  let bootstrap: Bootstrap
  /// Cuts with reconstructions under original; empty where nothing can be recovered.
  let cuts: [String]

  init(_ store: PixelStore, _ settings: ColorResponse.Settings) throws {
    self.store = store
    self.settings = settings
    let file = store.store
    guard file.conditions.contains(ConditionName.original.text) else {
      throw AnalysisError(
        .badInput, "\(file.path) has no condition 'original' to compare the others with; extract the images again")
    }
    let available = file.conditions.filter { $0 != ConditionName.original.text }
    guard !available.isEmpty else {
      throw AnalysisError(
        .badInput,
        "\(file.path) holds the original images only; make more with palimpsest extract --conditions, such as"
          + " red,green,blue")
    }
    if let unknown = settings.selection.conditions?.first(where: {
      !available.contains($0) && $0 != ConditionName.original.text
    }) {
      throw AnalysisError(
        .badInput, "\(file.path) has no condition '\(unknown)'; it has \(available.joined(separator: ", "))")
    }
    conditions = available.filter { settings.selection.conditions?.contains($0) ?? true }
    guard !conditions.isEmpty else {
      throw AnalysisError(
        .badInput, "the original alone has nothing to be compared with; name \(available.joined(separator: ", "))")
    }
    let stored = try file.taps()
    attentionWeights = stored.filter(\.holdsWeights).map(\.name)
    try AttentionWeights.refuse(settings.selection.taps, among: attentionWeights, of: store.name)
    let present = stored.filter { !$0.holdsWeights }.map(\.name)
    let cuts = try file.reconstructions(of: ConditionName.original.text).filter {
      settings.selection.taps?.contains($0) ?? true
    }
    if let unknown = settings.selection.taps?.first(where: { !present.contains($0) && !cuts.contains($0) }) {
      throw AnalysisError(.badInput, "\(file.path) has no tap '\(unknown)'; it has \(present.joined(separator: ", "))")
    }
    self.cuts = cuts
    taps = present.filter { settings.selection.taps?.contains($0) ?? true }
    (rows, leftOut) = try StoreColorMeasurement.usable(
      store, [ConditionName.original.text] + conditions, taking: settings.selection.images)
    try DrawnCounts.requireMemory(settings.selection.bootstrap, images: rows.count, option: "--bootstrap")
    bootstrap = Bootstrap(
      images: rows.count, replicates: rows.count > 1 ? settings.selection.bootstrap : 0, seed: settings.selection.seed)
  }

  /// Images that are complete under all of some conditions.
  private static func usable(
    _ store: PixelStore, _ conditions: [String], taking subset: Subset
  ) throws -> ([Int], [LeftOutImage]) {
    let file = store.store
    var rows: [Int] = []
    var leftOut: [LeftOutImage] = []
    for (row, path) in file.imagePaths.enumerated() {
      var reason = file.errors[row].isEmpty ? nil : file.errors[row]
      for condition in conditions where reason == nil {
        reason = try file.incompleteness(ofRow: row, condition: condition)
      }
      if let reason {
        leftOut.append(LeftOutImage(store: store.name, path: path, reason: reason))
      } else {
        rows.append(row)
      }
    }
    guard !rows.isEmpty else {
      throw AnalysisError(
        .badInput,
        "\(file.path): no image is complete under all of \(conditions.joined(separator: ", ")); the command that made"
          + " the store goes on with it, or name fewer --conditions")
    }
    return (subset.indices(of: file.imagePaths, usable: rows), leftOut)
  }

  /// What the progress counts, in operations of the processor: of all taps under all conditions, and of all reconstructions.
  func work() throws -> Double {
    try workOfFeatures() + workOfImage() * Double(rows.count * (conditions.count + 1))
  }

  /// Of all taps under all conditions.
  func workOfFeatures() throws -> Double {
    let all = try store.store.taps().filter { taps.contains($0.name) }.reduce(0) { $0 + work(columns: $1.columns) }
    return all * Double(conditions.count)
  }

  /// Of a tap under a condition: the inner products of all pairs of images.
  private func work(columns: Int) -> Double {
    Double(rows.count) * Double(rows.count) * Double(columns)
  }

  /// Of an image's reconstructions under a condition: a pixel's colours cost as much as so many products.
  private func workOfImage() throws -> Double {
    guard let size = try store.store.inputSize(condition: ConditionName.original.text) else { return 0 }
    return Double(cuts.count * size.area) * 10_000
  }

  // MARK: Features

  /// Whether CKA of a tap comes from products of columns: where columns are fewer than images and that costs less than kernels, or these
  /// would not fit into memory.
  private func usesMoments(_ tap: TapShape) -> Bool {
    if let way = settings.usesMoments { return way }
    let hasMemory = settings.selection.memory.map { demand(tap.columns, usesMoments: false).bytes <= $0 } ?? true
    return ConditionMoments.isCheaper(images: rows.count, columns: tap.columns, hasMemory: hasMemory)
  }

  private func demand(_ columns: Int, usesMoments: Bool) -> MemoryDemand {
    .color(
      images: rows.count, columns: columns, conditions: conditions.count, replicates: settings.selection.bootstrap,
      usesMoments: usesMoments, slab: settings.memoryLimit)
  }

  /// - Throws: ``AnalysisError`` where some tap takes more memory than there is.
  func requireMemory() throws {
    for tap in try StoreSource(store.store, threads: 1).taps where taps.contains(tap.name) {
      try demand(tap.columns, usesMoments: usesMoments(tap)).require(
        settings.selection.memory, for: "color (\(store.name), tap \(tap.name), \(rows.count) images)",
        advice: "take fewer images with --sample N, a store of extract --tokens mean, or fewer --bootstrap")
    }
  }

  func features(
    _ visit: (ImageValue) throws -> Void, _ advance: (Double, String) throws -> Void
  ) throws -> (rows: [EstimateRow], hue: [EstimateRow], ways: Set<Bool>, notes: [StoreNote]) {
    let threads = settings.selection.threads
    let cka = ConditionCKA(
      images: rows.count, ShuffledPairing.several(count: rows.count, seed: settings.selection.seed), bootstrap,
      keepsReplicates: conditions.contains { ConditionName.hueTurn(of: $0).map { $0 > 0 } ?? false })
    let original = try StoreSource(store.store, threads: threads)
    let response = FeatureResponse(
      name: store.name, original: original,
      changed: try conditions.map { try StoreSource(store.store, condition: $0, threads: threads) }, rows: rows,
      cka: cka, memoryLimit: settings.memoryLimit, usesMoments: usesMoments)
    var result: [EstimateRow] = []
    var hue: [EstimateRow] = []
    var notes: [StoreNote] = []
    var ways: Set<Bool> = []
    var incomplete: HueCurve?
    for (place, tap) in original.taps.enumerated() where taps.contains(tap.name) {
      let measured = try response.measure(tap: place) { try advance(work(columns: tap.columns), tap.name) }
      ways.formUnion(measured.filter { $0.cka != nil }.map(\.usesMoments))
      for condition in measured { try visitImages(condition, visit) }
      let curves = measured.map { ConditionEstimates($0, bootstrap, threads: threads) }
      for curve in curves {
        result += curve.rows(store: store.name)
        if rows.count >= 4, curve.measured.cka?.own.value == nil {
          notes.append(
            StoreNote(
              "cka_debiased of \(tap.name) under \(curve.measured.condition) is empty in ", store.name,
              ": all images but at most one have the same features there"))
        }
      }
      let hues = HueResponse(curves)
      hue += hues.rows(store: store.name, tap: tap.name)
      if !hues.curve.isComplete { incomplete = hues.curve }
    }
    if rows.count < 4 {
      notes.append(
        StoreNote("cka_debiased is left out of ", store.name, ": it needs at least 4 images, there are \(rows.count)"))
    }
    if let incomplete {
      let degrees = incomplete.angles.dropFirst().map { "\(Int($0))°" }.joined(separator: ", ")
      notes.append(
        StoreNote(
          "\(TableDefinition.hue.file) has nothing of ", store.name,
          ": a hue curve needs turns at most \(Int(HueCurve.widestGap))° apart and at least three, there "
            + (degrees.isEmpty ? "are none" : "are \(degrees)")
            + "; extract with --conditions hue+30,hue+60,…,hue+330"))
    }
    return (result, hue, ways, notes)
  }

  private func visitImages(_ measured: FeatureResponse.Measured, _ visit: (ImageValue) throws -> Void) throws {
    let series = [
      (ColorMetric.relativeL2.key(shuffled: false), measured.distance.own),
      (ColorMetric.relativeL2.key(shuffled: true), measured.distance.shuffled.images),
      (ColorMetric.cosine.key(shuffled: false), measured.cosine.own),
      (ColorMetric.cosine.key(shuffled: true), measured.cosine.shuffled.images),
    ]
    for (image, row) in rows.enumerated() {
      for (key, values) in series {
        guard let value = values[image] else { continue }
        try visit(
          ImageValue(
            labels: [store.name, measured.condition, measured.tap, store.store.imagePaths[row], key], value: value))
      }
    }
  }

  // MARK: Reconstructions

  func recovery(
    _ visit: (ImageValue) throws -> Void, _ advance: (Double, String) throws -> Void
  ) throws -> (rows: [EstimateRow], notes: [StoreNote]) {
    guard !cuts.isEmpty else {
      return (
        [],
        [
          StoreNote(
            "\(TableDefinition.recovery.file) has nothing of ", store.name,
            ": there are no reconstructions; make them with palimpsest reconstruct --conditions "
              + conditions.prefix(3).joined(separator: ","))
        ]
      )
    }
    var notes: [StoreNote] = []
    if store.objects == nil {
      notes.append(
        StoreNote(
          "\(TableDefinition.recovery.file) looks at whole images of ", store.name,
          ": give a COCO instances JSON with --annotations to tell objects, the ring around them and the background apart"
        ))
    }
    let regions = try ColorRecovery.regions(
      store, rows: rows, condition: ConditionName.original.text, threads: settings.selection.threads)
    var result: [EstimateRow] = []
    for condition in [ConditionName.original.text] + conditions {
      let present = try store.store.reconstructions(of: condition)
      let recovery = ColorRecovery(
        store: store, condition: condition, taps: cuts.filter { present.contains($0) }, rows: rows, regions: regions,
        threads: settings.selection.threads, memoryLimit: min(settings.memoryLimit, 128 << 20))
      guard !recovery.taps.isEmpty else {
        notes.append(
          StoreNote(
            "\(TableDefinition.recovery.file) has nothing of ", store.name,
            " under \(condition): there are no reconstructions"))
        continue
      }
      let each = try workOfImage()
      let measured = try recovery.measure(visit: visit) { try advance(each * $0, condition) }
      if measured.isAmbiguous {
        notes.append(
          StoreNote(
            "shown, usual, other and fit have no value in some regions of ", store.name,
            " under \(condition): the shown and the original colours lie too close to one line to be told apart"))
      }
      let labels = recovery.taps.flatMap { tap in
        recovery.wanted.flatMap { region in
          ColorRecovery.columns.map { metric, shuffled in
            let key = metric.rawValue + (shuffled ? MetricDefinition.shuffledSuffix : "")
            return [store.name, condition, tap, region.rawValue, key]
          }
        }
      }
      let estimates = ImageSeries.estimates(
        measured.figures.flatMap { $0.flatMap { $0 } }, hasInterval: settings.selection.hasIntervals)
      for (labels, estimate) in zip(labels, estimates) {
        if let estimate { result.append(EstimateRow(labels: labels, estimate)) }
      }
    }
    return (result, notes)
  }
}
