import Figures
import Formats

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

  /// What the words of the page mean.
  var glossary: [Glossary.Term] {
    Glossary.all(of: content.collection.folders.flatMap { $0.tables.map(\.definition) })
  }

  func terms() -> [ReportPage.Fact] {
    glossary.map { ReportPage.Fact(name: $0.words[0], value: $0.text) }
  }

  /// Links in the author's text that lead nowhere, one sentence each.
  func deadLinks(_ targets: [String], sections: [ReportPage.Section]) -> [String] {
    let known =
      figureLinks.map(\.identifier) + sections.map(\.identifier)
      + ["findings", "methods", "terms", "provenance", "figures", "content"] + AuthoredText.otherSections
    return targets.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.filter { !known.contains($0) }.map
    {
      "The author's text links to #\($0), which is no figure or section of the page\(Spelling.suggestion(for: $0, among: known))."
    }
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
