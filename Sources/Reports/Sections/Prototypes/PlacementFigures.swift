import Figures
import Formats
import Foundation
import Results

/// Grids of a detector's classes at positions, from the stores that `analyze prototypes` wrote: classes by positions.
struct PlacementFigures {
  let folder: AnalysisFolder
  let context: SectionContext

  /// The most pixels in a figure; classes beyond are left out.
  private static let mostPixels = 12_000_000

  /// Adds a figure for every store that has such pictures.
  func add(to section: inout AnalysisSection) {
    for store in folder.provenance?.stores ?? [] {
      let file = folder.path(of: PrototypeFiles.pictures(.places, of: store.name))
      guard let open = context.openStore, FileManager.default.fileExists(atPath: file) else { continue }
      do {
        if let source = try open(file), let figure = try figure(of: store.name, source) {
          section.figures.append(figure)
        }
      } catch {
        section.warnings.append(
          "\(file) cannot be read, so the classes of \(store.name) at places are not shown: \(error)")
      }
    }
  }

  /// What `places.csv` says: a line for each store and class.
  /// - Throws: `ReportError` with file and line.
  func table() throws -> ResultTable {
    let table = try folder.estimates(.placements, required: [.store, .className, .metric])
    return EstimateTableLayout(
      table: table, name: "\(context.identifier)-places", subject: "Classes at positions",
      methods: folder.methods(of: table.entries(.store))
    )
    .table(
      metrics: table.entries(.metric),
      caption: "What the pictures of a detector's classes at positions show, means over positions"
        + "\(table.countText(table.rows).map { " (\($0))" } ?? ""): the change against the picture without an object, inside "
        + "and outside of the box, and how far the classes differ there. Positions are a fixed grid and no random sample, so there are no intervals."
    )
  }

  /// Rows are named CLASS/PLACE; the one without an object has no place.
  private func figure(of store: String, _ source: any ReconstructionSource) throws -> ReportFigure? {
    guard let condition = source.conditions.first, let tap = source.taps(of: condition).first else { return nil }
    var (classes, places) = ([String](), [String]())
    var cells: [String: Int] = [:]
    for (row, name) in source.imagePaths.enumerated() where source.isComplete(row, condition: condition) {
      guard let slash = name.lastIndex(of: "/") else { continue }
      let (label, place) = (String(name[..<slash]), String(name[name.index(after: slash)...]))
      if !classes.contains(label) { classes.append(label) }
      if !places.contains(place) { places.append(place) }
      cells[name] = row
    }
    guard !classes.isEmpty else { return nil }
    let (height, width) = (source.size.height, source.size.width)
    let shown = classes.prefix(max(2, Self.mostPixels / (places.count * height * width)))
    let panel = ImageGridFigure.Panel(
      columns: places,
      rows: try shown.map { label in
        ImageGridFigure.Row(
          label: label,
          tiles: try places.map { place in
            guard let row = cells["\(label)/\(place)"] else { return ImageGridFigure.Tile(nil) }
            return ImageGridFigure.Tile(
              try Picture(
                width: width, height: height, rgb: source.reconstruction(row, condition: condition, tap: tap)))
          })
      })
    let part = shown.count < classes.count ? "the first \(shown.count) of \(classes.count) classes" : "each class"
    let description = FigureDescription(
      kind: "image grid", title: "Classes of \(store) at places",
      caption:
        "What the inverses of \(store) make of one object alone: \(part) (rows) at each place (columns, its row and column "
        + "in the picture), reconstructed from the predicted class and box. All other queries say that there is no object.",
      alternativeText: "Grid of pictures: \(shown.count) classes by \(places.count) places of \(store).",
      settings: [
        .init("kind", "image grid"), .init("store", store),
        .init("pixels", "\(width)×\(height), not resampled in PDF and SVG"), .init("style", context.style.name),
        .init("font", context.style.fontFamilies[0]),
      ])
    return ReportFigure(
      name: context.names.take("\(context.identifier)-places-of-\(Escaping.fileName(store))"), kind: "places",
      heading: "Classes of \(store) at places", content: ImageGridFigure(panels: [panel], description: description),
      data: CommaSeparatedValues.line([Column.store, .className, .place].map(\.name))
        + shown.flatMap { label in places.map { CommaSeparatedValues.line([store, label, $0]) } }.joined())
  }
}
