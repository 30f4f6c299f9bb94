/// Some lines of a forest plot set for one width: their names at the left, then each quantity's plot and notes. The origin is the upper
/// left corner of the names.
struct ForestBlock {
  private(set) var nodes: [SceneNode] = []

  private let figure: ForestFigure
  private let style: FigureStyle
  /// The middle of every line, from the top of the plots.
  private var middles: [Double] = []
  private var height = 0.0

  private var type: Double { style.sizes.tick }
  private var step: Double { type * 1.5 }
  private var indent: Double { type * 0.8 }
  private var radius: Double { style.lines.marker / 2 }

  /// - Parameter groups: the lines that it has; scales are those of the whole figure.
  init(
    _ figure: ForestFigure, groups: [ForestFigure.Group], width: Double, style: FigureStyle,
    measurer: some TextMeasuring
  ) {
    self.figure = figure
    self.style = style
    let rows = groups.flatMap(\.rows)
    let titles = groups.map(\.title).filter { !$0.isEmpty }
    let names = max(
      rows.map { measurer.width(of: $0.label, size: type) + (titles.isEmpty ? 0 : indent) }.max() ?? 0,
      titles.map { measurer.width(of: $0, size: type, weight: .bold) }.max() ?? 0)
    let nameWidth = min(names, width * (figure.fields.count > 1 ? 0.3 : 0.4))
    let gap = type * 1.1
    let noteWidths = figure.fields.indices.map { index -> Double in
      let texts = rows.map { $0.estimates[index].note } + [figure.fields[index].noteLabel]
      let widest = texts.map { measurer.width(of: $0, size: type) }.max() ?? 0
      return widest > 0 ? widest + gap : 0
    }
    let room = width - nameWidth - noteWidths.reduce(0, +) - gap * Double(figure.fields.count) - 2
    let plotWidth = max(room / Double(figure.fields.count), type * 5)

    let top = figure.fields.contains { !$0.noteLabel.isEmpty } ? type * 1.3 : 0
    // Names, from the top of the plots down.
    var y = type * 0.3
    var written: [SceneNode] = []
    var separators: [Double] = []
    for (index, group) in groups.enumerated() where !group.rows.isEmpty {
      if index > 0 {
        separators.append(y + type * 0.1)
        y += type * 0.35
      }
      if !group.title.isEmpty {
        for line in measurer.wrapped(group.title, toWidth: nameWidth, size: type, weight: .bold, most: 4) {
          written.append(text(line, at: Point(0, y + step / 2), full: group.title, weight: .bold))
          y += type * 1.25
        }
        y += type * 0.15
      }
      for row in group.rows {
        let start = titles.isEmpty ? 0 : indent
        let lines = measurer.wrapped(row.label, toWidth: nameWidth - start, size: type, most: 2)
        let tall = max(step, type * 1.25 * Double(lines.count))
        for (place, line) in lines.enumerated() {
          let middle = y + tall / 2 + (Double(place) - Double(lines.count - 1) / 2) * type * 1.2
          written.append(text(line, at: Point(start, middle), full: row.label))
        }
        middles.append(y + tall / 2)
        y += tall
      }
    }
    height = y + type * 0.2
    var children = written
    var x = nameWidth + gap
    for (index, field) in figure.fields.enumerated() {
      let plot = draw(field, index, rows: rows, separators: separators, width: plotWidth, measurer: measurer)
      children.append(.group(SceneGroup(plot, offset: Point(x, 0))))
      x += plotWidth
      if noteWidths[index] > 0 {
        x += noteWidths[index]
        children += notes(field, index, rows: rows, right: x)
      }
      x += gap
    }
    nodes.append(.group(SceneGroup(children, offset: Point(0, top))))
  }

  private func text(
    _ line: String, at point: Point, full: String, weight: TextRun.Weight = .regular,
    alignment: TextRun.Alignment = .start
  ) -> SceneNode {
    .text(
      TextRun(
        line, at: point, size: type, weight: weight, alignment: alignment, baseline: .middle, color: style.colors.ink,
        fullText: line.contains("…") ? full : nil))
  }

