import Figures

/// The section of an analysis that writes estimates by store, condition, tap and metric: colour, shape, prototypes.
struct EstimateSection {
  let folder: AnalysisFolder
  let table: String
  let identifier: String
  let heading: String
  let introduction: String
  let context: SectionContext
  /// Metrics that stand in the table only.
  var leavesOut: (String) -> Bool = { _ in false }
  /// Rows that are drawn and printed; the table as CSV has all.
  var isDrawn: (_ row: EstimateTable.Row, _ table: EstimateTable) -> Bool = { _, _ in true }

  /// The rows, each store once.
  func read() throws -> (table: EstimateTable, repeats: [EstimateTable.Repeat]) {
    let table = try EstimateTable(
      parsing: folder.text(of: table), file: folder.path(of: table), required: ["store", "tap", "metric"])
    return table.withoutRepeats(folder.provenance?.stores ?? [])
  }

  func section() throws -> AnalysisSection {
    let (table, repeats) = try read()
    let depth = EstimateDepth(table: table, prefix: identifier, style: context.style)
    var section = AnalysisSection(
      identifier: identifier, heading: heading, introduction: introduction, folder: folder)
    let metrics = table.entries("metric")
    let plain = metrics.filter { !$0.hasSuffix(EstimateDepth.shuffledSuffix) }
    let shuffled = depth.drawsBaselines ? [] : metrics.filter { $0.hasSuffix(EstimateDepth.shuffledSuffix) }
    let once = repeats.map { " The features in \($0.store) are those of \($0.original), and are shown once." }.joined()
    section.findings = [Finding(lead: "Measured", text: depth.overview(table.rows) + once)]
    for metric in plain.prefix(3) {
      section.findings += [depth.courses(metric)].compactMap { $0 }
    }
    let drawn = EstimateDepth(table: table.rows(where: isDrawn), prefix: identifier, style: context.style)
    let shown = plain.filter { !leavesOut($0) }
    section.figures = shown.prefix(3).compactMap(drawn.figure)
    section.further = (shown.dropFirst(3) + shuffled).compactMap(drawn.figure)
    section.tables = [
      EstimateSheet(depth: drawn, name: identifier, subject: heading).table(metrics: metrics, data: table)
    ]
    return section
  }
}
