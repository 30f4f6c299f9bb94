import Figures

/// What one analysis adds to a report: words, tables, figures, perhaps an explorer.
struct AnalysisSection {
  /// Of its element in the page.
  let identifier: String
  let heading: String
  /// What is measured, in a sentence.
  var introduction: String
  /// Where its numbers come from.
  let folder: AnalysisFolder
  var findings: [Finding] = []
  var tables: [ResultTable] = []
  var figures: [ReportFigure] = []
  /// Figures that not everybody wants to see, behind a fold.
  var further: [ReportFigure] = []
  /// How the numbers are defined.
  var methods: [(name: String, text: String)] = []
  /// What the user should know, one sentence each.
  var warnings: [String] = []

  var allFigures: [ReportFigure] { figures + further }
}

/// What the sections need beside their tables.
struct SectionContext {
  let style: FigureStyle
  let openStore: StoreOpener?
}
