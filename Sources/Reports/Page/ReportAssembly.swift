import Figures
import FiguresCairo
import Formats
import Foundation

/// Draws the figures, writes the tables and gathers what the page says.
struct ReportAssembly {
  let content: ReportContent
  let style: FigureStyle
  let renderer: FigureRenderer
  let folder: ReportFolder
  let builder: ReportBuilder
  private(set) var figureCount = 0
  private(set) var warnings: [String] = []
  /// Names of the figures, in their order.
  private(set) var figureNames: [String] = []
  private(set) var sheets: [ReportRecord.Sheet] = []
  private var data = ReportData()

  init(
    content: ReportContent, style: FigureStyle, renderer: FigureRenderer, folder: ReportFolder, builder: ReportBuilder
  ) {
    self.content = content
    self.style = style
    self.renderer = renderer
    self.folder = folder
    self.builder = builder
    if let warning = renderer.typesetter.warning { warnings.append(warning) }
  }

  /// Writes everything but the page, and returns what the page holds.
  mutating func page(templates: ReportTemplates) throws -> ReportPage {
    let similarities = try content.similarities.map { try add($0) }
    var sections: [ReportPage.Section] = []
    for section in content.sections { sections.append(try add(section)) }
    let facts = ReportFacts(content)
    let stores = facts.stores()
    let summary = self.summary()
    if let missing = renderer.typesetter.missingCharacters { warnings.append(missing) }
    return ReportPage(
      title: builder.title ?? title(), subtitle: subtitle(stores: stores.count),
      generator: "Palimpsest \(builder.toolVersion)", styleSheet: templates.styleSheet, script: templates.script,
      scriptHash: "sha256-" + ContentDigest(templates.script).base64,
      data: try data.scriptText(), warnings: content.warnings + warnings, summary: summary,
      hasSummary: !summary.isEmpty,
      hasStores: !stores.isEmpty, stores: stores,
      navigation: similarities.map { ReportPage.Link(identifier: $0.identifier, heading: $0.heading) }
        + sections.map { ReportPage.Link(identifier: $0.identifier, heading: $0.heading) },
      similarities: similarities, sections: sections, methods: methods(), runs: facts.runs(), downloads: try downloads()
    )
  }

  // MARK: Words

  private var storeNames: [String] {
    var names: [String] = []
    for store in content.similarities.flatMap(\.results.variants).flatMap(\.stores) where !names.contains(store.name) {
      names.append(store.name)
    }
    for store in content.collection.folders.flatMap({ $0.provenance?.stores ?? [] }) where !names.contains(store.name) {
      names.append(store.name)
    }
    return names
  }

  private func title() -> String {
    let names = storeNames
    let subject = content.sections.isEmpty ? "Similarity of " : "What is left of images in "
    if names.isEmpty { return "Palimpsest report" }
    if names.count > 5 { return "\(subject)\(names.count) models" }
    guard names.count > 1, let last = names.last else { return subject + names[0] }
    return subject + names.dropLast().joined(separator: ", ") + " and " + last
  }

  private func subtitle(stores: Int) -> String {
    guard content.sections.isEmpty, let results = content.similarities.first?.results else {
      let headings = content.similarities.map(\.heading) + content.sections.map(\.heading)
      return headings.joined(separator: " · ")
    }
    return "\(results.variants[0].longLabel)"
      + (results.variants.count > 1 ? " and \(results.variants.count - 1) more" : "")
      + " · \(results.variants[0].countText) images · \(storeNames.count) \(storeNames.count == 1 ? "model" : "models")"
  }

  /// What each section found, in a sentence or two.
  private func summary() -> [ReportPage.SummaryItem] {
    guard content.similarities.count + content.sections.count > 1 else { return [] }
    return content.similarities.compactMap { similarity in
      similarity.variants.first.flatMap { SimilarityFindings(variant: $0.variant).across() }.map {
        ReportPage.SummaryItem(identifier: similarity.identifier, heading: similarity.heading, text: $0)
      }
    }
      + content.sections.compactMap { section in
        let finding = section.findings.first { $0.lead != "Measured" && (!$0.text.hasSuffix(":") || $0.hasItems) }
        return finding.map { finding in
          let text = finding.hasItems ? finding.items.prefix(3).joined(separator: " ") : finding.text
          return ReportPage.SummaryItem(identifier: section.identifier, heading: section.heading, text: text)
        }
      }
  }

