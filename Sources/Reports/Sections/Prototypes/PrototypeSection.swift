import Figures
import Formats
import Foundation
import Results

extension PrototypesAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [PrototypeSection.self] }
}

/// The section of `analyze prototypes`: numbers over depth, and what the prototypes look like where they were reconstructed.
struct PrototypeSection: ReportSection {
  static let definition = AnalysisDefinition.prototypes

  let folder: AnalysisFolder
  let context: SectionContext

  func section() throws -> AnalysisSection? {
    var section = try EstimateSection(
      folder: folder, table: .prototypes,
      introduction: "Means of classes at every tap: how far apart they lie and how widely images scatter around them.",
      context: context
    ).section()
    section.question = Question(rank: 3) { "How well does the mean of a class stand for its images in \($0)" }
    var pictures: [ReportFigure] = []
    let figures = try PrototypeFigures(folder: folder, context: context)
    for store in folder.provenance?.stores ?? [] {
      let file = folder.path(of: PrototypeFiles.pictures(.prototypes, of: store.name))
      guard let open = context.openStore, FileManager.default.fileExists(atPath: file) else { continue }
      do {
        guard let source = try open(file) else { continue }
        pictures += [try figures.figure(of: store.name, source, &section.warnings)].compactMap { $0 }
      } catch {
        section.warnings.append("\(file) cannot be read, so the prototypes of \(store.name) are not shown: \(error)")
      }
    }
    section.figures = pictures + section.figures
    if folder.has(.prototypeClasses) {
      let classes = try ClassTables(folder: folder, identifier: context.identifier)
      section.findings += [classes.finding()].compactMap { $0 }
      section.tables.append(classes.table())
    }
    if folder.has(.medoids) {
      section.exports.append(.init(file: TableDefinition.medoids.file, text: try folder.text(of: .medoids)))
    }
    let placements = PlacementFigures(folder: folder, context: context)
    placements.add(to: &section)
    if folder.has(.placements) { section.tables.append(try placements.table()) }
    section.methods = [
      Method(
        "Prototypes",
        "A prototype is the mean of a class's activations at a tap. Reconstructed by the inverse networks it shows what the "
          + "activations of the class have in common there; it is not a mean of images, and no single image has to look like it. "
          + "Shuffled labels say what classes drawn at random would give."
      )
    ]
    return section
  }
}
