import Figures
import Formats
import Foundation
import Results

/// Grids of prototypes: classes by taps, beside each the mean of its images and the image nearest to the mean activation.
struct PrototypeFigures {
  let folder: AnalysisFolder
  let context: SectionContext
  /// The image nearest to the mean activation, by store, tap and class; empty where the analysis did not write it.
  private let medoids: [[String]: String]
  private let stores: ReconstructionStores?

  static let kind = "prototypes"
  /// Classes in a figure where none are named.
  private static let classCount = 4
  /// Most images whose pixels are averaged.
  private static let mostImages = 2000

  /// - Throws: `ReportError` with file and line.
  init(folder: AnalysisFolder, context: SectionContext) throws {
    self.folder = folder
    self.context = context
    medoids = try folder.has(.medoids) ? ClassTables.medoids(of: folder) : [:]
    stores = folder.has(.medoids) ? ReconstructionStores(folder, open: context.openStore) : nil
  }

  /// - Parameter warnings: gets what was asked for and is not there.
  func figure(
    of store: String, _ source: any ReconstructionSource, _ warnings: inout [String]
  ) throws -> ReportFigure? {
    guard let condition = source.conditions.first else { return nil }
    let kind = Self.kind
    let study = context.study
    guard study.choice([store], kind: kind).entries.first != nil else { return nil }
    let complete = source.imagePaths.indices.filter { source.isComplete($0, condition: condition) }
    var rows = Self.spread(complete, Self.classCount)
    let wanted = study.settings.list(.shownImages, of: kind)
    if let wanted {
      rows = wanted.compactMap { name in complete.first { source.imagePaths[$0] == name } }
      for name in wanted where !rows.contains(where: { source.imagePaths[$0] == name }) {
        warnings.append("images: '\(name)' is no class of which \(store) has a prototype.")
      }
    }
    let taps = study.chosen(
      folder.tapTree.course(of: source.taps(of: condition), in: store).all, by: .taps, kind: kind)
    guard !rows.isEmpty, let first = taps.first, let last = taps.last else { return nil }
    let images = ClassImages(store, of: (stores?.stores ?? []) + (stores?.inputs ?? []), size: source.size)
    let deepest = folder.tapTree.deepest(of: taps, in: store) ?? last
    let lines = try rows.map { row -> ImageGridFigure.Row in
      let name = source.imagePaths[row]
      let own = try images.map { images in
        [
          ImageGridFigure.Tile(try images.mean(of: name, most: Self.mostImages)),
          ImageGridFigure.Tile(try medoids[[store, deepest, name]].flatMap(images.picture(named:))),
        ]
      }
      let count = images.map { " (n = \($0.rows(of: name).count))" } ?? ""
      return ImageGridFigure.Row(
        label: study.name(name, kind: kind) + count,
        tiles: (own ?? [])
          + (try taps.map { tap in
            ImageGridFigure.Tile(
              try Picture(
                width: source.size.width, height: source.size.height,
                rgb: source.reconstruction(row, condition: condition, tap: tap)))
          }))
    }
    let chosen =
      wanted != nil
      ? "\(rows.count) classes, chosen by name"
      : rows.count < complete.count
        ? "\(rows.count) of \(complete.count) classes, spread evenly over their order, none chosen by eye"
        : "\(rows.count) classes"
    let name = study.name(ofModel: context.models.name(of: store).model, kind: kind)
    let description = FigureDescription(
      kind: "image grid", title: "Prototypes of \(name)",
      caption:
        "The mean activation of a class in \(name), reconstructed as an image from \(taps.count == 1 ? "one tap" : "\(taps.count) taps"), in order of depth: "
        + "\(chosen)."
        + (images == nil
          ? ""
          : " For comparison, the mean of the same images' pixels, and the image whose activation lies nearest to the mean at \(deepest) "
            + "(medoid). n: images of the class."),
      alternativeText: "Grid of pictures: \(rows.count) classes by \(taps.count) taps of \(name), from \(first) to "
        + "\(last)\(images == nil ? "" : ", beside the mean image and the medoid").",
      settings: [
        .init("kind", "image grid"), .init("store", store),
        .init("pixels", "\(source.size.width)×\(source.size.height), not resampled in PDF and SVG"),
        .init("style", context.style.name), .init("font", context.style.fontFamilies[0]),
      ])
    return ReportFigure(
      name: context.names.take("\(context.identifier)-of-\(Escaping.fileName(store))"), kind: kind,
      heading: "Prototypes of \(name)",
      content: ImageGridFigure(
        panels: [
          ImageGridFigure.Panel(
            columns: (images == nil ? [] : ["mean image", "medoid"]) + taps.map { study.name($0, kind: kind) },
            rows: lines,
            gapsBehind: images == nil ? [] : [1])
        ], description: description),
      data: CommaSeparatedValues.line([Column.store, .tap, .className].map(\.name))
        + rows.flatMap { row in taps.map { CommaSeparatedValues.line([store, $0, source.imagePaths[row]]) } }.joined())
  }

  private static func spread<Element>(_ all: [Element], _ count: Int) -> [Element] {
    guard all.count > count else { return all }
    return (0..<count).map { all[$0 * (all.count - 1) / (count - 1)] }
  }
}

/// The images of classes in the store that prototypes are of.
struct ClassImages {
  private let source: any ReconstructionSource
  private let condition: String
  private let rowsByClass: [String: [Int]]

  /// nil where the store is not there, knows no classes, or has other pictures than those of `size`.
  init?(_ name: String, of stores: [ReconstructionStores.Store], size: ImageSize) {
    guard let source = stores.first(where: { $0.name == name })?.source, source.size == size else { return nil }
    self.source = source
    condition = source.conditions.first ?? ConditionName.original.text
    var rows: [String: [Int]] = [:]
    for row in source.imagePaths.indices {
      if let name = source.className(row) { rows[name, default: []].append(row) }
    }
    guard !rows.isEmpty else { return nil }
    rowsByClass = rows
  }

  func rows(of name: String) -> [Int] { rowsByClass[name] ?? [] }

  /// The input of an image; nil where the store does not keep it.
  func picture(named path: String) throws -> Picture? {
    guard let row = source.imagePaths.firstIndex(of: path),
      let pixels = try source.input(row, condition: condition)
    else { return nil }
    return try Picture(width: source.size.width, height: source.size.height, rgb: pixels)
  }

  /// The mean of the inputs of a class, by pixel and channel, of at most `most` images spread evenly; nil without inputs.
  func mean(of name: String, most: Int) throws -> Picture? {
    let all = rows(of: name)
    let rows = all.count > most ? (0..<most).map { all[$0 * all.count / most] } : all
    var sums = [Int](repeating: 0, count: source.size.area * 3)
    var count = 0
    for row in rows {
      guard let pixels = try source.input(row, condition: condition), pixels.count == sums.count else { continue }
      for (place, value) in pixels.enumerated() { sums[place] += Int(value) }
      count += 1
    }
    guard count > 0 else { return nil }
    return try Picture(
      width: source.size.width, height: source.size.height, rgb: sums.map { UInt8(($0 * 2 + count) / (count * 2)) })
  }
}
