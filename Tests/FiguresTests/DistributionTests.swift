import Figures
import Foundation
import Testing

@Suite struct DistributionTests {
  /// numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.75, 1]) is 1, 1.75, 3, 5, 8: linear between the values.
  @Test func quantilesAreLinearBetweenValues() {
    let sample = DistributionFigure.Sample([8, 1, 4, 2, .nan])
    #expect(sample.count == 4)
    #expect([0, 0.25, 0.5, 0.75, 1].map(sample.quantile) == [1, 1.75, 3, 5, 8])
  }

  /// Percentiles stand for very many values: of 0, 1, …, 10000 those of every half per cent are multiples of 50.
  @Test func percentilesStandForVeryManyValues() {
    let sample = DistributionFigure.Sample((0...10_000).map(Double.init))
    #expect(sample.count == 10_001 && !sample.isComplete)
    #expect(sample.values == (0...200).map { Double($0) * 50 })
  }

  /// With Silverman's rule and the factor of the kernel, 0.9 · 2.214 · min(s, IQR / 1.34) · n^(-1/5), of 0, 1, 2, 3, 4: the quartiles are
  /// 1 and 3, s is the root of 2.5; the density at 2 is the mean of 0.75 (1 − u²) / h over u = −2/h … 2/h.
  @Test func theDensityIsEpanechnikovs() {
    let density = Density(DistributionFigure.Sample([0, 1, 2, 3, 4]))
    let width = 0.9 * 2.214 * min(2.5.squareRoot(), 2 / 1.34) * pow(5, -0.2)
    #expect((density.bandwidth - width).magnitude < 1e-12)
    let expected = [-2.0, -1, 0, 1, 2].reduce(0) { $0 + 0.75 * (1 - ($1 / width) * ($1 / width)) / (5 * width) }
    #expect((density.at(2) - expected).magnitude < 1e-12)
    #expect(density.at(4 + width) == 0)
  }
}
