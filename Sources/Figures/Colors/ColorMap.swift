import Formats

/// A map from 0…1 to colours, as a table of 256.
public struct ColorMap: Sendable, Equatable {
  public let name: String
  public let colors: [Color]

  /// The names `named(_:)` knows.
  public static let names = ["viridis", "cividis", "magma", "coolwarm"]

  public static let viridis = ColorMap(name: "viridis", table: ColorMapTables.viridis)
  public static let cividis = ColorMap(name: "cividis", table: ColorMapTables.cividis)
  public static let magma = ColorMap(name: "magma", table: ColorMapTables.magma)
  /// Diverging: only for values around a meaningful zero.
  public static let coolwarm = ColorMap(name: "coolwarm", table: ColorMapTables.coolwarm)

  /// The map of that name; throws a sentence that lists the names if there is none.
  public static func named(_ name: String) throws(FigureError) -> ColorMap {
    switch name {
    case "viridis": viridis
    case "cividis": cividis
    case "magma": magma
    case "coolwarm": coolwarm
    default:
      throw FigureError("no colour map '\(name)'; there are \(names.joined(separator: ", "))")
    }
  }

  private init(name: String, table: String) {
    self.name = name
    var digits = table[...]
    var colors: [Color] = []
    while let color = Color(hex: digits.prefix(6)) {
      colors.append(color)
      digits = digits.dropFirst(6)
    }
    precondition(colors.count == 256 && digits.isEmpty, "colour table '\(name)' has \(colors.count) entries, not 256")
    self.colors = colors
  }

  /// The colour at `fraction` of the range, clamped to 0…1.
  public func color(at fraction: Double) -> Color {
    colors[Int(saturating: (min(max(fraction, 0), 1) * 255).rounded())]
  }

  /// Okabe and Ito's colours for categories, told apart with every kind of colour vision; yellow and black left out
  /// (one is too light for lines on paper, the other is the ink).
  public static let okabeIto = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"].compactMap {
    Color(hex: $0)
  }
}
