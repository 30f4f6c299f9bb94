import Figures
import Results

/// The part of a report that shows one analysis. To show another one, write such a type, and beside it the analysis's conformance
/// to ``ReportedAnalysis``.
package protocol ReportSection {
  /// The analysis that it is of; every folder with its main table gets a section.
  static var definition: AnalysisDefinition { get }
  /// Begins the names of the section's element and files.
  static var identifier: String { get }
  static var heading: String { get }

  init(folder: AnalysisFolder, context: SectionContext)

  /// - Returns: nil where the folder has nothing to show in it.
  /// - Throws: `ReportError` with file and line where a table cannot be used.
  func section() throws -> AnalysisSection?
}

extension ReportSection {
  package static var identifier: String { definition.name }
  package static var heading: String { definition.title }
}

/// What a section needs beside its folder.
package struct SectionContext {
  /// Of the section's element; begins the names of its files.
  package let identifier: String
  package let heading: String
  let style: FigureStyle
  let openStore: StoreOpener?
  let names: UniqueNames
  /// Looks and names in figures, and what the author set.
  let study: Study
  /// Which model every store is of.
  var models: StudyModels { study.models }

  /// An empty section of that folder.
  func empty(_ folder: AnalysisFolder, introduction: String) -> AnalysisSection {
    AnalysisSection(identifier: identifier, heading: heading, introduction: introduction, folder: folder)
  }
}

/// Names of elements and files that the report has given away already.
final class UniqueNames {
  /// In small letters: some file systems make no difference.
  private var used: Set<String> = []

  /// The name, or the first of `name-2`, `name-3`, … that is free.
  func free(_ name: String) -> String {
    guard used.contains(name.lowercased()) else { return name }
    var suffix = 2
    while used.contains("\(name)-\(suffix)".lowercased()) { suffix += 1 }
    return "\(name)-\(suffix)"
  }

  /// Takes a free name.
  func take(_ name: String) -> String {
    let name = free(name)
    used.insert(name.lowercased())
    return name
  }
}
