import Figures
import FiguresCairo
import Foundation

/// Draws the figures, writes the tables and gathers what the page says.
struct ReportAssembly {
  let results: SimilarityResults
  let style: FigureStyle
  let renderer: FigureRenderer
  let folder: ReportFolder
  let builder: ReportBuilder
  private(set) var figureCount = 0
  private(set) var warnings: [String] = []
  private var data = ReportData()

  init(
    results: SimilarityResults, style: FigureStyle, renderer: FigureRenderer, folder: ReportFolder,
    builder: ReportBuilder
  ) {
    self.results = results
    self.style = style
    self.renderer = renderer
    self.folder = folder
    self.builder = builder
    if let warning = renderer.typesetter.warning { warnings.append(warning) }
  }

  /// Writes everything but the page, and returns what the page holds.
  mutating func page(templates: ReportTemplates) throws -> ReportPage {
    var used: Set<String> = []
    var variants: [ReportPage.Variant] = []
    for variant in results.variants {
      var identifier = variant.identifier
      var suffix = 2
      while !used.insert(identifier).inserted {
        identifier = "\(variant.identifier)-\(suffix)"
        suffix += 1
      }
      variants.append(try add(variant, identifier: identifier))
    }
    try folder.write(results.table.text(of: results.table.rows), to: "tables/similarity.csv")
    var downloads = [
      ReportPage.Download(label: "similarity.csv", description: "every number", path: "tables/similarity.csv")
    ]
    let provenanceFile = results.folder.appendingPathComponent(SimilarityResults.provenanceName)
    if results.provenance != nil, let text = FileManager.default.contents(atPath: provenanceFile.path) {
      try folder.write(String(decoding: text, as: UTF8.self), to: "provenance.json")
      downloads.append(
        ReportPage.Download(label: "provenance.json", description: "how they came about", path: "provenance.json"))
    }
    let names = storeNames()
    return ReportPage(
      title: builder.title ?? "Similarity of \(Self.joined(names))",
      subtitle: "\(results.variants[0].longLabel)"
        + (results.variants.count > 1 ? " and \(results.variants.count - 1) more" : "")
        + " · \(results.variants[0].countText) images · \(names.count) \(names.count == 1 ? "model" : "models")",
      generator: "Palimpsest \(builder.toolVersion)", styleSheet: templates.styleSheet, script: templates.script,
      data: try data.scriptText(), warnings: results.warnings + warnings, stores: ReportFacts(results).stores(),
      variants: variants, hasSelector: variants.count > 1, methods: methods(),
      provenance: ReportFacts(results).run(), downloads: downloads)
  }

  private func storeNames() -> [String] {
    var names: [String] = []
    for store in results.variants.flatMap(\.stores) where !names.contains(store.name) { names.append(store.name) }
    return names
  }

  private static func joined(_ names: [String]) -> String {
    if names.count > 5 { return "\(names.count) models" }
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }

  /// Draws one variant.
  private mutating func add(_ variant: SimilarityVariant, identifier: String) throws -> ReportPage.Variant {
    let figures = SimilarityFigures(
      variant: variant, identifier: identifier, style: style, colorMap: try ColorMap.named(style.sequential))
    var blocks: [ReportPage.FigureBlock] = []
    for content in figures.all() { blocks.append(try add(content, of: variant, identifier: identifier)) }
    data.add(variant, identifier: identifier)
    let findings = SimilarityFindings(variant: variant)
    let pairs = findings.pairs()
    var table = ""
    if !pairs.isEmpty {
      let tables = SimilarityTables(variant: variant, pairs: pairs)
      table = "tables/closest-taps-\(identifier)"
      try folder.write(tables.commaSeparated, to: table + ".csv")
      try folder.write(tables.latex, to: table + ".tex")
    }
    return ReportPage.Variant(
      identifier: identifier, label: variant.longLabel, findings: findings.findings(),
      hasPairs: !pairs.isEmpty,
      pairs: pairs.map { pair in
        let row = pair.best
        return ReportPage.Pair(
          storeA: pair.storeA, storeB: pair.storeB, tapA: row.tapA, tapB: row.tapB,
          value: SimilarityFindings.number(row.value ?? 0),
          interval: row.low.flatMap { low in
            row.high.map { "[\(SimilarityFindings.number(low)), \(SimilarityFindings.number($0))]" }
          } ?? "–", median: SimilarityFindings.number(pair.median), count: Numbers.grouped(pair.count))
      }, figures: blocks, rowCount: Numbers.grouped(variant.rows.count), table: table)
  }

  private mutating func add(_ content: SimilarityFigure, of variant: SimilarityVariant, identifier: String) throws
    -> ReportPage.FigureBlock
  {
    let figure = try content.laidOut(style: style, measurer: renderer.typesetter)
    warnings += figure.warnings.map { "Figure '\(content.name)': \($0)." }
    try renderer.write(figure, named: content.name, to: folder.staging.appendingPathComponent("figures"))
    let table = "tables/\(content.name).csv"
    try folder.write(results.table.text(of: content.rows), to: table)
    data.add(figure, of: content, variant: identifier)
    figureCount += 1
    let files = "figures/\(content.name)"
    return ReportPage.FigureBlock(
      identifier: content.name, number: figureCount, heading: content.heading,
      caption: figure.description.caption, alternativeText: figure.description.alternativeText,
      image: files + ".svg", width: Int((figure.scene.size.width * 4 / 3).rounded()),
      height: Int((figure.scene.size.height * 4 / 3).rounded()), isInteractive: !figure.regions.isEmpty,
      downloads: [
        .init(label: "PDF", description: content.heading, path: files + ".pdf"),
        .init(label: "SVG", description: content.heading, path: files + ".svg"),
        .init(label: "PNG", description: content.heading, path: files + ".png"),
        .init(label: "CSV", description: content.heading, path: table),
      ], provenance: ReportFacts(results).figure(figure.description, builder: builder))
  }

  private func methods() -> ReportPage.Methods {
    let measures = Set(results.variants.map(\.measure))
    let estimators = Set(results.variants.map(\.estimator))
    return ReportPage.Methods(
      hasLinear: measures.contains("cka_linear"), hasRBF: measures.contains("cka_rbf"),
      hasDebiased: estimators.contains("debiased"), hasBiased: estimators.contains("biased"),
      hasMinibatch: estimators.contains("minibatch"),
      hasIntervals: results.variants.contains { $0.hasIntervals },
      others: measures.subtracting(["cka_linear", "cka_rbf"]).sorted())
  }
}
