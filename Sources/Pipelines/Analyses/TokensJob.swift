import Activations
import Analysis
import Results

/// `tokens`: principal components and norms of tokens at their places.
public struct TokensJob: AnalysisJob {
  public var folder: AnalysisFolder
  /// Its selection's condition is that which stores are opened for.
  public var settings: Tokens.Settings

  public init(_ folder: AnalysisFolder, settings: Tokens.Settings) {
    self.folder = folder
    self.settings = settings
  }

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.open(reporter)
    let selection = settings.selection
    let sources = try opened.map {
      NamedSource(
        name: $0.name, source: try StoreSource($0.store, condition: selection.condition, threads: selection.threads))
    }
    let lock = try folder.make()
    defer { lock.release() }
    let clock = Stopwatch()
    let result = try Tokens.analyze(sources, settings: settings) {
      try reporter.progress(JobProgress(AnalysisDefinition.tokens.name, $0, of: $1, unit: "images"))
    }
    let seconds = clock.seconds
    let outputs: [(definition: TableDefinition, table: TidyTable)] = [
      (.tokens, result.table), (.tokenImages, result.imageTable), (.tokenComponents, result.componentTable),
      (.tokenMaps, result.mapTable),
    ]
    for output in outputs { try folder.write(output.table, as: output.definition) }
    for note in result.notes + (try padding(opened)) { reporter.note(note) }
    folder.report([], result.leftOut, taking: selection.images, of: opened, to: reporter)
    try folder.writeProvenance(
      stores: opened.map {
        try RunRecord.describe(
          $0.store, name: $0.name, condition: selection.condition, images: result.images.count, tokens: "all")
      }, seed: selection.seed,
      settings: selection.recordedOfOne + [
        ("components", settings.components.rawValue), ("maps", "\(settings.maps)"),
        ("intervals", selection.hasIntervals ? "hall" : "none"),
      ], outputs: outputs.map(\.definition.file))
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.tokens.file, outputs: outputs.map(\.definition.file),
      rows: result.rows.count, images: [result.images.count], leftOut: result.leftOut, notes: folder.notes,
      seconds: seconds, counts: ["maps": result.mapped.count])
  }

  /// Stores whose images do not fill their inputs: what lies beside them is counted as tokens like others.
  private func padding(_ opened: [PixelStore]) throws -> [String] {
    try opened.filter { store in
      guard let size = try store.store.inputSize(condition: settings.selection.condition) else { return false }
      return store.store.imagePaths.indices.contains {
        store.size(row: $0, height: size.height, width: size.width) != size
      }
    }.map {
      "\($0.name): images do not fill their padded inputs; tokens over the padding are counted and mapped like others"
    }
  }
}
