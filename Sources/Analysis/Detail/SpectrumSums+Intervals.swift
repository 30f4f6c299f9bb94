/// What a cut-off is one of.
enum SpectrumCurve {
  case powerRatio, correlation, coherence

  func values(_ curve: SpectrumSums.Curve) -> [Double?] {
    switch self {
    case .powerRatio: curve.powerRatio
    case .correlation: curve.correlation
    case .coherence: curve.coherence
    }
  }
}

extension SpectrumSums {
  /// The 95 % interval over images of the frequency at which a curve falls below a level: that at which the lower end of the
  /// curve's own interval falls below it, to that at which the upper end does.
  ///
  /// Whether the curve of all images is above the level is whether a mean over images is above 0 (docs/definitions.md,
  /// *Detail*), so that the ends are those of a mean (``SkewedMeanInterval``). Nothing is drawn.
  ///
  /// - Returns: nil where a ring that is needed has no power, or figures that say nothing of how they scatter.
  func interval(_ curve: SpectrumCurve, below level: Double) -> (low: Double, high: Double)? {
    let bands = (0..<rings).map { band(curve, $0, around: level) }
    guard let low = CutOff.frequency(bands.map { $0?.low }, below: level),
      let high = CutOff.frequency(bands.map { $0?.high }, below: level)
    else { return nil }
    return (low.value, high.value)
  }

  /// The interval of a curve in one ring, as far as it is near a level.
  private func band(_ curve: SpectrumCurve, _ ring: Int, around level: Double) -> (low: Double, high: Double)? {
    let powers = powers(ring)
    let count = Double(powers.count)
    let input = powers.reduce(0) { $0 + $1.input } / count
    let output = powers.reduce(0) { $0 + $1.output } / count
    let cross = powers.reduce(0) { $0 + $1.cross } / count
    let scale: Double
    let figures: [Double]
    switch curve {
    case .powerRatio:
      scale = input
      figures = powers.map { $0.output - level * $0.input }
    case .correlation, .coherence:
      scale = (input * output).squareRoot()
      // √(ab) is the least of (λa + b/λ)/2, so that λ may be held as it is.
      let balance = (output / input).squareRoot()
      let sign: Double = curve == .coherence && cross < 0 ? -1 : 1
      let threshold = curve == .coherence ? level.squareRoot() : level
      figures = powers.map { sign * $0.cross - threshold / 2 * (balance * $0.input + $0.output / balance) }
    }
    guard scale > 0, let ends = SkewedMeanInterval.interval(figures) else { return nil }
    guard curve == .coherence else { return (level + ends.low / scale, level + ends.high / scale) }
    func squared(_ end: Double) -> Double {
      let value = max(0, level.squareRoot() + end / scale)
      return value * value
    }
    return (squared(ends.low), squared(ends.high))
  }
}
