import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// Modules as the reference code saves them, from `scripts/fixtures/imports.py`, against what they compute there.
@Suite(.serialized)
struct ImportTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Fixtures/imports")
  private let expected: SafetensorsFile

  init() throws { expected = try SafetensorsFile(contentsOf: Self.source("expected").url) }

  private static func source(_ file: String, cut: String? = nil) -> ReferenceImport.Source {
    ReferenceImport.Source(folder.appendingPathComponent("\(file).safetensors"), cut: cut)
  }

  private static func model(_ name: String) throws -> any Backbone {
    try ModelRegistry.load(at: StepFixture.checkpoint(name)).backbone
  }

  /// A Swin transformer whose second stage has an odd number of blocks.
  private static func swin() throws -> any Backbone {
    guard let small = try model("timm-swin-window3") as? SwinTransformer else { throw BackboneError("no Swin") }
    var configuration = small.configuration
    configuration.stages[1].depth = 3
    return SwinTransformer(configuration)
  }

  private static func message(_ sources: [ReferenceImport.Source], _ backbone: any Backbone) -> String {
    do {
      _ = try ReferenceImport(sources, for: backbone)
      return "no error"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.path, with: "HERE")
    }
  }

  /// What a module of an import computes, compared with the reference's output.
  ///
  /// - Parameter valid: sizes of the valid parts of the images, where they are padded.
  private func compare(
    _ name: String, _ imported: ReferenceImport, _ cut: String, size: ImageSize,
    valid: [ImageSize]? = nil, tokens: (Tensor) throws -> Tensor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let module = try #require(imported.chain.modules.first { $0.name == cut }, sourceLocation: sourceLocation)
    // In double precision, as the script computes, so that what differs is no rounding.
    for (_, parameter) in module.namedParameters() { try parameter.set(parameter.value.to(.float64)) }
    // Without mean and deviation a normalised pixel is what the sigmoid gave.
    let context = try imported.chain.context(
      height: size.height, width: size.width, validSizes: valid,
      scale: PixelScale(rescaleFactor: 1.0 / 255, mean: [0, 0, 0], deviation: [1, 1, 1]), isTraining: false)
    let (output, reference) = try withoutGradients {
      let output = try module(tokens(expected.tensor(named: "\(name)/input").to(.float64)), context: context)
      let wanted = try expected.tensor(named: "\(name)/output").to(.float64)
      return (output, module.target == nil ? wanted : try tokens(wanted))
    }
    #expect(output.shape == reference.shape, sourceLocation: sourceLocation)
    let worst = try (output - reference).absolute().maximum().item()
    #expect(worst < 2e-6, "\(name), '\(cut)': \(worst)", sourceLocation: sourceLocation)
  }

  /// `[B, N, C]`, as they are.
  private func same(_ tensor: Tensor) -> Tensor { tensor }
  /// `[T, B, C]` to `[B, T, C]`.
  private func batchFirst(_ tensor: Tensor) throws -> Tensor { try tensor.permuted(1, 0, 2) }
  /// `[B, h, w, C]` to `[B, h · w, C]`.
  private func flattened(_ tensor: Tensor) throws -> Tensor {
    try tensor.reshaped(tensor.extent(0), tensor.extent(1) * tensor.extent(2), tensor.extent(3))
  }

  @Test func visionTransformersComputeTheSame() throws {
    let model = try Self.model("timm-vit-non-square")
    let imported = try ReferenceImport([Self.source("vit-enc"), Self.source("vit-bb")], for: model)
    #expect(imported.chain.cuts == ["embed", "block.1"])
    #expect(imported.chain.profile == .paper)
    let size = ImageSize(height: 24, width: 40)
    try compare("vit-bb", imported, "embed", size: size, tokens: same)
    try compare("vit-enc", imported, "block.1", size: size, tokens: same)
  }

  @Test func aFileIsTakenForTheCutItIsGivenFor() throws {
    let model = try Self.model("timm-vit-non-square")
    let halves = [Self.source("vit-enc-1", cut: "block.0"), Self.source("vit-enc-2", cut: "block.1")]
    let imported = try ReferenceImport(halves + [Self.source("vit-bb")], for: model)
    #expect(imported.chain.cuts == ["embed", "block.0", "block.1"])
    try compare("vit-enc-1", imported, "block.0", size: ImageSize(height: 24, width: 40), tokens: same)
    try compare("vit-enc-2", imported, "block.1", size: ImageSize(height: 24, width: 40), tokens: same)
  }

  @Test func swinStagesComputeTheSame() throws {
    let imported = try ReferenceImport([Self.source("swin")], for: Self.swin())
    #expect(imported.chain.cuts == ["embed", "stage.0", "stage.1", "stage.2"])
    #expect(imported.origins.map(\.prefix) == ["0", "1", "2", "3"])
    try compare("swin/0", imported, "embed", size: ImageSize(height: 32, width: 32), tokens: flattened)
    for stage in 0..<3 {
      try compare(
        "swin/\(stage + 1)", imported, "stage.\(stage)", size: ImageSize(height: 32, width: 32), tokens: flattened)
    }
  }

  @Test func detrComputesTheSame() throws {
    let files = ["detr-pred", "detr-bb", "detr-dec", "detr-enc"].map { Self.source($0) }
    let imported = try ReferenceImport(files, for: Self.model("hf-detr-bottleneck"))
    #expect(imported.chain.cuts == ["projection", "encoder.0", "decoder.2", "boxes"])
    #expect(imported.origins.map(\.prefix) == ["", "", "", ""])
    let size = ImageSize(height: 64, width: 96)
    let valid = [ImageSize(height: 64, width: 96), ImageSize(height: 64, width: 64)]
    try compare("detr-bb", imported, "projection", size: size) { try $0.permuted(0, 2, 3, 1).reshaped(2, 6, 12) }
    try compare("detr-enc", imported, "encoder.0", size: size, valid: valid, tokens: batchFirst)
    try compare("detr-dec", imported, "decoder.2", size: size, valid: valid, tokens: batchFirst)
    let boxes = try expected.tensor(named: "detr-pred/boxes").to(.float64)
    try compare("detr-pred", imported, "boxes", size: size) { tensor in
      guard tensor.extent(2) == 5 else { return tensor }
      return try imported.chain.activation(at: "boxes", from: ["logits": tensor, "boxes": boxes])
    }
  }

  /// The reference's earlier convolutions are those of the default profile.
  @Test func earlierConvolutionsAreTheDefaultProfiles() throws {
    let model = try Self.model("hf-detr-bottleneck")
    let imported = try ReferenceImport([Self.source("detr-bb-earlier")], for: model)
    #expect(imported.chain.profile == .standard)
    try compare("detr-bb-earlier", imported, "projection", size: ImageSize(height: 64, width: 96)) {
      try $0.permuted(0, 2, 3, 1).reshaped(2, 6, 12)
    }
    #expect(
      Self.message([Self.source("detr-bb-earlier"), Self.source("detr-enc")], model)
        == "the reference's layers have ReLU, this model's have gelu, which they keep beside a "
        + "BatchNormalizedConvolutionalDecoder; give an EnhancedBatchNormalizedConvolutionalDecoder")
  }

  // MARK: What is refused

  /// Every tensor that does not fit is named at once, over all files.
  @Test func everythingThatDoesNotFitIsReported() throws {
    let folder = try TemporaryFolder()
    func changed(_ name: String, _ change: (inout [(name: String, tensor: Tensor)]) throws -> Void) throws
      -> ReferenceImport.Source
    {
      let file = try SafetensorsFile(contentsOf: Self.source(name).url)
      var tensors = try file.entries.map { (name: $0.name, tensor: try file.tensor(named: $0.name)) }
      try change(&tensors)
      let url = folder.url.appendingPathComponent("\(name).safetensors")
      try SafetensorsWriter.write(tensors, to: url)
      return ReferenceImport.Source(url)
    }
    let pixels = try changed("vit-bb") { tensors in
      tensors.removeAll { $0.name == "bn_1.running_var" }
      tensors.append((name: "extra", tensor: try Tensor.zeros([2])))
    }
    let blocks = try changed("vit-enc") { tensors in
      let index = try #require(tensors.firstIndex { $0.name == "blocks.1.mlp.fc1.weight" })
      tensors[index].tensor = try Tensor.zeros([35, 12])
      tensors.append((name: "blocks.0.attn.qkv.bias", tensor: try Tensor.zeros([36])))
    }
    let sentence = Self.message([pixels, blocks], try Self.model("timm-vit-non-square"))
      .replacingOccurrences(of: folder.url.path, with: "HERE")
    #expect(
      sentence == "HERE/vit-bb.safetensors: the checkpoint does not fit the configuration (read as the reference's "
        + "EnhancedVitBackbone, for 'embed'): 1 missing (bn_1.running_var); 1 unexpected (extra); take the configuration that was saved with "
        + "these weights, or the weights that it was saved with; "
        + "HERE/vit-enc.safetensors: the checkpoint does not fit the configuration (read as the reference's "
        + "InverseViTEncoder, for 'block.1'): "
        + "1 misshapen (blocks.1.mlp.fc1.weight is [35, 12], expected [36, 12]); "
        + "1 unexpected (blocks.0.attn.qkv.bias); take the configuration that was saved with these weights, or the weights that "
        + "it was saved with")
  }

  @Test func whatIsNoChainIsRefused() throws {
    let model = try Self.model("timm-vit-non-square")
    let detr = try Self.model("hf-detr-bottleneck")
    #expect(
      Self.message([Self.source("vit-enc")], model)
        == "HERE/vit-enc.safetensors: the inverse of 'block.1' does not end in pixels, and none is given that does; "
        + "give the one of 'embed' too")
    #expect(
      Self.message([Self.source("detr-bb"), Self.source("detr-dec")], detr)
        == "HERE/detr-dec.safetensors: it leads from 'decoder.2' to 'encoder.0', whose inverse is missing; give it too")
    #expect(
      Self.message([Self.source("vit-bb"), Self.source("vit-enc-1")], model)
        == "HERE/vit-enc-1.safetensors: 1 blocks of the 2 that the model has; say which it is with CUT=FILE")
    #expect(
      Self.message([Self.source("vit-bb"), Self.source("vit-enc", cut: "block.9")], model)
        == "--modules: a chain cannot be cut at 'block.9'; this model can be cut at embed, block.0, block.1")
    #expect(
      Self.message([Self.source("vit-bb"), Self.source("vit-enc"), Self.source("vit-enc-2", cut: "block.1")], model)
        == "HERE/vit-enc-2.safetensors and HERE/vit-enc.safetensors are both the inverse of 'block.1'; "
        + "give one of them")
    #expect(
      Self.message([Self.source("detr-bb")], model)
        == "HERE/detr-bb.safetensors: the reference's EnhancedBatchNormalizedConvolutionalDecoder is not an inverse of vit "
        + "models")
    #expect(
      Self.message([Self.source("expected")], model)
        == "HERE/expected.safetensors: no inverse network of the reference code; its tensors are called "
        + "detr-bb-earlier/input, detr-bb-earlier/output, detr-bb/input")
    #expect(
      Self.message([Self.source("swin", cut: "embed")], try Self.swin())
        == "embed=HERE/swin.safetensors: the file holds 4 modules (0., 1., 2., 3.); give a file for each, or leave "
        + "'embed=' out")
    #expect(
      Self.message([Self.source("detr-bb")], try Self.model("detr-dc5"))
        == "the reference's inverses are of a DETR whose backbone strides by 32; this model's does not")
  }

  /// Classes of the reference that no inverse here is like are known by name.
  @Test(arguments: [
    (["up_conv_1.weight", "pos_emb", "bn_1.weight"], "EnhancedInverseVitBackbonePos", "timm-vit-non-square"),
    (["up_conv_1.weight", "up_conv_1.bias"], "InverseViTBackbone", "timm-vit-non-square"),
    (["up_conv_1.weight", "up_conv_1.bias"], "LinearDecoder", "hf-detr-bottleneck"),
    (["up_conv_1.weight", "up_conv_5.bias"], "LinearDecoderEnhanced", "hf-detr-bottleneck"),
    (["conv_t_1.weight", "conv_t_7.bias"], "SimpleConvolutionalDecoder", "hf-detr-bottleneck"),
  ])
  func whatHasNoInverseHereIsRefused(names: [String], kind: String, model: String) throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("module.safetensors")
    try SafetensorsWriter.write(names.map { ($0, try Tensor.zeros([1])) }, to: url)
    let sentence = Self.message([ReferenceImport.Source(url)], try Self.model(model))
    #expect(sentence.hasPrefix("\(url.path): the reference's \(kind) "), "\(sentence)")
    #expect(sentence.contains("; give an Enhanced"))
  }
}
