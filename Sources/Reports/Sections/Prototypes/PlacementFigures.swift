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
  static let kind = "places"

  /// Adds a figure for every store that has such pictures.
  func add(to section: inout AnalysisSection) {
    for store in folder.provenance?.stores ?? [] {
      let file = folder.path(of: PrototypeFiles.pictures(.places, of: store.name))
      guard let open = context.openStore, FileManager.default.fileExists(atPath: file) else { continue }
      do {
        if let source = try open(file), let figure = try figure(of: store.name, source, &section.warnings) {
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
      models: context.models
    )
    .table(
      metrics: table.entries(.metric),
      caption: "What the pictures of a detector's classes at positions show, means over positions"
        + "\(table.countText(table.rows).map { " (\($0))" } ?? ""): the change against the picture without an object, inside "
        + "and outside of the box, and how far the classes differ there. Positions are a fixed grid and no random sample, so there are no intervals."
    )
  }

  /// Rows are named CLASS/PLACE; the one without an object has no place.
  private func figure(
    of store: String, _ source: any ReconstructionSource, _ warnings: inout [String]
  ) throws -> ReportFigure? {
    let study = context.study
    guard study.choice([store], kind: Self.kind).entries.first != nil else { return nil }
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
    var shown = Array(classes.prefix(max(2, Self.mostPixels / (places.count * height * width))))
    if let wanted = study.settings.list(.shownImages, of: Self.kind) {
      shown = wanted.filter(classes.contains)
      for name in wanted where !classes.contains(name) {
        warnings.append("images: '\(name)' is no class that is shown at places of \(store).")
      }
      guard !shown.isEmpty else { return nil }
    }
    let framed = study.settings.truth(.boxes, of: Self.kind) != false
    var hasFrames = false
    let rows = try shown.map { label in
      ImageGridFigure.Row(
        label: study.name(label, kind: Self.kind),
        tiles: try places.map { place in
          guard let row = cells["\(label)/\(place)"] else { return ImageGridFigure.Tile(nil) }
          let frames = try framed ? source.objects(row, condition: condition) : []
          hasFrames = hasFrames || !frames.isEmpty
          return ImageGridFigure.Tile(
            try Picture(
              width: width, height: height, rgb: source.reconstruction(row, condition: condition, tap: tap)),
            frames: frames.map { ImageGridFigure.Frame($0.area, label: $0.name) })
        })
    }
    let panel = ImageGridFigure.Panel(columns: places, rows: rows, icons: Self.icons(places))
    let name = study.name(ofModel: context.models.name(of: store).model, kind: Self.kind)
    let part = shown.count < classes.count ? "\(shown.count) of \(classes.count) classes" : "each class"
    let description = FigureDescription(
      kind: "image grid", title: "Classes of \(name) at places",
      caption:
        "What the inverses of \(name) make of one object alone: \(part) (rows) at each place (columns: the filled cell is where "
        + "the box lies\(hasFrames ? ", which is framed" : "")), reconstructed from the predicted class and box. All other queries say that there is no object.",
      alternativeText: "Grid of pictures: \(shown.count) classes by \(places.count) places of \(name).",
      settings: [
        .init("kind", "image grid"), .init("store", store),
        .init("pixels", "\(width)×\(height), not resampled in PDF and SVG"), .init("style", context.style.name),
        .init("font", context.style.fontFamilies[0]),
      ])
    return ReportFigure(
      name: context.names.take("\(context.identifier)-places-of-\(Escaping.fileName(store))"), kind: Self.kind,
      heading: "Classes of \(name) at places", content: ImageGridFigure(panels: [panel], description: description),
      data: CommaSeparatedValues.line([Column.store, .className, .place].map(\.name))
        + shown.flatMap { label in places.map { CommaSeparatedValues.line([store, label, $0]) } }.joined())
  }

  /// Cells for places that are named `ROW-COLUMN`; nil where one is not.
  static func icons(_ places: [String]) -> [ImageGridFigure.CellIcon]? {
    let cells = places.map { place -> (row: Int, column: Int)? in
      let parts = place.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let row = parts[0], let column = parts[1], (1...64).contains(row),
        (1...64).contains(column)
      else { return nil }
      return (row, column)
    }
    let known = cells.compactMap { $0 }
    guard known.count == cells.count, let rows = known.map(\.row).max(), let columns = known.map(\.column).max() else {
      return nil
    }
    return known.map { ImageGridFigure.CellIcon(rows: rows, columns: columns, row: $0.row - 1, column: $0.column - 1) }
  }
}
