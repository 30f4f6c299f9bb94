import Analysis
import Results

/// `detail`: up to which frequency reconstructions follow their inputs.
public struct DetailJob: AnalysisJob {
  public var folder: AnalysisFolder
  public var settings: Detail.Settings

  public init(_ folder: AnalysisFolder, settings: Detail.Settings) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.open(reporter)
    let lock = try folder.make()
    defer { lock.release() }
    let clock = Stopwatch()
    let result = try Detail.analyze(opened, settings: settings) {
      try reporter.progress(JobProgress(AnalysisDefinition.detail.name, $0, of: $1, unit: "images"))
    }
    let seconds = clock.seconds
    let outputs: [TableDefinition] = [.detail, .detailSpectrum]
    try folder.write(result.table, as: .detail)
    try folder.write(result.spectrumTable, as: .detailSpectrum)
    folder.report(result.notes, result.leftOut, taking: settings.selection.images, of: opened, to: reporter)
    try folder.writeProvenance(
      of: opened, images: result.images, seed: settings.selection.seed,
      settings: settings.selection.recorded + [("patch", settings.patch.map(String.init) ?? "grid of the tap")],
      outputs: outputs.map(\.file))
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.detail.file, outputs: outputs.map(\.file), rows: result.rows.count,
      images: result.images,
      leftOut: result.leftOut, notes: folder.notes, seconds: seconds, counts: ["frequencies": result.spectra.count])
  }
}
