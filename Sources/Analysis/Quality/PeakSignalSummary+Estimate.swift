import Foundation
import Results

extension PeakSignalSummary {
  /// The summary of the images' PSNR, with an interval by the same draws as the means have; nil without images.
  func estimate(_ series: ImageSeries, _ selection: MeasureSelection) -> MeanEstimate? {
    guard let value = value(series, weights: Array(repeating: 1, count: series.count)) else { return nil }
    let images = series.present.count
    var draws = BootstrapDraws(images: series.count, seed: selection.seed)
    let replicates = (0..<(images > 1 ? selection.bootstrap : 0)).compactMap { _ in
      self.value(series, weights: draws.draw())
    }
    let interval = ReplicateInterval.interval(value, replicates: replicates, images: images)
    return MeanEstimate(value: value, low: interval?.low, high: interval?.high, n: images)
  }

  /// The summary of images drawn so often; nil where none of them has a figure.
  package func value(_ series: ImageSeries, weights: [Int]) -> Double? {
    var drawn: [(value: Double, weight: Int)] = []
    for (image, weight) in weights.enumerated() where weight > 0 {
      if let value = series[image] { drawn.append((value, weight)) }
    }
    let total = drawn.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return nil }
    switch self {
    case .ofMean:
      // An image that comes back exactly has the error that its PSNR stands for.
      let error = drawn.reduce(0) { $0 + Double($1.weight) * pow(10, -$1.value / 10) } / Double(total)
      return -10 * log10(error)
    case .median:
      drawn.sort { $0.value < $1.value }
      func ranked(_ rank: Int) -> Double? {
        var passed = 0
        return drawn.first { one in
          passed += one.weight
          return passed > rank
        }?.value
      }
      guard let low = ranked((total - 1) / 2), let high = ranked(total / 2) else { return nil }
      return (low + high) / 2
    }
  }
}

extension MeanEstimate {
  /// An estimate of another kind than a mean.
  init(value: Double, low: Double?, high: Double?, n: Int) {
    self.value = value
    self.low = low
    self.high = high
    self.n = n
  }
}
