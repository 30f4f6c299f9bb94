import Analysis
import Results
import Torch

/// `quality`: how much of each image its reconstructions show.
public struct QualityJob: AnalysisJob {
  public var folder: AnalysisFolder
  public var settings: Quality.Settings
  /// The models of the stores, which look at the reconstructions: folders or `.safetensors` files.
  public var models: [String] = []
  /// The architecture of a bare `.safetensors` file.
  public var architecture: String?
  /// Weights of LPIPS, as `scripts/lpips_weights.py` writes them.
  public var lpips: String?
  /// Folders of the inverses that made the stores, where the errors at the joints of their chains are wanted.
  public var joints: [String] = []
  /// Where models and networks compute.
  public var device = Device.cpu

  public init(_ folder: AnalysisFolder, settings: Quality.Settings) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.open(reporter)
    let measured = try stores(opened, reporter)
    let joints = JointMeasurement(folders: joints, selection: settings.selection, device: device)
    let parts = try joints.parts(opened)
    let lock = try folder.make()
    defer { lock.release() }
    let values = try folder.stream(.qualityImages)
    let clock = Stopwatch()
    let result = try Quality.analyze(measured, settings: settings, visit: { try values.append($0.fields) }) {
      try reporter.progress(JobProgress(AnalysisDefinition.quality.name, $0, of: $1, unit: "reconstructions"))
    }
    let seconds = clock.seconds
    try values.finish()
    try folder.write(result.table, as: .quality)
    var outputs: [TableDefinition] = [.quality, .qualityImages]
    if result.differences.isEmpty {
      folder.remove([TableDefinition.qualityDifferences.file])
    } else {
      try folder.write(Quality.table(of: result.differences), as: .qualityDifferences)
      outputs.append(.qualityDifferences)
    }
    if parts.isEmpty {
      folder.remove([TableDefinition.joints.file, TableDefinition.jointSpectra.file])
    } else {
      let tables = try joints.run(parts, of: opened, reporter)
      try folder.write(tables.joints, as: .joints)
      try folder.write(tables.spectra, as: .jointSpectra)
      outputs += [.joints, .jointSpectra]
    }
    folder.report(result.notes, result.leftOut, taking: settings.selection.images, of: opened, to: reporter)
    try folder.writeProvenance(
      of: opened, images: result.images, seed: settings.selection.seed,
      settings: settings.selection.recorded + recorded, outputs: outputs.map(\.file),
      inputs: lpips.map { [FileHash.record($0, role: "lpips")] } ?? [])
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.quality.file, outputs: outputs.map(\.file), rows: result.rows.count,
      images: result.images,
      leftOut: result.leftOut, notes: folder.notes, seconds: seconds,
      counts: ["differences": result.differences.count, "imageValues": values.count])
  }

  /// The stores with the model of each and the networks of LPIPS.
  private func stores(_ opened: [PixelStore], _ reporter: JobReporter) throws -> [QualityStore] {
    let networks = try lpips.map { try LPIPSWeights.networks($0, for: settings.metrics, device: device) } ?? [:]
    let given = try StoreModels(models, architecture: architecture, device: device, reporter)
    let measured = try opened.map { store in
      QualityStore(
        name: store.name, store: store.store, validSize: store.validSize,
        model: try given.model(of: store.store, recipe: StoreRecipe(store.store)), networks: networks)
    }
    try given.requireUse()
    return measured
  }

  /// As provenance records what `quality` alone has.
  private var recorded: [(name: String, value: String)] {
    [
      ("metrics", recordedNames(settings.metrics)),
      ("model", models.isEmpty ? "none" : models.joined(separator: ",")), ("lpips", lpips ?? "none"),
      ("joints", joints.isEmpty ? "none" : joints.joined(separator: ",")),
      ("confidence", "\(settings.confidence)"), ("interval", settings.interval.rawValue),
      ("permutations", "\(settings.permutations)"), ("correction", settings.correction.rawValue),
    ]
  }
}