  static func mark(at point: Point, reach: Double, style: FigureStyle) -> SceneNode {
    .path(
      .polyline(
        [Point(point.x, point.y - reach), Point(point.x, point.y + reach)],
        stroke: Stroke(color: style.colors.ink, width: style.lines.curve)))
  }

  // MARK: One quantity

  private func draw(
    _ field: ForestFigure.Field, _ index: Int, rows: [ForestFigure.Row], separators: [Double], width: Double,
    measurer: some TextMeasuring
  ) -> [SceneNode] {
    let size = Size(width, height)
    let estimates = rows.map { $0.estimates[index] }
    let axis = field.axis.axis(
      figure.groups.flatMap(\.rows).map { $0.estimates[index] }.flatMap { [$0.value, $0.low, $0.high, $0.mark] }
        .compactMap { $0 },
      include: [field.reference].compactMap { $0 }, count: max(2, min(6, Int(width / (type * 4)))))
    let inset = min(radius * 3, width / 6)
    func place(_ value: Double?) -> Double? { axis.fraction(value).map { inset + (width - 2 * inset) * $0 } }
    let lower = axis.lowerEdge(size: size, inset: inset, style: style, measurer: measurer)
    var nodes = AxesGrid.gridLines(lower.grid, style: style)
    for y in separators {
      nodes.append(
        .path(
          .polyline(
            [Point(0, y), Point(width, y)], stroke: Stroke(color: style.colors.grid, width: style.lines.axis))))
    }
    nodes.append(
      .path(
        .polyline(
          [Point(0, height), Point(width, height)], stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    nodes += lower.nodes
    if let x = place(field.reference) {
      nodes.append(
        .path(
          .polyline(
            [Point(x, 0), Point(x, height)], stroke: Stroke(color: style.colors.ink, width: style.lines.axis * 1.4))))
    }
    var marks: [SceneNode] = []
    for (row, (estimate, y)) in zip(rows, zip(estimates, middles)) {
      let look = row.look ?? SeriesLook(color: nil, shape: 0)
      var own: [SceneNode] = []
      if let low = place(estimate.low), let high = place(estimate.high) {
        own.append(
          .path(
            .polyline(
              [Point(low, y), Point(high, y)],
              stroke: Stroke(color: look.color(style), width: style.lines.curve * 0.8))))
      }
      if let x = place(estimate.mark) { own.append(Self.mark(at: Point(x, y), reach: type * 0.5, style: style)) }
      if let x = place(estimate.value) {
        own += Marker.nodes(
          look, filling: estimate.isFull.map { $0 ? .full : .hollow }, at: [Point(x, y)], radius: radius, style: style)
      }
      guard !own.isEmpty else { continue }
      let value = estimate.value.map { Numbers.fixed($0, digits: 4) } ?? "no value"
      marks.append(
        .group(SceneGroup(own, title: "\(row.label): \(value)\(estimate.note.isEmpty ? "" : ", \(estimate.note)")")))
    }
    if field.axis.limits == nil {
      nodes += marks
    } else {
      nodes.append(
        .group(SceneGroup(marks, clip: Rectangle(x: 0, y: 0, width: width, height: height).outset(radius * 1.5))))
    }
    let label = style.sizes.label
    let lines = measurer.wrapped(field.axis.label, toWidth: width, size: label, most: 4)
    for (place, line) in lines.enumerated() {
      let away = style.lines.tickLength + type * 1.5 + label * (1 + 1.2 * Double(place))
      nodes.append(
        .text(
          TextRun(
            line, at: Point(width / 2, height + away), size: label, alignment: .middle, color: style.colors.ink,
            fullText: line.contains("…") ? field.axis.label : nil)))
    }
    return nodes
  }

  private func notes(
    _ field: ForestFigure.Field, _ index: Int, rows: [ForestFigure.Row], right: Double
  ) -> [SceneNode] {
    var nodes: [SceneNode] = []
    if !field.noteLabel.isEmpty {
      nodes.append(
        text(field.noteLabel, at: Point(right, -type * 0.5), full: field.noteLabel, alignment: .end))
    }
    for (row, y) in zip(rows, middles) where !row.estimates[index].note.isEmpty {
      nodes.append(
        text(row.estimates[index].note, at: Point(right, y), full: row.estimates[index].note, alignment: .end))
    }
    return nodes
  }
}
