import Formats
import Foundation
import Results

/// The 95 % interval of a figure that is no plain mean over images: a ratio of sums, a frequency, a direction.
package enum ReplicateInterval {
  /// The 2.5th and the 97.5th percentile of the replicates. Up to ``IntervalMethod/fewImages`` images n, of which percentiles
  /// are too narrow, value ± t √(n/(n − 1)) s, s the standard deviation of the replicates and t Student's with n − 1 degrees
  /// of freedom: for a mean that is Student's own interval.
  ///
  /// - Parameters:
  ///   - value: of the whole sample.
  ///   - replicates: of a bootstrap over images.
  ///   - images: in the sample.
  /// - Returns: nil where there are fewer than two images or replicates.
  package static func interval(_ value: Double, replicates: [Double], images: Int) -> (low: Double, high: Double)? {
    guard images > 1, replicates.count > 1 else { return nil }
    guard images <= IntervalMethod.fewImages else {
      guard let low = Quantile.linear(replicates, 0.025), let high = Quantile.linear(replicates, 0.975) else {
        return nil
      }
      return (low, high)
    }
    guard let deviate = StudentDistribution.quantile(central: 0.95, degrees: images - 1) else { return nil }
    let mean = replicates.reduce(0, +) / Double(replicates.count)
    let squares = replicates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / Double(replicates.count - 1) * Double(images) / Double(images - 1)
    let half = deviate * variance.squareRoot()
    return (value - half, value + half)
  }
}
