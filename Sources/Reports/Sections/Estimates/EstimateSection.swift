import Figures
import Results

/// What sections of estimates by store, condition, tap and metric have in common: colour, detail, shape, prototypes.
struct EstimateSection {
  let folder: AnalysisFolder
  let table: TableDefinition
  let introduction: String
  let context: SectionContext
  /// Metrics that stand in the table only.
  var leavesOut: (String) -> Bool = { _ in false }
  /// Rows that are drawn and printed; the table as CSV has all.
  var isDrawn: (_ row: EstimateTable.Row, _ table: EstimateTable) -> Bool = { _, _ in true }

  /// The rows, each store once.
  func read() throws -> (table: EstimateTable, repeats: [EstimateTable.Repeat]) {
    try folder.estimates(table, required: [.store, .tap, .metric]).withoutRepeats(folder.provenance?.stores ?? [])
  }

  private static func isConstant(_ run: EstimateFindings.Run) -> Bool {
    run.rows.allSatisfy { $0.value == run.rows.first?.value }
  }

  func section() throws -> AnalysisSection {
    let (table, repeats) = try read()
    let tree = folder.tapTree
    let findings = EstimateFindings(table: table, tree: tree)
    let drawn = DepthFigure(
      table: table.rows(where: isDrawn), prefix: context.identifier, style: context.style, tree: tree)
    var section = context.empty(folder, introduction: introduction)
    let metrics = table.entries(.metric)
    let plain = metrics.filter { MetricDefinition.unshuffled($0) == nil }
    let shuffled =
      DepthFigure(table: table, prefix: context.identifier, style: context.style, tree: tree).drawsBaselines
      ? [] : metrics.filter { MetricDefinition.unshuffled($0) != nil }
    let once = repeats.map { " The features in \($0.store) are those of \($0.original), and are shown once." }.joined()
    section.findings = [Finding(lead: Finding.measured, text: findings.overview(table.rows) + once)]
    for metric in plain.prefix(3) {
      section.findings += [findings.courses(metric)].compactMap { $0 }
    }
    let shown = plain.filter { metric in
      !leavesOut(metric)
        && !(MetricDefinition.named(metric).isOfInput && findings.runs(metric).allSatisfy(Self.isConstant))
    }
    section.figures = shown.prefix(3).compactMap(drawn.figure)
    section.further = (shown.dropFirst(3) + shuffled).compactMap(drawn.figure)
    section.tables = [
      EstimateTableLayout(
        table: drawn.table, name: context.identifier, subject: context.heading,
        methods: folder.methods(of: drawn.table.entries(.store))
      )
      .table(metrics: metrics, data: table)
    ]
    let names = Set(section.allFigures.map(\.name))
    section.headlines = [
      CourseHeadline(
        table: drawn.table, tree: tree, models: context.models,
        figure: { metric in names.contains(drawn.name(of: metric)) ? drawn.name(of: metric) : "" }, rank: 6
      ).headline()
    ].compactMap { $0 }
    return section
  }
}
