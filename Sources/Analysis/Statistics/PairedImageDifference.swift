import Formats
import Foundation
import Results
import Torch

/// How figures of the same images differ between two models or stores. Definitions with their sources: docs/definitions.md.
public struct PairedImageDifference: Sendable, Equatable {
  /// The mean of first less second over the images that have both, with its bootstrap interval.
  public let estimate: MeanEstimate
  /// Of the hypothesis that the sign of every image's difference is chance: two-sided, by flipping signs.
  public let pValue: Double
  /// Cohen's d_z: the mean over the standard deviation of the differences; nil where they are all equal.
  public let standardized: Double?
  /// The matched-pairs rank-biserial correlation (Kerby 2014), in −1 … 1; nil where all differences are 0.
  public let rankBiserial: Double?

  /// How intervals and p-values are made.
  public struct Settings: Sendable {
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 1000
    public var interval: IntervalMethod = .hall
    /// Random flips of signs; all of them are taken where they are no more.
    public var permutations = 9999
    public var seed: UInt64 = 0

    public init() {}
  }

  /// Differences of several series of the same images, all by the same draws and flips; nil for a series of nothing but gaps.
  package static func compare(_ differences: [ImageSeries], _ settings: Settings) throws -> [PairedImageDifference?] {
    let estimates = ImageSeries.estimates(
      differences, replicates: settings.bootstrap, seed: settings.seed, method: settings.interval)
    let chances = try shares(differences, settings)
    return zip(zip(differences, estimates), chances).map { series, pValue in
      series.1.map {
        PairedImageDifference(
          estimate: $0, pValue: pValue, standardized: standardized(series.0.present),
          rankBiserial: rankBiserial(series.0.present))
      }
    }
  }

  // MARK: Effect sizes

  private static func standardized(_ differences: [Double]) -> Double? {
    guard differences.count > 1 else { return nil }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(differences.count - 1)).squareRoot()
    // Less than rounding is no spread.
    return deviation > 1e-14 * abs(mean) ? mean / deviation : nil
  }

  private static func rankBiserial(_ differences: [Double]) -> Double? {
    let different = differences.filter { $0 != 0 }
    guard !different.isEmpty else { return nil }
    let ranks = Ranks.averaged(different.map(abs))
    let signed = zip(different, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : -$1.1) }
    return signed / ranks.reduce(0, +)
  }

  // MARK: Sign flips

  /// The p-value of each series.
  private static func shares(_ series: [ImageSeries], _ settings: Settings) throws -> [Double] {
    let values = series.map { values in (0..<values.count).map { values[$0] ?? 0 } }
    // Equal magnitudes that were added in another order may differ by rounding.
    let observed = values.map { abs($0.reduce(0, +)) - 1e-12 * $0.reduce(0) { $0 + abs($1) } }
    var result = [Double](repeating: 1, count: series.count)
    var sampled: [Int] = []
    for (index, own) in values.enumerated() {
      let different = own.filter { $0 != 0 }
      if different.count < 30, 1 << different.count <= settings.permutations {
        result[index] = exactShare(different, observed[index])
      } else {
        sampled.append(index)
      }
    }
    guard let images = values.first?.count, !sampled.isEmpty, settings.permutations > 0 else { return result }
    // Another stream than the bootstrap's of the same seed.
    var stream = RandomStream(seed: settings.seed ^ 0x5369_676E_466C_6970)
    let matrix = try Tensor(sampled.flatMap { values[$0] }, shape: [sampled.count, images])
    var counts = [Int](repeating: 1, count: sampled.count)
    for flipRange in pieces(of: 0..<settings.permutations, size: max(1, (1 << 20) / images)) {
      let signs = try Tensor(flips(images * flipRange.count, &stream), shape: [flipRange.count, images])
      let sums: [Double] = try matrix.matmul(signs.transposed(0, 1)).values()
      for (index, own) in sampled.enumerated() {
        counts[index] += sums[index * flipRange.count..<(index + 1) * flipRange.count].count {
          abs($0) >= observed[own]
        }
      }
    }
    for (index, own) in sampled.enumerated() { result[own] = Double(counts[index]) / Double(settings.permutations + 1) }
    return result
  }

  /// Ones and minus ones, 64 of each number of the stream.
  private static func flips(_ count: Int, _ stream: inout RandomStream) -> [Double] {
    var signs = [Double](repeating: 1, count: count)
    for start in stride(from: 0, to: count, by: 64) {
      var bits = stream.next()
      for index in start..<min(count, start + 64) {
        if bits & 1 == 1 { signs[index] = -1 }
        bits >>= 1
      }
    }
    return signs
  }

  /// The share of all flips whose sum is as far from zero.
  private static func exactShare(_ differences: [Double], _ observed: Double) -> Double {
    let all = 1 << differences.count
    let extreme = (0..<all).count { flips in
      var sum = 0.0
      for (index, value) in differences.enumerated() { sum += flips >> index & 1 == 1 ? -value : value }
      return abs(sum) >= observed
    }
    return Double(extreme) / Double(all)
  }
}
