import Figures

/// The room that a paper gives a table, in TeX's points.
struct LatexPage {
  let column: Double
  let text: Double

  static let pointsPerInch = 72.27

  init(columnInches: Double, textInches: Double) {
    column = columnInches * Self.pointsPerInch
    text = textInches * Self.pointsPerInch
  }

  /// That of a style's page, at most a column of 3.25 inches and a text of 6.5: wider ones are posters and slides, whose tables go
  /// into a paper all the same.
  init(_ style: FigureStyle) {
    let text = min(6.5, style.textWidthInches)
    self.init(columnInches: min(3.25, style.columnWidthInches ?? 3.25, text), textInches: text)
  }

  /// A size of type, where the paper's own is ten points.
  struct Size {
    let command: String
    let points: Double
    /// How much wider Computer Modern of this size is than that of ten points made smaller, at most.
    let widening: Double

    static let small = Size(command: "\\small", points: 9, widening: 1.035)
    static let footnote = Size(command: "\\footnotesize", points: 8, widening: 1.07)
    static let script = Size(command: "\\scriptsize", points: 7, widening: 1.165)

    /// Widths at ten points times this are widths at this size.
    var factor: Double { points / 10 * widening }
  }
}
