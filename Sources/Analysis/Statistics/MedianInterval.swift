import Foundation

/// The 95 % interval of a median, whatever the distribution: between two order statistics, of which the binomial distribution
/// says how often the median lies between them, interpolated (Hettmansperger and Sheather 1986). docs/definitions.md, *Intervals*.
package enum MedianInterval {
  private static let confidence = 0.95

  /// - Returns: nil for fewer than six figures: not even the least and the greatest hold the median in 95 % of the samples.
  package static func interval(_ sample: [Double]) -> (low: Double, high: Double)? {
    let count = sample.count
    let pascal = lgamma(Double(count) + 1).0 - Double(count) * log(2)
    /// The chance that so many of the figures lie below the median.
    func chance(_ below: Int) -> Double {
      exp(pascal - lgamma(Double(below) + 1).0 - lgamma(Double(count - below) + 1).0)
    }
    // The median lies between the figures of rank d and n + 1 − d unless fewer than d figures lie on one side of it.
    var (depth, outside) = (0, 0.0)
    var next = 2 * chance(0)
    while next <= 1 - confidence, depth < count / 2 {
      depth += 1
      outside = next
      next += 2 * chance(depth)
    }
    guard depth > 0 else { return nil }
    let share = ((1 - confidence) - outside) / (next - outside)
    let (n, d) = (Double(count), Double(depth))
    let inner = (n - d) * share / (d + (n - 2 * d) * share)
    let sorted = sample.sorted()
    return (
      sorted[depth - 1] + inner * (sorted[depth] - sorted[depth - 1]),
      sorted[count - depth] - inner * (sorted[count - depth] - sorted[count - depth - 1])
    )
  }
}
