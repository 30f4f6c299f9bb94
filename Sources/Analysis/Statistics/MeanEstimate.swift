import Formats
import Foundation
import Results

/// The mean of a figure over images and its 95 % interval.
public struct MeanEstimate: Sendable, Equatable {
  public let value: Double
  /// nil where there is no interval: fewer than two images, no replicates, all replicates on one side of a BCa, or figures nearly all of
  /// which are the least or the greatest one (``SkewedMeanInterval/varies(_:)``).
  public let low: Double?
  public let high: Double?
  /// Images the mean is over.
  public let n: Int

  /// An estimate from given means of replicates.
  ///
  /// Up to ``IntervalMethod/fewImages`` images the interval is ``IntervalMethod/hall``'s, whatever the method: percentiles of
  /// replicates are too narrow there. Definitions and a simulation: docs/definitions.md.
  ///
  /// - Parameters:
  ///   - sample: at least one figure.
  ///   - replicates: the mean of each replicate; none for no interval.
  ///   - isOutcome: whether every figure is 0 or 1; the interval is then that of a share (Wilson 1927).
  package init(_ sample: [Double], replicates: [Double], method: IntervalMethod, isOutcome: Bool = false) {
    let mean = sample.reduce(0, +) / Double(sample.count)
    value = mean
    n = sample.count
    let ends: (low: Double, high: Double)? =
      if replicates.isEmpty {
        nil
      } else if MeanEstimate.draws(method, images: sample.count), !isOutcome {
        SkewedMeanInterval.varies(sample)
          ? MeanEstimate.percentiles(sample, replicates: replicates, method: method) : nil
      } else {
        MeanEstimate.drawless(sample, mean: mean, isOutcome: isOutcome)
      }
    low = ends?.low
    high = ends?.high
  }

  /// An estimate whose interval follows from the sample, without replicates.
  package init(_ sample: [Double], hasInterval: Bool, isOutcome: Bool = false) {
    let mean = sample.reduce(0, +) / Double(sample.count)
    value = mean
    n = sample.count
    let ends = hasInterval ? MeanEstimate.drawless(sample, mean: mean, isOutcome: isOutcome) : nil
    low = ends?.low
    high = ends?.high
  }

  /// Whether the interval of so many images lies between percentiles of replicates.
  static func draws(_ method: IntervalMethod, images: Int) -> Bool {
    method != .hall && images > IntervalMethod.fewImages
  }

  /// The two-sided share of an interval, and its standard normal deviate.
  private static let confidence = 0.95
  private static let deviate = 1.959963984540054

  /// The interval of a share, or of a mean; nil of fewer than two figures.
  private static func drawless(_ sample: [Double], mean: Double, isOutcome: Bool) -> (low: Double, high: Double)? {
    guard sample.count > 1 else { return nil }
    return isOutcome ? share(mean, of: sample.count) : SkewedMeanInterval.interval(sample)
  }

  /// Wilson's interval of a share: the shares from which the one found is not further than chance allows.
  private static func share(_ share: Double, of count: Int) -> (low: Double, high: Double) {
    let spread = deviate * deviate / Double(count)
    let middle = share + spread / 2
    let half = (spread * share * (1 - share) + spread * spread / 4).squareRoot()
    return ((middle - half) / (1 + spread), (middle + half) / (1 + spread))
  }

  /// The interval between percentiles of the replicates; nil where BCa has none.
  package static func percentiles(
    _ sample: [Double], replicates: [Double], method: IntervalMethod
  ) -> (low: Double, high: Double)? {
    let mean = sample.reduce(0, +) / Double(sample.count)
    let tail = (1 - confidence) / 2
    let shares = method == .bca ? accelerated(sample, mean: mean, replicates) : (tail, 1 - tail)
    guard let shares, let low = Quantile.linear(replicates, shares.0),
      let high = Quantile.linear(replicates, shares.1)
    else { return nil }
    return (low, high)
  }

