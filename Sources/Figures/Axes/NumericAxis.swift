import Formats

/// How numbers are spread along an axis.
public enum AxisScale: String, Sendable, Equatable, Codable {
  case linear, logarithmic
}

/// A stretch of numbers along which points are placed, with ticks at round values.
public struct NumericAxis: Sendable, Equatable {
  public struct Tick: Sendable, Equatable {
    public let value: Double
    /// The label; empty for a tick without one.
    public let spans: [TextRun.Span]
  }

  public let scale: AxisScale
  public let range: ClosedRange<Double>
  public let ticks: [Tick]

  /// An axis over `values`, ending at round numbers.
  /// - Parameters:
  ///   - values: numbers that are not finite, and on a logarithmic axis those that are not positive, do not count.
  ///   - include: numbers that the axis holds whatever the values.
  ///   - count: about how many ticks.
  public init(_ values: [Double], include: [Double] = [], scale: AxisScale = .linear, count: Int = 5) {
    self.scale = scale
    let known = (values + include).compactMap { Self.placed($0, scale) }
    switch scale {
    case .linear:
      (range, ticks) = Self.linear(low: known.min() ?? 0, high: known.max() ?? 1, count: count)
    case .logarithmic:
      (range, ticks) = Self.logarithmic(low: known.min() ?? 1, high: known.max() ?? 10, count: count)
    }
  }

  /// An axis that begins and ends where it is asked to, with ticks at round numbers between.
  public init(limits: ClosedRange<Double>, scale: AxisScale = .linear, count: Int = 5) {
    let whole = NumericAxis([limits.lowerBound, limits.upperBound], scale: scale, count: count)
    self.scale = scale
    let isDrawable =
      limits.lowerBound < limits.upperBound && Self.placed(limits.lowerBound, scale) != nil
      && Self.placed(limits.upperBound, scale) != nil
    range = isDrawable ? limits : whole.range
    let reach = (range.upperBound - range.lowerBound) * 1e-9
    let shown = range.lowerBound - reach...range.upperBound + reach
    ticks = whole.ticks.filter { shown.contains($0.value) }
  }

  /// A value as it can be placed: those too small to tell from zero are zero, and those that are no numbers, or too large, have no
  /// place; on a logarithmic axis neither have zero and negative numbers.
  private static func placed(_ value: Double, _ scale: AxisScale) -> Double? {
    guard DrawableNumber.isDrawable(value) else { return nil }
    let value = value.magnitude < DrawableNumber.smallest ? 0 : value
    return scale == .linear || value > 0 ? value : nil
  }

  /// Where a value lies, 0 at the start and 1 at the end; nil where it has no place.
  public func fraction(_ value: Double?) -> Double? {
    guard let value = value.flatMap({ Self.placed($0, scale) }) else { return nil }
    switch scale {
    case .linear: return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      let low = Elementary.log10(range.lowerBound)
      return (Elementary.log10(value) - low) / (Elementary.log10(range.upperBound) - low)
    }
  }

  private static func linear(low: Double, high: Double, count: Int) -> (ClosedRange<Double>, [Tick]) {
    var (low, high, count) = (low, high, count)
    let largest = max(low.magnitude, high.magnitude)
    if high - low <= largest * 1e-6 {
      // A single value stands in the middle; so do values that differ by the rounding of their arithmetic only.
      let reach = low == 0 ? 1 : low.magnitude * 0.1
      (low, high, count) = (low - reach, low + reach, 2)
    }
    // Very small and very large numbers would be rows of zeros: they are written with a power of ten.
    let size = max(low.magnitude, high.magnitude)
    guard size >= 1e-3 && size < 1e7 else {
      let exponent = Int(saturating: (Elementary.log10(size) + 1e-9).rounded(.down))
      let unit = Elementary.powerOfTen(exponent)
      let (range, ticks) = linear(low: low / unit, high: high / unit, count: count)
      let power = TextRun.Span(Numbers.fixed(Double(exponent), digits: 0), script: .superscript)
      return (
        range.lowerBound * unit...range.upperBound * unit,
        ticks.map { tick in
          let number = tick.spans.map(\.text).joined()
          return Tick(value: tick.value * unit, spans: tick.value == 0 ? [.init("0")] : [.init(number + "·10"), power])
        }
      )
    }
    let first = Ticks(in: low...high, count: count)
    let step = first.step
    guard step > 0 else {
      return (low...high, zip(first.values, first.labels).map { Tick(value: $0, spans: [.init($1)]) })
    }
    let start = (low / step + 1e-6).rounded(.down) * step
    let end = (high / step - 1e-6).rounded(.up) * step
    let steps = min(Ticks.most, Int(saturating: ((end - start) / step).rounded()))
    let ticks = (0...steps).map { place -> Tick in
      // Counted from the multiple itself, so that 0 is 0 and not a rounding error.
      let value = ((start / step).rounded() + Double(place)) * step
      return Tick(value: value, spans: [.init(Numbers.fixed(value, digits: first.digits))])
    }
    return (start...end, ticks)
  }

