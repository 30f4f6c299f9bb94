import Formats
import Foundation
import Imaging
import TestSupport
import Testing

/// Recipes with nulls, of two sizes and at the input size, against timm and transformers (`scripts/fixtures/files.py`).
@Suite struct RecipeTests {
  private struct Refused: Decodable {
    let configuration: String
    let reason: String
  }

  private struct RefusedCases: Decodable {
    let cases: [Refused]
  }

  @Test func nullsSizesAndExactnessAreThoseOfTheLibraries() throws {
    let (cases, raw) = try Fixture<PreprocessingTests.Case>.load("recipes")
    #expect(cases.count >= 60)
    for (index, item) in cases.enumerated() {
      let recipe = try item.recipe(size: .native)
      let pixels = try recipe.apply(to: item.source.image(raw))
      #expect(
        largestDifference(pixels, item.expected.image(raw)) == 0,
        "case \(index), \(item.source.width)x\(item.source.height): \(item.configuration)")
    }
  }

  @Test func whatTransformersRefusesIsRefused() throws {
    let data = try Data(contentsOf: fixtures.appendingPathComponent("refused-recipes.json"))
    let cases = try JSONDecoder().decode(RefusedCases.self, from: data).cases
    #expect(cases.count >= 8)
    for item in cases {
      let text = message { _ = try Preprocessing(transformers: Array(item.configuration.utf8)) }
      #expect(text?.contains("is null, expected a value") == true, "\(item.configuration): \(item.reason)")
    }
    // By hand: these divide by 0.
    let vit = #"{"image_processor_type": "ViTImageProcessor", "#
    #expect(
      message { _ = try Preprocessing(transformers: Array((vit + #""image_std": [0.5, 0, 0.5]}"#).utf8)) }
        == "'image_std' is [0.5, 0, 0.5], expected no 0, by which nothing can be divided")
    #expect(
      message { _ = try Preprocessing(transformers: Array((vit + #""rescale_factor": 0}"#).utf8)) }
        == "'rescale_factor' is 0, expected a factor other than 0")
  }

  @Test func aCropFractionThatMakesNoSizeIsRefused() {
    for value in ["1e-320", "-1", "1e300"] {
      let text = #"{"pretrained_cfg": {"crop_pct": \#(value)}}"#
      #expect(
        message { _ = try Preprocessing(timm: Array(text.utf8)) }?.hasSuffix(
          "expected a fraction of the side, 0.01 to 16") == true, "\(value)")
    }
  }

  @Test func anImageOfTheInputSizePassesUnlessTheRecipeIsFollowedExactly() throws {
    let native = try Preprocessing(timm: PreprocessingTests.timm)
    let exact = try native.resolved(profile: .exact)
    let (same, other) = (ImageSize(height: 224, width: 224), ImageSize(height: 224, width: 225))
    #expect(native.passes(same) && !native.passes(other) && !exact.passes(same))
    let image = gradient(width: 224, height: 224)
    #expect(try native.apply(to: image) == image)
    #expect(try exact.apply(to: image) != image)
    // A stretch to its own size changes nothing, so that there is nothing to pass.
    #expect(try !Preprocessing.transformersDefault(modelType: "vit").passes(same))
  }

  // MARK: timm's table

  private struct Configuration: Decodable {
    let side: Int
    let interpolation: String
    let crop: Double
    let mode: String
    let mean: [Double]
    let std: [Double]
  }

  private struct Table: Decodable {
    let configurations: [String: Configuration]
  }

  /// `scripts/timm_configurations.py --check` wrote what timm itself says of every name and tag.
  @Test func theTableIsTimms() throws {
    let data = try Data(contentsOf: fixtures.appendingPathComponent("timm-configurations.json"))
    let table = try JSONDecoder().decode(Table.self, from: data).configurations
    #expect(table.count > 450)
    for (name, wanted) in table {
      let recipe = try Preprocessing.timmDefault(architecture: name)
      #expect(recipe.inputSize == ImageSize(height: wanted.side, width: wanted.side), "\(name)")
      #expect(recipe.interpolation.rawValue == wanted.interpolation, "\(name)")
      #expect(recipe.cropFraction == wanted.crop && recipe.cropMode == wanted.mode, "\(name)")
      #expect(recipe.mean == wanted.mean && recipe.std == wanted.std, "\(name)")
      #expect(
        recipe.source.hasPrefix("timm 1.0.31 pretrained_cfg of vit") || !name.hasPrefix("vit"), "\(recipe.source)")
    }
  }

  @Test func unknownNamesAndTagsAreRefusedAndOpenOnesSaid() throws {
    #expect(
      message { _ = try Preprocessing.timmDefault(architecture: "vit_small_patch16_224.dinp") }
        == "--architecture vit_small_patch16_224.dinp: timm 1.0.31 has no tag 'dinp' of vit_small_patch16_224, so its "
        + "preprocessing is not known (did you mean 'dino'?); tags are dino, augreg_in21k_ft_in1k, augreg_in1k, augreg_in21k. "
        + "Give one that is prepared alike, or a folder with a config.json that has pretrained_cfg")
    #expect(message { _ = try Preprocessing.timmDefault(architecture: "efficientnet_b0") } != nil)
    #expect(
      Preprocessing.timmAmbiguity(architecture: "vit_small_patch16_224")
        == "--architecture vit_small_patch16_224 names no weights: images are prepared as for timm's "
        + "vit_small_patch16_224.augreg_in21k_ft_in1k; weights of the tag dino are prepared otherwise, give --architecture "
        + "NAME.TAG for them")
    #expect(Preprocessing.timmAmbiguity(architecture: "vit_small_patch16_224.dino") == nil)
    #expect(Preprocessing.timmAmbiguity(architecture: "deit_small_patch16_224") == nil)
  }
}
