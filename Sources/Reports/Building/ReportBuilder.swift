import Figures
import FiguresCairo
import Foundation
import Results

/// What was built.
public struct ReportSummary: Codable, Sendable, Equatable {
  /// The page to open.
  public let index: String
  /// Every file of the report, relative to its folder, in alphabetical order.
  public let files: [String]
  public let figures: Int
  /// What the user should know, one sentence each.
  public let warnings: [String]
}

/// Builds the report of a results folder and the folders in it: `index.html`, `figures/`, `tables/`, `explorer/`, copies of
/// the provenances, and in `data/` what every figure is drawn from; or all but the last in `index.html`. The folder
/// appears whole or not at all, and holds the same bytes for the same results, style, templates and version.
public struct ReportBuilder {
  public var results: URL
  public var output: URL
  /// The folder `templates` with `report/` and `styles/` in it.
  public var templates: URL
  /// Name of a style in `templates/styles`, or the path of a `.json` file.
  public var style: String
  /// Heading of the page; from the stores if nil.
  public var title: String?
  /// Of Palimpsest, for the page's foot and the provenance of figures.
  public var toolVersion: String
  /// The command that builds the report, for the provenance of figures; empty if unknown.
  public var command: [String]
  /// Whether everything is put into `index.html` itself.
  public var isSingleFile: Bool
  /// Opens the stores that provenances name, for pictures of reconstructions; nil for none.
  public var openStore: StoreOpener?
  /// The file of the experiment that the results are of; nil for none.
  public var experiment: URL?
  /// Figures of several kinds on one page, which the author laid out: they stand first.
  public var compositions: [ReportFigure] = []
  /// What the author set of the figures.
  public var settings = FigureSettings()
  /// What the author says beside what was measured.
  public var text: AuthoredText?
  /// Whether the page says where files lie on this machine; without it, paths are shown from the folder that report, results and
  /// experiment share, and of others the last name.
  public var showsPaths = false
  /// Is called between parts of the work; what it throws ends it, and leaves what was at ``output`` before.
  public var check: () throws -> Void = {}
  /// The analyses that are known, in the order of the page.
  package var analyses = AnalysisDefinition.registered

  public init(
    results: URL, output: URL, templates: URL, style: String = "tmlr", title: String? = nil,
    toolVersion: String = "unknown", command: [String] = [], isSingleFile: Bool = false, openStore: StoreOpener? = nil,
    experiment: URL? = nil
  ) {
    self.results = results
    self.output = output
    self.templates = templates
    self.style = style
    self.title = title
    self.toolVersion = toolVersion
    self.command = command
    self.isSingleFile = isSingleFile
    self.openStore = openStore
    self.experiment = experiment
  }

  /// Reads, draws and writes.
  /// - Throws: `ReportError`, `FigureError`, `OutputInUse` or `FileWritingError`, each a sentence for people; what ``check`` throws.
  public func build() throws -> ReportSummary {
    let figureStyle = settings.applied(to: try FigureStyle.named(style, templates: templates))
    let renderer = try FigureRenderer(style: figureStyle)
    let content = try ReportContent(
      results: results, style: figureStyle, openStore: openStore, settings: settings, analyses: analyses,
      check: check)
    let pageTemplates = try ReportTemplates(folder: templates.appendingPathComponent("report"))
    let folder = try ReportFolder(output: output)
    do {
      var assembly = ReportAssembly(
        content: content, style: figureStyle, renderer: renderer, folder: folder, builder: self)
      let page = try assembly.page(templates: pageTemplates)
      let html = try pageTemplates.render(page)
      if isSingleFile {
        try folder.empty()
      } else {
        try folder.write(record(page, assembly, renderer).encoded(), to: ReportRecord.place)
      }
      try folder.write(showsPaths ? Data(html.utf8) : withoutPlaces(html, content), to: "index.html")
      let files = Self.files(in: folder.staging)
      try folder.publish()
      return ReportSummary(
        index: output.appendingPathComponent("index.html").path, files: files, figures: assembly.figureCount,
        warnings: content.warnings + assembly.warnings)
    } catch {
      folder.discard()
      throw error
    }
  }

  /// The page without the folders that lead to what lies on this machine.
  private func withoutPlaces(_ page: String, _ content: ReportContent) -> Data {
    var paths: [String] = command
    for provenance in content.collection.folders.compactMap(\.provenance) {
      paths += provenance.command ?? []
      paths += provenance.settings?.entries.map(\.value) ?? []
      paths += (provenance.inputs ?? []).map(\.path)
      paths += (provenance.outputs ?? []).map(\.path)
    }
    // Options hold paths behind an equals sign, lists of them have commas.
    paths += paths.flatMap { word in word.split { $0 == "=" || $0 == "," }.map(String.init) }
    // What stands in sentences, such as the path of a store that is gone.
    paths += AnonymousPaths.paths(in: (content.warnings + content.sections.flatMap(\.notes)).joined(separator: " "))
    var study: [String] = [output.standardizedFileURL.path, results.standardizedFileURL.path]
    if let experiment { study.append(experiment.standardizedFileURL.path) }
    return AnonymousPaths(
      paths.filter { $0.hasPrefix("/") || $0.hasPrefix("~") }, study: study, home: NSHomeDirectory()
    )
    .applied(to: Data(page.utf8))
  }

  private func record(_ page: ReportPage, _ assembly: ReportAssembly, _ renderer: FigureRenderer) -> ReportRecord {
    ReportRecord(
      title: page.title, tool: Provenance.Tool(name: "palimpsest", version: toolVersion), command: command,
      figures: assembly.figureNames, sheets: assembly.sheets,
      drawnWith: DrawingTools(typesetter: renderer.typesetter), results: ReportRecord.way(to: results, from: output),
      experiment: experiment.map { ReportRecord.way(to: $0, from: output) },
      settings: settings.isEmpty ? nil : settings, text: text)
  }

  private static func files(in folder: URL) -> [String] {
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return found.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}
