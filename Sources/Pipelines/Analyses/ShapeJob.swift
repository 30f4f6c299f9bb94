import Analysis
import Results

/// `shape`: what of the structure of objects comes back.
public struct ShapeJob: AnalysisJob {
  public var folder: AnalysisFolder
  public var settings: Shape.Settings

  public init(_ folder: AnalysisFolder, settings: Shape.Settings) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.open(reporter)
    let lock = try folder.make()
    defer { lock.release() }
    let values = try folder.stream(.shapeImages)
    let clock = Stopwatch()
    let result = try Shape.analyze(opened, settings: settings, visit: { try values.append($0.fields) }) {
      try reporter.progress(JobProgress(AnalysisDefinition.shape.name, $0, of: $1, unit: "reconstructions"))
    }
    let seconds = clock.seconds
    try values.finish()
    let outputs: [TableDefinition] = [.shape, .shapeImages]
    try folder.write(result.table, as: .shape)
    folder.report(result.notes, result.leftOut, taking: settings.selection.images, of: opened, to: reporter)
    try folder.writeProvenance(
      of: opened, images: result.images, seed: settings.selection.seed,
      settings: settings.selection.recorded + [("annotations", folder.annotations ?? "none")],
      outputs: outputs.map(\.file))
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.shape.file, outputs: outputs.map(\.file), rows: result.rows.count,
      images: result.images,
      leftOut: result.leftOut, notes: folder.notes, seconds: seconds, counts: ["imageValues": values.count])
  }
}
