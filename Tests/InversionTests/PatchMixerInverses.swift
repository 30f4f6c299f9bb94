import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import TestFamily
import TestSupport
import Testing
import Torch

/// A residual layer, undone by a layer of the same shape.
private final class MixerLayerInverse: InverseLayer {
  private let layer: Linear

  init(width: Int) { layer = Linear(width, width, bias: true) }

  var contents: [ModuleEntry] { [.child("layer", layer)] }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try input + layer(input, then: .gelu)
  }
}

/// All that a new family has to bring for inverses.
extension PatchMixer: InvertibleBackbone {
  public func inverseDesign(_ profile: InverseProfile) -> InverseDesign {
    let configuration = configuration
    let names = ["embed"] + (0..<configuration.depth).map { "layer.\($0)" }
    return InverseDesign(
      cuts: names.enumerated().map { InverseDesign.Cut($0.element, depth: $0.offset + 1) },
      defaults: ["embed", names[names.count - 1]], learningRate: { _ in 1e-2 }
    ) { steps in
      steps.reversed().map { step -> any InverseLayer in
        guard step == 0 else { return MixerLayerInverse(width: configuration.width) }
        return PatchPixels(
          width: configuration.width, patch: ImageSize(side: configuration.patch), normalizesLast: false, tap: "embed")
      }
    }
  }
}

/// The test's own family gets inverses, is trained, and its activations become images again.
@Suite(.serialized)
struct PatchMixerTests {
  private func data() throws -> SyntheticData {
    ModelRegistry.register(.patchMixer)
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) {
      try PatchMixer.writeCheckpoint(to: folder.url)
      return try SyntheticData(model: ModelRegistry.load(at: folder.url))
    }
  }

  @Test(arguments: [TrainingMode.modular, .endToEnd], [InverseKind.network, .ridge, .residual])
  func itIsTrainedAndReconstructed(mode: TrainingMode, inverse: InverseKind) throws {
    let data = try data()
    #expect(data.chain.cuts == ["embed", "layer.1"])
    #expect(data.chain.learningRate(of: "embed") == 1e-2)
    let folder = try TemporaryFolder()
    let plan = data.plan(mode) {
      $0.inverse = inverse
      $0.epochs = 6
      $0.rates = data.chain.cuts.map { .init(module: $0, rate: data.chain.learningRate(of: $0)) }
      $0.architecture = BackboneArchitecture(of: data.model.backbone)
    }
    let summary =
      try inverse == .ridge
      ? ClosedFormTraining(plan: plan, folder: InverseFolder(folder.url), data: data, device: .cpu) {
        try InversionChain(for: data.model.backbone, plan: plan)
      }.run() : data.trainer(plan, in: folder.url).run()
    #expect(summary.isFinished)

    // As reconstruct does it from a store: the backbone is rebuilt from the plan, without weights.
    let saved = try #require(try InverseFolder(folder.url).plan())
    let backbone = try ModelRegistry.backbone(try #require(saved.architecture), place: "plan.json")
    let inverses = try TrainedInverses(
      InverseFolder(folder.url), for: backbone, sha256: data.model.checkpointSHA256, control: "none")
    let batch = try #require(try data.batch(Array(0..<4)))
    for cut in saved.cuts {
      let chain = try inverses.chain(from: cut)
      let context = try chain.context(height: plan.height, width: plan.width, scale: plan.scale, isTraining: false)
      let image = try withoutGradients {
        try chain.invert(inverses.activation(at: cut, from: batch.features), from: cut, context: context)
      }
      #expect(try plan.scale.bytes(image).shape == [4, 16, 16, 3])
      let gray = try context.pixelErrors(image.zerosLike(), target: batch.images.pixels).reduce(0, +)
      let error = try context.pixelErrors(image, target: batch.images.pixels).reduce(0, +)
      #expect(error < gray, "\(cut): better than a gray image")
    }
  }

  @Test func whatItHasNotIsRefused() throws {
    let data = try data()
    let plan = data.plan { $0.hasExactEmbedding = true }
    let exact = #expect(throws: InversionError.self) { try InversionChain(for: data.model.backbone, plan: plan) }
    #expect(
      exact?.description
        == "--exact-embedding needs a patch embedding that is a linear map, as ViT and DeiT have it without a norm before "
        + "the blocks; this patch-mixer model has another, leave the flag out")
    let source = ReferenceImport.Source(ImportTests.folder.appendingPathComponent("vit-bb.safetensors"))
    let imported = #expect(throws: InversionError.self) { try ReferenceImport([source], for: data.model.backbone) }
    #expect(imported?.description == "the reference code has no inverses of patch-mixer models; train them")
  }
}
