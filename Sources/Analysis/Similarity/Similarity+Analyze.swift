import Foundation

extension Similarity {
  /// Compares all taps of all sources.
  ///
  /// - Parameter progress: called now and then; may throw to stop the work.
  /// - Throws: ``AnalysisError`` for settings, images or features that cannot be compared; what reading throws.
  public static func analyze(
    _ sources: [NamedSource], settings: Settings = Settings(), progress: (Progress) throws -> Void = { _ in }
  ) throws -> Result {
    try analyze(sources, settings: settings, bootstrap: nil, progress: progress)
  }

  /// The same with given draws of the bootstrap. For tests.
  package static func analyze(
    _ sources: [NamedSource], settings: Settings, bootstrap: Bootstrap?,
    progress: (Progress) throws -> Void = { _ in }
  ) throws -> Result {
    try settings.validate()
    let selection = try ImageSelection(sources, limit: settings.limit)
    try selection.require(4, for: "similarity")
    let comparison = try Comparison(sources, selection, settings)
    let sets = try comparison.kernelSets(progress)
    let draws =
      bootstrap ?? Bootstrap(images: selection.rows.count, replicates: settings.bootstrap, seed: settings.seed)
    var rows: [Row] = []
    var notes = comparison.notes
    for measure in settings.measures {
      for set in sets where set.measure == measure {
        let estimators = settings.estimators.filter { comparison.layout(of: $0) == set.layout }
        let values = try set.values(estimators, pairs: comparison.pairs(of: set), bootstrap: draws) {
          try progress(comparison.progress(.summing, share: $0, set: set, of: sets))
        }
        for (estimator, values) in zip(estimators, values) {
          rows += comparison.rows(set, estimator, values)
          notes += comparison.notes(set, estimator, values)
        }
      }
    }
    try progress(Progress(fraction: 1, phase: "done"))
    return Result(rows: rows, images: selection.paths, leftOut: selection.leftOut, notes: notes)
  }
}
