import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import Testing
import Torch

/// Errors at joints: what a module adds, what it inherits.
@Suite(.serialized)
struct SplicingTests {
  private struct Case {
    let chain: InversionChain
    let images: ImageBatch
    let features: [String: Tensor]
    let context: InverseContext

    init(_ name: String, cuts: [String]? = nil, validSizes: [ImageSize]? = nil) throws {
      let data = try SyntheticData(name, cuts: cuts, count: 3)
      chain = data.chain
      try chain.drawParameters(Generator(seed: 4))
      let batch = try #require(try data.batch([0, 1, 2]))
      images = ImageBatch(pixels: batch.images.pixels, validSizes: validSizes)
      features = try data.model.backbone.features(of: images, taps: Set(chain.taps))
      context = try chain.context(
        height: data.size.height, width: data.size.width, validSizes: validSizes, scale: data.scale, isTraining: false)
    }

    func truth(_ cut: String?) throws -> Tensor {
      try cut.map { try chain.activation(at: $0, from: features) } ?? images.pixels
    }

    /// `[start][joint][image]`.
    func matrix(_ splicing: Splicing) throws -> [[[Float]]] {
      try withoutGradients {
        try splicing.starts.map { start in
          let row = try splicing.row(from: start, chain: chain, truth: truth, context: context)
          #expect(row.errors.shape == [3, splicing.joints.count])
          let values = try row.errors.values(as: Float.self)
          return splicing.joints.indices.map { joint in (0..<3).map { values[$0 * splicing.joints.count + joint] } }
        }
      }
    }
  }

  private static func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * max(abs(a), abs(b)) }

  @Test(arguments: [
    ("timm-vit-non-square", ["embed", "block.0", "block.1"]), ("timm-swin-window3", nil), ("hf-detr-bottleneck", nil),
  ])
  func everyEntryIsWhatASeparateCallGives(name: String, cuts: [String]?) throws {
    let made = try Case(name, cuts: cuts)
    let chain = made.chain
    let splicing = try #require(Splicing(cuts: chain.cuts, known: chain.cuts, hasPixels: true))
    #expect(splicing.starts == chain.cuts)
    #expect(splicing.joints == ["image"] + chain.cuts.dropLast())
    let matrix = try made.matrix(splicing)
    for (row, start) in splicing.starts.enumerated() {
      for (column, joint) in splicing.joints.enumerated() {
        guard column <= row else {
          #expect(matrix[row][column].allSatisfy { $0.isNaN })
          continue
        }
        let target = joint == "image" ? nil : joint
        try withoutGradients {
          let output = try chain.invert(made.truth(start), from: start, to: target, context: made.context)
          let truth = try made.truth(target)
          for image in 0..<3 {
            let alone = try output.select(0, image).meanSquaredError(to: truth.select(0, image)).item()
            #expect(Self.isClose(Double(matrix[row][column][image]), alone), "\(name): \(start) at \(joint)")
          }
        }
      }
    }
  }

  /// The error just below the start is the loss that the module was trained on.
  @Test(arguments: ["timm-vit-non-square", "timm-deit3-small", "timm-swin-window3", "hf-detr-bottleneck"])
  func theOwnErrorIsTheTrainingLoss(name: String) throws {
    let made = try Case(name)
    let splicing = try #require(Splicing(cuts: made.chain.cuts, known: made.chain.cuts, hasPixels: true))
    let matrix = try made.matrix(splicing)
    for (index, module) in made.chain.modules.enumerated() {
      let loss = try withoutGradients {
        try made.context.loss(
          module(made.truth(module.name), context: made.context), target: made.truth(module.target), at: module.target
        ).item()
      }
      let errors = matrix[index][index]
      #expect(Self.isClose(Double(errors.reduce(0, +)) / 3, loss), "\(name), \(module.name)")
    }
  }

  /// Of padded images each counts with its own valid part, as the loss of a batch of one does.
  @Test func paddingDoesNotCount() throws {
    let sizes = [ImageSize(height: 48, width: 64), ImageSize(height: 32, width: 64), ImageSize(height: 48, width: 40)]
    let made = try Case("hf-detr-bottleneck", validSizes: sizes)
    let splicing = try #require(Splicing(cuts: made.chain.cuts, known: made.chain.cuts, hasPixels: true))
    let matrix = try made.matrix(splicing)
    try withoutGradients {
      for (index, module) in made.chain.modules.enumerated() {
        let output = try module(made.truth(module.name), context: made.context)
        for image in 0..<3 {
          let alone = try made.chain.context(
            height: 48, width: 64, validSizes: [sizes[image]], scale: made.context.scale, isTraining: false)
          let loss = try alone.loss(
            output.slice(0, image..<image + 1), target: made.truth(module.target).slice(0, image..<image + 1),
            at: module.target
          ).item()
          #expect(Self.isClose(Double(matrix[index][index][image]), loss), "\(module.name), image \(image)")
        }
      }
    }
  }

  @Test func whatIsNotKnownIsNeitherStartNorJoint() {
    let cuts = ["embed", "block.1", "block.3"]
    let noPixels = Splicing(cuts: cuts, known: cuts, hasPixels: false)
    #expect(noPixels?.starts == ["block.1", "block.3"])
    #expect(noPixels?.joints == ["embed", "block.1"])
    let deepOnly = Splicing(cuts: cuts, known: ["block.3"], hasPixels: true)
    #expect(deepOnly?.starts == ["block.3"])
    #expect(deepOnly?.joints == ["image"])
    #expect(Splicing(cuts: cuts, known: ["block.3"], hasPixels: false) == nil)
    #expect(Splicing(cuts: cuts, known: [], hasPixels: true) == nil)
  }
}