  private func methods() -> ReportPage.Methods {
    let variants = content.similarities.flatMap(\.results.variants)
    let measures = Set(variants.map(\.measure))
    let estimators = Set(variants.map(\.estimator))
    return ReportPage.Methods(
      hasSimilarity: !variants.isEmpty, hasLinear: measures.contains("cka_linear"),
      hasRBF: measures.contains("cka_rbf"),
      hasDebiased: estimators.contains("debiased"), hasBiased: estimators.contains("biased"),
      hasMinibatch: estimators.contains("minibatch"), hasIntervals: variants.contains { $0.hasIntervals },
      others: measures.subtracting(["cka_linear", "cka_rbf"]).sorted(),
      items: content.sections.flatMap(\.methods).map { ReportPage.Fact(name: $0.name, value: $0.text) })
  }

  // MARK: Sections

  private mutating func add(_ similarity: ReportContent.Similarity) throws -> ReportPage.Similarity {
    let folder = similarity.folder
    let prefix = folder.name.isEmpty ? "" : SimilarityVariant.slug(folder.name) + "-"
    let name = content.similarities.count > 1 ? "tables/\(prefix)similarity.csv" : "tables/similarity.csv"
    try self.folder.write(similarity.results.table.text(of: similarity.results.table.rows), to: name)
    let values = try reference(name)
    let variants = try similarity.variants.map { identifier, variant, figures in
      try add(variant, identifier: identifier, figures: figures, from: folder, valuesTable: values)
    }
    return ReportPage.Similarity(
      identifier: similarity.identifier, heading: similarity.heading, hasSelector: variants.count > 1,
      variants: variants)
  }

