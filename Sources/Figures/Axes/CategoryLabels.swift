/// Names of places below a plot: level where each fits over its own place, else upright and thinned out.
struct CategoryLabels {
  let nodes: [SceneNode]
  /// How far they reach below the plot, in points.
  let reach: Double

  /// - Parameters:
  ///   - centers: where each place's middle lies, from the left edge of the plot.
  ///   - spacing: room for a level label.
  init(
    _ labels: [String], centers: [Double], spacing: Double, size: Size, style: FigureStyle,
    measurer: some TextMeasuring
  ) {
    let type = style.sizes.tick
    let away = style.lines.tickLength + type * 0.3
    let widths = labels.map { measurer.width(of: $0, size: type) }
    // Level labels at the ends keep clear of the neighbouring plot's, which moves them towards their own neighbours.
    let overhang = style.sizes.label * 0.5
    let levelCenters = zip(centers, widths).map { center, width in
      min(max(center, width / 2 - overhang), max(size.width + overhang - width / 2, width / 2 - overhang))
    }
    let isLevel =
      (widths.max() ?? 0) + type * 0.5 <= spacing
      && labels.indices.dropFirst().allSatisfy { index in
        levelCenters[index] - levelCenters[index - 1] >= (widths[index] + widths[index - 1]) / 2 + type * 0.5
      }
    let limit = max(size.height * 0.7, type * 9)
    let written = LabelThinning.select(
      labels: labels, blockStarts: [0], centers: centers, room: isLevel ? 0 : type * 1.12)
    var marks: [PathShape.Element] = []
    var nodes: [SceneNode] = []
    var reach = 0.0
    for index in written {
      let label = labels[index]
      let text = isLevel ? label : measurer.elided(label, toWidth: limit, size: type)
      marks += [
        .move(Point(centers[index], size.height)), .line(Point(centers[index], size.height + style.lines.tickLength)),
      ]
      let room = measurer.width(of: text, size: type)
      let center = isLevel ? levelCenters[index] : centers[index]
      nodes.append(
        .text(
          TextRun(
            text, at: Point(center, size.height + away + (isLevel ? type * 0.75 : 0)), size: type,
            alignment: isLevel ? .middle : .end, baseline: isLevel ? .baseline : .middle,
            direction: isLevel ? .rightwards : .upwards, color: style.colors.ink, fullText: text == label ? nil : label)
        ))
      reach = max(reach, away + (isLevel ? type : room))
    }
    nodes.append(.path(PathShape(elements: marks, stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    self.nodes = nodes
    self.reach = reach
  }
}
