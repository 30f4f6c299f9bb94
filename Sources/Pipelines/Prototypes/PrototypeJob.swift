import Activations
import Analysis
import Foundation
import Reports
import Results

import struct Torch.Device

/// `prototypes`: the mean activation of every class, how well it stands for its images, and what pictures inverses make of it.
public struct PrototypeJob: AnalysisJob {
  public var folder: AnalysisFolder
  public var settings: Prototypes.Settings
  /// Folders that training wrote, to reconstruct pictures from the prototypes; one for each store's model.
  public var inverses: [String] = []
  /// A detector's classes at positions, where a store is a detector's and its inverses are given; nil for none.
  public var placement: ClassPlaces.Settings?
  /// The option that asked for the placement, in messages; nil makes it where the stores allow it, and is silent elsewhere.
  public var placementOption: String?
  /// Detectors that look at the pictures of the placement: folders or `.safetensors` files.
  public var models: [String] = []
  /// The architecture of a bare `.safetensors` file.
  public var architecture: String?
  /// Where inverses and models compute.
  public var device = Device.cpu

  public init(_ folder: AnalysisFolder, settings: Prototypes.Settings = Prototypes.Settings()) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.open(reporter)
    let lock = try folder.make()
    defer { lock.release() }
    let inverses = try PrototypeInverses(inverses)
    let matching = try opened.map { try inverses.folder(for: $0.store) }
    try inverses.requireUse(opened.map(\.store))
    let placements = try PlacementJob(zip(opened, matching).map { (name: $0.name, store: $0.store, inverse: $1) }, self)
    let clock = Stopwatch()
    let (result, values) = try measure(opened, reporter)
    let seconds = clock.seconds
    try folder.write(result.table, as: .prototypes)
    try folder.write(result.classTable, as: .prototypeClasses)
    try folder.write(result.medoidTable, as: .medoids)
    let names = opened.map { PrototypeFiles.name(.prototypes, of: $0.name) }
    let tables: [TableDefinition] = [.prototypes, .prototypeClasses, .medoids, .prototypeImages]
    var outputs = tables.map(\.file)
    outputs += names.map { "\($0).h5" }
    let reconstructor = PrototypeReconstructor(
      threads: settings.selection.threads, device: device, isCancelled: reporter.isCancelled)
    var pictures = 0
    for (name, inverse) in zip(names, matching) {
      guard let inverse else { continue }
      pictures += try reconstructor.pictures(folder.path(name), inverse)
      outputs.append("\(name)-back.h5")
    }
    let placed = try placements.run(reconstructor, reporter)
    outputs += placed.outputs
    folder.report(
      result.notes + placements.notes, result.leftOut, taking: settings.selection.images, of: opened, to: reporter)
    try folder.writeProvenance(
      of: opened, images: result.images, seed: settings.selection.seed,
      settings: recorded + (result.way.map { [("class_means", $0)] } ?? []), outputs: outputs)
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.prototypes.file, outputs: outputs, rows: result.rows.count,
      images: result.images,
      leftOut: result.leftOut, notes: folder.notes, seconds: seconds,
      counts: ["imageValues": values, "pictures": pictures, "placed": placed.pictures])
  }

  /// Measures every store and keeps its prototypes as a store of their own.
  ///
  /// - Returns: the result, and how many values images have.
  private func measure(_ opened: [PixelStore], _ reporter: JobReporter) throws -> (Prototypes.Result, values: Int) {
    let kept = try opened.map { opened in
      let classes = try Prototypes.classes(of: opened.store, settings: settings)
      return try TapwiseStoreWriter(
        folder.path("\(PrototypeFiles.name(.prototypes, of: opened.name)).h5"), from: opened.store,
        rows: classes.enumerated().map { StoreImage(path: $0.element, label: Int32($0.offset)) }, classes: classes,
        createdBy: Version.text)
    }
    let values = try folder.stream(.prototypeImages)
    let result = try Prototypes.analyze(
      opened.map { (name: $0.name, store: $0.store) }, settings: settings, visit: { try values.append($0.fields) },
      keep: { try kept[$0].append(StoreTap($1), $2) }
    ) { try reporter.progress(JobProgress(AnalysisDefinition.prototypes.name, $0, of: $1, unit: "taps")) }
    try values.finish()
    for store in kept { try store.finish() }
    return (result, values.count)
  }

  /// As provenance records the settings.
  private var recorded: [(name: String, value: String)] {
    func list(_ names: [String], otherwise: String) -> String {
      names.isEmpty ? otherwise : names.joined(separator: ",")
    }
    return settings.selection.recordedOfOne + [
      ("inverse", list(inverses, otherwise: "none")), ("model", list(models, otherwise: "none")),
      ("places", placement.map { "\($0.rows)x\($0.columns)" } ?? "none"),
      ("place-size", placement.map { "\($0.width)x\($0.height)" } ?? "none"),
      ("classes", list(placement?.classes ?? [], otherwise: "most found")),
      ("permutations", "\(settings.permutations)"),
    ]
  }
}

extension StoreTap {
  /// The shape of a tap in an analysis as a store keeps it.
  init(_ shape: TapShape) {
    self.init(
      name: shape.name, tokens: shape.tokens, channels: shape.channels, grid: shape.grid,
      prefixTokens: shape.prefixTokens)
  }
}
