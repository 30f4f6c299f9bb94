import Foundation
import Results

extension PeakSignalSummary {
  /// The summary of the images' PSNR, with its interval if wanted; nil without images.
  package func estimate(_ series: ImageSeries, hasInterval: Bool) -> MeanEstimate? {
    let ratios = series.present
    guard !ratios.isEmpty else { return nil }
    switch self {
    case .ofMean:
      // An image that comes back exactly has the error that its PSNR stands for.
      let errors = ratios.map { pow(10, -$0 / 10) }
      let error = MeanEstimate(errors, hasInterval: hasInterval)
      let ends = PeakSignalSummary.positive(error, of: errors).map { (-10 * log10($0.high), -10 * log10($0.low)) }
      return MeanEstimate(value: -10 * log10(error.value), low: ends?.0, high: ends?.1, n: error.n)
    case .median:
      let sorted = ratios.sorted()
      let value = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      let ends = hasInterval ? MedianInterval.interval(ratios) : nil
      return MeanEstimate(value: value, low: ends?.low, high: ends?.high, n: ratios.count)
    }
  }

  /// The images from which on a mean error is taken to be no less than the least error.
  private static let leastImages = 5

  /// The ends of the interval of a mean of errors, neither of which is negative; nil where the lower one says nothing.
  private static func positive(_ mean: MeanEstimate, of errors: [Double]) -> (low: Double, high: Double)? {
    guard let low = mean.low, let high = mean.high else { return nil }
    let raised = errors.count < leastImages ? low : max(low, errors.min() ?? low)
    return raised > 0 ? (raised, high) : nil
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
