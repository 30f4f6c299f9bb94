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
      let taps = try selection.store.store.taps(condition: selection.condition).filter { $0.grid.count == 2 }
      cells = selection.taps.map { name in
        // A layer inside a component is named TAP@CUT.
        let tap = name.split(separator: "@").first.map(String.init) ?? name
        let found = taps.first { $0.name == tap } ?? taps.first
        return found.map { ImageSize(height: $0.grid[0], width: $0.grid[1]) }
      }
    }
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
    for places in pieces(of: 0..<selection.rows.count, size: capacity) {
      let blockRows = Array(selection.rows[places])
      try pixels.read(blockRows)
      let sizes = blockRows.map { selection.store.size(row: $0, height: input.height, width: input.width) }
      // Images of one size go through the transform together.
      var left = Array(blockRows.indices)
      while let first = left.first {
        let alike = left.filter { sizes[$0] == sizes[first] }
        left.removeAll { sizes[$0] == sizes[first] }
        try measure(pixels, alike, sizes[first], &plans) { tap, place, spectrum in
          sums[tap].set(places.lowerBound + place, spectrum)
        }
      }
      try advance(blockRows.count)
    }
    return sums
  }

  private func measure(
    _ pixels: PixelRows, _ places: [Int], _ size: ImageSize, _ plans: inout SpectrumPlans,
    set: (_ tap: Int, _ place: Int, PairSpectrum) -> Void
  ) throws {
    let isWhole = size == input.size
    let base = plans.plan(size, nil)
    let spectrum = try transform(pixels, 0, places, size, base)
    for tap in outputs.indices {
      let plan = plans.plan(size, isWhole ? cells[tap] : nil)
      let other = try transform(pixels, tap + 1, places, size, plan)
      let results = Mutex([PairSpectrum?](repeating: nil, count: places.count))
      try spectrum.withUnsafeBytes { first in
        try other.withUnsafeBytes { second in
          guard let a = first.bindMemory(to: Float.self).baseAddress,
            let b = second.bindMemory(to: Float.self).baseAddress
          else { return }
          let (one, two) = (
            SharedPointer(UnsafeMutablePointer(mutating: a)), SharedPointer(UnsafeMutablePointer(mutating: b))
          )
          let step = plan.height * plan.columns * 2
          inParallel(places.count, threads: settings.selection.threads) { image in
            let measured = plan.measure(one.pointer + image * step, two.pointer + image * step)
            results.withLock { $0[image] = measured }
          }
        }
      }
      for (place, measured) in zip(places, results.withLock({ $0 })) {
        if let measured { set(tap, place, measured) }
      }
    }
  }

  /// Spectra of some images of one source, `[images, height, width / 2 + 1, 2]`.
  private func transform(
    _ pixels: PixelRows, _ source: Int, _ places: [Int], _ size: ImageSize, _ plan: SpectrumPlan
  ) throws -> Tensor {
    let numbers = size.height * size.width
    let buffer = Buffer<Float>(places.count * numbers)
    inParallel(places.count, threads: settings.selection.threads) { image in
      plan.fill(buffer.pointer + image * numbers, with: pixels.image(source, places[image], size))
    }
    let images = try buffer.tensor([places.count, size.height, size.width])
    let spectrum = try fourierTransform.one(.tensor(images), .none, .integers([1, 2]), .none)
    return try realView.one(.tensor(spectrum)).contiguous()
  }

  // MARK: Results

  func results(_ sums: [SpectrumSums]) throws -> (rows: [EstimateRow], spectra: [Detail.Spectrum], notes: [String]) {
    var rows: [EstimateRow] = []
    var spectra: [Detail.Spectrum] = []
    var notes: [String] = []
    let images = selection.rows.count
    let bootstrap = Bootstrap(
      images: images, replicates: images > 1 ? settings.selection.bootstrap : 0, seed: settings.selection.seed)
    let padded = isPadded
    for (tap, name) in selection.taps.enumerated() {
      guard let curve = try sums[tap].curves([[Int](repeating: 1, count: images)]).first else { continue }
      let replicates = try sums[tap].curves(bootstrap.weights)
      let shorter = Double(min(input.height, input.width))
      var perPatch: Double?
      if let cells = cells[tap], !padded {
        let side = input.height <= input.width ? cells.height : cells.width
        perPatch = settings.patch.map { Double($0) / shorter } ?? 1 / Double(side)
      }
      func label(_ metric: Detail.Metric) -> [String] {
        [selection.store.name, selection.condition, name, metric.rawValue]
      }
      func row(_ metric: Detail.Metric, scale: Double = 1, _ value: (SpectrumSums.Curve) -> Double?) -> EstimateRow? {
        guard let own = value(curve) else { return nil }
        let others = replicates.compactMap(value).map { $0 * scale }
        // A value that fewer than half of the replicates have has no interval.
        let interval =
          2 * others.count >= replicates.count
          ? ReplicateInterval.interval(own * scale, replicates: others, images: images) : nil
        return EstimateRow(
          labels: label(metric), value: own * scale, low: interval?.low, high: interval?.high, n: images)
      }
      let coherence = { (curve: SpectrumSums.Curve) in CutOff.frequency(curve.coherence)?.value }
      let power = { (curve: SpectrumSums.Curve) in CutOff.frequency(curve.powerRatio)?.value }
      rows += [
        row(.cutoffCoherence, coherence), perPatch.flatMap { row(.cutoffCoherencePerPatch, scale: $0, coherence) },
        row(.cutoffPower, power), perPatch.flatMap { row(.cutoffPowerPerPatch, scale: $0, power) },
        row(.latticeInput) { $0.latticeInput }, row(.latticeReconstruction) { $0.latticeOutput },
      ].compactMap { $0 }
      for (kind, values) in [("coherence", curve.coherence), ("power ratio", curve.powerRatio)]
      where CutOff.frequency(values)?.isReached == false {
        notes.append(
          "\(selection.store.name) \(name) under \(selection.condition): the \(kind) stays above \(CutOff.threshold) up to"
            + " \(rings) cycles per image, the highest frequency; its cut-off is at least that")
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
            coherence: curve.coherence[ring], n: sums[tap].ringsOfImage.count { $0 > ring }))
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
