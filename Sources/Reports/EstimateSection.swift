import Figures

/// The section of an analysis that writes estimates by store, condition, tap and metric: colour, shape, prototypes.
struct EstimateSection {
  let folder: AnalysisFolder
  let table: String
  let identifier: String
  let heading: String
  let introduction: String
  let context: SectionContext

  func section() throws -> AnalysisSection {
    let table = try EstimateTable(
      parsing: folder.text(of: table), file: folder.path(of: table), required: ["store", "tap", "metric"])
    let depth = EstimateDepth(table: table, prefix: identifier, style: context.style)
    var section = AnalysisSection(
      identifier: identifier, heading: heading, introduction: introduction, folder: folder)
    let metrics = table.entries("metric")
    let plain = metrics.filter { !$0.hasSuffix("_shuffled") }
    section.findings = [Finding(lead: "Measured", text: depth.overview(table.rows))]
    for metric in plain.prefix(3) {
      section.findings += [depth.courses(metric)].compactMap { $0 }
    }
    section.figures = plain.prefix(3).compactMap(depth.figure)
    section.further = (plain.dropFirst(3) + metrics.filter { $0.hasSuffix("_shuffled") }).compactMap(depth.figure)
    section.tables = [EstimateSheet(depth: depth, name: identifier, subject: heading).table(metrics: metrics)]
    return section
  }
}