  /// Draws one variant.
  private mutating func add(
    _ variant: SimilarityVariant, identifier: String, figures: [ReportFigure], from folder: AnalysisFolder,
    valuesTable: String
  ) throws -> ReportPage.Variant {
    var blocks: [ReportPage.FigureBlock] = []
    for figure in figures { blocks.append(try add(figure, from: folder, variant: identifier)) }
    data.add(variant, identifier: identifier)
    let findings = SimilarityFindings(variant: variant)
    let pairs = findings.pairs()
    var addresses = ("", "")
    if !pairs.isEmpty {
      let tables = SimilarityTables(variant: variant, pairs: pairs)
      let table = "tables/closest-taps-\(identifier)"
      try self.folder.write(tables.commaSeparated, to: table + ".csv")
      try self.folder.write(tables.latex, to: table + ".tex")
      addresses = (try reference(table + ".csv"), try reference(table + ".tex"))
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
      }, figures: blocks, rowCount: Numbers.grouped(variant.rows.count), valuesTable: valuesTable,
      tableCSV: addresses.0, tableLaTeX: addresses.1)
  }

  private mutating func add(_ section: AnalysisSection) throws -> ReportPage.Section {
    let source = section.folder
    var figures: [ReportPage.FigureBlock] = []
    for figure in section.figures { figures.append(try add(figure, from: source, variant: nil)) }
    var further: [ReportPage.FigureBlock] = []
    for figure in section.further { further.append(try add(figure, from: source, variant: nil)) }
    let tables = try section.tables.map { table -> ReportPage.Table in
      let file = "tables/\(table.name)"
      try folder.write(table.commaSeparated, to: file + ".csv")
      try folder.write(table.latex, to: file + ".tex")
      return ReportPage.Table(
        identifier: table.name, caption: table.caption, nameColumns: table.nameColumns,
        valueColumns: table.valueColumns,
        rows: table.rows, isLong: table.rows.count > 14, csv: try reference(file + ".csv"),
        latex: try reference(file + ".tex"))
    }
    let hasExplorer = try addExplorer(to: section)
    return ReportPage.Section(
      identifier: section.identifier, heading: section.heading, introduction: section.introduction,
      warnings: section.warnings, findings: section.findings, tables: tables, figures: figures, further: further,
      hasFurther: !further.isEmpty, hasExplorer: hasExplorer)
  }

  private mutating func addExplorer(to section: AnalysisSection) throws -> Bool {
    guard let pictures = content.pictures.first(where: { $0.section == section.identifier }) else { return false }
    let explorer = try Explorer.make(pictures.stores, values: pictures.values) { sheet, name in
      let path = "explorer/\(section.identifier)-\(name)"
      try folder.write(Data(sheet), to: path)
      return try reference(path)
    }
    guard let explorer else { return false }
    if !builder.isSingleFile {
      sheets += explorer.models.flatMap { model in
        model.sheets.map { ReportRecord.Sheet(path: $0, tileWidth: model.width, tileHeight: model.height) }
      }
    }
    data.explorers.append(ReportData.NamedExplorer(id: section.identifier, explorer: explorer))
    return true
  }

  // MARK: Files

  /// How the page refers to a file of the report.
  private func reference(_ path: String) throws -> String {
    builder.isSingleFile ? try folder.dataAddress(of: path) : path
  }

  private mutating func add(_ content: ReportFigure, from source: AnalysisFolder, variant: String?) throws
    -> ReportPage.FigureBlock
  {
    let figure = try content.laidOut(style: style, measurer: renderer.typesetter)
    warnings += figure.warnings.map { "Figure '\(content.name)': \($0)." }
    try renderer.write(figure, named: content.name, to: folder.staging.appendingPathComponent("figures"))
    if !builder.isSingleFile {
      for (file, data) in try content.record(style: style).encodedFiles() { try folder.write(data, to: file) }
    }
    figureNames.append(content.name)
    let table = "tables/\(content.name).csv"
    try folder.write(content.data, to: table)
    if let variant { data.add(figure, of: content, variant: variant) }
    figureCount += 1
    let files = "figures/\(content.name)"
    // One file for everything leaves out the largest: PNG can be made of the others.
    let formats = builder.isSingleFile ? ["pdf", "svg"] : ["pdf", "svg", "png"]
    let image = try reference(files + ".svg")
    let downloads = try (formats.map { files + "." + $0 } + [table]).map { path in
      // One file holds the image once: its link takes it from the page.
      let isShown = builder.isSingleFile && path.hasSuffix(".svg")
      return ReportPage.Download(
        label: (path as NSString).pathExtension.uppercased(), description: content.heading,
        path: isShown ? "" : try reference(path), file: (path as NSString).lastPathComponent,
        image: isShown ? content.name : "")
    }
    return ReportPage.FigureBlock(
      identifier: content.name, number: figureCount, heading: content.heading,
      caption: figure.description.caption, alternativeText: figure.description.alternativeText,
      image: image, width: Int((figure.scene.size.width * 4 / 3).rounded()),
      height: Int((figure.scene.size.height * 4 / 3).rounded()), isInteractive: !figure.regions.isEmpty,
      downloads: downloads,
      provenance: ReportFacts(self.content).figure(figure.description, of: source, builder: builder))
  }

  /// What the copy of a folder's provenance is called in the report.
  static func provenanceName(of folder: AnalysisFolder) -> String {
    (folder.name.isEmpty ? "" : SimilarityVariant.slug(folder.name) + "-") + AnalysisFolder.provenanceName
  }

  /// The tables and the provenances as they were read.
  private func downloads() throws -> [ReportPage.Download] {
    var downloads: [ReportPage.Download] = []
    if !content.similarities.isEmpty, content.similarities.count == 1 {
      downloads.append(
        .init(
          label: "similarity.csv", description: "every number", path: try reference("tables/similarity.csv"),
          file: "similarity.csv"))
    }
    for source in content.collection.folders {
      guard source.provenance != nil,
        let text = FileManager.default.contents(atPath: source.path(of: AnalysisFolder.provenanceName))
      else { continue }
      let name = Self.provenanceName(of: source)
      try folder.write(text, to: name)
      downloads.append(
        .init(
          label: name, description: "how \(source.name.isEmpty ? "the numbers" : "those of \(source.name)") came about",
          path: try reference(name), file: name))
    }
    return downloads
  }
}
