import Formats

/// Panels with axes set in lines: the legend above them, the label of the vertical axis to their left, numbers beside
/// the first panel of each line.
struct AxesGrid {
  /// What one panel draws into its plot, whose upper left corner is the origin.
  struct Content {
    let nodes: [SceneNode]
    /// Room the labels take below the plot.
    let bottom: Double
  }

  struct Frame {
    /// What one panel's vertical axis measures, and how wide its numbers are.
    struct Vertical: Equatable {
      let label: String
      let tickWidth: Double
    }

    /// One for all panels, or one a panel: then every panel carries its own label and numbers.
    let verticals: [Vertical]
    /// Height over width of a plot.
    let ratio: Double
    let legend: [Legend.Entry]
    let sampleWidth: Double
    let layout: FigureLayout

    init(
      verticals: [Vertical], ratio: Double, legend: [Legend.Entry], sampleWidth: Double, layout: FigureLayout?
    ) {
      self.verticals = verticals
      self.ratio = ratio
      self.legend = legend
      self.sampleWidth = sampleWidth
      self.layout = layout ?? FigureLayout()
    }

    var isShared: Bool { verticals.count < 2 }
    func vertical(_ panel: Int) -> Vertical { verticals[isShared ? 0 : panel] }
  }

  private(set) var nodes: [SceneNode] = []
  private(set) var bounds = Rectangle(x: 0, y: 0, width: 1, height: 1)

  /// - Parameters:
  ///   - titles: one a panel; empty for none.
  ///   - draw: panel, size of its plot, whether it carries the numbers of the vertical axis.
  init(
    titles: [String], perLine: Int, limit: Double, frame: Frame, style: FigureStyle, measurer: some TextMeasuring,
    draw: (Int, Size, Bool) -> Content
  ) {
    let titles = titles.enumerated().map { frame.layout.title($1, panel: $0, of: titles.count) }
    let perLine = min(titles.count, max(1, frame.layout.columns ?? perLine))
    set(titles, perLine: perLine, limit: limit, frame: frame, style: style, measurer: measurer, draw: draw)
    guard frame.layout.columns == nil, frame.layout.height == nil, bounds.height > style.maximumHeight else { return }
    // What is taller than a page has more panels in a line, as long as that leaves each room.
    var most = perLine + 1
    while most <= titles.count, limit / Double(most) > style.sizes.tick * 12 {
      set(titles, perLine: most, limit: limit, frame: frame, style: style, measurer: measurer, draw: draw)
      if bounds.height <= style.maximumHeight { return }
      most += 1
    }
    set(titles, perLine: perLine, limit: limit, frame: frame, style: style, measurer: measurer, draw: draw)
  }

  private mutating func set(
    _ titles: [String], perLine: Int, limit: Double, frame: Frame, style: FigureStyle, measurer: some TextMeasuring,
    draw: (Int, Size, Bool) -> Content
  ) {
    var inner = limit
    var panelHeight: Double?
    // What sticks out at the right edge takes from the plots, and a wanted height gives to them or takes from them.
    for _ in 0..<5 {
      let page = AxesPage(
        titles: titles, perLine: perLine, width: inner, panelHeight: panelHeight, frame: frame, style: style,
        measurer: measurer, draw: draw)
      nodes = page.nodes
      let drawn = SceneNode.bounds(of: nodes, measurer) ?? bounds
      bounds = Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2)
      let excess = bounds.width - limit
      let missing = frame.layout.height.map { $0 * 72 - bounds.height } ?? 0
      guard excess > 1e-6 || missing.magnitude > 0.01 else { break }
      if excess > 1e-6 { inner -= excess }
      if frame.layout.height != nil {
        panelHeight = max(style.sizes.tick * 3, page.panelHeight + missing / Double(page.lineCount))
      }
    }
  }

  /// As many panels to a line as leaves each about a third of a wide page; smaller ones where there are very many.
  static func perLine(_ count: Int, limit: Double, style: FigureStyle) -> Int {
    let most = count == 4 ? 2 : count > 9 ? 5 : 3
    return balanced(count, perLine: min(most, Int(saturating: limit / (style.sizes.tick * (count > 9 ? 13 : 20)))))
  }

  /// As many panels to a line as fill the lines evenly: four of them two and two, where three would fit.
  static func balanced(_ count: Int, perLine: Int) -> Int {
    let perLine = max(1, min(count, perLine))
    let lines = (count + perLine - 1) / perLine
    return (count + lines - 1) / lines
  }

  func figure(limit: Double, style: FigureStyle, description: FigureDescription) -> Figure {
    let page = PageFrame(bounds: bounds)
    var warnings: [String] = []
    if page.size.width > limit + 0.5 {
      warnings.append("the figure is wider than the text of style '\(style.name)'")
    }
    if page.size.height > style.maximumHeight + 0.5 {
      warnings.append("the figure is taller than a page of style '\(style.name)'")
    }
    return Figure(scene: page.scene(nodes, style: style), description: description, regions: [], warnings: warnings)
  }

  static func gridLines(_ elements: [PathShape.Element], style: FigureStyle) -> [SceneNode] {
    guard !elements.isEmpty else { return [] }
    return [.path(PathShape(elements: elements, stroke: Stroke(color: style.colors.grid, width: style.lines.grid)))]
  }

  /// The frame's left and lower edge.
  static func axes(size: Size, style: FigureStyle) -> SceneNode {
    .path(
      .polyline(
        [Point(0, 0), Point(0, size.height), Point(size.width, size.height)],
        stroke: Stroke(color: style.colors.ink, width: style.lines.axis)))
  }
}
