import Activations
import Analysis
import Foundation
import Results

/// `similarity`: how alike the representations at all taps are.
public struct SimilarityJob: AnalysisJob {
  public var folder: AnalysisFolder
  /// Its selection's condition is that which stores are opened for. Its token mode is that of the first of ``tokens``; its scratch
  /// folder is that of the results where it has none.
  public var settings: Similarity.Settings
  /// What an image is at a tap; several are compared. At least one.
  public var tokens: [TokenMode]

  /// - Precondition: at least one token mode.
  public init(_ folder: AnalysisFolder, settings: Similarity.Settings, tokens: [TokenMode] = [.flatten]) {
    precondition(!tokens.isEmpty, "at least one token mode")
    self.folder = folder
    self.settings = settings
    self.tokens = tokens
  }

  private typealias Measured = (tokens: TokenMode, result: Similarity.Result)

  public func run(_ reporter: JobReporter = .silent) throws -> AnalysisSummary {
    let reporter = folder.recording(reporter)
    let opened = try folder.openStores(reporter)
    let sources = try sources(opened, settings.selection)
    let lock = try folder.make()
    defer { lock.release() }
    let clock = Stopwatch()
    let results = try measure(sources, reporter)
    let seconds = clock.seconds
    let outputs = try write(results)
    let first = results[0].result
    let notes = results.flatMap(\.result.notes).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for note in notes { reporter.note(note) }
    try folder.writeProvenance(
      stores: opened.map { name, store in
        try RunRecord.describe(
          store, name: name, condition: settings.selection.condition, images: first.images.count,
          tokens: tokens[0].description)
      }, seed: settings.selection.seed, settings: recorded(results), outputs: outputs)
    return AnalysisSummary(
      out: folder.out, table: TableDefinition.similarity.file, outputs: outputs,
      rows: results.reduce(0) { $0 + $1.result.rows.count }, images: [first.images.count], leftOut: first.leftOut,
      notes: folder.notes, seconds: seconds)
  }

  private func sources(
    _ stores: [(name: String, store: FeatureStore)], _ selection: MeasureSelection
  ) throws -> [NamedSource] {
    let (condition, threads) = (selection.condition, selection.threads)
    let needsObjects = tokens.contains(.object)
    if needsObjects, folder.annotations == nil {
      throw BadInput("--tokens object needs to know where the objects are; give --annotations FILE (COCO instances)")
    }
    let annotations = needsObjects ? try folder.readAnnotations() : nil
    return try stores.map { name, store in
      NamedSource(
        name: name, source: try StoreSource(store, condition: condition, threads: threads),
        objects: try annotations.map {
          try TokenObjects.masks(
            of: store, condition: condition, annotations: $0, file: folder.annotations ?? "", threads: threads)
        })
    }
  }

  private func measure(_ sources: [NamedSource], _ reporter: JobReporter) throws -> [Measured] {
    var settings = settings
    settings.needsObjects = tokens.contains(.object)
    settings.scratchFolder = settings.scratchFolder ?? folder.out
    let total = 1000 * tokens.count
    return try tokens.enumerated().map { number, mode in
      settings.tokens = mode
      let result = try Similarity.analyze(sources, settings: settings) {
        try reporter.progress(
          JobProgress(
            AnalysisDefinition.similarity.name, 1000 * number + Int($0.fraction * 1000), of: total,
            unit: JobProgress.percent,
            detail: $0.phase))
      }
      return (mode, result)
    }
  }

  /// Writes the tables, those of the first token mode under the plain names, and returns the names.
  private func write(_ results: [Measured]) throws -> [String] {
    let first = results[0].result
    var tables: [(name: String, table: TidyTable)] = [
      (TableDefinition.similarity.file, first.table), (TableDefinition.similarityImages.file, first.imageTable),
    ]
    let hasNull = settings.permutations > 0
    if hasNull {
      tables.append((TableDefinition.similarityNull.file, first.nullTable))
    }
    if !first.modelRows.isEmpty { tables.append((TableDefinition.similarityCalibrated.file, first.modelTable)) }
    if !first.differenceRows.isEmpty {
      tables.append((TableDefinition.similarityDifferences.file, first.differenceTable))
    }
    for (tokens, result) in results.dropFirst() {
      let mode = tokens.description
      if !result.differenceRows.isEmpty {
        tables.append((TableDefinition.similarityDifferencesOfMode.name(mode: mode), result.differenceTable))
      }
      tables.append((TableDefinition.similarityOfMode.name(mode: mode), result.table))
      guard hasNull else { continue }
      tables.append((TableDefinition.similarityNullOfMode.name(mode: mode), result.nullTable))
      guard !result.modelRows.isEmpty else { continue }
      tables.append((TableDefinition.similarityCalibratedOfMode.name(mode: mode), result.modelTable))
    }
    if results.count > 1 {
      let conclusions = TokenConclusions(results)
      tables.append((TableDefinition.tokenModes.file, conclusions.pairTable))
      tables.append((TableDefinition.tokenConclusions.file, conclusions.conclusionTable))
    }
    for (name, table) in tables { try table.write(to: folder.path(name)) }
    let names = tables.map(\.name)
    let optional: [TableDefinition] = [
      .similarityNull, .similarityCalibrated, .similarityDifferences, .tokenModes, .tokenConclusions,
    ]
    folder.remove(optional.map(\.file).filter { !names.contains($0) })
    return names
  }

  /// As provenance records them.
  private func recorded(_ results: [Measured]) -> [(name: String, value: String)] {
    let hasMoments = results.map(\.result.usesMoments)
    return settings.selection.recordedOfOne + [
      ("measures", recordedNames(settings.measures)),
      ("estimators", settings.estimators.map(\.rawValue).joined(separator: ",")),
      ("tokens", tokens.map(\.description).joined(separator: ",")), ("pairs", settings.pairs.rawValue),
      ("annotations", folder.annotations ?? "none"),
      ("intervals", settings.selection.hasIntervals ? "jackknife" : "none"),
      ("rbf_fraction", "\(settings.rbfFraction)"), ("minibatch", "\(settings.minibatch)"),
      ("variance", "\(settings.variance)"), ("neighbours", "\(settings.neighbours)"),
      ("permutations", "\(settings.permutations)"), ("folds", "\(settings.folds)"),
      ("differences", settings.differences.description),
      ("standardize", "\(settings.standardizes)"), ("clip", settings.clip.map { "\($0)" } ?? "none"),
    ] + (hasMoments.contains(true) ? [("linear_cka", hasMoments.contains(false) ? "moments,kernels" : "moments")] : [])
  }
}
