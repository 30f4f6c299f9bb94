import Activations
import Analysis
import Foundation
import Inversion
import Reports
import Results

/// The part of ``PrototypeJob`` that shows a detector's classes at positions of the picture.
struct PlacementJob {
  private struct Detector {
    let name: String
    let store: FeatureStore
    let inverse: String
    let placement: ClassPlaces
  }

  private let job: PrototypeJob
  private let detectors: [Detector]
  /// What a reader of the tables should know.
  let notes: [String]

  /// - Parameter stores: each with the inverses of its model, where they are given.
  /// - Throws: ``BadInput`` where a placement is asked for, but no store allows it.
  init(_ stores: [(name: String, store: FeatureStore, inverse: String?)], _ job: PrototypeJob) throws {
    self.job = job
    var detectors: [Detector] = []
    var notes: [String] = []
    let selection = job.settings.selection
    if let settings = job.placement {
      for (name, store, inverse) in stores {
        guard let inverse, try ClassPlaces.isDetector(store, condition: selection.condition) else { continue }
        let plan = try InverseFolder(URL(fileURLWithPath: inverse)).plan()
        guard plan?.cuts.contains(ClassPlaces.taps.boxes) == true else {
          notes.append(
            "\(name): no classes are shown at places, for --inverse \(inverse) leads nothing back from its boxes")
          continue
        }
        do {
          let placement = try ClassPlaces(store, settings: settings, of: selection)
          detectors.append(Detector(name: name, store: store, inverse: inverse, placement: placement))
        } catch let error as AnalysisError where job.placementOption == nil {
          // Nobody asked for it.
          notes.append("\(name): no classes are shown at places: \(error)")
        }
      }
      if detectors.isEmpty, let option = job.placementOption {
        throw BadInput(
          "\(option): no store here is a detector's with inverses that reconstruct"
            + " from its boxes; give a store of DETR with logits and boxes, and with --inverse what train wrote for it")
      }
    }
    self.detectors = detectors
    self.notes = notes
  }

  /// Reconstructs pictures from the predictions of every detector and measures them.
  ///
  /// - Returns: how many pictures there are, and the names of the files written.
  func run(_ reconstructor: PrototypeReconstructor, _ reporter: JobReporter) throws -> (
    pictures: Int, outputs: [String]
  ) {
    let folder = job.folder
    let tables = [TableDefinition.placements, .placementImages].map(\.file)
    guard !detectors.isEmpty else {
      folder.remove(tables)
      return (0, [])
    }
    let values = try folder.stream(.placementImages)
    var rows: [EstimateRow] = []
    var outputs = tables
    var pictures = 0
    let models = try StoreModels(job.models, architecture: job.architecture, device: job.device, reporter)
    for (index, detector) in detectors.enumerated() {
      let name = PrototypeFiles.name(.places, of: detector.name)
      try write(detector, to: folder.path("\(name).h5"))
      pictures += try reconstructor.pictures(folder.path(name), detector.inverse)
      let store = try FeatureStore(path: folder.path("\(name)-back.h5"))
      rows += try detector.placement.measure(
        name: detector.name, store, model: models.model(of: store, recipe: StoreRecipe(store)),
        visit: { try values.append($0.fields) }, note: { reporter.note($0) })
      outputs += ["\(name).h5", "\(name)-back.h5"]
      try reporter.progress(JobProgress("places", index + 1, of: detectors.count, unit: "stores"))
    }
    try values.finish()
    try folder.write(ClassPlaces.table(rows), as: .placements)
    return (pictures, outputs)
  }

  /// The predictions as a store, a picture a row.
  private func write(_ detector: Detector, to path: String) throws {
    let placement = detector.placement
    let store = try TapwiseStoreWriter(
      path, from: detector.store,
      rows: placement.rows.map { StoreImage(path: $0.name, label: Int32($0.place?.label ?? -1)) },
      classes: placement.classes.map(\.name), createdBy: Version.text)
    try store.append(StoreTap(placement.shapes.scores), placement.scores())
    try store.append(StoreTap(placement.shapes.boxes), placement.boxes())
    try store.finish()
  }
}
