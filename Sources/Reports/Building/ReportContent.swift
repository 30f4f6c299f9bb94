import Figures
import Foundation
import Results

/// Everything that results have to say, before any of it is drawn: sections in the order of the page.
public struct ReportContent {
  let collection: ResultsCollection
  let sections: [AnalysisSection]
  /// Which model every store is of, and how models look.
  let study: Study
  var models: StudyModels { study.models }
  /// Names of the sections that results of the known analyses can have.
  let possibleSections: [String]
  /// What the user should know, one sentence each.
  public let warnings: [String]

  /// Reads a results folder and the folders in it.
  /// - Throws: `ReportError` if there are no results or they cannot be read.
  /// - Parameter settings: what the author set of the figures.
  public init(
    results: URL, style: FigureStyle, openStore: StoreOpener?, settings: FigureSettings = FigureSettings()
  ) throws {
    try self.init(
      results: results, style: style, openStore: openStore, settings: settings, analyses: AnalysisDefinition.registered)
  }

  /// - Parameters:
  ///   - analyses: those that are known, in the order of the page.
  ///   - check: is called between sections; what it throws ends the reading.
  package init(
    results: URL, style: FigureStyle, openStore: StoreOpener?, settings: FigureSettings = FigureSettings(),
    analyses: [any RegisteredAnalysis.Type], check: () throws -> Void = {}
  ) throws {
    let collection = try ResultsCollection(results, definitions: analyses.map { $0.definition })
    let names = UniqueNames()
    let study = Study(collection.folders.map { $0.provenance?.stores ?? [] }, settings: settings)
    var sections: [AnalysisSection] = []
    var warnings = collection.warnings + collection.folders.flatMap { $0.warnings() }
    warnings += ImageSets(collection.folders).warnings
    for analysis in analyses {
      let definition = analysis.definition
      let folders = collection.with(definition.mainTable)
      let own = ReportSections.of(analysis)
      if own.isEmpty {
        warnings += folders.map {
          "\($0.path(inResults: definition.mainTable.file)) is of the analysis '\(definition.name)', for which there is no "
            + "section: its files are listed under Provenance and not shown."
        }
      }
      for folder in folders {
        for type in own {
          try check()
          let context = SectionContext(
            identifier: names.free(type.identifier),
            heading: ResultsCollection.heading(type.heading, folder, of: folders, analysis: definition.name),
            style: style, openStore: openStore,
            names: names, study: study)
          guard var section = try type.init(folder: folder, context: context).section() else { continue }
          // A folder may have several sections: its notes stand in the first.
          if !sections.contains(where: { $0.folder.url == folder.url }) {
            section.notes = folder.provenance?.notes ?? []
          }
          section.changeFigures(settings.applied)
          _ = names.take(type.identifier)
          sections.append(section)
        }
      }
    }
    self.collection = collection
    self.sections = sections
    self.study = study
    possibleSections = analyses.flatMap { analysis in
      [analysis.definition.name] + ReportSections.of(analysis).map { $0.identifier }
    }
    self.warnings = (warnings + sections.flatMap(\.warnings)).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Every figure, in the order of the page.
  public var figures: [ReportFigure] { sections.flatMap(\.allFigures) }
}
