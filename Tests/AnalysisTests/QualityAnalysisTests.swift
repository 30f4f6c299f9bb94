import Activations
import Analysis
import Formats
import Foundation
import Results
import Testing
import Torch

/// From stores to rows.
struct QualityAnalysisTests {
  /// A model that sees the mean colour and names the channel that is brightest.
  final class ColorModel: ObservingModel {
    let taps: Set<String> = ["blur", "same", "logits"]
    let classTap: String? = "logits"
    var shown = 0

    func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor] {
      shown += rows.count
      let mean = try pixels.to(.float32).mean([1, 2]).reshaped(rows.count, 1, 3).contiguous()
      return Dictionary(uniqueKeysWithValues: taps.map { ($0, mean) })
    }
  }

  /// A detector of one object: its box lies where the mean colour says, its class is the brightest channel; in the dark it finds
  /// nothing.
  final class DetectorModel: ObservingModel {
    let taps: Set<String> = ["logits", "boxes"]
    let classTap: String? = nil
    let detectionTaps: (scores: String, boxes: String)? = ("logits", "boxes")

    func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor] {
      let mean = try pixels.to(.float32).mean([1, 2]).reshaped(rows.count, 1, 3) / 255
      let none = try mean.sum([2], keepingAxes: true).isLess(than: 0.05).to(.float32)
      let scores = try Tensor.concatenate([mean * 4000, none * 10_000], axis: 2).contiguous()
      let sides = try Tensor.full([rows.count, 1, 2], 0.5)
      let boxes = try Tensor.concatenate([mean.slice(2, 0..<2), sides], axis: 2).contiguous()
      return ["logits": scores, "boxes": boxes]
    }
  }

  private func small() throws -> QualityStore {
    QualityStore(name: "small", store: try QualityFixtureTests.store("small"))
  }

  private func figures(
    _ stores: [QualityStore], _ settings: Quality.Settings
  ) throws -> (result: Quality.Result, figures: [Quality.ImageValue]) {
    var figures: [Quality.ImageValue] = []
    let result = try Quality.analyze(stores, settings: settings, visit: { figures.append($0) })
    return (result, figures)
  }

  /// Whether two or more of four figures are the least or the greatest one: then there is no interval.
  private func saysLittle(_ values: [Double]) -> Bool {
    [values.min(), values.max()].contains { end in values.count { $0 == end } > 1 }
  }

  @Test func meansAreMeansOfTheFigures() throws {
    let (result, figures) = try figures([small()], Quality.Settings())
    let taps = ["blur", "noise", "hue", "mean", "one", "same"]
    // MS-SSIM needs larger images, two metrics need networks and five the model.
    #expect(result.rows.count { $0.summary == nil } == taps.count * 7)
    #expect(figures.count == taps.count * 7 * 4)
    #expect(result.images == [4] && result.leftOut.isEmpty)
    for row in result.rows where row.summary == nil {
      let own = figures.filter { $0.tap == row.tap && $0.metric == row.metric }.map(\.value)
      #expect(abs(own.reduce(0, +) / 4 - row.estimate.value) <= 1e-12 * abs(row.estimate.value))
      if saysLittle(own) {
        #expect(row.estimate.low == nil && row.estimate.high == nil)
      } else {
        let (low, high) = (try #require(row.estimate.low), try #require(row.estimate.high))
        #expect(low <= row.estimate.value + 1e-12 && row.estimate.value <= high + 1e-12)
      }
      #expect(row.estimate.n == 4)
    }
    #expect(
      result.notes == [
        "ms_ssim is left out of small: it needs 161 pixels a side",
        "lpips, lpips_vgg are left out of small: give the weights with --lpips FILE; scripts/lpips_weights.py writes it",
        "top1_agreement, feature_cosine, box_agreement, box_iou, box_class_agreement are left out of small: "
          + "give the model that made it with --model",
        "psnr of small: 7 reconstructions equal their inputs and count as half a step of 8 bits off, which lifts the mean; "
          + "psnr_of_mean and psnr_median are beside it",
      ])
    #expect(result.table.header == ["store", "condition", "tap", "metric", "value", "low", "high", "n"])
  }

  /// By the table of every image's values: the PSNR of their mean MSE, and the middle one.
  @Test func oneIdenticalImageDoesNotLiftEverySummaryOfPSNR() throws {
    let (result, figures) = try figures([small()], Quality.Settings())
    for tap in ["blur", "noise", "hue", "mean", "one"] {
      func own(_ metric: QualityMetric) -> [Double] {
        figures.filter { $0.tap == tap && $0.metric == metric }.map(\.value)
      }
      let rows = result.rows.filter { $0.tap == tap && $0.metric == .psnr }
      #expect(rows.map(\.key) == ["psnr", "psnr_of_mean", "psnr_median"])
      let error = own(.mse).reduce(0, +) / 4
      // An identical image has no error, and the PSNR of half a step of one value.
      #expect(abs(rows[1].estimate.value + 10 * log10(error)) < 1e-6)
      let sorted = own(.psnr).sorted()
      #expect(abs(rows[2].estimate.value - (sorted[1] + sorted[2]) / 2) < 1e-12)
      for row in rows { #expect(row.estimate.n == 4 && row.estimate.low ?? -1 <= row.estimate.high ?? -1) }
      // Four images do not hold a median in 95 % of the cases.
      #expect((rows[0].estimate.low == nil) == saysLittle(sorted))
      #expect(rows[2].estimate.low == nil && rows[2].estimate.high == nil)
      // The mean of a convex function is above it.
      #expect(rows[1].estimate.value <= rows[0].estimate.value + 1e-9)
    }
    // 40 dB three times and an identical image: 10 dB more in the mean, 1.25 dB in the PSNR of the mean error, none in the median.
    var series = ImageSeries(count: 4)
    for image in 0..<3 { series[image] = 40 }
    series[3] = PixelError.peakSignalToNoise(
      RGBPixels(height: 8, width: 8, bytes: Array(repeating: 7, count: 192)),
      RGBPixels(height: 8, width: 8, bytes: Array(repeating: 7, count: 192)))
    func summary(_ summary: PeakSignalSummary) -> Double? { summary.estimate(series, hasInterval: true)?.value }
    #expect(abs(try #require(summary(.ofMean)) - (40 - 10 * log10(0.75))) < 1e-3)
    #expect(summary(.median) == 40)
    for image in 1..<3 { series[image] = series[3] }
    #expect(summary(.median) == series[3])
  }

  /// Whatever fits into memory at once, and however many threads measure.
  @Test func blocksAndThreadsChangeNothing() throws {
    let whole = try figures([small()], Quality.Settings())
    var settings = Quality.Settings()
    settings.memoryLimit = 1
    settings.selection.threads = 1
    let pieces = try figures([small()], settings)
    #expect(pieces.figures == whole.figures)
    #expect(pieces.result.rows == whole.result.rows)
    // Intervals of few images are made without draws.
    settings.selection.seed = 1
    settings.interval = .percentile
    #expect(try figures([small()], settings).result.rows == whole.result.rows)
  }

  @Test func theModelIsShownTheReconstructions() throws {
    let model = ColorModel()
    let store = QualityStore(name: "small", store: try QualityFixtureTests.store("small"), model: model)
    var settings = Quality.Settings()
    settings.metrics = [.top1Agreement, .featureCosine]
    settings.selection.taps = ["blur", "hue", "same"]
    let (result, figures) = try figures([store], settings)
    // The inputs once, and each of three taps.
    #expect(model.shown == 16)
    let same = result.rows.filter { $0.tap == "same" }
    #expect(same.count == 2 && same.allSatisfy { abs($0.estimate.value - 1) < 1e-12 })
    // The image that is black has no direction in the space of colours.
    #expect(same.map(\.estimate.n) == [4, 3])
    #expect(figures.count { $0.tap == "same" && $0.metric == .featureCosine } == 3)
    let hue = try #require(result.rows.first { $0.tap == "hue" && $0.metric == .top1Agreement })
    #expect(hue.estimate.value < 1)
    #expect(!result.rows.contains { $0.tap == "hue" && $0.metric == .featureCosine })
    #expect(result.notes.contains("feature_cosine is left out of small for hue: the model has no such tap"))
  }

  @Test func aDetectorIsAskedWhatItFinds() throws {
    let store = QualityStore(
      name: "small", store: try QualityFixtureTests.store("small"), model: DetectorModel())
    var settings = Quality.Settings()
    settings.metrics = [.top1Agreement, .boxAgreement, .boxIoU, .boxClassAgreement]
    settings.selection.taps = ["hue", "same"]
    let (result, _) = try figures([store], settings)
    let same = result.rows.filter { $0.tap == "same" }
    // Nothing is found in the image that is black, neither before nor after.
    #expect(same.map(\.metric) == [.boxAgreement, .boxIoU, .boxClassAgreement])
    #expect(same.allSatisfy { $0.estimate.value == 1 && $0.estimate.n == 3 })
    let hue = Dictionary(
      uniqueKeysWithValues: result.rows.filter { $0.tap == "hue" }.map { ($0.metric, $0.estimate.value) })
    let (agreement, overlap) = (try #require(hue[.boxAgreement]), try #require(hue[.boxIoU]))
    #expect(agreement < overlap && overlap < 1 && overlap > 0)
    #expect(result.notes == ["top1_agreement is left out of small: its model does not name one class for an image"])
    let colors = QualityStore(name: "small", store: try QualityFixtureTests.store("small"), model: ColorModel())
    #expect(
      try figures([colors], settings).result.notes == [
        "box_agreement, box_iou, box_class_agreement are left out of small: its model finds no objects"
      ])
  }

  /// Padding is not a part of an image.
  @Test func onlyTheValidPartIsMeasured() throws {
    let store = try QualityFixtureTests.store("small")
    let part = QualityStore(name: "part", store: store, validSize: { _ in ImageSize(height: 20, width: 12) })
    let (_, figures) = try figures([part], Quality.Settings())
    let (image, reference) = try QualityFixtureTests.pair(store, "noise", 1)
    func cropped(_ image: RGBPixels) -> RGBPixels {
      RGBPixels(
        height: 20, width: 12,
        bytes: (0..<20).flatMap { row in image.bytes[row * image.width * 3..<row * image.width * 3 + 36] })
    }
    let expected = PixelError.squared(cropped(image), cropped(reference))
    let got = figures.first { $0.tap == "noise" && $0.path == "1.png" && $0.metric == .mse }
    #expect(got?.value == expected)
    #expect(!figures.contains { $0.metric == .haarpsi })
  }

  @Test func whatIsNotThereIsRefused() throws {
    func refusal(_ change: (inout Quality.Settings) -> Void, _ store: String = "quality-small") throws -> String {
      var settings = Quality.Settings()
      change(&settings)
      let path = SimilarityFixtureTests.folder.appendingPathComponent(store + ".h5").path
      let named = QualityStore(name: store, store: try FeatureStore(path: path))
      do {
        _ = try Quality.analyze([named], settings: settings)
        return "nothing"
      } catch let error as AnalysisError {
        return error.description.replacing(SimilarityFixtureTests.folder.path + "/", with: "")
      }
    }
    #expect(
      try refusal({ _ in }, "ordinary")
        == "ordinary.h5 holds no reconstructions; make them with palimpsest reconstruct, after palimpsest train")
    #expect(
      try refusal { $0.selection.taps = ["block.3"] }
        == "quality-small.h5 has no reconstruction from 'block.3'; it has blur, noise, hue, mean, one, same")
    #expect(
      try refusal { $0.selection.conditions = ["red"] }
        == "quality-small.h5 has no reconstructions under 'red'; it has them under original")
    #expect(
      try refusal { $0.confidence = 1 }
        == "the confidence of a detection is 1.0; expected 0 or more, and less than 1")
    #expect(try refusal { $0.selection.images = .first(0) } == "quality needs at least 1 image, the limit is 0")
    #expect(
      try refusal { $0.selection.bootstrap = -1 } == "-1 bootstrap replicates are not possible; expected 0 or more")
  }
}
