import Figures
import FiguresCairo
import Foundation

/// What the page needs to let people look through reconstructions: one sheet of pictures a model and image, conditions
/// below each other, the input and then every tap beside each other.
struct Explorer: Encodable {
  struct Model: Encodable {
    /// Of the store.
    let name: String
    /// What the model is called, and the inverse; the latter empty where the store's name says nothing of one.
    let model: String
    let method: String
    /// Of the model in all figures.
    let color: String
    let taps: [String]
    /// By tap: 1 where it is read off the deepest layer, beside others.
    let heads: [Int]
    let conditions: [String]
    let width: Int
    let height: Int
    /// By image: the sheet's file, or the sheet itself as a data address.
    var sheets: [String]
    /// By image, condition and tap: PSNR against the input, where it is known.
    let values: [[[Double?]]]
    /// By image and condition: whether there are pictures.
    let complete: [[Int]]
  }

  /// Files of the images.
  let images: [String]
  /// What they are called: classes where these are known.
  let names: [String]
  let models: [Model]

  /// About how many bytes all sheets may take.
  static let budget = 4_000_000
  /// Most images to choose from.
  static func mostImages(stores: Int) -> Int { stores > 4 ? 8 : 12 }

  /// Draws the sheets and writes them with `write`, which returns the address under which the page finds them.
  /// - Returns: nil where no store has pictures.
  static func make(
    _ pictures: AnalysisSection.Pictures, study: Study, tree: TapTree, style: FigureStyle,
    write: (_ sheet: [UInt8], _ name: String) throws -> String
  ) throws -> Explorer? {
    let (stores, values) = (pictures.stores, pictures.values)
    guard let first = stores.first else { return nil }
    // Stores of other images cannot be compared by image.
    let shown = stores.filter { $0.source.imagePaths == first.source.imagePaths }
    let pixels = shown.reduce(0) { sum, store in
      let taps = store.source.conditions.flatMap(store.source.taps(of:)).count + store.source.conditions.count
      return sum + taps * store.source.size.width * store.source.size.height
    }
    guard pixels > 0 else { return nil }
    // A JPEG of this quality takes about a third of a byte a pixel.
    let count = min(mostImages(stores: shown.count), max(2, budget * 3 / pixels))
    let choice = try ImageChoice(
      shownOf: first, measured: values, count: count, kind: ReconstructionFigures.kind, settings: study.settings)
    guard let rows = choice.map({ Array($0.rows.prefix(count)) }), !rows.isEmpty else { return nil }
    var models: [Model] = []
    for (place, store) in shown.enumerated() {
      let source = store.source
      let conditions = source.conditions
      let all = conditions.flatMap(source.taps(of:)).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let course = tree.course(of: all, in: store.name)
      let taps = course.all
      let name = study.models.name(of: store.name)
      var sheets: [String] = []
      for (number, row) in rows.enumerated() {
        let sheet = try Self.sheet(source, row: row, conditions: conditions, taps: taps)
        sheets.append(try write(sheet, "sheet-\(place + 1)-\(number + 1).jpg"))
      }
      models.append(
        Model(
          name: store.name, model: name.model, method: name.method,
          color: study.color(ofStore: store.name, style: style).hex, taps: taps,
          heads: taps.map { course.heads.contains($0) ? 1 : 0 }, conditions: conditions, width: source.size.width,
          height: source.size.height, sheets: sheets,
          values: rows.map { row in
            conditions.map { condition in
              taps.map { values?[store.name, condition, $0]?[source.imagePaths[row]] }
                .map { $0.map { ($0 * 1000).rounded() / 1000 } }
            }
          }, complete: rows.map { row in conditions.map { source.isComplete(row, condition: $0) ? 1 : 0 } }))
    }
    return Explorer(
      images: rows.map { first.source.imagePaths[$0] },
      names: rows.map { ImageChoice.label($0, among: rows, in: first.source) }, models: models)
  }

  /// The sheet of the first image of every model, by its first inverse.
  func strips() -> [ReportPage.ExplorerBlock.Strip] {
    var seen: Set<String> = []
    return models.filter { seen.insert($0.model).inserted }.compactMap { model in
      guard let image = names.first, let sheet = model.sheets.first else { return nil }
      let rows =
        model.conditions.count > 1 ? ", in rows: \(Sentences.list(model.conditions))" : ""
      return ReportPage.ExplorerBlock.Strip(
        model: model.method.isEmpty ? model.model : "\(model.model), \(model.method)",
        alternativeText: "\(image): the input, then what comes back from \(Sentences.list(model.taps)) of "
          + "\(model.model)\(rows).",
        image: sheet, width: model.width * (model.taps.count + 1), height: model.height * model.conditions.count)
    }
  }

  private static func sheet(
    _ source: any ReconstructionSource, row: Int, conditions: [String], taps: [String]
  ) throws -> [UInt8] {
    let (height, width) = (source.size.height, source.size.width)
    let sheetWidth = width * (taps.count + 1)
    var pixels = [UInt8](repeating: 212, count: sheetWidth * height * conditions.count * 3)
    func place(_ picture: [UInt8], column: Int, line: Int) {
      guard picture.count == width * height * 3 else { return }
      for y in 0..<height {
        let start = ((line * height + y) * sheetWidth + column * width) * 3
        pixels.replaceSubrange(start..<start + width * 3, with: picture[y * width * 3..<(y + 1) * width * 3])
      }
    }
    for (line, condition) in conditions.enumerated() where source.isComplete(row, condition: condition) {
      if let input = try source.input(row, condition: condition) { place(input, column: 0, line: line) }
      let known = source.taps(of: condition)
      for (column, tap) in taps.enumerated() where known.contains(tap) {
        place(try source.reconstruction(row, condition: condition, tap: tap), column: column + 1, line: line)
      }
    }
    return try JPEGWriter.encode(rgb: pixels, width: sheetWidth, height: height * conditions.count, quality: 82)
  }
}
