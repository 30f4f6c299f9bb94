import Activations
import Analysis
import Foundation
import Inversion
import Reports
import Results

/// The part of `analyze prototypes` that shows a detector's classes at places.
struct PlacesRun {
  private struct Part {
    let name: String
    let store: FeatureStore
    let inverse: String
    let sweep: ClassPlaces
  }

  private let parts: [Part]
  private let options: PrototypesOptions
  /// What a reader of the tables should know.
  let notes: [String]

  /// - Parameter stores: each with the inverses of its model, where there are some.
  /// - Throws: `BadInput` where places are asked for, but no store has what it takes.
  init(_ stores: [(name: String, store: FeatureStore, inverse: String?)], _ options: PrototypesOptions) throws {
    self.options = options
    guard let settings = try options.placeSettings else {
      self.parts = []
      self.notes = []
      return
    }
    var parts: [Part] = []
    var notes: [String] = []
    for (name, store, inverse) in stores {
      guard let inverse, try ClassPlaces.isDetector(store, condition: settings.condition) else { continue }
      let plan = try InverseFolder(URL(fileURLWithPath: inverse)).plan()
      guard plan?.cuts.contains(ClassPlaces.taps.boxes) == true else {
        notes.append(
          "\(name): no classes are shown at places, for --inverse \(inverse) leads nothing back from its boxes")
        continue
      }
      do {
        let sweep = try ClassPlaces(store, settings: settings)
        parts.append(Part(name: name, store: store, inverse: inverse, sweep: sweep))
      } catch let error as AnalysisError where options.places == nil && options.classes == nil {
        // Nobody asked for them.
        notes.append("\(name): no classes are shown at places: \(error)")
      }
    }
    if parts.isEmpty, options.places != nil || options.classes != nil {
      throw BadInput(
        "\(options.places != nil ? "--places" : "--classes"): no store here is a detector's with inverses that lead back"
          + " from its boxes; give a store of DETR with logits and boxes, and with --inverse what train wrote for it")
    }
    self.parts = parts
    self.notes = notes
  }

  /// Leads the predictions of every detector back and measures what comes.
  ///
  /// - Returns: how many pictures there are, and the names of the files written.
  func run(
    _ folder: PixelAnalysisFolder, _ back: LeadBack, progress isShown: Bool
  ) throws -> (pictures: Int, outputs: [String]) {
    let tables = [TableDefinition.placements.file, TableDefinition.placementImages.file]
    guard !parts.isEmpty else {
      // What an earlier run left there belongs to other numbers.
      for table in tables { try? FileManager.default.removeItem(atPath: folder.path(table)) }
      return (0, [])
    }
    let figures = try folder.stream(.placementImages)
    var rows: [EstimateRow] = []
    var outputs = tables
    var pictures = 0
    let models = try StoreModels(options.model, architecture: options.architecture, device: back.device)
    let progress = Progress("places", total: parts.count, unit: "stores", isShown: isShown)
    for (done, part) in parts.enumerated() {
      let name = PrototypeFiles.name(.places, of: part.name)
      try write(part, to: folder.path("\(name).h5"))
      pictures += try back.pictures(folder.path(name), part.inverse)
      let store = try FeatureStore(path: folder.path("\(name)-back.h5"))
      rows += try part.sweep.measure(
        name: part.name, store, model: models.model(of: store, recipe: StoreRecipe(store)),
        replicates: options.bootstrap, seed: options.seed, visit: { try figures.append($0.fields) })
      outputs += ["\(name).h5", "\(name)-back.h5"]
      progress.update(done + 1)
      try Interruption.check()
    }
    progress.finish()
    try figures.finish()
    try ClassPlaces.table(rows).write(to: folder.path(TableDefinition.placements.file))
    return (pictures, outputs)
  }

  /// The predictions as a store, a picture a row.
  private func write(_ part: Part, to path: String) throws {
    let sweep = part.sweep
    let store = try PrototypeStore(
      path, of: part.store,
      rows: sweep.rows.map { StoreImage(path: $0.name, label: Int32($0.place?.label ?? -1)) },
      classes: sweep.classes.map(\.name))
    try store.append(sweep.shapes.scores, sweep.scores())
    try store.append(sweep.shapes.boxes, sweep.boxes())
    try store.finish()
  }
}
