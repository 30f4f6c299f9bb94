import Figures

/// What a metric of a results table is called, and how it is read.
struct MetricFacts: Sendable {
  enum Best: Sendable { case high, low, none }

  let name: String
  /// With its unit.
  let label: String
  /// Short enough for the axis of a small panel.
  let axisLabel: String
  let best: Best
  let digits: Int
  /// What an axis shows at least; nil for what the values span.
  let range: ClosedRange<Double>?

  private init(
    _ name: String, unit: String? = nil, axis: String? = nil, best: Best, digits: Int = 3,
    range: ClosedRange<Double>? = nil
  ) {
    self.name = name
    label = unit.map { "\(name) (\($0))" } ?? name
    axisLabel = axis ?? label
    self.best = best
    self.digits = digits
    self.range = range
  }

  /// A cost: the less the better.
  init(cost heading: String, digits: Int) { self.init(heading, best: .low, digits: digits) }

  /// A metric by its name in the tables; one that is not known goes by that name and has no best.
  static func named(_ metric: String) -> MetricFacts {
    if let known = known[metric] { return known }
    if metric.hasSuffix(EstimateDepth.shuffledSuffix) {
      let base = named(String(metric.dropLast(EstimateDepth.shuffledSuffix.count)))
      return MetricFacts(base.name + ", shuffled", best: .none, digits: base.digits, range: base.range)
    }
    let words = metric.replacing("_", with: " ")
    return MetricFacts(words.prefix(1).uppercased() + words.dropFirst(), best: .none)
  }

  private static let known: [String: MetricFacts] = [
    "mse": MetricFacts("MSE", best: .low, digits: 4), "mae": MetricFacts("MAE", best: .low, digits: 4),
    "psnr": MetricFacts("PSNR", unit: "dB", best: .high, digits: 2),
    "ssim": MetricFacts("SSIM", best: .high, range: 0...1),
    "ms_ssim": MetricFacts("MS-SSIM", best: .high, range: 0...1), "gmsd": MetricFacts("GMSD", best: .low),
    "haarpsi": MetricFacts("HaarPSI", best: .high, range: 0...1),
    "ciede2000": MetricFacts("CIEDE2000", unit: "ΔE₀₀", best: .low, digits: 2),
    "lpips": MetricFacts("LPIPS (AlexNet)", best: .low), "lpips_vgg": MetricFacts("LPIPS (VGG16)", best: .low),
    "top1_agreement": MetricFacts("Top-1 agreement", best: .high, range: 0...1),
    "feature_cosine": MetricFacts("Feature cosine", best: .high, range: 0...1),
    "box_agreement": MetricFacts("Box and class agreement", axis: "Box agreement", best: .high, range: 0...1),
    "box_iou": MetricFacts("Box IoU", best: .high, range: 0...1),
    "box_class_agreement": MetricFacts("Class agreement of boxes", axis: "Class agreement", best: .high, range: 0...1),
    "relative_l2": MetricFacts("Relative L2 distance", best: .none, range: 0...1),
    "cosine": MetricFacts("Cosine", best: .none, range: 0...1),
    "cka_debiased": MetricFacts("CKA (debiased)", best: .none, range: 0...1),
    "ciede2000_to_shown": MetricFacts("CIEDE2000 to what was shown", axis: "ΔE₀₀ to shown", best: .low, digits: 2),
    "ciede2000_to_original": MetricFacts("CIEDE2000 to the original", axis: "ΔE₀₀ to original", best: .none, digits: 2),
    "ciede2000_to_gray": MetricFacts("CIEDE2000 to grey", axis: "ΔE₀₀ to grey", best: .none, digits: 2),
    "cutoff_coherence": MetricFacts(
      "Cut-off of coherence", unit: "cycles per image", axis: "Cut-off (cycles/image)", best: .high, digits: 1),
    "cutoff_coherence_per_patch": MetricFacts(
      "Cut-off of coherence", unit: "cycles per patch", axis: "Cut-off (cycles/patch)", best: .high),
    "cutoff_power": MetricFacts(
      "Cut-off of power", unit: "cycles per image", axis: "Cut-off (cycles/image)", best: .high, digits: 1),
    "cutoff_power_per_patch": MetricFacts(
      "Cut-off of power", unit: "cycles per patch", axis: "Cut-off (cycles/patch)", best: .high),
    "lattice_excess_input": MetricFacts(
      "Patch lattice in the input", unit: "dB", axis: "Lattice (dB)", best: .none, digits: 2),
    "lattice_excess_reconstruction": MetricFacts(
      "Patch lattice in the reconstruction", unit: "dB", axis: "Lattice (dB)", best: .low, digits: 2),
    "hue_half_angle": MetricFacts(
      "Turn that loses half", unit: "degrees", axis: "Half turn (°)", best: .none, digits: 1, range: 0...180),
    "hue_half_angle_forward": MetricFacts(
      "Turn that loses half, upwards", unit: "degrees", axis: "Half turn (°)", best: .none, digits: 1),
    "hue_half_angle_backward": MetricFacts(
      "Turn that loses half, downwards", unit: "degrees", axis: "Half turn (°)", best: .none, digits: 1),
    "hue_mean": MetricFacts("Mean similarity over the hue circle", axis: "Mean over hues", best: .none, range: 0...1),
    "hue_amplitude": MetricFacts("Amplitude of the first harmonic", axis: "First harmonic", best: .none),
    "hue_phase": MetricFacts("Phase of the first harmonic", unit: "degrees", axis: "Phase (°)", best: .none, digits: 1),
    "hue_circular_mean": MetricFacts(
      "Circular mean", unit: "degrees", axis: "Circular mean (°)", best: .none, digits: 1),
    "hue_resultant_length": MetricFacts("Resultant length", best: .none, range: 0...1),
    "carried": MetricFacts(
      "Share of the change of colour that comes back", axis: "Share carried", best: .none, digits: 2),
    "shown": MetricFacts("Share of the shown colour", axis: "Share as shown", best: .none, digits: 2),
    "usual": MetricFacts("Share of the original colour", axis: "Share as original", best: .none, digits: 2),
    "lost": MetricFacts("Share of the colour lost to grey", axis: "Share lost", best: .none, digits: 2),
    "within_spread": MetricFacts("Spread within classes", best: .none),
    "nearest_accuracy": MetricFacts(
      "Nearest prototype is the own class", axis: "Nearest is own class", best: .none, range: 0...1),
  ]

  func number(_ value: Double) -> String { Numbers.fixed(value, digits: digits) }

  /// "24.13 [23.80, 24.46]", without the brackets where there is no interval.
  func text(_ row: EstimateTable.Row) -> String {
    guard let value = row.value else { return "no value" }
    return interval(row).map { "\(number(value)) \($0)" } ?? number(value)
  }

  /// "[23.80, 24.46]"; nil where there is none.
  func interval(_ row: EstimateTable.Row) -> String? {
    guard let low = row.low, let high = row.high else { return nil }
    return "[\(number(low)), \(number(high))]"
  }

  /// Whether `a` is better than `b`; false where the metric has no best.
  func isBetter(_ a: Double, than b: Double) -> Bool {
    switch best {
    case .high: a > b
    case .low: a < b
    case .none: false
    }
  }
}
