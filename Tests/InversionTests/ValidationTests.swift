import Backbones
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// Data whose validation images are the negatives of what their features say: the better a network learns the images of the
/// training, the worse it does on these.
private final class ContraryData: TrainingData {
  private let data: SyntheticData
  private let contrary: Set<Int>

  init(_ data: SyntheticData, contrary: [Int]) {
    self.data = data
    self.contrary = Set(contrary)
  }

  var count: Int { data.count }

  func announce(_ rows: [Int]) {}

  func batch(_ rows: [Int]) throws -> TrainingBatch? {
    guard let batch = try data.batch(rows) else { return nil }
    let signs = try Tensor(rows.map { contrary.contains($0) ? Float(-1) : 1 }, shape: [rows.count, 1, 1, 1])
    return TrainingBatch(images: ImageBatch(pixels: try batch.images.pixels * signs), features: batch.features)
  }
}

@Suite(.serialized)
struct ValidationTests {
  /// The validation loss turns up from the first epoch on while the training loss falls: the first epoch's weights are kept.
  @Test func theBestEpochIsThatOfTheLowestValidationLoss() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    let plan = data.plan { $0.epochs = 5 }
    let split = try DataSplit(plan, count: data.count)
    let trainer = try Trainer(
      plan: plan, folder: InverseFolder(folder.url), data: ContraryData(data, contrary: split.validation), device: .cpu
    ) { try InversionChain(for: data.model.backbone, plan: plan) }
    let summary = try trainer.run()
    let table = try history(folder.url)
    func losses(_ split: String) -> [Double] {
      table.filter { $0.contains(",embed,\(split),") }.compactMap {
        $0.split(separator: ",").last.flatMap { Double($0) }
      }
    }
    let (training, validation) = (losses("train"), losses("validation"))
    #expect(validation.count == 5)
    #expect(try #require(training.last) < training[0], "\(training)")
    #expect(try #require(validation.last) > validation[0], "\(validation)")
    let embed = summary.modules[0]
    #expect(embed.bestEpoch == 1)
    #expect(embed.bestValidationLoss == validation.min())
    // The other module's target is not an image: nothing is contrary to it.
    #expect(summary.modules[1].bestEpoch > 1)
  }
}
