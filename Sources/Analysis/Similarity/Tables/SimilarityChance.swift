import Results

extension Similarity {
  /// What a value would be if the features of two taps had nothing to do with each other: over random permutations of the
  /// images of one of them.
  public struct NullRow: Sendable, Equatable {
    public let a: TapName
    public let b: TapName
    public let measure: Measure
    public let estimator: Estimator
    public let n: Int
    /// Random permutations of the images.
    public let permutations: Int
    /// nil where the pair has no value.
    public let mean: Double?
    /// The 2.5th and the 97.5th percentile.
    public let low: Double?
    public let high: Double?
    /// The share of permutations, the true order among them, that score as alike as the value.
    public let pValue: Double?
    /// Corrected over all pairs of different taps, see ``PermutationMaximum``; nil for a tap with itself.
    public let adjustedPValue: Double?
    /// The value against what chance gives.
    public let calibrated: CalibratedScore?
  }

  /// How alike two stores are on the whole, against what chance gives: one number over all pairs of their taps.
  public struct ModelRow: Sendable, Equatable {
    public let storeA: String
    public let storeB: String
    public let measure: Measure
    public let estimator: Estimator
    public let aggregate: SimilarityAggregate
    public let n: Int
    public let permutations: Int
    /// The two taps that are the most alike; nil for a mean.
    public let taps: (a: String, b: String)?
    public let value: Double
    public let pValue: Double
    /// Corrected over all pairs of stores, see ``PermutationMaximum``.
    public fileprivate(set) var adjustedPValue: Double
    public let calibrated: CalibratedScore

    public static func == (first: ModelRow, second: ModelRow) -> Bool { first.fields == second.fields }

    /// As `similarity_calibrated.csv` has it.
    var fields: [TidyTable.Field] {
      [
        .text(storeA), .text(storeB), .text(measure.rawValue), .text(estimator.rawValue), .text(aggregate.rawValue),
        .text(taps?.a ?? ""), .text(taps?.b ?? ""), .integer(n), .integer(permutations), .real(value),
        .real(calibrated.threshold), .real(calibrated.value), .real(pValue), .real(adjustedPValue),
      ]
    }
  }
}

/// A value of similarity on a scale on which 0 is no more than chance and 1 is agreement: as `calibrate` and
/// `calibrate_layers` of the Python package calibrated_similarity 0.1.1 have it.
public struct CalibratedScore: Sendable, Equatable {
  /// What 5 % of random permutations, the true order among them, exceed.
  public let threshold: Double
  /// (value − threshold) / (best − threshold), within 0 … 1.
  public let value: Double

  private static let level = 0.05
  /// Below which a scale is none, as the package has it.
  private static let leastScale = 1e-12

  /// - Parameters:
  ///   - scores: of all permutations.
  ///   - measure: which knows the value of agreement, and whether more or less is more alike.
  init(_ value: Double, scores: [Double], _ measure: MeasureDefinition) {
    let own = measure.likeness(value)
    let sorted = (scores.map(measure.likeness) + [own]).sorted()
    let position = Int(((1 - CalibratedScore.level) * Double(sorted.count)).rounded(.up)) - 1
    let threshold = sorted[max(0, min(position, sorted.count - 1))]
    self.threshold = measure.likeness(threshold)
    let scale = max(measure.likeness(measure.agreement) - threshold, CalibratedScore.leastScale)
    self.value = min(1, max(0, (own - threshold) / scale))
  }
}

extension TapPairTable {
  /// Pairs whose scores are those of every permutation, with a value.
  private func scored(_ computation: SimilarityComputation) -> [(a: Int, b: Int, value: Double, scores: [Double])] {
    pairs(computation).compactMap { a, b in
      guard let value = values[a * taps + b], nulls[a * taps + b].count == computation.settings.permutations else {
        return nil
      }
      return (a, b, value, nulls[a * taps + b])
    }
  }

  func nullRows(_ computation: SimilarityComputation) -> [Similarity.NullRow] {
    let permutations = computation.settings.permutations
    guard permutations > 0 else { return [] }
    let definition = measure.definition
    // A tap is itself whatever chance gives: that is no comparison.
    let family = scored(computation).filter { $0.a != $0.b }
    let corrected = PermutationMaximum.adjusted(
      family.map { definition.likeness($0.value) }, scores: family.map { $0.scores.map(definition.likeness) })
    let adjusted = Dictionary(
      zip(family.map { $0.a * taps + $0.b }, corrected), uniquingKeysWith: { first, _ in first })
    return pairs(computation).map { a, b in
      let index = a * taps + b
      let scores = nulls[index]
      let value = scores.isEmpty ? nil : values[index]
      let interval = TapPairTable.interval(of: scores)
      return Similarity.NullRow(
        a: computation.taps[a].name, b: computation.taps[b].name, measure: measure, estimator: estimator, n: n,
        permutations: permutations,
        mean: scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count), low: interval?.low,
        high: interval?.high,
        pValue: value.map {
          ImagePermutations.share(of: scores.map(definition.likeness), notBelow: definition.likeness($0))
        }, adjustedPValue: adjusted[index], calibrated: value.map { CalibratedScore($0, scores: scores, definition) })
    }
  }

  /// A row for every two stores and aggregate. The same permutation serves all pairs of taps, so that the greatest of many
  /// values is compared with the greatest of as many by chance.
  func modelRows(_ computation: SimilarityComputation) -> [Similarity.ModelRow] {
    let scored = scored(computation)
    guard computation.settings.permutations > 0, let permutations = scored.first?.scores.count else { return [] }
    let definition = measure.definition
    let sources = computation.sources.indices
    return SimilarityAggregate.allCases.flatMap { aggregate -> [Similarity.ModelRow] in
      var rows: [Similarity.ModelRow] = []
      var family: [(value: Double, scores: [Double])] = []
      for first in sources {
        for second in sources.dropFirst(first + 1) {
          let pairs = scored.filter {
            computation.taps[$0.a].source == first && computation.taps[$0.b].source == second
          }
          guard !pairs.isEmpty else { continue }
          let likenesses = pairs.map { definition.likeness($0.value) }
          let value = aggregate.value(likenesses)
          let scores = (0..<permutations).map { permutation in
            aggregate.value(pairs.map { definition.likeness($0.scores[permutation]) })
          }
          let best = aggregate == .max ? likenesses.firstIndex(of: value).map { pairs[$0] } : nil
          family.append((value, scores))
          rows.append(
            Similarity.ModelRow(
              storeA: computation.sources[first].name, storeB: computation.sources[second].name, measure: measure,
              estimator: estimator, aggregate: aggregate, n: n, permutations: permutations,
              taps: best.map { (computation.taps[$0.a].name.tap, computation.taps[$0.b].name.tap) },
              value: definition.likeness(value), pValue: ImagePermutations.share(of: scores, notBelow: value),
              adjustedPValue: 1,
              calibrated: CalibratedScore(
                definition.likeness(value), scores: scores.map(definition.likeness), definition)))
        }
      }
      let adjusted = PermutationMaximum.adjusted(family.map(\.value), scores: family.map(\.scores))
      for (index, value) in adjusted.enumerated() { rows[index].adjustedPValue = value }
      return rows
    }
  }
}

extension SimilarityAggregate {
  /// - Parameter values: at least one; the higher, the more alike.
  fileprivate func value(_ values: [Double]) -> Double {
    switch self {
    case .max: values.reduce(-.infinity, Swift.max)
    case .mean: values.reduce(0, +) / Double(values.count)
    }
  }
}
