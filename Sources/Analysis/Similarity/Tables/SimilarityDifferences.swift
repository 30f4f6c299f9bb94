import Foundation
import Results

extension Similarity {
  /// Whether a tap is closer to one tap than to another: the difference of two values that share it.
  public struct DifferenceRow: Sendable, Equatable {
    public let comparison: SimilarityComparison
    public let a: TapName
    public let b: TapName
    public let c: TapName
    public let measure: Measure
    public let estimator: Estimator
    public let n: Int
    /// The value of a with b less that of a with c.
    public let difference: Double
    /// nil where there is no interval.
    public let low: Double?
    public let high: Double?
  }
}

/// Three taps, by their indices: is the first closer to the second than to the third?
struct TapTriple: Sendable, Equatable {
  let comparison: SimilarityComparison
  let a: Int
  let b: Int
  let c: Int
}

/// The difference of two values that share a tap, with its error.
struct PairedSimilarityDifference: Sendable, Equatable {
  let value: Double
  /// Of the difference itself; nil where there is none.
  let error: JackknifeError?
}

extension SimilarityComputation {
  /// What is compared with what: not all pairs of pairs, but for every tap its counterparts in two other stores, neighbouring
  /// taps of one other store, and two taps that are named.
  var triples: [TapTriple] {
    guard settings.selection.hasIntervals else { return [] }
    let bySource = Dictionary(grouping: taps.indices, by: { taps[$0].source })
    return taps.indices.flatMap { a in
      SimilarityComparison.allCases.flatMap { comparison -> [TapTriple] in
        switch comparison {
        case .named: named(a)
        case .models where settings.differences.comparisons.contains(.models): counterparts(of: a, bySource)
        case .neighbours where settings.differences.comparisons.contains(.neighbours): neighbours(of: a, bySource)
        case .models, .neighbours: []
        }
      }.filter { isWanted(min(a, $0.b), max(a, $0.b)) && isWanted(min(a, $0.c), max(a, $0.c)) }
    }
  }

  /// The tap and every two that are named, if it is none of them.
  private func named(_ a: Int) -> [TapTriple] {
    let places = settings.differences.taps.map { name in taps.firstIndex { Self.text($0.name) == name } }
    return stride(from: 0, to: places.count - 1, by: 2).compactMap { index in
      guard let b = places[index], let c = places[index + 1], a != b, a != c, b != c else { return nil }
      return TapTriple(comparison: .named, a: a, b: b, c: c)
    }
  }

  private static func text(_ name: Similarity.TapName) -> String { "\(name.store):\(name.tap)" }

  /// Sentences on taps that `--differences` names and that are not compared.
  ///
  /// - Throws: ``AnalysisError`` for the first that no store has.
  static func notesOnNamed(
    _ differences: DifferenceSelection, _ taps: [ComparedTap], _ sources: [NamedSource]
  ) throws -> [String] {
    let known = sources.flatMap { source in source.source.taps.map { "\(source.name):\($0.name)" } }
    return try differences.taps.filter { name in !taps.contains { text($0.name) == name } }.map { name in
      guard known.contains(name) else {
        throw AnalysisError(
          .badInput, "--differences: no store has a tap '\(name)'; there are \(known.joined(separator: ", "))")
      }
      return "differences with \(name) are left out: the tap is not among those that are compared"
    }
  }

  /// The tap's counterparts in every two of the other stores.
  private func counterparts(of a: Int, _ bySource: [Int: [Int]]) -> [TapTriple] {
    let others = sources.indices.filter { $0 != taps[a].source }.compactMap { source in
      bySource[source].flatMap { counterpart(of: a, among: $0, own: bySource[taps[a].source] ?? []) }
    }
    return others.indices.flatMap { first in
      others.indices.dropFirst(first + 1).map {
        TapTriple(comparison: .models, a: a, b: others[first], c: others[$0])
      }
    }
  }

  /// The tap of the same name, or that which lies nearest in relative depth, the shallower of two as near.
  private func counterpart(of a: Int, among candidates: [Int], own: [Int]) -> Int? {
    if let same = candidates.first(where: { taps[$0].name.tap == taps[a].name.tap }) { return same }
    func depth(_ place: Int, _ count: Int) -> Double { count > 1 ? Double(place) / Double(count - 1) : 0 }
    let wanted = depth(own.firstIndex(of: a) ?? 0, own.count)
    let distances = candidates.indices.map { abs(depth($0, candidates.count) - wanted) }
    guard let least = distances.min() else { return nil }
    return distances.firstIndex { $0 < least + 1e-12 }.map { candidates[$0] }
  }

  /// Every tap of another store and the next one, shallow to deep; of its own store where it is alone.
  private func neighbours(of a: Int, _ bySource: [Int: [Int]]) -> [TapTriple] {
    sources.indices.filter { sources.count == 1 || $0 != taps[a].source }.flatMap { source -> [TapTriple] in
      let others = (bySource[source] ?? []).filter { $0 != a }
      return zip(others, others.dropFirst()).map { TapTriple(comparison: .neighbours, a: a, b: $0, c: $1) }
    }
  }
}

extension TapPairTable {
  func differenceRows(_ computation: SimilarityComputation) -> [Similarity.DifferenceRow] {
    zip(computation.triples, differences).compactMap { triple, found in
      found.map { difference in
        let interval = difference.error?.interval(around: difference.value)
        return Similarity.DifferenceRow(
          comparison: triple.comparison, a: computation.taps[triple.a].name, b: computation.taps[triple.b].name,
          c: computation.taps[triple.c].name, measure: measure, estimator: estimator, n: n,
          difference: difference.value, low: interval?.low, high: interval?.high)
      }
    }
  }
}