/// Which layers are pushed through which inverses.
@Suite struct IntermediateTapTests {
  private static func layers(_ name: String, _ cuts: [String]? = nil, size: (Int, Int)? = nil) throws
    -> IntermediateTaps
  {
    let backbone = try ModelRegistry.load(at: StepFixture.checkpoint(name)).backbone
    let chain = try InversionChain(for: backbone, cuts: cuts)
    let size = size ?? backbone.nativeSize.map { ($0.height, $0.width) } ?? (64, 96)
    return try IntermediateTaps(of: backbone, cuts: chain.cuts, profile: .standard, height: size.0, width: size.1)
  }

  @Test func blocksFitBothEnds() throws {
    let layers = try Self.layers("timm-vit")
    #expect(layers.fitting.map(\.name) == ["block.0@block.2", "block.0@embed", "block.1@block.2", "block.1@embed"])
    #expect(layers.others == [])
    #expect(try Self.layers("timm-vit", ["embed", "block.0", "block.1", "block.2"]).fitting == [])
    // Below the first cut there is the image alone.
    #expect(try Self.layers("timm-vit", ["block.1"]).fitting.map(\.name) == ["embed@block.1", "block.0@block.1"])
  }

  @Test func stagesFitWhereTheirGridsAgree() throws {
    let layers = try Self.layers("timm-swin")
    #expect(layers.fitting.contains(IntermediateTap(tap: "stage.0.block.0", cut: "stage.0")))
    #expect(layers.fitting.contains(IntermediateTap(tap: "stage.0.block.0", cut: "embed")))
    for layer in layers.fitting where layer.tap.hasPrefix("stage.1.") { #expect(layer.cut == "stage.1") }
    for layer in layers.others { #expect(layer.tap.hasPrefix("stage.") && layer.cut < layer.tap) }
    // A stage and its last block are one place.
    #expect(!layers.fitting.contains { $0.tap == "stage.0.block.1" })
  }

  @Test func encoderAndDecoderFitTheirOwnEnds() throws {
    let layers = try Self.layers("hf-detr")
    let names = layers.fitting.map(\.name)
    #expect(names.filter { $0.hasPrefix("encoder.") } == ["encoder.0@encoder.1", "encoder.0@projection"])
    #expect(names.filter { $0.hasPrefix("decoder.") } == ["decoder.0@decoder.1"])
    #expect(layers.others.map(\.name).contains("decoder.0@encoder.1"))
    #expect(layers.others.map(\.name).contains("backbone.layer1@projection"))
  }
}
