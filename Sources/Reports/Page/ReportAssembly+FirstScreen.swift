import Figures

/// What the page links to and says first.
extension ReportAssembly {
  func link(_ section: ReportPage.Section) -> ReportPage.Link {
    let own = section.leading.count + section.figures.count + section.variants.reduce(0) { $0 + $1.figures.count }
    return ReportPage.Link(
      identifier: section.identifier, heading: section.heading, figures: own == 0 ? "" : "\(own)")
  }

  func numbers(_ first: FirstScreen) -> [ReportPage.Number] {
    first.numbers().map { section, number in
      let source = source(number.figure, of: section)
      return ReportPage.Number(value: number.value, text: number.text, source: source.text, target: source.target)
    }
  }

  func findings(_ first: FirstScreen) -> [ReportPage.Statement] {
    first.findings().map { statement($0.headline, of: $0.section) }
  }

  func statement(_ headline: Headline, of section: AnalysisSection) -> ReportPage.Statement {
    let source = source(headline.figure, of: section)
    return ReportPage.Statement(
      claim: headline.claim, text: headline.text, certainty: headline.certainty, source: source.text,
      target: source.target)
  }

  /// "Figure 3" and what it is called; the section where the figure could not be drawn.
  private func source(_ figure: String, of section: AnalysisSection) -> (text: String, target: String) {
    guard let link = figureLinks.first(where: { $0.identifier == figure }) else {
      return (section.heading, section.identifier)
    }
    return ("Figure \(link.number)", link.identifier)
  }

  /// What a section has behind its fold.
  struct Fold {
    let section: AnalysisSection
    let variants: [ReportPage.Variant]
    let figures: [ReportPage.FigureBlock]
    let tables: [ReportPage.Table]

    private var counts: [(count: Int, one: String)] {
      [
        (figures.count + variants.reduce(0) { $0 + $1.figures.count }, "figure"),
        (tables.count + variants.reduce(0) { $0 + $1.tables.count + 1 }, "table"),
        (section.findings.count + variants.reduce(0) { $0 + $1.findings.count }, "paragraph of findings"),
      ]
    }

    var isEmpty: Bool { counts.allSatisfy { $0.count == 0 } }

    /// "6 more figures, 2 tables and 9 paragraphs of findings".
    var text: String {
      Sentences.list(
        counts.filter { $0.count > 0 }.map { count, one in
          let many = one == "paragraph of findings" ? "paragraphs of findings" : one + "s"
          return "\(count)\(one == "figure" ? " more" : "") \(count == 1 ? one : many)"
        })
    }
  }
}

extension Scene {
  /// Whether it is drawn of lines, areas and text alone.
  var hasNoImages: Bool { nodes.allSatisfy(Self.hasNoImages) }

  private static func hasNoImages(_ node: SceneNode) -> Bool {
    switch node {
    case .image: false
    case .group(let group): group.children.allSatisfy(hasNoImages)
    case .rectangle, .path, .text: true
    }
  }
}
