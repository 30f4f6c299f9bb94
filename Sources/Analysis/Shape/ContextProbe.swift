import Activations
import Formats
import Results
import Synchronization

/// How much of what a condition took away from the input its reconstruction brings back from the surroundings, beyond what a
/// decoder does that knows nothing of it: one that gives the same picture whatever it is shown, or the probe smoothed.
///
/// Definitions: docs/definitions.md, "Context probes".
package struct ContextProbe {
  let selection: ReconstructionSelection
  let settings: Shape.Settings

  /// Fewer changed pixels, or a smaller root mean square change (in 0 ... 1), are no probe.
  static let (leastPixels, leastChange) = (16, 0.02)

  /// nil where the condition changes whole images, or there is nothing to compare with.
  init?(_ selection: ReconstructionSelection, _ settings: Shape.Settings) throws {
    let file = selection.store.store
    guard selection.condition != ConditionName.original.text, let region = file.attribute("region"), region != "image",
      file.conditions.contains(ConditionName.original.text), try file.inputPixels() != nil
    else { return nil }
    let present = try file.reconstructions(of: ConditionName.original.text)
    guard selection.taps.allSatisfy(present.contains) else { return nil }
    self.selection = selection
    self.settings = settings
  }

  /// What one image has.
  private struct Measured {
    /// By tap the share that is there again, and that of the mean of the other images' reconstructions.
    var returned: [Double?]
    var shuffled: [Double?]
    /// nil where too little changed. Responses are the reconstructions of the probe, then those of the original, by tap.
    var equations: ProbeEquations?
  }

  /// - Returns: rows of the region `changed`, for each tap and metric that has figures.
  func measure(visit: (ImageValue) throws -> Void) throws -> [EstimateRow] {
    let (file, taps) = (selection.store.store, selection.taps)
    guard let original = try file.inputPixels() else { return [] }
    let returned = try taps.map { try file.reconstructedPixels(condition: ConditionName.original.text, tap: $0) }
    let sources = try [original, selection.inputs()] + selection.reconstructions() + returned
    let progress = try file.progress(of: ConditionName.original.text)
    let rows = selection.rows.filter { progress[$0] == 1 }
    let capacity = PixelRows.capacity(sources, bytes: settings.memoryLimit)
    let pixels = PixelRows(sources, capacity: capacity)
    let means = try means(pixels, rows, capacity: capacity, sources: sources.count)
    var measured: [Measured] = []
    for indices in pieces(of: 0..<rows.count, size: capacity) {
      let blockRows = Array(rows[indices])
      try pixels.read(blockRows)
      let results = Mutex([Measured?](repeating: nil, count: blockRows.count))
      inParallel(blockRows.count, threads: settings.selection.threads) { offset in
        let size = selection.store.size(row: blockRows[offset], height: pixels.height, width: pixels.width)
        let images = sources.indices.map { pixels.image($0, offset, size) }
        let one = measure(images, means, hasOthers: rows.count > 1)
        results.withLock { $0[offset] = one }
      }
      measured += results.withLock { $0 }.compactMap { $0 }
    }
    return try estimates(measured, rows, visit)
  }

  /// The sums of every source over the rows.
  private func means(_ pixels: PixelRows, _ rows: [Int], capacity: Int, sources: Int) throws -> [MeanPixels] {
    let means = (0..<sources).map { _ in MeanPixels(height: pixels.height, width: pixels.width) }
    for indices in pieces(of: 0..<rows.count, size: capacity) {
      let blockRows = Array(rows[indices])
      try pixels.read(blockRows)
      inParallel(sources, threads: settings.selection.threads) { source in
        for (offset, row) in blockRows.enumerated() {
          means[source].add(
            pixels.image(source, offset, selection.store.size(row: row, height: pixels.height, width: pixels.width)))
        }
      }
    }
    return means
  }

  private func measure(_ images: [RGBPixels], _ means: [MeanPixels], hasOthers: Bool) -> Measured {
    let (whole, probe, back) = (images[0].bytes, images[1].bytes, images[2...])
    let changed = ContextProbe.changed(whole, probe)
    let taps = selection.taps.indices
    guard changed != nil else {
      return Measured(returned: taps.map { _ in nil }, shuffled: taps.map { _ in nil }, equations: nil)
    }
    func centered(_ source: Int) -> [Float] {
      zip(images[source].bytes, means[source].mean(of: images[source])).map { Float($0) - $1 }
    }
    return Measured(
      returned: taps.map { tap in
        ContextProbe.share(of: whole, over: probe, in: images[2 + tap].bytes.map { Float($0) })
      },
      shuffled: taps.map { tap in
        hasOthers
          ? ContextProbe.share(of: whole, over: probe, in: means[2 + tap].mean(without: images[2 + tap])) : nil
      },
      equations: changed.map {
        ProbeEquations(
          changed: $0, height: images[0].height, width: images[0].width, original: centered(0), probe: centered(1),
          responses: back.indices.map(centered))
      })
  }

  private func estimates(
    _ measured: [Measured], _ rows: [Int], _ visit: (ImageValue) throws -> Void
  ) throws -> [EstimateRow] {
    let indices = measured.indices.filter { measured[$0].equations != nil }
    let equations = indices.compactMap { measured[$0].equations }
    var result: [EstimateRow] = []
    for (tap, name) in selection.taps.enumerated() {
      func series(_ values: [(index: Int, value: Double)]) -> SparseSeries {
        var series = SparseSeries()
        for (index, value) in values { series.append(index, value) }
        return series
      }
      func pooled(_ response: Int) -> SparseSeries {
        series(ProbeEquations.figures(equations, response: response).map { Array(zip(indices, $0)) } ?? [])
      }
      func own(_ value: (Measured) -> Double?) -> SparseSeries {
        series(measured.indices.compactMap { index in value(measured[index]).map { (index, $0) } })
      }
      for metric in ProbeMetric.allCases {
        let figures =
          switch metric {
          case .returned: own { $0.returned[tap] }
          case .returnedShuffled: own { $0.shuffled[tap] }
          case .returnedExcess: pooled(tap)
          case .returnedShown: pooled(selection.taps.count + tap)
          }
        for (index, value) in zip(figures.images, figures.values) {
          let path = selection.store.store.imagePaths[rows[Int(index)]]
          try visit(ImageValue(labels: labels(name, path: path, metric), value: value))
        }
        if let estimate = figures.estimate(hasInterval: settings.selection.hasIntervals) {
          result.append(EstimateRow(labels: labels(name, path: nil, metric), estimate))
        }
      }
    }
    return result
  }

  private func labels(_ tap: String, path: String?, _ metric: ProbeMetric) -> [String] {
    [selection.store.name, selection.condition, tap] + (path.map { [$0] } ?? [])
      + ["changed", ShapeMap.all, metric.rawValue]
  }

  /// The places of the pixels in which a probe differs from the original; nil where too little differs.
  package static func changed(_ whole: [UInt8], _ probe: [UInt8]) -> [Int]? {
    var (indices, square) = ([Int](), 0)
    for pixel in 0..<probe.count / 3 {
      let differences = (3 * pixel..<3 * pixel + 3).map { Int(whole[$0]) - Int(probe[$0]) }
      guard differences.contains(where: { $0 != 0 }) else { continue }
      indices.append(pixel)
      square += differences.reduce(0) { $0 + $1 * $1 }
    }
    let least = leastChange * leastChange * 255 * 255 * 3 * Double(indices.count)
    return indices.count < leastPixels || Double(square) < least ? nil : indices
  }

  /// Σ ⟨back − probe, whole − probe⟩ / Σ ‖whole − probe‖²; nil where too little differs.
  package static func share(of whole: [UInt8], over probe: [UInt8], in back: [Float]) -> Double? {
    guard let changed = changed(whole, probe) else { return nil }
    var (product, square) = (0.0, 0.0)
    for pixel in changed {
      for index in 3 * pixel..<3 * pixel + 3 {
        let change = Double(whole[index]) - Double(probe[index])
        product += (Double(back[index]) - Double(probe[index])) * change
        square += change * change
      }
    }
    return product / square
  }
}
