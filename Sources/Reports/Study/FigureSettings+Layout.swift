import Figures
import Results

extension FigureSettings {
  /// The figure with what was set of its axes, its panels and its size, which its description names.
  func applied(to figure: ReportFigure) -> ReportFigure {
    let set = described(figure.kind)
    guard !set.isEmpty else { return figure }
    var figure = figure
    let kind = figure.kind
    switch figure.content {
    case var lines as LineFigure:
      lines.limits = range(.range, of: kind)
      lines.scale = value(.scale, of: kind).flatMap(AxisScale.init)
      lines.valueLabel = value(.valueLabel, of: kind) ?? lines.valueLabel
      lines.axisTitle = value(.axisLabel, of: kind) ?? lines.axisTitle
      lines.intervals = value(.intervals, of: kind).flatMap(LineFigure.Intervals.init) ?? lines.intervals
      lines.layout = layout(kind, lines.layout)
      figure.content = lines
    case var plot as PlotFigure:
      plot.vertical = axis(plot.vertical, .range, .scale, .valueLabel, kind)
      plot.horizontal = axis(plot.horizontal, .horizontalRange, .horizontalScale, .axisLabel, kind)
      plot.layout = layout(kind, plot.layout)
      figure.content = plot
    case var bars as BarFigure:
      bars.limits = range(.range, of: kind)
      bars.valueLabel = value(.valueLabel, of: kind) ?? bars.valueLabel
      bars.layout = layout(kind, bars.layout)
      figure.content = bars
    case var maps as HeatMapFigure:
      maps.valueLabel = value(.valueLabel, of: kind) ?? maps.valueLabel
      if let name = value(.colorMap, of: kind), let map = try? ColorMap.named(name) { maps.colorMap = map }
      maps.maps = maps.maps.map { changed($0, kind) }
      maps.layout = layout(kind, maps.layout)
      figure.content = maps
    case var grid as ImageGridFigure:
      grid.layout = layout(kind, grid.layout)
      figure.content = grid
    case var forest as ForestFigure:
      forest.fields = forest.fields.map { field in
        var field = field
        if forest.fields.count == 1 {
          field.axis.label = value(.valueLabel, of: kind) ?? field.axis.label
          field.axis.limits = range(.range, of: kind)
        }
        return field
      }
      forest.layout = layout(kind, forest.layout)
      figure.content = forest
    case var distributions as DistributionFigure:
      distributions.vertical = axis(distributions.vertical, .range, .scale, .valueLabel, kind)
      distributions.layout = layout(kind, distributions.layout)
      figure.content = distributions
    default: break
    }
    figure.content.description.settings += set
    return figure
  }

  private func changed(_ map: HeatMap, _ kind: String) -> HeatMap {
    var map = map
    map.range = range(.range, of: kind) ?? map.range
    map.annotations = value(.numbers, of: kind).flatMap(HeatMap.Annotations.init) ?? map.annotations
    if truth(.titles, of: kind) == false { map.title = nil }
    // Only a map of the same taps on both sides is the same on both sides of its diagonal.
    if map.rows == map.columns, let side = value(.triangle, of: kind) {
      map.triangle = HeatMap.Triangle(rawValue: side)
    }
    return map
  }

  private func layout(_ kind: String, _ own: FigureLayout?) -> FigureLayout? {
    var layout = own ?? FigureLayout()
    layout.legend = value(.legend, of: kind).flatMap(FigureLayout.LegendPlace.init) ?? layout.legend
    layout.letters = truth(.letters, of: kind) ?? layout.letters
    layout.titles = truth(.titles, of: kind) ?? layout.titles
    layout.width = number(.width, of: kind) ?? layout.width
    layout.height = number(.height, of: kind) ?? layout.height
    layout.columns = number(.columns, of: kind).map { Int($0) } ?? layout.columns
    return layout == FigureLayout() ? nil : layout
  }

  private func axis(
    _ axis: PlotFigure.Axis, _ range: FigureSetting, _ scale: FigureSetting, _ label: FigureSetting, _ kind: String
  ) -> PlotFigure.Axis {
    var axis = axis
    axis.limits = self.range(range, of: kind)
    axis.scale = value(scale, of: kind).flatMap(AxisScale.init) ?? axis.scale
    axis.label = value(label, of: kind) ?? axis.label
    return axis
  }

  /// The style with the fonts and colours that were set.
  public func applied(to style: FigureStyle) -> FigureStyle {
    var style = style
    if let font = values[FigureSetting.font.key] { style.fontFamilies = [font] }
    if let size = values[FigureSetting.fontSize.key].flatMap({ Double($0) }) {
      let change = size - style.sizes.label
      style.sizes.label = size
      style.sizes.title = max(FigureStyle.smallestSize, style.sizes.title + change)
      style.sizes.tick = max(FigureStyle.smallestSize, style.sizes.tick + change)
      style.sizes.annotation = max(FigureStyle.smallestSize, style.sizes.annotation + change)
    }
    if let palette = values[FigureSetting.palette.key] {
      style.colors.categories = FigureSetting.list(palette).compactMap { Color(hex: $0) }
    }
    if let map = values[FigureSetting.colorMap.key] { style.sequential = map }
    return style
  }
}
