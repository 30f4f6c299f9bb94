import Figures

extension ReportFigure {
  /// The sort of composed figures.
  public static let composedKind = "compose"

  /// Part of a composed figure.
  public func part(share: Double, title: String) -> ComposedFigure.Part {
    ComposedFigure.Part(content, share: share, title: title)
  }

  /// A composed figure under the name of its layout.
  public static func composed(_ figure: ComposedFigure, name: String) -> ReportFigure {
    ReportFigure(name: name, kind: composedKind, heading: figure.description.title, content: figure, data: "")
  }

  /// What is said of figures on one page: each with its letter.
  public static func composed(
    _ figures: [ReportFigure], title: String?, caption: String?, letters: Bool, style: String
  ) -> FigureDescription {
    func parts(_ text: (FigureDescription) -> String) -> String {
      figures.enumerated().map { index, figure in
        let name = letters && figures.count > 1 ? "(\(FigureLayout.letter(index))) " : ""
        return name + text(figure.content.description)
      }.joined(separator: " ")
    }
    return FigureDescription(
      kind: composedKind,
      title: title ?? figures.map(\.content.description.title).joined(separator: "; "),
      caption: caption ?? parts(\.caption), alternativeText: parts(\.alternativeText),
      settings: [.init("kind", composedKind), .init("style", style)]
        + figures.enumerated().flatMap { index, figure in
          [.init("part \(FigureLayout.letter(index))", figure.name)]
            + figure.content.description.settings.filter { $0.name.hasPrefix("set ") }.map {
              .init("part \(FigureLayout.letter(index)): \($0.name)", $0.value)
            }
        })
  }
}
