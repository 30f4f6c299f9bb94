import Foundation
import Imaging
import Testing

/// The image processors of DINOv2, CLIP, SigLIP, MAE, MSN, I-JEPA, ResNet and ConvNeXt against transformers' own pixels
/// (`scripts/fixtures/encoder_recipes.py`).
@Suite struct EncoderRecipeTests {
  private struct Case: Decodable {
    let modelType: String
    let configuration: String
    let source: Place
    let expected: Place
    let profile: Preprocessing.Profile
    let mean: [Double]
    let std: [Double]
  }

  @Test func everyRecipeGivesItsLibrarysPixels() throws {
    let (cases, raw) = try Fixture<Case>.load("encoder-recipes")
    #expect(cases.count == 63)
    for (index, item) in cases.enumerated() {
      let recipe = try Preprocessing(transformers: Array(item.configuration.utf8), modelType: item.modelType)
        .resolved(profile: item.profile, size: .native)
      let pixels = try recipe.apply(to: item.source.image(raw))
      #expect(
        largestDifference(pixels, item.expected.image(raw)) == 0,
        "case \(index), \(item.modelType), \(item.source.width)x\(item.source.height): \(item.configuration)")
      #expect(recipe.mean == item.mean && recipe.std == item.std, "case \(index), \(item.modelType)")
    }
  }

  /// transformers' classes for a model whose folder says nothing: 224 × 224 all of them, read from their definitions.
  @Test(arguments: [
    ("dinov2", "Bit"), ("dinov2_with_registers", "Bit"), ("clip", "CLIP"), ("clip_vision_model", "CLIP"),
    ("siglip", "Siglip"), ("siglip_vision_model", "Siglip"), ("vit_mae", "ViT"), ("vit_msn", "ViT"), ("ijepa", "ViT"),
  ])
  func aFolderWithoutARecipeGetsThatOfItsModel(modelType: String, processor: String) throws {
    let recipe = try Preprocessing.transformersDefault(modelType: modelType)
    #expect(recipe.source == "transformers \(processor)ImageProcessor")
    #expect(recipe.inputSize?.shape == [224, 224])
  }

  /// Below 384 the middle of a larger picture, from 384 on all of it, stretched: read from ConvNextImageProcessor.
  @Test func aResNetsRecipeCutsOrStretchesByItsSide() throws {
    func recipe(_ side: Int) throws -> Preprocessing {
      try Preprocessing(transformers: Array("{\"size\": {\"shortest_edge\": \(side)}}".utf8), modelType: "resnet")
    }
    #expect(try recipe(224).resize == .shorterSide(side: 256) && recipe(224).inputSize?.shape == [224, 224])
    #expect(try recipe(383).resize == .shorterSide(side: 437) && recipe(383).inputSize?.shape == [383, 383])
    #expect(try recipe(384).resize == .stretch(width: 384, height: 384) && recipe(384).crop == nil)
  }
}
