import Analysis
import Formats
import Foundation
import Testing

/// What must hold of measures whatever the images.
struct QualityMeasureTests {
  static let pixelMetrics = Quality.Metric.allCases.filter { $0.origin == .pixels }

  /// Noise, the same for the same seed.
  static func noise(_ height: Int, _ width: Int, seed: UInt64) -> RGBPixels {
    var stream = RandomStream(seed: seed)
    return RGBPixels(
      height: height, width: width, bytes: (0..<height * width * 3).map { _ in UInt8(stream.below(256)) })
  }

  /// With other noise of at most `amplitude` on it.
  static func disturbed(_ image: RGBPixels, by amplitude: Int) -> RGBPixels {
    var stream = RandomStream(seed: 99)
    return RGBPixels(
      height: image.height, width: image.width,
      bytes: image.bytes.map { UInt8(max(0, min(255, Int($0) + stream.below(2 * amplitude + 1) - amplitude))) })
  }

  /// The value of a perfect image.
  static func best(_ metric: Quality.Metric, values: Int) -> Double {
    switch metric {
    case .ssim, .multiScaleSSIM, .haarpsi: 1
    case .psnr: 20 * log10(510) + 10 * log10(Double(values))
    default: 0
    }
  }

  @Test(arguments: pixelMetrics)
  func anIdenticalImageIsPerfectAndNoOtherIs(metric: Quality.Metric) throws {
    for image in [
      QualityMeasureTests.noise(165, 171, seed: 1),
      RGBPixels(height: 161, width: 162, bytes: [UInt8](repeating: 0, count: 161 * 162 * 3)),
      RGBPixels(height: 162, width: 161, bytes: [UInt8](repeating: 255, count: 161 * 162 * 3)),
    ] {
      let perfect = try #require(metric.value(image, image))
      #expect(abs(perfect - QualityMeasureTests.best(metric, values: image.count)) < 1e-6, "\(perfect)")
      let other = try #require(metric.value(QualityMeasureTests.disturbed(image, by: 30), image))
      let isHigherBetter = [.psnr, .ssim, .multiScaleSSIM, .haarpsi].contains(metric)
      #expect(isHigherBetter ? other < perfect - 1e-3 : other > perfect + 1e-4, "\(other)")
    }
  }

  @Test(arguments: pixelMetrics)
  func theOrderOfTheImagesDoesNotMatter(metric: Quality.Metric) throws {
    let image = QualityMeasureTests.noise(163, 166, seed: 2)
    let other = QualityMeasureTests.disturbed(image, by: 60)
    let there = try #require(metric.value(image, other))
    let back = try #require(metric.value(other, image))
    #expect(abs(there - back) <= 1e-6 * abs(there), "\(there), \(back)")
  }

  @Test(arguments: pixelMetrics)
  func moreNoiseScoresWorse(metric: Quality.Metric) throws {
    let image = QualityMeasureTests.noise(161, 161, seed: 3)
    let values = try [4, 12, 40, 120].map { amplitude in
      try #require(metric.value(QualityMeasureTests.disturbed(image, by: amplitude), image))
    }
    let isHigherBetter = [.psnr, .ssim, .multiScaleSSIM, .haarpsi].contains(metric)
    #expect(zip(values, values.dropFirst()).allSatisfy { isHigherBetter ? $0 > $1 : $0 < $1 }, "\(values)")
  }

  @Test func theSmallestErrorScoresBelowNoError() {
    let image = QualityMeasureTests.noise(16, 16, seed: 4)
    var bytes = image.bytes
    bytes[100] = bytes[100] > 0 ? bytes[100] - 1 : 1
    let nearly = RGBPixels(height: 16, width: 16, bytes: bytes)
    let difference = PixelError.peakSignalToNoise(image, image) - PixelError.peakSignalToNoise(nearly, image)
    #expect(abs(difference - 20 * log10(2)) < 1e-9)
  }

  @Test(arguments: pixelMetrics)
  func theSmallestImagesOfAMeasureHaveAValue(metric: Quality.Metric) {
    let fits = QualityMeasureTests.noise(metric.leastSide, metric.leastSide + 3, seed: 5)
    #expect(metric.value(QualityMeasureTests.disturbed(fits, by: 9), fits)?.isFinite == true)
  }

  /// One pixel fewer is too small.
  @Test(arguments: pixelMetrics.filter { $0.leastSide > 1 })
  func imagesTooSmallHaveNoValue(metric: Quality.Metric) {
    let small = QualityMeasureTests.noise(metric.leastSide + 3, metric.leastSide - 1, seed: 5)
    #expect(metric.value(small, small) == nil)
  }

  @Test func blackAgainstWhite() throws {
    let black = RGBPixels(height: 20, width: 21, bytes: [UInt8](repeating: 0, count: 1260))
    let white = RGBPixels(height: 20, width: 21, bytes: [UInt8](repeating: 255, count: 1260))
    #expect(PixelError.squared(black, white) == 1)
    #expect(PixelError.absolute(black, white) == 1)
    #expect(PixelError.peakSignalToNoise(black, white) == 0)
    #expect(abs(ColorDifference.mean(black, white) - 100) < 0.01)
    #expect(abs(try #require(StructuralSimilarity.value(black, white)) - 1e-4 / 1.0001) < 1e-6)
  }

  @Test func elementaryFunctionsKeepSixDigits() {
    for step in 0...1000 {
      let x = 0.001 + Double(step) * 0.00125
      let root = Double(VectorMath.cubeRoot(Lanes(repeating: Float(x)))[1])
      #expect(abs(root / cbrt(Double(Float(x))) - 1) < 1e-6, "\(x)")
      let power = Float(-20 + Double(step) * 0.03)
      let value = Double(VectorMath.exponential(Lanes(repeating: power))[2])
      #expect(abs(value / exp(Double(power)) - 1) < 4e-6, "\(power)")
      let turn = Double(step) * 2 * .pi / 1000
      let (across, up) = (Float(3 * cos(turn)), Float(3 * sin(turn)))
      let angle = Double(VectorMath.angle(Lanes(repeating: across), Lanes(repeating: up))[3])
      #expect(abs(angle - abs(atan2(Double(up), Double(across)))) < 1e-6, "\(turn)")
    }
    #expect(VectorMath.angle(Lanes(repeating: 0), Lanes(repeating: 0)) == Lanes(repeating: 0))
  }

  @Test func theDifferenceToGrayIsThatOfTheWholeFormula() {
    for step in 0..<400 {
      let hue = Double(step) * 2 * .pi / 40
      let chroma = Double(step % 21) * 7
      let color = CIELab(
        lightness: Lanes(repeating: 60), a: Lanes(repeating: Float(chroma * cos(hue))),
        b: Lanes(repeating: Float(chroma * sin(hue))))
      let gray = CIELab(lightness: Lanes(repeating: 60), a: Lanes(repeating: 0), b: Lanes(repeating: 0))
      let whole = ColorDifference.squared(color, gray).squareRoot()[0]
      #expect(abs(ColorDifference.toGray(color)[0] - whole) <= 2e-6 * max(1, whole), "\(chroma) at \(hue)")
    }
  }
}
