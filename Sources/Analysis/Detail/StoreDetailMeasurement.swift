import Activations
import Formats
import Synchronization
import Torch

/// The spectra of one condition of one store.
struct StoreDetailMeasurement {
  let selection: ReconstructionSelection
  let settings: Detail.Settings
  private let input: StoredPixels
  private let outputs: [StoredPixels]
  /// For each tap its cells, down and across; nil where nothing says.
  private let cells: [ImageSize?]

  init(_ selection: ReconstructionSelection, _ settings: Detail.Settings) throws {
    self.selection = selection
    self.settings = settings
    input = try selection.inputs()
    outputs = try selection.reconstructions()
    let (height, width) = (input.height, input.width)
    if let patch = settings.patch {
      guard patch <= min(height, width) else {
        throw AnalysisError(
          .badInput,
          "a patch of \(patch) pixels is larger than the inputs of \(selection.store.name), \(width)x\(height)")
      }
      cells = selection.taps.map { _ in ImageSize(height: height / patch, width: width / patch) }
    } else {
      let taps = try selection.store.store.taps(condition: selection.condition).filter { $0.grid != nil }
      cells = selection.taps.map { name in
        // A layer inside a component is named TAP@CUT.
        let tap = name.split(separator: "@").first.map(String.init) ?? name
        return (taps.first { $0.name == tap } ?? taps.first)?.grid
      }
    }
  }

  /// Whether pictures have a patch lattice at a tap.
  private func hasLattice(_ tap: Int) -> Bool {
    guard let cells = cells[tap], !isPadded else { return false }
    return SpectrumPlan.hasLattice(height: input.height, width: input.width, cells: cells)
  }

  private var rings: Int { min(input.height, input.width) / 2 }
  /// Whether images have sizes of their own within padded inputs, so that no patch has one frequency.
  private var isPadded: Bool {
    guard let validSize = selection.store.validSize else { return false }
    return selection.rows.contains { row in
      validSize(row).map { $0 != input.size } ?? false
    }
  }

  /// - Returns: for each tap the spectra of all rows.
  func measure(advance: (Int) throws -> Void) throws -> [SpectrumSums] {
    var sums = selection.taps.map { _ in SpectrumSums(images: selection.rows.count, rings: rings) }
    let sources = [input] + outputs
    let capacity = PixelRows.capacity(sources, bytes: settings.memoryLimit)
    let pixels = PixelRows(sources, capacity: capacity)
    var plans = SpectrumPlans()
    for indices in pieces(of: 0..<selection.rows.count, size: capacity) {
      let blockRows = Array(selection.rows[indices])
      try pixels.read(blockRows)
      let sizes = blockRows.map { selection.store.size(row: $0, height: input.height, width: input.width) }
      // Images of one size go through the transform together.
      var left = Array(blockRows.indices)
      while let first = left.first {
        let alike = left.filter { sizes[$0] == sizes[first] }
        left.removeAll { sizes[$0] == sizes[first] }
        try measure(pixels, alike, sizes[first], &plans) { tap, index, spectrum in
          sums[tap].set(indices.lowerBound + index, spectrum)
        }
      }
      try advance(blockRows.count)
    }
    return sums
  }

  private func measure(
    _ pixels: PixelRows, _ indices: [Int], _ size: ImageSize, _ plans: inout SpectrumPlans,
    set: (_ tap: Int, _ index: Int, PairSpectrum) -> Void
  ) throws {
    let isWhole = size == input.size
    let base = plans.plan(size, nil)
    let spectrum = try transform(pixels, 0, indices, size, base)
    for tap in outputs.indices {
      let plan = plans.plan(size, isWhole ? cells[tap] : nil)
      let other = try transform(pixels, tap + 1, indices, size, plan)
      let results = Mutex([PairSpectrum?](repeating: nil, count: indices.count))
      try spectrum.withUnsafeBytes { first in
        try other.withUnsafeBytes { second in
          guard let a = first.bindMemory(to: Float.self).baseAddress,
            let b = second.bindMemory(to: Float.self).baseAddress
          else { return }
          let (one, two) = (
            SharedPointer(UnsafeMutablePointer(mutating: a)), SharedPointer(UnsafeMutablePointer(mutating: b))
          )
          let step = plan.height * plan.columns * 2
          inParallel(indices.count, threads: settings.selection.threads) { image in
            let measured = plan.measure(one.pointer + image * step, two.pointer + image * step)
            results.withLock { $0[image] = measured }
          }
        }
      }
      for (index, measured) in zip(indices, results.withLock({ $0 })) {
        if let measured { set(tap, index, measured) }
      }
    }
  }

  /// Spectra of some images of one source, `[images, height, width / 2 + 1, 2]`.
  private func transform(
    _ pixels: PixelRows, _ source: Int, _ indices: [Int], _ size: ImageSize, _ plan: SpectrumPlan
  ) throws -> Tensor {
    let numbers = size.height * size.width
    let buffer = Buffer<Float>(indices.count * numbers)
    inParallel(indices.count, threads: settings.selection.threads) { image in
      plan.fill(buffer.pointer + image * numbers, with: pixels.image(source, indices[image], size))
    }
    let images = try buffer.tensor([indices.count, size.height, size.width])
    let spectrum = try fourierTransform.one(.tensor(images), .none, .integers([1, 2]), .none)
    return try realView.one(.tensor(spectrum)).contiguous()
  }

