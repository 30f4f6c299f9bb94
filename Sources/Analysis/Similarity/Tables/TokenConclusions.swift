import Results

/// The same comparison by several token modes, and where what one would conclude from it changes.
///
/// A conclusion is: of all taps of one store, this one matches that tap best. Definitions: docs/definitions.md.
public struct TokenConclusions: Sendable {
  /// A value of one pair by one mode.
  public struct PairRow: Sendable, Equatable {
    public let row: Similarity.Row
    public let tokens: TokenMode
    /// Whether one of the two taps is the best match of the other in this mode.
    public let isBest: Bool
    /// Whether that is so in some modes and not in others.
    public let changes: Bool
  }

  /// The best match of a tap in one store by one mode.
  public struct Conclusion: Sendable, Equatable {
    public let tap: Similarity.TapName
    /// The store in which it is sought.
    public let store: String
    public let measure: Similarity.Measure
    public let estimator: Similarity.Estimator
    public let tokens: TokenMode
    public let best: String
    public let value: Double
    public let low: Double?
    public let high: Double?
    /// Spearman's ρ of the values of all candidates with those of the first mode; nil where one's are all equal.
    public let orderAgreement: Double?
    /// Whether the first mode has another best match.
    public let changes: Bool
  }

  public let pairs: [PairRow]
  public let conclusions: [Conclusion]

  /// - Parameter results: of the same stores and images; the first is what others are compared with.
  public init(_ results: [(tokens: TokenMode, result: Similarity.Result)]) {
    var conclusions: [Conclusion] = []
    var best: [Set<TapPair>] = results.map { _ in [] }
    for variant in Variant.all(of: results.map(\.result)) {
      for conclusion in variant.conclusions(results.map(\.tokens)) {
        conclusions.append(conclusion.conclusion)
        best[conclusion.mode].insert(conclusion.pair)
      }
    }
    self.conclusions = conclusions
    pairs = results.enumerated().flatMap { mode, compared in
      compared.result.rows.map { row in
        let pair = TapPair(row)
        let marks = best.map { $0.contains(pair) }
        return PairRow(
          row: row, tokens: compared.tokens, isBest: marks[mode], changes: marks.contains(true) && marks.contains(false)
        )
      }
    }
  }

  /// `token_modes.csv`.
  public var pairTable: TidyTable {
    var table = TidyTable(.tokenModes)
    for pair in pairs {
      let row = pair.row
      table.append([
        .text(row.a.store), .text(row.a.tap), .text(row.b.store), .text(row.b.tap), .text(row.measure.rawValue),
        .text(row.estimator.rawValue), .text(pair.tokens.description), .integer(row.n), .real(row.value),
        .integer(pair.isBest ? 1 : 0), .integer(pair.changes ? 1 : 0),
      ])
    }
    return table
  }

  /// `token_conclusions.csv`.
  public var conclusionTable: TidyTable {
    var table = TidyTable(.tokenConclusions)
    for conclusion in conclusions {
      table.append([
        .text(conclusion.tap.store), .text(conclusion.tap.tap), .text(conclusion.store),
        .text(conclusion.measure.rawValue), .text(conclusion.estimator.rawValue),
        .text(conclusion.tokens.description), .text(conclusion.best), .real(conclusion.value), .real(conclusion.low),
        .real(conclusion.high), .real(conclusion.orderAgreement), .integer(conclusion.changes ? 1 : 0),
      ])
    }
    return table
  }
}

/// A pair of taps by one measure.
private struct TapPair: Hashable {
  let names: [String]
  let measure: Similarity.Measure
  let estimator: Similarity.Estimator

  init(_ row: Similarity.Row) {
    names = [row.a.store, row.a.tap, row.b.store, row.b.tap]
    (measure, estimator) = (row.measure, row.estimator)
  }
}

/// One measure by one estimator in every mode.
private struct Variant {
  let measure: Similarity.Measure
  let estimator: Similarity.Estimator
  /// Taps by store, in order.
  let taps: OrderedNames
  /// For each mode, the rows of both directions.
  let rows: [[[String]: Similarity.Row]]

  static func all(of results: [Similarity.Result]) -> [Variant] {
    Similarity.Measure.allCases.flatMap { measure in
      Similarity.Estimator.allCases.compactMap { estimator in
        let variant = results.map { $0.rows.filter { $0.measure == measure && $0.estimator == estimator } }
        guard variant.contains(where: { !$0.isEmpty }) else { return nil }
        var taps = OrderedNames()
        for row in variant.joined() {
          taps.insert(row.a)
          taps.insert(row.b)
        }
        let rows = variant.map { rows in
          Dictionary(
            rows.flatMap { row in
              let (a, b) = ([row.a.store, row.a.tap], [row.b.store, row.b.tap])
              return [(a + b, row), (b + a, row)]
            }, uniquingKeysWith: { first, _ in first })
        }
        return Variant(measure: measure, estimator: estimator, taps: taps, rows: rows)
      }
    }
  }

  /// The best match of every tap in every other store, or among the others of its own where it is alone, by every mode.
  func conclusions(
    _ tokens: [TokenMode]
  ) -> [(mode: Int, pair: TapPair, conclusion: TokenConclusions.Conclusion)] {
    taps.all.flatMap { store, names in
      names.flatMap { tap in
        taps.all.filter { taps.all.count == 1 || $0.store != store }.flatMap { other, candidates in
          let common = candidates.filter { name in
            (other != store || name != tap) && rows.allSatisfy { $0[[store, tap, other, name]]?.value != nil }
          }
          return best(Similarity.TapName(store: store, tap: tap), in: other, of: common, tokens)
        }
      }
    }
  }

  private func best(
    _ tap: Similarity.TapName, in store: String, of candidates: [String], _ tokens: [TokenMode]
  ) -> [(mode: Int, pair: TapPair, conclusion: TokenConclusions.Conclusion)] {
    // One candidate leaves nothing to conclude.
    guard candidates.count > 1 else { return [] }
    let candidateRows = rows.map { rows in candidates.compactMap { rows[[tap.store, tap.tap, store, $0]] } }
    let values = candidateRows.map { $0.compactMap(\.value) }
    guard values.allSatisfy({ $0.count == candidates.count }) else { return [] }
    let likenesses = values.map { $0.map(measure.definition.likeness) }
    let bestIndices = likenesses.map { values in values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 } }
    return tokens.indices.map { mode in
      let row = candidateRows[mode][bestIndices[mode]]
      return (
        mode, TapPair(row),
        TokenConclusions.Conclusion(
          tap: tap, store: store, measure: measure, estimator: estimator, tokens: tokens[mode],
          best: candidates[bestIndices[mode]], value: values[mode][bestIndices[mode]], low: row.low, high: row.high,
          orderAgreement: Ranks.correlation(values[0], values[mode]), changes: bestIndices[mode] != bestIndices[0])
      )
    }
  }
}

/// Stores and their taps in order of first appearance.
private struct OrderedNames {
  private(set) var all: [(store: String, taps: [String])] = []

  mutating func insert(_ name: Similarity.TapName) {
    if let index = all.firstIndex(where: { $0.store == name.store }) {
      if !all[index].taps.contains(name.tap) { all[index].taps.append(name.tap) }
    } else {
      all.append((name.store, [name.tap]))
    }
  }
}
