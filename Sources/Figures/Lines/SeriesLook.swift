/// How a series looks wherever it is shown: the colour and the shape of its points say one thing, such as the model, the pattern
/// of its line and the filling of its points another, such as the method.
public struct SeriesLook: Sendable, Equatable, Codable {
  /// Which of the style's colours, around again where there are more; nil for the ink.
  public var color: Int?
  /// Which shape points have.
  public var shape: Int
  /// Which pattern the line has, and how points are filled: 0 is solid and full.
  public var line: Int
  /// A colour in place of the style's.
  public var paint: Color?

  public init(color: Int?, shape: Int, line: Int = 0, paint: Color? = nil) {
    self.color = color
    self.shape = shape
    self.line = line
    self.paint = paint
  }

  /// The look of a series that says nothing of its own: told apart by its index in the panel.
  static func ordered(_ index: Int, _ style: FigureStyle) -> SeriesLook {
    SeriesLook(color: index, shape: index, line: index / style.colors.categories.count)
  }

  /// The colour of its line and points.
  public func color(_ style: FigureStyle) -> Color {
    paint ?? color.map { style.colors.categories[max(0, $0) % style.colors.categories.count] } ?? style.colors.ink
  }

  /// How points are filled.
  enum Filling: CaseIterable { case full, hollow, tinted }

  var filling: Filling { Filling.allCases[max(0, line) % Filling.allCases.count] }

  /// Lengths of dashes and gaps: solid, dotted, dashed, dotted and dashed, long dashes.
  func dash(_ style: FigureStyle) -> [Double] {
    let unit = style.lines.curve
    return switch max(0, line) % 5 {
    case 0: []
    case 1: [unit, unit * 1.5]
    case 2: [unit * 4, unit * 2]
    case 3: [unit * 4, unit * 1.5, unit, unit * 1.5]
    default: [unit * 8, unit * 2]
    }
  }
}

/// An entry of a legend that is written by hand: what a look means.
public struct LegendItem: Sendable, Equatable, Codable {
  public var text: String
  public var look: SeriesLook
  /// Whether it begins a line where the legend does not fit into one.
  public var startsGroup: Bool?

  public init(_ text: String, _ look: SeriesLook, startsGroup: Bool = false) {
    self.text = text
    self.look = look
    self.startsGroup = startsGroup ? true : nil
  }
}

extension LegendItem {
  /// Its entry for curves or for points alone.
  /// - Parameter filling: of the point, where it means something else than the look's.
  func entry(hasLine: Bool, filling: SeriesLook.Filling? = nil, style: FigureStyle) -> Legend.Entry {
    Legend.Entry(text: text, startsGroup: startsGroup ?? false) { box in
      Marker.sample(look, hasLine: hasLine, filling: filling, in: box, style: style)
    }
  }
}
