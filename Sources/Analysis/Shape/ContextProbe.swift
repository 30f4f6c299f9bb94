import Activations
import Formats
import Results
import Synchronization

/// How much of what a condition took away from the input its reconstruction brings back from the surroundings.
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

  /// - Returns: rows of the region `changed`, for each tap and metric that has figures.
  func measure(visit: (ImageValue) throws -> Void) throws -> [EstimateRow] {
    let (file, taps) = (selection.store.store, selection.taps)
    guard let original = try file.inputPixels() else { return [] }
    let returned = try taps.map { try file.reconstructedPixels(condition: ConditionName.original.text, tap: $0) }
    let sources = try [original, selection.inputs()] + returned + selection.reconstructions()
    let progress = try file.progress(of: ConditionName.original.text)
    let rows = selection.rows.filter { progress[$0] == 1 }
    let partners = ShuffledPairing(count: rows.count, seed: settings.selection.seed).partners
    let capacity = PixelRows.capacity(sources, bytes: settings.memoryLimit)
    let (pixels, others) = (PixelRows(sources, capacity: capacity), PixelRows([original], capacity: capacity))
    var series = taps.map { _ in ProbeMetric.allCases.map { _ in SparseSeries() } }
    for places in pieces(of: 0..<rows.count, size: capacity) {
      let blockRows = Array(rows[places])
      try pixels.read(blockRows)
      try others.read(places.map { rows[partners[$0]] })
      let results = Mutex([[[Double?]]](repeating: [], count: blockRows.count))
      inParallel(blockRows.count, threads: settings.selection.threads) { offset in
        let size = selection.store.size(row: blockRows[offset], height: pixels.height, width: pixels.width)
        func image(_ source: Int) -> [UInt8] { pixels.image(source, offset, size).bytes }
        let (whole, probe) = (image(0), image(1))
        let other = rows.count > 1 ? others.image(0, offset, size).bytes : nil
        let values = taps.indices.map { tap -> [Double?] in
          let (shown, back) = (image(2 + tap), image(2 + taps.count + tap))
          let returned = ContextProbe.share(of: whole, over: probe, in: back, changed: whole)
          let shuffled = other.flatMap { ContextProbe.share(of: $0, over: probe, in: back, changed: whole) }
          return [
            returned, shuffled, returned.flatMap { value in shuffled.map { value - $0 } },
            ContextProbe.share(of: whole, over: probe, in: shown, changed: whole),
          ]
        }
        results.withLock { $0[offset] = values }
      }
      for (offset, values) in results.withLock({ $0 }).enumerated() {
        for (tap, name) in taps.enumerated() {
          for (metric, value) in values[tap].enumerated() {
            guard let value else { continue }
            series[tap][metric].append(places.lowerBound + offset, value)
            try visit(
              ImageValue(
                labels: labels(name, path: file.imagePaths[blockRows[offset]], ProbeMetric.allCases[metric]),
                value: value))
          }
        }
      }
    }
    let bootstrap = Bootstrap(
      images: rows.count, replicates: rows.count > 1 ? settings.selection.bootstrap : 0, seed: settings.selection.seed)
    return taps.indices.flatMap { tap in
      ProbeMetric.allCases.indices.compactMap { metric in
        series[tap][metric].estimate(bootstrap).map {
          EstimateRow(labels: labels(taps[tap], path: nil, ProbeMetric.allCases[metric]), $0)
        }
      }
    }
  }

  private func labels(_ tap: String, path: String?, _ metric: ProbeMetric) -> [String] {
    [selection.store.name, selection.condition, tap] + (path.map { [$0] } ?? [])
      + ["changed", ShapeMap.all, metric.rawValue]
  }

  /// Σ ⟨back − probe, wanted − probe⟩ / Σ ‖wanted − probe‖² over the pixels in which the probe differs from `changed`.
  ///
  /// - Returns: nil where too little differs.
  package static func share(of wanted: [UInt8], over probe: [UInt8], in back: [UInt8], changed: [UInt8]) -> Double? {
    var (product, square, pixels) = (0, 0, 0)
    for place in stride(from: 0, to: probe.count, by: 3) {
      guard
        probe[place] != changed[place] || probe[place + 1] != changed[place + 1]
          || probe[place + 2] != changed[place + 2]
      else { continue }
      pixels += 1
      for channel in place..<place + 3 {
        let (from, to) = (Int(probe[channel]), Int(wanted[channel]))
        product += (Int(back[channel]) - from) * (to - from)
        square += (to - from) * (to - from)
      }
    }
    let least = leastChange * leastChange * 255 * 255 * 3 * Double(pixels)
    return pixels < leastPixels || Double(square) < least ? nil : Double(product) / Double(square)
  }
}
