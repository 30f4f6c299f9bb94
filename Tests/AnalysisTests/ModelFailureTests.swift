import Analysis
import Testing
import Torch

/// What a model or a network cannot say in finite numbers is no value: it is left out, counted and named.
struct ModelFailureTests {
  /// Sees the same in every picture, but overflows at the third image and loses itself at the fourth.
  final class OverflowingModel: ObservingModel {
    let taps: Set<String> = ["blur", "same", "logits", "boxes"]
    let classTap: String? = "logits"
    let detectionTaps: (scores: String, boxes: String)? = ("scores", "boxes")

    func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor] {
      func tensor(_ values: [Float]) throws -> Tensor {
        try Tensor(
          rows.flatMap { row in
            row < 2 ? values : row == 2 ? [.infinity] + values.dropFirst() : values.map { _ in Float.nan }
          }, shape: [rows.count, 1, values.count])
      }
      return Dictionary(
        uniqueKeysWithValues: try taps.map { tap in
          (tap, try tensor(tap == "boxes" ? [0.5, 0.5, 0.2, 0.4] : tap == "scores" ? [9, 0, 0] : [1, 2, 3]))
        })
    }
  }

  /// As far from everything as the number of a picture says, the second infinitely so.
  final class OverflowingNetwork: PerceptualDistance {
    let leastSide = 1
    func batch(height: Int, width: Int) -> Int { 64 }
    func features(of pixels: Tensor) throws -> [Tensor] { [] }
    func distances(of pixels: Tensor, to features: [Tensor]) throws -> [Double] {
      (0..<pixels.shape[0]).map { $0 == 1 ? .infinity : Double($0) }
    }
  }

  @Test func valuesThatAreNotFiniteAreLeftOutAndSaid() throws {
    let store = try QualityFixtureTests.store("small")
    var settings = Quality.Settings()
    settings.metrics = [.top1Agreement, .featureCosine, .boxIoU, .lpips]
    settings.selection.taps = ["blur", "same"]
    settings.selection.bootstrap = 0
    let result = try Quality.analyze(
      [
        QualityStore(
          name: "small", store: store, model: OverflowingModel(), networks: [.lpips: OverflowingNetwork()])
      ], settings: settings)
    for metric in [Quality.Metric.top1Agreement, .featureCosine, .boxIoU] {
      let own = result.rows.filter { $0.metric == metric }
      #expect(own.map(\.estimate.n) == [2, 2] && own.allSatisfy { $0.estimate.value == 1 }, "\(metric)")
    }
    let distances = result.rows.filter { $0.metric == .lpips }.map(\.estimate)
    #expect(distances.map(\.n) == [3, 3] && distances.allSatisfy { abs($0.value - 5.0 / 3) < 1e-12 })
    let (second, third) = (store.imagePaths[1], store.imagePaths[2])
    #expect(
      result.notes == [
        "top1_agreement, feature_cosine, box_iou of small: 4 of 8 values under original are left out because its model gives "
          + "numbers that are not finite, the first for image '\(third)' from blur; check the weights with palimpsest verify",
        "lpips of small: 2 of 8 values under original are left out because the network of --lpips gives numbers that are not "
          + "finite, the first for image '\(second)' from blur; check the weights with palimpsest verify",
      ])
  }
}
