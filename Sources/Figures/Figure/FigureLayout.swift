/// What an author may settle of a figure's layout; what is nil is left to the figure.
public struct FigureLayout: Sendable, Equatable, Codable {
  /// Where the legend stands.
  public enum LegendPlace: String, Sendable, Equatable, Codable, CaseIterable {
    case above, below, right, none
  }

  public var legend: LegendPlace?
  /// Whether panels are lettered (a), (b), (c).
  public var letters: Bool?
  /// Whether panels have titles.
  public var titles: Bool?
  /// Of the whole figure, in inches.
  public var width: Double?
  public var height: Double?
  /// How many panels stand beside each other.
  public var columns: Int?

  public init(
    legend: LegendPlace? = nil, letters: Bool? = nil, titles: Bool? = nil, width: Double? = nil,
    height: Double? = nil, columns: Int? = nil
  ) {
    self.legend = legend
    self.letters = letters
    self.titles = titles
    self.width = width
    self.height = height
    self.columns = columns
  }

  /// The width that a figure may take, in points: the author's, else `width`, else that of the style's text.
  static func limit(_ layout: FigureLayout?, width: Double?, style: FigureStyle) -> Double {
    layout?.width.map { $0 * 72 } ?? width ?? style.textWidth
  }

  /// The title of a panel as it is written.
  func title(_ title: String, panel: Int, of count: Int) -> String {
    let shown = titles == false ? "" : title
    guard letters == true, count > 1 else { return shown }
    let letter = "(\(Self.letter(panel)))"
    return shown.isEmpty ? letter : "\(letter) \(shown)"
  }

  /// a to z, then aa, ab and so on.
  public static func letter(_ index: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return (index >= letters.count ? letter(index / letters.count - 1) : "") + String(letters[index % letters.count])
  }
}
