/// A figure of any kind that can be laid out in a style.
public protocol LaidOutFigure: Sendable, Codable {
  /// What figures of this kind are called where they are kept as data.
  static var sort: String { get }

  var description: FigureDescription { get set }

  /// The image grids in it, whose pictures are files of their own; none of most kinds.
  var grids: [ImageGridFigure] { get set }

  /// Lays the figure out within `width` points, or the width of the style's text.
  /// - Throws: `FigureError`, a sentence, if it cannot be drawn.
  func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double?) throws(FigureError) -> Figure

  /// The numbers that it shows, for other programs.
  /// - Parameters:
  ///   - pictures: names of the files of a grid's pictures, tile after tile; nil for none. Other kinds have no pictures.
  ///   - style: whose colours its series have.
  func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers
}

extension LaidOutFigure {
  public var grids: [ImageGridFigure] {
    get { [] }
    set {}
  }
}

extension ImageGridFigure {
  public var grids: [ImageGridFigure] {
    get { [self] }
    set { if let grid = newValue.first { self = grid } }
  }
}

extension HeatMapFigure: LaidOutFigure { public static var sort: String { "heat-map" } }
extension LineFigure: LaidOutFigure { public static var sort: String { "lines" } }
extension ImageGridFigure: LaidOutFigure { public static var sort: String { "image-grid" } }
extension BarFigure: LaidOutFigure { public static var sort: String { "bars" } }
extension PlotFigure: LaidOutFigure { public static var sort: String { "plot" } }
extension PolarFigure: LaidOutFigure { public static var sort: String { "polar" } }
