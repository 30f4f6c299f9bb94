import Activations
import Foundation
import Inversion
import Pipelines
import Testing

/// Training and reconstruction as values that run, without the command line.
@Suite struct ReconstructionJobTests {
  let workspace: JobWorkspace

  init() throws {
    workspace = try JobWorkspace()
    try workspace.drawPictures(8)
  }

  @Test func leastSquaresReconstructsFromImagesAndFromAStoreAlike() throws {
    _ = try workspace.extraction(to: "vit.h5").run()
    var training = workspace.training(to: "ridge")
    training.inverse = .ridge
    let result = try training.run()
    #expect(result.summary.isFinished && result.plan.cuts == ["embed", "block.2"])

    var fromImages = ReconstructionJob(
      .images(workspace.images, JobWorkspace.model), inverse: training.out, out: workspace.path("images.h5"))
    fromImages.measuresJoints = true
    let summary = try fromImages.run()
    #expect(summary.reconstructions == ["embed", "block.2"] && summary.rowsComputed == 8)
    #expect(summary.joints?.first?.starts == ["embed", "block.2"])
    let record = Record()
    let fromStore = ReconstructionJob(
      .store(workspace.path("vit.h5"), nil), inverse: training.out, out: workspace.path("store.h5"))
    _ = try fromStore.run(record.reporter)
    #expect(record.progress.allSatisfy { $0.work == "reconstruct" })

    let (first, second) = (try FeatureStore(path: fromImages.out), try FeatureStore(path: fromStore.out))
    for row in 0..<8 {
      for tap in ["embed", "block.2"] {
        #expect(try first.readReconstruction(tap: tap, row: row) == second.readReconstruction(tap: tap, row: row))
      }
      // The embedding of 16 × 16 patches keeps most of the picture: least squares is near it.
      let (input, output) = (try first.readInput(row: row), try first.readReconstruction(tap: "embed", row: row))
      let error = zip(input, output).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(input.count)
      #expect(error < 40, "row \(row): a mean error of \(error)")
    }
    #expect(second.attribute("features_sha256") == FileHash.sha256(workspace.path("vit.h5")))
  }

  @Test func oneEpochOfOneBatchIsOneStep() throws {
    var training = workspace.training(to: "networks")
    training.epochs = 1
    training.batchSize = 8
    training.rates = [.init(rate: 1e-2), .init(module: "block.2", rate: 1e-3)]
    let record = Record()
    let result = try training.run(record.reporter)
    #expect(result.summary.steps == 1 && result.plan.imageCount == 8)
    #expect(result.plan.rates == [.init(module: "embed", rate: 1e-2), .init(module: "block.2", rate: 1e-3)])
    #expect(record.said.contains { $0.hasPrefix("epoch 1/1: embed ") })
    for module in ["embed", "block.2"] { #expect(workspace.exists("networks/\(module).best.safetensors")) }
    // The same job finds its work done.
    #expect(try training.run(record.reporter).summary.steps == 1)
    #expect(record.said.contains("\(training.out): complete already; nothing to do"))
  }

  /// The paper's code has 1e-3 for the embedding and 1e-4 for blocks; it has no networks on top of maps.
  @Test(arguments: [(InverseKind.network, [1e-3, 1e-4]), (.residual, [1e-3, 1e-3])])
  func theDefaultRatesAreThoseOfTheKindOfInverse(kind: InverseKind, expected: [Double]) throws {
    var training = workspace.training(to: "networks")
    training.inverse = kind
    training.epochs = 1
    #expect(try training.run().plan.rates.map(\.rate) == expected)
  }

  @Test func aStoreOfOtherWeightsIsRefused() throws {
    var extraction = workspace.extraction(to: "other.h5")
    extraction.seed = 6
    _ = try extraction.run()
    var training = workspace.training(to: "ridge")
    training.inverse = .ridge
    training.source = .stores(extraction.out, validation: nil)
    #expect(
      throws: BadInput(
        "--features \(extraction.out): its random weights were drawn with --seed 6; train with the same")
    ) { try training.run() }
    training.source = .images(workspace.pictures.path)
    _ = try training.run()
    let job = ReconstructionJob(.store(extraction.out, nil), inverse: training.out, out: workspace.path("back.h5"))
    #expect(
      throws: BadInput(
        "--features \(extraction.out) was extracted with --control random-weights and another --seed, but --inverse "
          + "\(training.out) was trained with random-weights; give inverses of the same model")
    ) { try job.run() }
  }

  @Test func anUnknownModuleOfTheRatesIsRefused() throws {
    var training = workspace.training(to: "networks")
    training.rates = [.init(module: "block.7", rate: 1e-3)]
    #expect(throws: BadInput("--learning-rate: there is no module 'block.7'; there are embed, block.2")) {
      try training.run()
    }
  }
}
