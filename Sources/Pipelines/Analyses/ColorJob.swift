import Analysis
import Results

/// `color`: what a change of colour does to features, and what of it comes back.
public struct ColorJob: AnalysisJob {
  public var folder: AnalysisFolder
  public var settings: ColorResponse.Settings

  public init(_ folder: AnalysisFolder, settings: ColorResponse.Settings) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.open(reporter)
    let lock = try folder.make()
    defer { lock.release() }
    let images = try folder.stream(.colorImages)
    let hasReconstructions = try opened.contains {
      try !$0.store.reconstructions(of: ConditionName.original.text).isEmpty
    }
    let recovered = hasReconstructions ? try folder.stream(.recoveryImages) : nil
    var visitor = ColorResponse.Visitor()
    visitor.feature = { try images.append($0.fields) }
    visitor.recovery = { try recovered?.append($0.fields) }
    let clock = Stopwatch()
    let result = try ColorResponse.analyze(opened, settings: settings, visit: visitor) {
      try reporter.progress(
        JobProgress(AnalysisDefinition.color.name, Int($0 * 1000), of: 1000, unit: JobProgress.percent, detail: $1))
    }
    let seconds = clock.seconds
    try images.finish()
    var outputs: [TableDefinition] = [.color, .colorImages]
    try folder.write(result.colorTable, as: .color)
    if !result.hue.isEmpty {
      try folder.write(result.hueTable, as: .hue)
      outputs.append(.hue)
    }
    if let recovered {
      try recovered.finish()
      try folder.write(result.recoveryTable, as: .recovery)
      outputs += [.recovery, .recoveryImages]
    }
    folder.report(result.notes, result.leftOut, taking: settings.selection.images, of: opened, to: reporter)
    try folder.writeProvenance(
      of: opened, images: result.images, seed: settings.selection.seed,
      settings: settings.selection.recorded + [("annotations", folder.annotations ?? "none")]
        + (result.way.map { [("cka_debiased", $0)] } ?? []),
      outputs: outputs.map(\.file))
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.color.file, outputs: outputs.map(\.file), rows: result.color.count,
      images: result.images,
      leftOut: result.leftOut, notes: folder.notes, seconds: seconds,
      counts: ["hueRows": result.hue.count, "recoveryRows": result.recovery.count])
  }
}