  // MARK: Results

  func results(_ sums: [SpectrumSums]) -> (rows: [EstimateRow], spectra: [Detail.Spectrum], notes: [String]) {
    var rows: [EstimateRow] = []
    var spectra: [Detail.Spectrum] = []
    var notes: [String] = []
    let images = selection.rows.count
    let padded = isPadded
    for (tap, name) in selection.taps.enumerated() {
      let curve = sums[tap].curve
      let shorter = Double(min(input.height, input.width))
      var perPatch: Double?
      if let cells = cells[tap], !padded {
        let side = input.height <= input.width ? cells.height : cells.width
        perPatch = settings.patch.map { Double($0) / shorter } ?? 1 / Double(side)
      }
      func label(_ metric: Detail.Metric) -> [String] {
        [selection.store.name, selection.condition, name, metric.rawValue]
      }
      func row(
        _ metric: Detail.Metric, _ kind: SpectrumCurve, below level: Double = CutOff.half, scale: Double = 1
      ) -> EstimateRow {
        guard let own = CutOff.frequency(kind.values(curve), below: level) else {
          return EstimateRow(labels: label(metric), value: nil, low: nil, high: nil, n: 0)
        }
        let interval = settings.selection.hasIntervals ? sums[tap].interval(kind, below: level) : nil
        return EstimateRow(
          labels: label(metric), value: own.value * scale, low: interval.map { $0.low * scale },
          high: interval.map { $0.high * scale }, n: images)
      }
      rows.append(row(.cutoffCoherence, .coherence))
      if let perPatch { rows.append(row(.cutoffCoherencePerPatch, .coherence, scale: perPatch)) }
      rows.append(row(.cutoffPower, .powerRatio))
      if let perPatch { rows.append(row(.cutoffPowerPerPatch, .powerRatio, scale: perPatch)) }
      rows.append(row(.cutoffCorrelationHalf, .correlation))
      rows.append(row(.cutoffCorrelationSeventh, .correlation, below: CutOff.seventh))
      if hasLattice(tap) {
        for (metric, series) in [
          (Detail.Metric.latticeInput, sums[tap].latticeInput), (.latticeReconstruction, sums[tap].latticeOutput),
        ] {
          let estimate = ImageSeries.estimates([series], hasInterval: settings.selection.hasIntervals)[0]
          rows.append(
            estimate.map { EstimateRow(labels: label(metric), $0) }
              ?? EstimateRow(labels: label(metric), value: nil, low: nil, high: nil, n: 0))
        }
      }
      let subject = "\(selection.store.name) \(name) under \(selection.condition)"
      let beyond = [
        (Detail.Metric.cutoffCoherence, SpectrumCurve.coherence, CutOff.half), (.cutoffPower, .powerRatio, CutOff.half),
        (.cutoffCorrelationHalf, .correlation, CutOff.half), (.cutoffCorrelationSeventh, .correlation, CutOff.seventh),
      ].filter { CutOff.frequency($0.1.values(curve), below: $0.2)?.isReached == false }.map(\.0.rawValue)
      if !beyond.isEmpty {
        notes.append(
          "\(subject): \(beyond.joined(separator: ", ")) \(beyond.count == 1 ? "is" : "are") at least \(rings) cycles per image,"
            + " the highest frequency")
      }
      let flat = sums[tap].flat
      for (kind, count) in [("inputs", flat.inputs), ("reconstructions", flat.outputs)] where count > 0 {
        notes.append(
          "\(subject): \(count) of \(images) \(kind) are of one colour: they have no power, and nothing is said of their"
            + " coherence and their lattice")
      }
      if perPatch == nil {
        notes.append(
          padded
            ? "\(selection.store.name): nothing is said per patch, for its images have different sizes within padded inputs"
            : "\(selection.store.name): nothing is said per patch, for no tap has a grid; give the side of a patch with"
              + " --patch")
      }
      for ring in 0..<rings {
        spectra.append(
          Detail.Spectrum(
            store: selection.store.name, condition: selection.condition, tap: name, frequency: ring + 1,
            frequencyPerPatch: perPatch.map { $0 * Double(ring + 1) }, powerInput: curve.input[ring],
            powerReconstruction: curve.output[ring], powerRatio: curve.powerRatio[ring],
            coherence: curve.coherence[ring], ringCorrelation: curve.correlation[ring],
            n: sums[tap].ringsOfImage.count { $0 > ring }))
      }
    }
    return (rows, spectra, notes)
  }
}

/// Plans for the sizes and lattices met last.
private struct SpectrumPlans {
  private var plans: [(key: [Int], plan: SpectrumPlan)] = []

  mutating func plan(_ size: ImageSize, _ cells: ImageSize?) -> SpectrumPlan {
    let key = [size.height, size.width, cells?.height ?? 0, cells?.width ?? 0]
    if let known = plans.first(where: { $0.key == key }) { return known.plan }
    let made = SpectrumPlan(height: size.height, width: size.width, cells: cells)
    if plans.count == 32 { plans.removeFirst() }
    plans.append((key, made))
    return made
  }
}

private let fourierTransform = Operator("aten::fft_rfft2")
private let realView = Operator("aten::view_as_real")
