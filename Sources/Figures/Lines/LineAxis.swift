/// The horizontal axis of a panel of lines: where its places stand, their names or numbers, and the gap before those that stand for
/// themselves.
struct LineAxis {
  let nodes: [SceneNode]
  /// Room the labels take below the plot.
  let bottom: Double
  /// How far series stand beside each other.
  let shift: Double
  private let low: Double
  private let high: Double
  private let start: Double
  private let end: Double
  private let heads: [Double]
  private let names: [Double]

  /// - Parameter spreads: whether series stand beside each other.
  init(
    _ panel: LineFigure.Panel, title: String?, spreads: Bool, size: Size, style: FigureStyle,
    measurer: some TextMeasuring
  ) {
    let count = panel.labels.count
    let joined = count - panel.detachedCount
    let wantedShift = spreads && panel.series.count > 1 ? style.lines.marker * 0.55 : 0
    let inset = min(
      style.lines.marker * 1.5 + wantedShift * Double(panel.series.count - 1) / 2, size.width / 8 + style.lines.marker)
    let type = style.sizes.tick
    let hasTrunk = joined > 0 || panel.extent != nil
    let positions = panel.positions ?? (0..<joined).map(Double.init)
    low = panel.extent?.min() ?? positions.min() ?? 0
    high = panel.extent?.max() ?? positions.max() ?? 0
    // Places that stand for themselves begin behind a gap; where all stand evenly it is one place more.
    var headSteps: (gap: Double, step: Double) = (0, 0)
    var margin = 0.0
    if panel.detachedCount > 0, hasTrunk {
      if panel.extent == nil, panel.positions == nil {
        let step = (size.width - 2 * inset) / Double(count)
        headSteps = (step * 2, step)
      } else {
        let widest = panel.labels.suffix(panel.detachedCount).map { measurer.width(of: $0, size: type) }.max() ?? 0
        let level = widest + type * 0.6
        let fits = level * Double(panel.detachedCount) + type * 2 <= size.width * 0.4
        headSteps = fits ? (level * 0.5 + type * 2, level) : (type * 2.4, type * 1.5)
        margin = fits ? max(0, widest / 2 - style.sizes.label * 0.5 - inset) : 0
      }
    }
    start = inset
    let headCount = Double(panel.detachedCount)
    end =
      !hasTrunk
      ? inset
      : max(
        start,
        size.width - inset - margin - (headCount > 0 ? headSteps.gap + headSteps.step * (headCount - 1) : 0))
    if hasTrunk {
      let first = end + headSteps.gap
      heads = (0..<panel.detachedCount).map { first + Double($0) * headSteps.step }
    } else {
      let (whole, from) = (size.width - 2 * inset, inset)
      heads = (0..<count).map { count > 1 ? from + whole * Double($0) / Double(count - 1) : size.width / 2 }
    }
    let (low, high, start, end) = (low, high, start, end)
    func place(_ position: Double) -> Double {
      high > low ? start + (end - start) * (position - low) / (high - low) : (start + end) / 2
    }
    let names = positions.map(place)
    let heads = self.heads
    self.names = names

    var labels = Array(panel.labels.prefix(panel.extent == nil ? joined : 0))
    var centers = names
    if panel.extent != nil {
      let ticks = Ticks(in: low...max(low, high), count: 5)
      labels = ticks.labels
      centers = ticks.values.map(place)
    }
    func smallest(_ places: [Double]) -> Double {
      let sorted = places.sorted()
      return zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > 1e-6 }.min() ?? size.width
    }
    let spacing = smallest(names + heads)
    let room = panel.series.map { smallest(($0.places.map { $0.map(place) } ?? names) + heads) }.min() ?? spacing
    shift = min(wantedShift, room * 0.7 / Double(max(1, panel.series.count)))
    let isEven = panel.extent == nil && panel.positions == nil
    var nodes: [SceneNode] = []
    var reach = 0.0
    var trunkReach = 0.0
    let headLabels = Array(panel.labels.suffix(panel.detachedCount))
    // Named evenly they are one row of names; else heads are named apart from what stands along the axis.
    let rows = isEven ? [(labels + headLabels, centers + heads)] : [(labels, centers), (headLabels, heads)]
    for (labels, centers) in rows where !labels.isEmpty {
      let written = CategoryLabels(
        labels, centers: centers, spacing: isEven ? (count == 1 ? size.width : spacing) : .infinity, size: size,
        style: style, measurer: measurer)
      nodes += written.nodes
      if reach == 0 { trunkReach = written.reach }
      reach = max(reach, written.reach)
    }
    if hasTrunk, let first = heads.first {
      let x = (end + first) / 2 - (isEven ? 0 : headSteps.step * 0.15)
      nodes.append(
        .path(
          .polyline(
            [Point(x, 0), Point(x, size.height)],
            stroke: Stroke(
              color: style.colors.muted, width: style.lines.grid, dash: [style.lines.curve, style.lines.curve * 2]))))
    }
    if let title, !title.isEmpty {
      let type = style.sizes.label
      let lines = measurer.wrapped(title, toWidth: size.width, size: type, most: 3)
      let half = (lines.map { measurer.width(of: $0, size: type) }.max() ?? 0) / 2
      let middle = hasTrunk ? max((start + end) / 2, half) : size.width / 2
      // Below the numbers, beside names of heads that stand upright.
      var away = hasTrunk && middle + half + type < heads.first ?? .infinity ? trunkReach : reach
      for line in lines {
        nodes.append(
          .text(
            TextRun(
              line, at: Point(middle, size.height + away + type * 1.1), size: type, alignment: .middle,
              color: style.colors.ink, fullText: line.contains("…") ? title : nil)))
        away += type * 1.25
      }
      reach = max(reach, away)
    }
    self.nodes = nodes
    bottom = reach
  }

  /// Where the value of an index stands.
  func place(_ index: Int, of series: LineFigure.Series) -> Double {
    let joined = series.places?.count ?? names.count
    guard index < joined else { return heads[min(index - joined, heads.count - 1)] }
    guard let position = series.places?[index] else { return names[index] }
    return high > low ? start + (end - start) * (position - low) / (high - low) : (start + end) / 2
  }

  /// How many values of a series are joined to their neighbours.
  func joined(_ series: LineFigure.Series) -> Int { series.places?.count ?? names.count }
}
