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

  /// Classes and taps in a figure.
  private static let classCount = 3
  private static let tapCount = 2

  func section() throws -> AnalysisSection? {
    var section = try EstimateSection(
      folder: folder, table: .prototypes,
      introduction: "Means of classes at every tap: how far apart they lie and how widely images scatter around them.",
      context: context
    ).section()
    section.question = Question(rank: 3) { "How well does the mean of a class stand for its images in \($0)" }
    var pictures: [ReportFigure] = []
    for store in folder.provenance?.stores ?? [] {
      let file = folder.path(of: PrototypeFiles.pictures(.prototypes, of: store.name))
      guard let open = context.openStore, FileManager.default.fileExists(atPath: file) else { continue }
      do {
        guard let source = try open(file) else { continue }
        pictures += [try figure(of: store.name, source)].compactMap { $0 }
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

  private static func spread<Element>(_ all: [Element], _ count: Int) -> [Element] {
    guard all.count > count else { return all }
    return (0..<count).map { all[$0 * (all.count - 1) / (count - 1)] }
  }

  private func figure(of store: String, _ source: any ReconstructionSource) throws -> ReportFigure? {
    guard let condition = source.conditions.first else { return nil }
    let complete = source.imagePaths.indices.filter { source.isComplete($0, condition: condition) }
    let rows = Self.spread(complete, Self.classCount)
    let all = source.taps(of: condition)
    let taps = Self.spread(all, Self.tapCount)
    guard !rows.isEmpty, let first = taps.first, let last = taps.last else { return nil }
    let panel = ImageGridFigure.Panel(
      columns: taps,
      rows: try rows.map { row in
        ImageGridFigure.Row(
          label: source.imagePaths[row],
          tiles: try taps.map { tap in
            ImageGridFigure.Tile(
              try Picture(
                width: source.size.width, height: source.size.height,
                rgb: source.reconstruction(row, condition: condition, tap: tap)))
          })
      })
    let chosen =
      rows.count < complete.count
      ? "\(rows.count) of \(complete.count) classes, spread evenly over their order, none chosen by eye"
      : "\(rows.count) classes"
    let depths = taps.count < all.count ? "\(taps.count) of \(all.count) taps" : "each tap"
    let description = FigureDescription(
      kind: "image grid", title: "Prototypes of \(store)",
      caption:
        "The mean activation of a class in \(store), reconstructed as an image from \(depths), in order of depth: "
        + "\(chosen).",
      alternativeText: "Grid of pictures: \(rows.count) classes by \(taps.count) taps of \(store), from \(first) to "
        + "\(last).",
      settings: [
        .init("kind", "image grid"), .init("store", store),
        .init("pixels", "\(source.size.width)×\(source.size.height), not resampled in PDF and SVG"),
        .init("style", context.style.name), .init("font", context.style.fontFamilies[0]),
      ])
    return ReportFigure(
      name: context.names.take("\(context.identifier)-of-\(Escaping.fileName(store))"), kind: "prototypes",
      heading: "Prototypes of \(store)", content: ImageGridFigure(panels: [panel], description: description),
      data: CommaSeparatedValues.line([Column.store, .tap, .className].map(\.name))
        + rows.flatMap { row in taps.map { CommaSeparatedValues.line([store, $0, source.imagePaths[row]]) } }.joined())
  }
}
