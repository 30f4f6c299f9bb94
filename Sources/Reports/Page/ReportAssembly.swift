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
  /// By name: the number of a figure and the section that it is in.
  private(set) var figureLinks: [ReportPage.FigureLink] = []
  private var explorers: [ReportPage.ExplorerBlock] = []
  /// By their digest, the tables of numbers that figures have: several figures may be of one.
  private var numberTables: [String: String] = [:]
  /// Tables that were put into the report as they were read.
  private var exported: [(path: String, file: String)] = []
  private var data = ReportData()
  /// The author's, by section, as HTML.
  private var notes: [String: String] = [:]

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
    // What cannot be shown is said before anything is drawn.
    let text = try builder.text ?? AuthoredText()
    let authored = try AuthoredBlocks(text, sections: content.sections, possible: content.possibleSections)
    warnings += authored.warnings
    notes = authored.notes
    var sections: [ReportPage.Section] = []
    for section in [compositions()].compactMap({ $0 }) + content.sections { sections.append(try add(section)) }
    let facts = ProvenanceFacts(content)
    let stores = facts.stores()
    data.terms = glossary
    let first = FirstScreen(content: content)
    warnings += deadLinks(authored.targets, sections: sections)
    let numbers = self.numbers(first)
    let findings = self.findings(first)
    if let missing = renderer.typesetter.missingCharacters { warnings.append(missing) }
    return ReportPage(
      authored: authored.summary, title: builder.title ?? first.title(), question: first.question(),
      compared: first.compared(),
      generator: "Palimpsest \(builder.toolVersion)", styleSheet: templates.styleSheet, script: templates.script,
      scriptHash: "sha256-" + ContentDigest(templates.script).base64,
      data: try data.scriptText(), warnings: content.warnings + warnings, explorers: explorers,
      numbers: numbers, hasNumbers: !numbers.isEmpty, findings: findings, hasFindings: !findings.isEmpty,
      hasAuthored: !authored.summary.isEmpty, comparedNote: notes["compared"] ?? "",
      methodsNote: notes["methods"] ?? "",
      hasStores: !stores.isEmpty, stores: stores, navigation: sections.map { link($0) }, allFigures: figureLinks,
      figureCount: figureCount,
      sections: sections, methods: methods(facts), terms: terms(), runs: facts.runs(), downloads: try downloads()
    )
  }

  // MARK: Words

  /// Where the models come from, and the definitions of all sections, each once.
  private func methods(_ facts: ProvenanceFacts) -> [Method] {
    let all = [facts.origins()].compactMap { $0 } + content.sections.flatMap(\.methods)
    return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  // MARK: Sections

  /// What the author composed, in a section of its own; nil for nothing.
  private func compositions() -> AnalysisSection? {
    guard !builder.compositions.isEmpty, let folder = content.sections.first?.folder else { return nil }
    var section = AnalysisSection(
      identifier: "composed", heading: "Composed figures",
      introduction:
        "Figures of several kinds on one page, as the author laid them out; each part stands alone further down.",
      folder: folder)
    section.figures = builder.compositions
    return section
  }

  /// Draws one variant.
  private mutating func add(_ variant: AnalysisSection.Variant, of section: AnalysisSection) throws
    -> ReportPage.Variant
  {
    var figures: [ReportPage.FigureBlock] = []
    for figure in variant.figures {
      if let block = try add(figure, of: section, variant: variant.identifier) { figures.append(block) }
    }
    data.add(variant.matrix, identifier: variant.identifier)
    return ReportPage.Variant(
      identifier: variant.identifier, label: variant.label, findings: variant.findings,
      tables: try variant.tables.map { try write($0) }, figures: figures,
      rowCount: Numbers.grouped(variant.matrix.rows.count),
      valuesTable: try export(variant.source, of: section), valuesFile: variant.source.file)
  }

  /// Puts a table into the report as it was read, and returns its address.
  private mutating func export(_ table: AnalysisSection.ExportedTable, of section: AnalysisSection) throws -> String {
    let isOnly = content.sections.count { $0.exportedFiles.contains(table.file) } == 1
    let prefix = isOnly ? "" : content.collection.prefix(of: section.folder)
    let path = "tables/\(prefix)\(table.file)"
    if !exported.contains(where: { $0.path == path }) {
      try folder.write(table.text, to: path)
      exported.append((path, table.file))
    }
    return try reference(path)
  }

  /// Writes a table as CSV and as LaTeX, and the table of a paper with it.
  private mutating func write(_ table: ResultTable) throws -> ReportPage.Table {
    let (csv, latex) = try writeFiles(table)
    let papers = try table.papers.map { paper in
      ReportPage.Download(
        label: "LaTeX for a paper", description: table.caption, path: try writeFiles(paper).latex,
        file: "\(paper.name).tex")
    }
    return ReportPage.Table(
      identifier: table.name, caption: table.caption, nameColumns: table.nameColumns,
      valueColumns: zip(table.valueColumns, table.better).map(ReportPage.Heading.init),
      rows: table.rows, isLong: table.rows.count > 14, csv: csv, latex: latex, papers: papers)
  }

  private mutating func writeFiles(_ table: ResultTable) throws -> (csv: String, latex: String) {
    let file = "tables/\(table.name)"
    let latex = LatexTable(table, page: LatexPage(style))
    try folder.write(table.commaSeparated, to: file + ".csv")
    try folder.write(latex.text, to: file + ".tex")
    let unknown = latex.unknownCharacters
    if !unknown.isEmpty {
      let shown = unknown.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      warnings.append(
        "\(file).tex: characters that LaTeX does not set with every engine and font stand there as their code points, such as "
          + "<U+65E5>: \(shown)\(unknown.count > 8 ? " and \(unknown.count - 8) more" : ""). Rename the stores, or put the names "
          + "in by hand with XeLaTeX or LuaLaTeX.")
    }
    return (try reference(file + ".csv"), try reference(file + ".tex"))
  }

  private mutating func add(_ section: AnalysisSection) throws -> ReportPage.Section {
    var variants: [ReportPage.Variant] = []
    for variant in section.variants { variants.append(try add(variant, of: section)) }
    var figures: [ReportPage.FigureBlock] = []
    for figure in section.figures + section.further {
      if let block = try add(figure, of: section, variant: nil) { figures.append(block) }
    }
    let tables = try section.tables.map { try write($0) }
    for table in section.exports { _ = try export(table, of: section) }
    try addExplorer(of: section)
    // The first figure is seen before anything is unfolded.
    var leading: [ReportPage.FigureBlock] = []
    if let first = variants.first?.figures.first {
      leading = [first]
      variants[0].figures.removeFirst()
    } else if !figures.isEmpty {
      leading = [figures.removeFirst()]
    }
    let statements = section.headlines.map { statement($0, of: section) }
    let rest = Fold(section: section, variants: variants, figures: figures, tables: tables)
    return ReportPage.Section(
      identifier: section.identifier, heading: section.heading, introduction: section.introduction,
      note: notes[section.identifier] ?? "", hasNote: notes[section.identifier] != nil,
      warnings: section.notes.count > 2 ? [] : section.notes, hasFoldedWarnings: section.notes.count > 2,
      foldedWarnings: section.notes.count > 2 ? section.notes : [],
      foldedWarningsText: "\(section.notes.count) notes on what was left out or cannot be compared",
      statements: statements, hasStatements: !statements.isEmpty, leading: leading,
      foldText: rest.text, hasFold: !rest.isEmpty, findings: section.findings, hasSelector: variants.count > 1,
      variants: variants, tables: tables, figures: figures, hasContent: !figures.isEmpty || !tables.isEmpty)
  }

  private mutating func addExplorer(of section: AnalysisSection) throws {
    guard let pictures = section.pictures else { return }
    let explorer = try Explorer.make(
      pictures, study: content.study, tree: section.folder.tapTree, style: style
    ) { sheet, name in
      try builder.check()
      let path = "explorer/\(section.identifier)-\(name)"
      try folder.write(Data(sheet), to: path)
      return try reference(path)
    }
    guard let explorer else { return }
    if !builder.isSingleFile {
      sheets += explorer.models.flatMap { model in
        model.sheets.map { ReportRecord.Sheet(path: $0, tileWidth: model.width, tileHeight: model.height) }
      }
    }
    explorers.append(
      ReportPage.ExplorerBlock(
        identifier: section.identifier, heading: "One image through every depth", strips: explorer.strips()))
    data.explorers.append(ReportData.NamedExplorer(id: section.identifier, explorer: explorer))
  }

  // MARK: Files

  /// How the page refers to a file of the report.
  private func reference(_ path: String) throws -> String {
    builder.isSingleFile ? try folder.dataAddress(of: path) : path
  }

  /// Writes the numbers of a figure, where none of the same are there yet, and returns their place.
  private mutating func writeNumbers(of figure: ReportFigure) throws -> String {
    let place = "tables/\(figure.name).csv"
    let text = figure.data.isEmpty ? figure.record(style: style).table : figure.data
    let digest = ContentDigest(text).hexadecimal
    if let known = numberTables[digest] { return known }
    numberTables[digest] = place
    try folder.write(text, to: place)
    return place
  }

  /// Draws a figure; nil, with a warning, where that one cannot be drawn.
  private mutating func add(_ content: ReportFigure, of section: AnalysisSection, variant: String?) throws
    -> ReportPage.FigureBlock?
  {
    try builder.check()
    guard !figureNames.contains(content.name) else {
      warnings.append("Figure '\(content.name)' is left out: there is one of that name already.")
      return nil
    }
    let figure: Figure
    do {
      figure = try content.laidOut(style: style, measurer: renderer.typesetter)
      warnings += (figure.warnings + [figure.shortened].compactMap { $0 }).map { "Figure '\(content.name)': \($0)." }
      try renderer.write(figure, named: content.name, to: folder.staging.appendingPathComponent("figures"))
    } catch let error as FigureError {
      warnings.append("Figure '\(content.name)' is left out: \(error).")
      return nil
    }
    if !builder.isSingleFile {
      let record = content.record(style: style)
      for (file, data) in try record.encodedFiles() { try folder.write(data, to: file) }
      try folder.write(record.table, to: "figures/\(content.name).csv")
    }
    figureNames.append(content.name)
    let table = try writeNumbers(of: content)
    if let variant { data.add(figure, of: content, variant: variant) }
    let marks = SceneMarks(figure.scene)
    data.add(marks, of: content.name, size: figure.scene.size)
    figureCount += 1
    figureLinks.append(
      ReportPage.FigureLink(
        identifier: content.name, number: figureCount, heading: content.heading, section: section.heading))
    let files = "figures/\(content.name)"
    // One file for everything leaves out the largest: PNG can be made of the others.
    let formats = builder.isSingleFile ? ["pdf", "svg"] : ["pdf", "svg", "png"]
    let image = try reference(files + ".svg")
    var downloads = try (formats.map { files + "." + $0 } + [table]).map { path in
      // One file holds the image once: its link takes it from the page.
      let isShown = builder.isSingleFile && path.hasSuffix(".svg")
      return ReportPage.Download(
        label: (path as NSString).pathExtension.uppercased(), description: content.heading,
        path: isShown ? "" : try reference(path), file: (path as NSString).lastPathComponent,
        image: isShown ? content.name : "")
    }
    if !builder.isSingleFile {
      downloads.append(
        ReportPage.Download(
          label: "CSV as drawn", description: content.heading, path: try reference(files + ".csv"),
          file: "\(content.name)-drawn.csv"))
    }
    return ReportPage.FigureBlock(
      identifier: content.name, number: figureCount, heading: content.heading,
      caption: figure.description.caption, alternativeText: figure.description.alternativeText,
      image: image, width: Int(saturating: (figure.scene.size.width * 4 / 3).rounded()),
      height: Int(saturating: (figure.scene.size.height * 4 / 3).rounded()),
      isInteractive: !figure.regions.isEmpty && !content.panels.isEmpty, isChart: marks.images.isEmpty,
      keptAreas: marks.keptAreas(figure.scene.size),
      downloads: downloads,
      provenance: ProvenanceFacts(self.content).figure(figure.description, of: section.folder, builder: builder))
  }

  /// The tables and the provenances as they were read.
  private func downloads() throws -> [ReportPage.Download] {
    var downloads: [ReportPage.Download] = []
    for table in exported {
      downloads.append(
        .init(
          label: (table.path as NSString).lastPathComponent, description: "as it was read",
          path: try reference(table.path), file: (table.path as NSString).lastPathComponent))
    }
    for source in content.collection.folders {
      guard source.provenance != nil,
        let text = FileManager.default.contents(atPath: source.path(of: AnalysisFolder.provenanceName))
      else { continue }
      let name = content.collection.provenanceName(of: source)
      try folder.write(text, to: name)
      downloads.append(
        .init(
          label: name, description: "how \(source.name.isEmpty ? "the numbers" : "those of \(source.name)") came about",
          path: try reference(name), file: name))
    }
    return downloads
  }
}
