import Figures

/// One figure of a report before it is drawn: what it shows, and the data it shows.
public struct ReportFigure {
  /// Of its files, without an ending; letters, digits, `-` and `_`.
  public let name: String
  /// What `palimpsest figure` calls figures of its sort.
  public let kind: String
  let heading: String
  var content: any LaidOutFigure
  /// The numbers in it, as CSV.
  let data: String
  /// For figures of similarity: taps of the rows and columns of each heat map, as indices of the matrix.
  var panels: [(rows: [Int], columns: [Int])] = []

  init(name: String, kind: String, heading: String, content: any LaidOutFigure, data: String) {
    self.name = name
    self.kind = kind
    self.heading = heading
    self.content = content
    self.data = data
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws -> Figure {
    try content.laidOut(style: style, measurer: measurer, width: width)
  }

  /// What it shows, where that is a figure of this kind.
  package func content<Kind: LaidOutFigure>(as kind: Kind.Type) -> Kind? { content as? Kind }

  /// What it is drawn from, to be kept beside it.
  func record(style: FigureStyle) -> FigureRecord { FigureRecord(name: name, style: style, figure: content) }
}