  /// The shares of the replicates between which a BCa interval lies, as scipy's `bootstrap` takes them; nil where the mean
  /// lies outside of all replicates.
  private static func accelerated(_ sample: [Double], mean: Double, _ replicates: [Double]) -> (Double, Double)? {
    guard !replicates.isEmpty else { return nil }
    let below = replicates.count { $0 < mean }
    let notAbove = replicates.count { $0 <= mean }
    let bias = NormalDistribution.quantile(Double(below + notAbove) / Double(2 * replicates.count))
    guard let bias else { return nil }
    // Leaving one image out moves the mean by this much, up to a factor that cancels.
    let influences = sample.map { $0 - mean }
    let squares = influences.reduce(0) { $0 + $1 * $1 }
    let cubes = influences.reduce(0) { $0 + $1 * $1 * $1 }
    let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
    func share(_ wanted: Double) -> Double? {
      guard let quantile = NormalDistribution.quantile(wanted) else { return nil }
      let moved = bias + quantile
      return NormalDistribution.share(below: bias + moved / (1 - acceleration * moved))
    }
    guard let low = share(0.025), let high = share(0.975) else { return nil }
    return (low, high)
  }
}

/// Figures of the same images, a series each; where an image has no figure there is a gap.
package struct ImageSeries: Sendable {
  /// A gap is not a number, which no figure is.
  private var values: [Double]
  /// Whether every figure is 0 or 1: right or wrong.
  package let isOutcome: Bool
  /// Images whose figure came out as no finite number: gaps too, but ones that have to be told.
  package private(set) var failures: [Int] = []

  package var count: Int { values.count }
  /// The figures there are, in order.
  package var present: [Double] { values.filter { !$0.isNaN } }

  package init(count: Int, isOutcome: Bool = false) {
    values = [Double](repeating: .nan, count: count)
    self.isOutcome = isOutcome
  }

  package subscript(image: Int) -> Double? {
    get { values[image].isNaN ? nil : values[image] }
    set {
      if let newValue, !newValue.isFinite { failures.append(image) }
      values[image] = newValue.flatMap { $0.isFinite ? $0 : nil } ?? .nan
    }
  }

  /// The mean of the images drawn so often; nil where only gaps were drawn.
  package func mean(weights: [Int]) -> Double? {
    var sum = 0.0
    var total = 0
    for (value, weight) in zip(values, weights) where weight > 0 && !value.isNaN {
      sum += value * Double(weight)
      total += weight
    }
    return total > 0 ? sum / Double(total) : nil
  }

  /// Means with intervals that follow from the figures, without draws; nil for a series of nothing but gaps.
  package static func estimates(_ series: [ImageSeries], hasInterval: Bool) -> [MeanEstimate?] {
    series.map { one in
      let present = one.present
      return present.isEmpty ? nil : MeanEstimate(present, hasInterval: hasInterval, isOutcome: one.isOutcome)
    }
  }

  /// Means with intervals over the images, all series by the same draws; nil for a series of nothing but gaps.
  package static func estimates(
    _ series: [ImageSeries], replicates: Int, seed: UInt64, method: IntervalMethod
  ) -> [MeanEstimate?] {
    guard MeanEstimate.draws(method, images: series.first?.count ?? 0) else {
      return estimates(series, hasInterval: replicates > 0)
    }
    var draws = BootstrapDraws(images: series.first?.count ?? 0, seed: seed)
    var means = [[Double]](repeating: [], count: series.count)
    for some in pieces(of: 0..<(draws.images > 1 ? replicates : 0), size: 64) {
      let weights = some.map { _ in draws.draw() }
      let found = Buffer<Double>(series.count * weights.count)
      inParallel(series.count) { place in
        for (replicate, drawn) in weights.enumerated() {
          found.pointer[place * weights.count + replicate] = series[place].mean(weights: drawn) ?? .nan
        }
      }
      for place in series.indices {
        means[place] += found.values[place * weights.count..<(place + 1) * weights.count].filter { !$0.isNaN }
      }
    }
    return zip(series, means).map { one, means in
      let present = one.present
      return present.isEmpty
        ? nil : MeanEstimate(present, replicates: means, method: method, isOutcome: one.isOutcome)
    }
  }
}
