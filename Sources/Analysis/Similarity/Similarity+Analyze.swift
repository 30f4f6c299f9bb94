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
    let selection = try ImageSelection(
      sources, limit: settings.limit, needsObjects: settings.needsObjects || settings.tokens == .object)
    try selection.require(4, for: "similarity")
    if settings.measures.contains(.mutualKNN), settings.neighbours >= selection.rows.count {
      throw AnalysisError(
        .badInput,
        "\(settings.neighbours) nearest neighbours need at least \(settings.neighbours + 1) images, there are"
          + " \(selection.rows.count); look at fewer neighbours or extract more images")
    }
    let comparison = try Comparison(sources, selection, settings)
    let collected = try comparison.collect(progress)
    let draws =
      bootstrap ?? Bootstrap(images: selection.rows.count, replicates: settings.bootstrap, seed: settings.seed)
    let tables = try comparison.tables(collected, draws, progress)
    try progress(Progress(fraction: 1, phase: "done"))
    return Result(
      rows: tables.flatMap(comparison.rows), nullRows: tables.flatMap(comparison.nullRows), images: selection.paths,
      leftOut: selection.leftOut, notes: comparison.notes + tables.flatMap(comparison.notes))
  }
}

extension Comparison {
  /// The values of every measure by every estimator, measures in the order asked for.
  fileprivate func tables(
    _ collected: Collected, _ draws: Bootstrap, _ progress: (Similarity.Progress) throws -> Void
  ) throws -> [PairTable] {
    let work = work
    var stage = 0
    var tables: [PairTable] = []
    for set in collected.sets {
      stage += 1
      tables += try self.tables(set, draws) { try progress(work.progress(stage, $0)) }
    }
    let pairings = Pairings(images: images, count: settings.permutations, seed: settings.seed)
    if let neighbours = collected.neighbours {
      stage += 1
      tables.append(
        try neighbours.table(bootstrap: draws, pairings: pairings, isWanted: isWanted) {
          try progress(work.progress(stage, $0))
        })
    }
    if let components = collected.components {
      stage += 1
      tables += try components.tables(pairings: pairings, isWanted: isWanted) {
        try progress(work.progress(stage, $0))
      }
    }
    return settings.measures.flatMap { measure in tables.filter { $0.measure == measure } }
  }

  /// The values of a kernel set by each of its estimators.
  private func tables(
    _ set: KernelSet, _ draws: Bootstrap, advance: (Double) throws -> Void
  ) throws -> [PairTable] {
    let estimators = set.measure.estimators(of: settings.estimators).filter { layout(of: $0) == set.layout }
    // Half of the way for the sums, if there is another half.
    let share = settings.permutations > 0 ? 0.5 : 1
    var values =
      set.measure == .rsa
      ? [try set.rankValues(pairs: pairs(of: set), bootstrap: draws) { try advance(share * $0) }]
      : try set.values(estimators, pairs: pairs(of: set), bootstrap: draws) { try advance(share * $0) }
    if settings.permutations > 0 {
      let nulls = try set.nullSums(estimators, count: settings.permutations, seed: settings.seed) {
        try advance(0.5 + 0.5 * $0)
      }
      for place in values.indices { values[place].nulls = nulls[place] }
    }
    return zip(estimators, values).map { table(set, $0, $1) }
  }
}
