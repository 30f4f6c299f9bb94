import Analysis
import Formats
import Foundation
import Results
import Testing

/// What the measures of colour must do whatever the images.
struct ColorMeasureTests {
  private func noise(_ seed: UInt64, side: Int = 16) -> RGBPixels {
    var stream = RandomStream(seed: seed)
    return RGBPixels(
      height: side, width: side, bytes: (0..<side * side * 3).map { _ in UInt8(truncatingIfNeeded: stream.next()) })
  }

  private func turned(_ image: RGBPixels) -> RGBPixels {
    RGBPixels(
      height: image.height, width: image.width,
      bytes: stride(from: 0, to: image.count, by: 3).flatMap {
        [image.bytes[$0 + 1], image.bytes[$0 + 2], image.bytes[$0]]
      })
  }

  private func gray(_ image: RGBPixels) -> RGBPixels {
    RGBPixels(
      height: image.height, width: image.width,
      bytes: stride(from: 0, to: image.count, by: 3).flatMap { [UInt8](repeating: image.bytes[$0], count: 3) })
  }

  private func sums(
    _ original: RGBPixels, _ shown: RGBPixels, back: RGBPixels, of returned: RGBPixels
  ) -> RecoverySums {
    let labels = [UInt8](repeating: 0, count: original.height * original.width)
    return sums(original, shown, back: back, of: returned, labels: labels, regions: 1)[0]
  }

  private func sums(
    _ original: RGBPixels, _ shown: RGBPixels, back: RGBPixels, of returned: RGBPixels, labels: [UInt8], regions: Int
  ) -> [RecoverySums] {
    let inputs = ColorPair(shown: LabImage(shown), original: LabImage(original))
    return RecoverySums.adding(
      ColorPair(shown: LabImage(returned), original: LabImage(back)),
      to: RecoverySums.ofInputs(inputs, labels: labels, regions: regions), of: inputs, labels: labels)
  }

  private func value(_ metric: RecoveryMetric, _ sums: RecoverySums) -> Double {
    guard metric.isShared else { return metric.value(sums, isOriginal: false) ?? .nan }
    return ColorMixture([ColorMixture.Part(sums)], isOriginal: false).figures(metric)[0] ?? .nan
  }

  @Test func aPerfectReconstructionCarriesEverything() {
    let (x, s) = (noise(1), turned(noise(1)))
    let perfect = sums(x, s, back: x, of: s)
    for metric in [RecoveryMetric.toShown, .hueDifference, .hueAngle, .chromaDifference, .usual, .other] {
      #expect(abs(value(metric, perfect)) < 1e-3, "\(metric)")
    }
    for metric in [RecoveryMetric.carried, .shown, .chromaRatio] {
      #expect(abs(value(metric, perfect) - 1) < 1e-6, "\(metric)")
    }
    #expect(abs(value(.changeInput, perfect) - value(.changeReconstruction, perfect)) < 1e-9)
  }

  /// Regions that begin and end anywhere among the lanes, in an image whose pixels do not fill the last ones.
  @Test func regionsAddUpToTheWhole() {
    let (x, s, back, returned) = (noise(5, side: 15), noise(6, side: 15), noise(7, side: 15), noise(8, side: 15))
    var stream = RandomStream(seed: 9)
    for spread in [1, 2, 7, 60] {
      var labels: [UInt8] = []
      while labels.count < 225 {
        let run = min(225 - labels.count, 1 + stream.below(spread))
        labels += Array(repeating: UInt8(stream.below(3)), count: run)
      }
      let regions = sums(x, s, back: back, of: returned, labels: labels, regions: 3)
      let whole = sums(x, s, back: back, of: returned)
      #expect(regions.map(\.pixels) == (0..<3).map { region in labels.count { $0 == UInt8(region) } })
      for part in RecoverySums.Part.allCases {
        let total = regions.reduce(0) { $0 + $1[part] }
        #expect(abs(total - whole[part]) < 1e-9 * max(1, abs(whole[part])), "\(part)")
      }
    }
  }

