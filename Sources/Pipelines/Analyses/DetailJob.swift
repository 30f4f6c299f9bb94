import Analysis

/// `detail`: up to which frequency reconstructions follow their inputs.
public struct DetailJob: AnalysisJob {
  public var folder: AnalysisFolder
  public var settings: Detail.Settings

  public init(_ folder: AnalysisFolder, settings: Detail.Settings) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let opened = try folder.open(reporter)
    try folder.make()
    let clock = Stopwatch()
    let result = try Detail.analyze(opened, settings: settings) {
      try reporter.progress(JobProgress("detail", $0, of: $1, unit: "images"))
    }
    let seconds = clock.seconds
    let outputs = ["detail.csv", "detail_spectrum.csv"]
    try result.table.write(to: folder.path(outputs[0]))
    try result.spectrumTable.write(to: folder.path(outputs[1]))
    try folder.writeProvenance(
      of: opened, images: result.images, seed: settings.seed,
      settings: settings.recorded + [("patch", settings.patch.map(String.init) ?? "grid of the tap")], outputs: outputs)
    folder.report(result.notes, result.leftOut, to: reporter)
    return AnalysisSummary(
      out: folder.out, table: outputs[0], outputs: outputs, rows: result.rows.count, images: result.images,
      leftOut: result.leftOut, notes: result.notes, seconds: seconds, counts: ["frequencies": result.spectra.count])
  }
}
