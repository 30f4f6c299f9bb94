import Foundation

/// Correction of many comparisons that were all scored under the same random permutations (Westfall and Young 1993).
public enum PermutationMaximum {
  /// Adjusted p-values by the step-down maximum (Westfall and Young 1993, algorithm 4.1; Ge, Dudoit and Speed 2003): the
  /// chance that any comparison without an effect gets one below a level is at most that level.
  ///
  /// Scores of different comparisons have different spreads, so each is first taken in standard deviations from the mean of
  /// its own scores, the true one among them. With the comparisons in descending order of their true z,
  ///
  ///     p_i = (1 + number of permutations in which max over j ≥ i of z_j is not below z_i) / (1 + permutations)
  ///
  /// and each p is raised to the highest before it.
  ///
  /// - Parameters:
  ///   - values: the true score of each comparison; the higher, the further from chance.
  ///   - scores: for each comparison those of all permutations, in the same order of permutations.
  /// - Returns: in the order of `values`.
  public static func adjusted(_ values: [Double], scores: [[Double]]) -> [Double] {
    guard let permutations = scores.first?.count else { return [] }
    precondition(
      values.count == scores.count && scores.allSatisfy { $0.count == permutations },
      "a score of every comparison for every permutation")
    let scales = zip(values, scores).map { Scale($0, $1) }
    let observed = zip(values, scales).map { $1.standardized($0) }
    // Equal ones keep their order, which changes nothing: they get the same p-value.
    let order = observed.indices.sorted { (observed[$0], $1) > (observed[$1], $0) }
    var highest = [Double](repeating: -.infinity, count: permutations)
    var adjusted = [Double](repeating: 1, count: values.count)
    for index in order.reversed() {
      for (permutation, score) in scores[index].enumerated() {
        highest[permutation] = max(highest[permutation], scales[index].standardized(score))
      }
      adjusted[index] = ImagePermutations.share(of: highest, notBelow: observed[index])
    }
    var most = 0.0
    for index in order {
      most = max(most, adjusted[index])
      adjusted[index] = most
    }
    return adjusted
  }

  /// Mean and standard deviation of a comparison's scores, the true one among them: all are treated alike.
  private struct Scale {
    private let mean: Double
    private let deviation: Double

    init(_ value: Double, _ scores: [Double]) {
      let count = Double(scores.count + 1)
      let mean = scores.reduce(value, +) / count
      let squares = scores.reduce((value - mean) * (value - mean)) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      deviation = (squares / count).squareRoot()
    }

    /// 0 where all scores are the same up to rounding.
    func standardized(_ score: Double) -> Double {
      deviation > 1e-12 * abs(mean) ? (score - mean) / deviation : 0
    }
  }
}