  /// The original shown as it is has the sums of an original shown as a change of none.
  @Test func anOriginalIsAChangeOfNone() {
    let (x, back) = (noise(10), noise(11))
    let labels = [UInt8](repeating: 0, count: x.height * x.width)
    let inputs = ColorPair(shown: LabImage(x), original: nil)
    let alone = RecoverySums.adding(
      ColorPair(shown: LabImage(back), original: nil),
      to: RecoverySums.ofInputs(inputs, labels: labels, regions: 1), of: inputs, labels: labels)[0]
    let unchanged = sums(x, x, back: back, of: back)
    for metric in RecoveryMetric.allCases where !metric.isShared {
      #expect(metric.value(alone, isOriginal: true) == metric.value(unchanged, isOriginal: true), "\(metric)")
    }
  }

  /// One regressor by hand: products 1 and 3, with the response 2 and 3; the coefficient is 5/4, and the images pull by
  /// (2 − 5/4)/2 and (3 − 15/4)/2. Two regressors that are the same: the second gets nothing.
  @Test func pooledRegressionsHaveFiguresThatAverageToThem() throws {
    let images = [
      PooledRegression.Products([[1, 2], [2, 8]]), PooledRegression.Products([[3, 3], [3, 4]]),
    ]
    let one = try #require(PooledRegression(images))
    #expect(one.coefficients == [1.25] && one.tolerances == [1])
    #expect(images.map { one.figure(0, of: $0) } == [1.625, 0.875])
    // RSS is 12 − 5²/4 of 12.
    #expect(abs((one.explained ?? 0) - 25.0 / 48) < 1e-15)
    let explained: Double = images.compactMap { one.explainedFigure(of: $0) }.reduce(0, +)
    #expect(abs(explained / 2 - 25.0 / 48) < 1e-15)
    let double = try #require(PooledRegression([PooledRegression.Products([[2, 2, 4], [2, 2, 4], [4, 4, 9]])]))
    #expect(double.coefficients == [2, 0] && double.tolerances[1] == 0)
    // Solved by hand: 2a + b = 3, a + b = 2.
    let pair = try #require(PooledRegression([PooledRegression.Products([[2, 1, 3], [1, 1, 2], [3, 2, 5]])]))
    for (found, wanted) in zip(pair.coefficients, [1.0, 1]) { #expect(abs(found - wanted) < 1e-15) }
    #expect(abs(pair.tolerances[0] - 0.5) < 1e-15)
    #expect(PooledRegression([]) == nil)
  }

  /// Two pairings of three images. A pair that is drawn twice and once counts twice.
  @Test func pairsCountAsOftenAsBothOfTheirImages() {
    let pairings = ShuffledPairing.several(count: 3, seed: 4, pairings: 2)
    var series = PairSeries(pairings)
    for (place, pairing) in pairings.enumerated() {
      for image in 0..<3 { series[place, image] = Double(10 * image + pairing.partners[image]) }
    }
    #expect(series.images.present.count == 3)
    let weights = [2, 1, 0]
    var (sum, total) = (0.0, 0)
    for pairing in pairings {
      for image in 0..<3 {
        let weight = weights[image] * weights[pairing.partners[image]]
        sum += Double(weight) * Double(10 * image + pairing.partners[image])
        total += weight
      }
    }
    #expect(series.mean(weights: weights) == (total > 0 ? sum / Double(total) : nil))
    #expect(series.mean(weights: [3, 0, 0]) == nil)
  }

  /// Both carry nothing; only the mixture tells them apart.
  @Test func pullingBackIsToldFromLosing() {
    let (x, s) = (noise(2), turned(noise(2)))
    let pulled = sums(x, s, back: x, of: x)
    let lost = sums(x, s, back: gray(x), of: gray(s))
    for one in [pulled, lost] { #expect(abs(value(.carried, one)) < 1e-6) }
    #expect(abs(value(.usual, pulled) - 1) < 1e-6 && abs(value(.other, pulled)) < 1e-6)
    #expect(abs(value(.usual, lost)) < 1e-4 && abs(value(.other, lost) - 1) < 1e-4)
    #expect(value(.toGray, lost) < 1e-2 && value(.chromaRatio, lost) < 1e-3)
    #expect(value(.toOriginal, pulled) < 1e-6)
  }

  /// A decoder that adds the same colour to everything does not count as change.
  @Test func theDecodersOwnBiasCancels() {
    let (x, s) = (noise(3), turned(noise(3)))
    let same = sums(x, s, back: noise(4), of: noise(4))
    #expect(abs(value(.carried, same)) < 1e-9 && value(.changeReconstruction, same) < 1e-6)
  }

  @Test func namesOfConditionsAreTurnsInStepsOfTwoDegrees() {
    #expect(ConditionName.hueTurn(of: "hue+15") == 16)
    #expect(ConditionName.hueTurn(of: "hue+16") == 16)
    #expect(ConditionName.hueTurn(of: "hue+345.5") == 346)
    #expect(ConditionName.hueTurn(of: "hue+360") == 0)
    #expect(ConditionName.hueTurn(of: "hue+375") == ConditionName.hueTurn(of: "hue+15"))
    #expect(ConditionName.hueTurn(of: "hue+359.5") == 0)
    #expect(ConditionName.hueTurn(of: "red") == nil && ConditionName.hueTurn(of: "hue+x") == nil)
  }

  /// A cosine around any direction, on angles that are not evenly spaced only up to the trapezoids.
  @Test func aCosineIsFoundAgain() {
    let angles = stride(from: 0.0, to: 360, by: 15).map { $0 }
    let curve = HueCurve(angles: angles)
    for peak in [0.0, 40, -75, 170] {
      let found = curve.statistics(angles.map { 0.5 + 0.4 * cos(($0 - peak) * .pi / 180) })
      #expect(abs((found[.mean] ?? 0) - 0.5) < 1e-12 && abs((found[.amplitude] ?? 0) - 0.4) < 1e-12)
      #expect(abs((found[.phase] ?? 999) - peak) < 1e-9 && abs((found[.circularMean] ?? 999) - peak) < 1e-9)
      // For a curve above 0 the resultant is half the amplitude over the mean.
      #expect(abs((found[.resultantLength] ?? 0) - 0.4) < 1e-12)
    }
    let flat = curve.statistics(angles.map { _ in 1 })
    #expect(flat[.halfAngle] == nil && (flat[.amplitude] ?? 1) < 1e-12)
    let fallen = curve.statistics(angles.map { min(abs($0), 360 - abs($0)) < 40 ? 1 : 0 })
    #expect(fallen[.halfAngleForward] == 37.5 && fallen[.halfAngleBackward] == 37.5)
  }

  @Test func intervalsOfDirectionsGoAroundTheCircle() throws {
    let replicates = [170.0, 175, 180, -175, -170]
    let interval = try #require(HueCurve.interval(.phase, value: 180, replicates, images: 1000))
    #expect(interval.low > 169 && interval.high < 191 && interval.low < 180 && interval.high > 180)
    let amplitude = try #require(HueCurve.interval(.amplitude, value: 0, replicates, images: 1000))
    #expect(amplitude.low < -170)
  }

  /// By looking at every pair of pixels.
  @Test func distancesAreExact() {
    var stream = RandomStream(seed: 5)
    for (height, width, share) in [(1, 9, 3), (9, 1, 3), (13, 17, 30), (20, 11, 4), (6, 6, 1_000_000)] {
      let mask = (0..<height * width).map { _ in UInt8(stream.below(share) == 0 ? 1 : 0) }
      let distances = DistanceMap.squared(to: mask, height: height, width: width)
      for place in mask.indices {
        var nearest = Float.infinity
        for other in mask.indices where mask[other] != 0 {
          let (down, across) = (place / width - other / width, place % width - other % width)
          nearest = min(nearest, Float(down * down + across * across))
        }
        #expect(distances[place] == nearest)
      }
    }
  }
}
