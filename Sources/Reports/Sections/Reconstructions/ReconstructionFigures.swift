import Figures
import Formats
import Results

/// Image grids of a store: images by depth with the original at the left, conditions by depth for one image.
struct ReconstructionFigures {
  let store: ReconstructionStores.Store
  /// PSNR of single images, where the analysis wrote it.
  let values: ImageValues?
  let identifier: String
  let style: FigureStyle

  /// Images in a figure: fewer where there are many stores.
  let imageCount: Int
  var showsConditions = true

  static func imageCount(stores: Int) -> Int { stores > mostStores ? 2 : 3 }

  /// Stores that have figures of their own.
  static let mostStores = 4

  /// Rows spread evenly over those complete under a condition, of which images were measured if any was.
  static func spread(
    _ store: ReconstructionStores.Store, condition: String, count: Int, measured values: ImageValues?
  ) -> [Int] {
    let source = store.source
    let complete = source.imagePaths.indices.filter { source.isComplete($0, condition: condition) }
    let known = source.taps(of: condition).lazy.compactMap { values?[store.name, condition, $0] }.first ?? [:]
    let measured = complete.filter { known[source.imagePaths[$0]] != nil }
    let rows = measured.isEmpty ? complete : measured
    guard rows.count > count else { return rows }
    return (0..<count).map { rows[($0 * 2 + 1) * rows.count / (2 * count)] }
  }

  func all() throws -> [ReportFigure] {
    var figures: [ReportFigure] = []
    if let condition = store.source.conditions.first, let grid = try imagesByDepth(condition) { figures.append(grid) }
    if showsConditions, store.source.conditions.count > 1, let grid = try conditionsByDepth() { figures.append(grid) }
    return figures
  }

  private func tile(_ row: Int, condition: String, tap: String) throws -> ImageGridFigure.Tile {
    guard store.source.taps(of: condition).contains(tap), store.source.isComplete(row, condition: condition) else {
      return .init(nil)
    }
    let pixels = try store.source.reconstruction(row, condition: condition, tap: tap)
    let value = values?[store.name, condition, tap]?[store.source.imagePaths[row]]
    return .init(try picture(pixels), text: value.map { Numbers.fixed($0, digits: 1) + " dB" } ?? "")
  }

  private func original(_ row: Int, condition: String) throws -> ImageGridFigure.Tile {
    .init(try store.source.input(row, condition: condition).map(picture))
  }

  private func picture(_ pixels: [UInt8]) throws -> Picture {
    try Picture(width: store.source.size.width, height: store.source.size.height, rgb: pixels)
  }

  private func settings(_ condition: String?) -> [FigureDescription.Setting] {
    var settings = [FigureDescription.Setting("kind", "image grid"), .init("store", store.name)]
    if let condition { settings.append(.init("condition", condition)) }
    return settings + [
      .init("pixels", "\(store.source.size.width)×\(store.source.size.height), not resampled in PDF and SVG"),
      .init("style", style.name), .init("font", style.fontFamilies[0]),
    ]
  }

  private var numbers: String {
    values == nil ? "" : " Numbers are the PSNR against the original."
  }

  private func data(_ entries: [(row: Int, condition: String, tap: String)]) -> String {
    CommaSeparatedValues.line(
      [Column.store, .condition, .tap, .path, .peakSignalToNoise].map(\.name))
      + entries.map { entry in
        let path = store.source.imagePaths[entry.row]
        let value = values?[store.name, entry.condition, entry.tap]?[path]
        return CommaSeparatedValues.line([
          store.name, entry.condition, entry.tap, path, value.map { "\($0)" } ?? "",
        ])
      }.joined()
  }

  private func imagesByDepth(_ condition: String) throws -> ReportFigure? {
    let rows = Self.spread(store, condition: condition, count: imageCount, measured: values)
    let taps = store.source.taps(of: condition)
    guard !rows.isEmpty, !taps.isEmpty else { return nil }
    let panel = ImageGridFigure.Panel(
      columns: [ConditionName.original.text] + taps,
      rows: try rows.map { row in
        ImageGridFigure.Row(
          label: store.source.imagePaths[row],
          tiles: [try original(row, condition: condition)]
            + (try taps.map { try tile(row, condition: condition, tap: $0) }))
      }, gapsBehind: [0])
    let under = condition == ConditionName.original.text ? "" : " under the condition \(condition)"
    let description = FigureDescription(
      kind: "image grid", title: "Reconstructions of \(store.name) by depth",
      caption:
        "What \(store.name) keeps of \(rows.count) images\(under): left the pixels it saw, then what was reconstructed "
        + "from each tap, in order of depth.\(numbers) The images are spread evenly over "
        + "\(values == nil ? "the store" : "those measured"), none was chosen by eye.",
      alternativeText: "Grid of \(rows.count) images by \(taps.count) taps of \(store.name), from \(taps[0]) to "
        + "\(taps[taps.count - 1]), the originals at the left.", settings: settings(condition))
    return ReportFigure(
      name: "reconstructions-\(identifier)", kind: "reconstructions", heading: "\(store.name): images by depth",
      content: ImageGridFigure(panels: [panel], description: description),
      data: data(rows.flatMap { row in taps.map { (row, condition, $0) } }))
  }

  private func conditionsByDepth() throws -> ReportFigure? {
    let source = store.source
    let conditions = source.conditions
    guard let row = Self.spread(store, condition: conditions[0], count: 1, measured: values).first else { return nil }
    let taps = conditions.flatMap(source.taps(of:)).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let panel = ImageGridFigure.Panel(
      columns: ["input"] + taps,
      rows: try conditions.map { condition in
        ImageGridFigure.Row(
          label: condition,
          tiles: [try original(row, condition: condition)]
            + (try taps.map { try tile(row, condition: condition, tap: $0) }))
      }, gapsBehind: [0])
    let path = source.imagePaths[row]
    let description = FigureDescription(
      kind: "image grid", title: "Conditions of \(store.name) by depth",
      caption:
        "The image \(path) under every condition (rows), as \(store.name) saw it and as it was reconstructed from each "
        + "tap.\(numbers)",
      alternativeText:
        "Grid of \(conditions.count) colour conditions by \(taps.count) taps of \(store.name) for one image.",
      settings: settings(nil))
    return ReportFigure(
      name: "conditions-\(identifier)", kind: "conditions", heading: "\(store.name): conditions by depth",
      content: ImageGridFigure(panels: [panel], description: description),
      data: data(conditions.flatMap { condition in taps.map { (row, condition, $0) } }))
  }
}
