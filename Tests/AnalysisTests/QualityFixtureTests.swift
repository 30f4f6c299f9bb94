import Activations
import Analysis
import Formats
import Foundation
import Results
import Testing

/// Values of `scripts/fixtures/quality.py`: scikit-image's, piq's and scipy's, in double precision.
struct QualityFixtureTests {
  struct Fixture: Decodable {
    struct Pair: Decodable {
      let store: String
      let tap: String
      let row: Int
      let values: [String: Double?]
    }
    struct Interval: Decodable {
      let name: String
      let method: String
      let sample: [Double]
      let weights: [[Int]]
      let value: Double
      let low: Double
      let high: Double
    }
    struct Color: Decodable {
      let first: [Float]
      let second: [Float]
      let difference: Double
    }
    struct Drawn: Decodable {
      let height: Int
      let width: Int
      let low: Int
      let span: Int
      let seed: UInt64
      let value: Double
    }
    let pairs: [Pair]
    let ssim: [Drawn]
    let intervals: [Interval]
    let colors: [Color]
  }

  let fixture: Fixture

  init() throws {
    let url = SimilarityFixtureTests.folder.appendingPathComponent("quality.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }

  static func store(_ name: String) throws -> FeatureStore {
    try FeatureStore(path: SimilarityFixtureTests.folder.appendingPathComponent("quality-\(name).h5").path)
  }

  /// A reconstruction and its input.
  static func pair(_ store: FeatureStore, _ tap: String, _ row: Int) throws -> (RGBPixels, RGBPixels) {
    let size = try #require(try store.inputSize())
    return (
      RGBPixels(height: size.height, width: size.width, bytes: try store.readReconstruction(tap: tap, row: row)),
      RGBPixels(height: size.height, width: size.width, bytes: try store.readInput(row: row))
    )
  }

  /// How far a value may be from the reference, absolutely: measures of single precision keep five digits and more.
  static let tolerances: [Quality.Metric: Double] = [
    .mse: 1e-12, .mae: 1e-12, .psnr: 1e-9, .ssim: 1e-6, .multiScaleSSIM: 1e-6, .gmsd: 1e-6, .haarpsi: 1e-5,
    .ciede2000: 1e-4,
  ]

  @Test func everyValueAgreesWithItsReference() throws {
    var stores: [String: FeatureStore] = [:]
    var compared: [Quality.Metric: Int] = [:]
    for expected in fixture.pairs {
      let store = try stores[expected.store] ?? QualityFixtureTests.store(expected.store)
      stores[expected.store] = store
      let (image, reference) = try QualityFixtureTests.pair(store, expected.tap, expected.row)
      for (metric, tolerance) in QualityFixtureTests.tolerances {
        try compare(metric, image, reference, expected, within: tolerance)
        if try #require(expected.values[metric.rawValue]) != nil { compared[metric, default: 0] += 1 }
      }
    }
    #expect(compared.count == 8)
    for (metric, count) in compared { #expect(count >= (metric == .multiScaleSSIM ? 4 : 40), "\(metric)") }
  }

  /// Images as small as the window, and bright ones that are nearly flat.
  @Test func structureOfSmallAndFlatImagesAgreesWithItsReference() throws {
    #expect(fixture.ssim.count == 6)
    for one in fixture.ssim {
      var stream = RandomStream(seed: one.seed)
      let images = (0..<2).map { _ in
        RGBPixels(
          height: one.height, width: one.width,
          bytes: (0..<one.height * one.width * 3).map { _ in UInt8(one.low + stream.below(one.span)) })
      }
      let value = try #require(StructuralSimilarity.value(images[0], images[1]))
      #expect(abs(value - one.value) < 1e-6, "\(one): \(value)")
    }
  }

  private func compare(
    _ metric: Quality.Metric, _ image: RGBPixels, _ reference: RGBPixels, _ expected: Fixture.Pair,
    within tolerance: Double
  ) throws {
    let value = metric.value(image, reference)
    guard let wanted = try #require(expected.values[metric.rawValue]) else {
      // Too small for the measure, or no error at all.
      #expect(metric == .psnr ? image == reference : value == nil, "\(expected)")
      return
    }
    let got = try #require(value, "\(expected)")
    #expect(abs(got - wanted) <= tolerance, "\(expected.store) \(expected.tap) \(expected.row): \(got), \(wanted)")
  }

  /// The pairs of Sharma, Wu and Dalal; the loosest are those of opposite hues, where the formula itself jumps.
  @Test func differencesOfSingleColorsAgree() {
    #expect(fixture.colors.count > 30)
    for color in fixture.colors {
      func lab(_ values: [Float]) -> CIELab {
        CIELab(
          lightness: Lanes(repeating: values[0]), a: Lanes(repeating: values[1]), b: Lanes(repeating: values[2]))
      }
      let there = Double(ColorDifference.squared(lab(color.first), lab(color.second)).squareRoot()[0])
      #expect(abs(there - color.difference) < 3e-4, "\(color): \(there)")
    }
  }

  @Test func intervalsAgreeWithScipy() throws {
    #expect(fixture.intervals.count == 6)
    for expected in fixture.intervals {
      var series = ImageSeries(count: expected.sample.count)
      for (image, value) in expected.sample.enumerated() { series[image] = value }
      let method = try #require(IntervalMethod(rawValue: expected.method))
      let means = try expected.weights.map { try #require(series.mean(weights: $0)) }
      let estimate = MeanEstimate(series.present, replicates: means, method: method)
      let (low, high) = (try #require(estimate.low), try #require(estimate.high))
      #expect(abs(estimate.value - expected.value) < 1e-12)
      #expect(abs(low - expected.low) < 1e-9, "\(expected.name), \(expected.method): \(low)")
      #expect(abs(high - expected.high) < 1e-9, "\(expected.name), \(expected.method): \(high)")
      #expect(estimate.n == expected.sample.count)
    }
  }
}
