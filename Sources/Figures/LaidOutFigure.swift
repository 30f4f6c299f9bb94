/// A figure of any kind that can be laid out in a style.
public protocol LaidOutFigure: Sendable {
  var description: FigureDescription { get set }

  /// Lays the figure out within `width` points, or the width of the style's text.
  /// - Throws: `FigureError`, a sentence, if it cannot be drawn.
  func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double?) throws(FigureError) -> Figure
}

extension HeatMapFigure: LaidOutFigure {}
extension LineFigure: LaidOutFigure {}
extension ImageGridFigure: LaidOutFigure {}
extension BarFigure: LaidOutFigure {}
extension PlotFigure: LaidOutFigure {}
extension PolarFigure: LaidOutFigure {}
