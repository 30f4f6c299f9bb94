/// How figures look in a venue: sizes in points, widths in inches. A file in `templates/styles` holds one.
/// A style lays a figure out from its data; nothing is ever scaled.
public struct FigureStyle: Codable, Sendable, Equatable {
  /// Type sizes in points; nothing on paper is set below `FigureStyle.smallestSize`.
  public struct Sizes: Codable, Sendable, Equatable {
    public var title: Double
    public var label: Double
    public var tick: Double
    public var annotation: Double

    package enum CodingKeys: String, CodingKey, CaseIterable { case title, label, tick, annotation }
  }

  /// Widths of lines and gaps in points.
  public struct Lines: Codable, Sendable, Equatable {
    public var axis: Double
    public var grid: Double
    public var curve: Double
    /// The gap between the blocks of two models in a heat map.
    public var blockGap: Double
    public var tickLength: Double
    public var marker: Double

    package enum CodingKeys: String, CodingKey, CaseIterable { case axis, grid, curve, blockGap, tickLength, marker }
  }

  public struct Colors: Codable, Sendable, Equatable {
    public var ink: Color
    public var muted: Color
    public var grid: Color
    public var background: Color
    public var missing: Color
    /// Lines and markers of categories, in order.
    public var categories: [Color]

    package enum CodingKeys: String, CodingKey, CaseIterable { case ink, muted, grid, background, missing, categories }
  }

  public var name: String
  public var venue: String
  /// Width of the text block.
  public var textWidthInches: Double
  /// Width of one of two columns; absent where the venue has one.
  public var columnWidthInches: Double?
  public var maximumHeightInches: Double
  public var fontFamilies: [String]
  public var sizes: Sizes
  public var lines: Lines
  public var colors: Colors
  /// Colour map of magnitudes, and of differences around zero.
  public var sequential: String
  public var diverging: String
  /// The largest a heat map's cells get, in points.
  public var maximumCell: Double
  /// Resolution of PNG files.
  public var dotsPerInch: Double

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case name, venue, textWidthInches, columnWidthInches, maximumHeightInches, fontFamilies, sizes, lines, colors
    case sequential, diverging, maximumCell, dotsPerInch
  }

  public static let smallestSize = 6.0

  /// Throws one sentence naming the first setting that cannot be drawn.
  public func validate() throws(FigureError) {
    let positive: [(String, Double)] = [
      ("textWidthInches", textWidthInches), ("columnWidthInches", columnWidthInches ?? 1),
      ("maximumHeightInches", maximumHeightInches), ("maximumCell", maximumCell), ("lines.axis", lines.axis),
      ("lines.grid", lines.grid), ("lines.curve", lines.curve), ("lines.marker", lines.marker),
    ]
    for (field, value) in positive where !(value > 0 && value < 1000) {
      throw FigureError("style '\(name)': \(field) is \(value); expected more than 0 and less than 1000")
    }
    for (field, value) in [("lines.blockGap", lines.blockGap), ("lines.tickLength", lines.tickLength)]
    where !(value >= 0 && value < 100) {
      throw FigureError("style '\(name)': \(field) is \(value); expected 0 to 100 points")
    }
    for (field, value) in [
      ("title", sizes.title), ("label", sizes.label), ("tick", sizes.tick), ("annotation", sizes.annotation),
    ] where !(value >= Self.smallestSize && value <= 200) {
      throw FigureError("style '\(name)': sizes.\(field) is \(value); expected \(Self.smallestSize) to 200 points")
    }
    guard dotsPerInch >= 36, dotsPerInch <= 2400 else {
      throw FigureError("style '\(name)': dotsPerInch is \(dotsPerInch); expected 36 to 2400")
    }
    guard !fontFamilies.isEmpty, !colors.categories.isEmpty else {
      throw FigureError("style '\(name)': fontFamilies and colors.categories need at least one entry each")
    }
    _ = try ColorMap.named(sequential)
    _ = try ColorMap.named(diverging)
  }

  /// Width of the text block in points.
  public var textWidth: Double { textWidthInches * 72 }
  /// Width of a column in points; of the text block where there is only one column.
  public var columnWidth: Double { (columnWidthInches ?? textWidthInches) * 72 }
  /// The tallest a figure may be, in points.
  public var maximumHeight: Double { maximumHeightInches * 72 }
}
