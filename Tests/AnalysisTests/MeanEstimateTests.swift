import Analysis
import Results
import Testing

/// Means over images and their intervals.
struct MeanEstimateTests {
  @Test func theNormalDistributionIsThatOfTables() throws {
    // scipy.stats.norm.
    for (share, quantile) in [
      (0.5, 0), (0.975, 1.959963984540054), (0.025, -1.959963984540054), (1e-10, -6.361340902404056),
      (0.02, -2.053748910631823), (0.3, -0.5244005127080409),
    ] {
      #expect(abs(try #require(NormalDistribution.quantile(share)) - quantile) < 1e-12, "\(share)")
      #expect(abs(NormalDistribution.share(below: quantile) / share - 1) < 1e-12, "\(share)")
    }
    #expect(NormalDistribution.quantile(0) == nil && NormalDistribution.quantile(1) == nil)
  }

  @Test(arguments: IntervalMethod.allCases)
  func aSampleWithoutSpreadSaysNothingOfItsSpread(method: IntervalMethod) {
    for count in [2, 5, 60] {
      var series = ImageSeries(count: count)
      for image in 0..<count { series[image] = 2.5 }
      let estimate = ImageSeries.estimates([series], replicates: 50, seed: 1, method: method)[0]
      #expect(estimate?.value == 2.5 && estimate?.low == nil && estimate?.high == nil && estimate?.n == count)
    }
  }

  @Test func gapsCountForNothing() throws {
    var full = ImageSeries(count: 4)
    for (image, value) in [1.0, 2, 3, 4].enumerated() { full[image] = value }
    var part = full
    part[2] = nil
    let empty = ImageSeries(count: 4)
    #expect(part.mean(weights: [0, 1, 3, 0]) == 2)
    #expect(part.mean(weights: [0, 0, 4, 0]) == nil)
    let estimates = ImageSeries.estimates([full, part, empty], replicates: 100, seed: 3, method: .percentile)
    #expect(estimates[0]?.value == 2.5 && estimates[0]?.n == 4)
    #expect(try #require(estimates[1]).value == 7.0 / 3 && estimates[1]?.n == 3)
    #expect(estimates[2] == nil)
  }

  @Test func oneImageAndNoReplicatesHaveNoInterval() {
    var one = ImageSeries(count: 1)
    one[0] = 7
    let single = ImageSeries.estimates([one], replicates: 100, seed: 0, method: .percentile)[0]
    #expect(single?.value == 7 && single?.low == nil && single?.high == nil && single?.n == 1)
    var two = ImageSeries(count: 2)
    two[0] = 1
    two[1] = 2
    for method in IntervalMethod.allCases {
      let none = ImageSeries.estimates([two], replicates: 0, seed: 0, method: method)[0]
      #expect(none?.value == 1.5 && none?.low == nil && none?.high == nil)
    }
  }

  /// By the formulas of Efron (1987) in Python, with the jackknife spelled out: a skewed sample, and replicates of which fewer
  /// than half lie below its mean. A wrong sign of the bias or of the acceleration moves both ends to the other side.
  @Test(arguments: [
    (1.0, 1.2134914251515598, 9.990809062972113), (-1, -9.990809062972113, -1.2134914251515598),
  ])
  func intervalsAreMovedForBiasAndSkewness(sign: Double, low: Double, high: Double) throws {
    let sample = [1, 2, 3, 4, 20].map { $0 * sign }
    let replicates = (1...100).map { Double($0) / 10 * sign }
    let ends = try #require(MeanEstimate.percentiles(sample, replicates: replicates, method: .bca))
    #expect(abs(ends.low - low) < 1e-9)
    #expect(abs(ends.high - high) < 1e-9)
    let plain = try #require(MeanEstimate.percentiles(sample, replicates: replicates, method: .percentile))
    #expect(abs(plain.low - (sign > 0 ? 0.3475 : -9.7525)) < 1e-9)
  }

  @Test func drawsAreThoseOfTheBootstrap() {
    var draws = BootstrapDraws(images: 9, seed: 4)
    #expect(Bootstrap(images: 9, replicates: 3, seed: 4).weights == (0..<3).map { _ in draws.draw() })
  }
}