  /// From the last of 1, 2, 5, 10 … below the values to the first above them; a tick at each whole multiple of a decade,
  /// with a label at the decades, at 1, 2 and 5 where there are fewer than two, or at all where there is not one.
  private static func logarithmic(low: Double, high: Double, count: Int) -> (ClosedRange<Double>, [Tick]) {
    let first = Int(saturating: Elementary.log10(low).rounded(.down)) - 1
    let last = Int(saturating: Elementary.log10(high).rounded(.up)) + 1
    let steps = (first...last).flatMap { exponent in [1.0, 2, 5].map { $0 * Elementary.powerOfTen(exponent) } }
    var start = steps.last { $0 <= low * (1 + 1e-9) } ?? steps[0]
    var end = steps.first { $0 >= high * (1 - 1e-9) } ?? steps[steps.count - 1]
    if start == end {
      start /= 2
      end *= 2
    }
    let decades = Elementary.log10(end) - Elementary.log10(start)
    // Every decade, or every second, third … where there are many.
    let stride = max(1, Int(saturating: (decades / Double(max(count, 2))).rounded(.up)))
    let isPlain = first >= -4 && last <= 6
    var ticks: [Tick] = []
    for exponent in first...last {
      for factor in 1...9 {
        let value = Double(factor) * Elementary.powerOfTen(exponent)
        guard value >= start * (1 - 1e-9), value <= end * (1 + 1e-9) else { continue }
        let isNamed =
          decades < 0.75
          || (decades < 1.9 ? [1, 2, 5].contains(factor) : factor == 1 && (exponent - first) % stride == 0)
        if factor == 1 || decades < 6 {
          ticks.append(Tick(value: value, spans: isNamed ? label(factor, exponent, plain: isPlain) : []))
        }
      }
    }
    return (start...end, ticks)
  }

  private static func label(_ factor: Int, _ exponent: Int, plain: Bool) -> [TextRun.Span] {
    if plain {
      return [.init(Numbers.fixed(Double(factor) * Elementary.powerOfTen(exponent), digits: max(0, -exponent)))]
    }
    return [
      .init(factor == 1 ? "10" : "\(factor)·10"),
      .init(Numbers.fixed(Double(exponent), digits: 0), script: .superscript),
    ]
  }
}

extension NumericAxis {
  /// The width of the widest label.
  func labelWidth(size: Double, measurer: some TextMeasuring) -> Double {
    ticks.map { tick in
      measurer.extent(of: TextRun(spans: tick.spans, at: Point(0, 0), size: size, color: .black)).width
    }.max() ?? 0
  }

  /// Tick marks, numbers and grid lines of the left edge of a plot whose upper left corner is the origin.
  /// - Parameter isWritten: whether the numbers stand beside the marks.
  func leftEdge(size: Size, isWritten: Bool, style: FigureStyle) -> (grid: [PathShape.Element], nodes: [SceneNode]) {
    var grid: [PathShape.Element] = []
    var marks: [PathShape.Element] = []
    var nodes: [SceneNode] = []
    var next = Double.infinity
    for tick in ticks {
      guard let fraction = fraction(tick.value) else { continue }
      let y = size.height * (1 - fraction)
      if !tick.spans.isEmpty { grid += [.move(Point(0, y)), .line(Point(size.width, y))] }
      guard isWritten else { continue }
      let length = tick.spans.isEmpty ? style.lines.tickLength / 2 : style.lines.tickLength
      marks += [.move(Point(-length, y)), .line(Point(0, y))]
      // On a low plot some ticks go without their number.
      guard !tick.spans.isEmpty, y <= next else { continue }
      next = y - style.sizes.tick * 1.15
      nodes.append(
        .text(
          TextRun(
            spans: tick.spans, at: Point(-style.lines.tickLength - style.sizes.tick * 0.3, y), size: style.sizes.tick,
            alignment: .end, baseline: .middle, color: style.colors.ink)))
    }
    if !marks.isEmpty { nodes.append(.path(Self.marks(marks, style))) }
    return (grid, nodes)
  }

  /// Tick marks, numbers and grid lines of the lower edge of a plot; labels that would touch are left out.
  /// - Parameter inset: how far from the edges of the plot the axis begins and ends.
  func lowerEdge(
    size: Size, inset: Double, style: FigureStyle, measurer: some TextMeasuring
  ) -> (grid: [PathShape.Element], nodes: [SceneNode]) {
    var grid: [PathShape.Element] = []
    var marks: [PathShape.Element] = []
    var nodes: [SceneNode] = []
    var occupied = -Double.infinity
    for tick in ticks {
      guard let fraction = fraction(tick.value) else { continue }
      let x = inset + (size.width - 2 * inset) * fraction
      let isNamed = !tick.spans.isEmpty
      if isNamed { grid += [.move(Point(x, 0)), .line(Point(x, size.height))] }
      let length = isNamed ? style.lines.tickLength : style.lines.tickLength / 2
      marks += [.move(Point(x, size.height)), .line(Point(x, size.height + length))]
      guard isNamed else { continue }
      var run = TextRun(
        spans: tick.spans,
        at: Point(x, size.height + style.lines.tickLength + style.sizes.tick * 1.05), size: style.sizes.tick,
        alignment: .middle, color: style.colors.ink)
      let width = measurer.extent(of: run).width
      // The outer labels keep clear of the neighbouring plot's.
      let overhang = style.sizes.label * 0.5
      run.position.x = min(max(x, width / 2 - overhang), size.width + overhang - width / 2)
      guard run.position.x - width / 2 >= occupied + style.sizes.tick * 0.4 else { continue }
      occupied = run.position.x + width / 2
      nodes.append(.text(run))
    }
    nodes.append(.path(Self.marks(marks, style)))
    return (grid, nodes)
  }

  private static func marks(_ elements: [PathShape.Element], _ style: FigureStyle) -> PathShape {
    PathShape(elements: elements, stroke: Stroke(color: style.colors.ink, width: style.lines.axis))
  }
}
