import Formats
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct PreprocessingTests {
  struct Case: Decodable {
    let library: String
    let configuration: String
    let source: Place
    let expected: Place
    let profile: Preprocessing.Profile
    let size: String?

    func recipe(size standard: Preprocessing.InputSize = .checkpoint) throws -> Preprocessing {
      let bytes = Array(configuration.utf8)
      let own = library == "timm" ? try Preprocessing(timm: bytes) : try Preprocessing(transformers: bytes)
      return try own.resolved(profile: profile, size: size.map { try .init(parsing: $0) } ?? standard)
    }
  }

  @Test func everyRecipeGivesItsLibrarysPixels() throws {
    let (cases, raw) = try Fixture<Case>.load("preprocess")
    #expect(cases.count >= 80)
    for (index, item) in cases.enumerated() {
      let recipe = try item.recipe()
      let pixels = try recipe.apply(to: item.source.image(raw))
      let difference = largestDifference(pixels, item.expected.image(raw))
      #expect(difference == 0, "case \(index): \(item.configuration)")
      let source = ImageSize(height: item.source.height, width: item.source.width)
      #expect(try recipe.outputSize(of: source) == pixels.size)
    }
  }

  static let timm = Array(
    #"{"pretrained_cfg": {"input_size": [3, 224, 224], "crop_pct": 0.9, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}"#
      .utf8)

  @Test func anImageAtTheInputSizeKeepsItsPixels() throws {
    let image = gradient(width: 224, height: 224)
    let recipes = [
      try Preprocessing(timm: PreprocessingTests.timm), try .transformersDefault(modelType: "vit"),
      try .transformersDefault(modelType: "deit"), try .timmDefault(architecture: "swin_base_patch4_window7_224"),
    ]
    for recipe in recipes {
      for profile in [Preprocessing.Profile.native, .paper] {
        #expect(try recipe.resolved(profile: profile).apply(to: image) == image)
      }
    }
    let detector = try Preprocessing.transformersDefault(modelType: "detr")
    let photograph = gradient(width: 640, height: 480)
    #expect(try detector.resolved().apply(to: photograph) == photograph)
    let native = gradient(width: 1000, height: 800)
    #expect(try detector.resolved(size: .native).apply(to: native) == native)
  }

  @Test func aDetectorTakes640x480UnlessToldOtherwise() throws {
    let detector = try Preprocessing.transformersDefault(modelType: "detr")
    #expect(try detector.resolved().resize == .stretch(width: 640, height: 480))
    #expect(try detector.resolved(profile: .paper).resize == .stretch(width: 640, height: 480))
    #expect(try detector.resolved(size: .native).resize == .shorterSideAtMost(side: 800, longest: 1333))
    #expect(try detector.resolved(size: .native).pad)
    #expect(try !detector.resolved().pad)
    #expect(try detector.resolved(size: .init(parsing: "320x200")).resize == .stretch(width: 320, height: 200))
    let fixed = try Preprocessing(
      transformers: Array(#"{"image_processor_type": "DetrImageProcessor", "size": {"height": 96, "width": 128}}"#.utf8)
    )
    #expect(try fixed.resolved().resize == .stretch(width: 128, height: 96))
    #expect(
      message { _ = try detector.resolved(profile: .paper, size: .native) }
        == "the paper's profile needs one size for all images; give --size WxH instead of native")
  }

  @Test func detrsOwnRuleFollowsItsLibrary() throws {
    // Heights and widths from transformers' get_size_with_aspect_ratio.
    let detector = try Preprocessing.transformersDefault(modelType: "detr")
    for (width, height, expected) in [
      (640, 480, (1066, 800)), (480, 640, (800, 1066)), (1600, 300, (1333, 250)), (37, 500, (99, 1333)),
      (800, 800, (800, 800)), (5, 7, (800, 1120)),
    ] {
      let size = ImageSize(height: height, width: width)
      #expect(
        try detector.outputSize(of: size) == ImageSize(height: expected.1, width: expected.0), "\(size)")
    }
  }

  @Test func aBatchIsPaddedOnTheRightAndBelow() {
    let (images, sizes) = PixelImage.padded([gradient(width: 3, height: 5), gradient(width: 4, height: 2)])
    #expect(images.allSatisfy { $0.width == 4 && $0.height == 5 })
    #expect(sizes.map(\.width) == [3, 4] && sizes.map(\.height) == [5, 2])
    #expect(images[0].cropped(to: .init(left: 0, top: 0, width: 3, height: 5)) == gradient(width: 3, height: 5))
    #expect(images[1].pixels.dropFirst(4 * 2 * 3).allSatisfy { $0 == 0 })
  }

  @Test func aMaskGoesWithItsImage() throws {
    // White where the mask is: after any geometry the mask covers the bright pixels and no dark one.
    let mask = Mask(
      width: 60, height: 40, values: (0..<2400).map { ($0 % 60 > 12 && $0 % 60 < 44 && $0 / 60 > 9) ? 1 : 0 })
    let image = PixelImage(width: 60, height: 40, pixels: mask.values.flatMap { [$0 * 255, $0 * 255, $0 * 255] })
    let small = #"{"input_size": [3, 32, 32], "interpolation": "bilinear", "crop_pct": 0.9"#
    let recipes = [
      try Preprocessing(timm: Array("\(small)}".utf8)),
      try Preprocessing(timm: Array("\(small), \"crop_mode\": \"border\", \"mean\": [0, 0, 0]}".utf8)),
      try Preprocessing.transformersDefault(modelType: "deit").resolved(size: .fixed(ImageSize(height: 50, width: 80))),
      try Preprocessing.transformersDefault(modelType: "detr").resolved(size: .fixed(ImageSize(height: 40, width: 60))),
    ]
    for recipe in recipes {
      let (pixels, moved) = (try recipe.apply(to: image), try recipe.apply(to: mask))
      #expect(pixels.width == moved.width && pixels.height == moved.height && moved.area > 100)
      for index in moved.values.indices {
        #expect(moved.values[index] == 1 ? pixels.pixels[3 * index] > 60 : pixels.pixels[3 * index] < 195)
      }
    }
  }

  /// A pixel of the smaller mask stands for 16 × 16: half of these, 128, are inside, one fewer are not.
  @Test func aPixelIsInsideAMaskWhereAtLeastHalfOfItsAreaIs() throws {
    let counts = [127, 128, 129, 0, 256, 127, 128, 1, 255, 64, 192, 126, 130, 127, 128, 129]
    var mask = Mask(width: 64, height: 64)
    for (block, count) in counts.enumerated() {
      for pixel in 0..<count {
        mask.values[(block / 4 * 16 + pixel / 16) * 64 + block % 4 * 16 + pixel % 16] = 1
      }
    }
    let recipe = try Preprocessing.transformersDefault(modelType: "detr").resolved(
      size: .fixed(ImageSize(height: 4, width: 4)))
    #expect(try recipe.apply(to: mask) == Mask(width: 4, height: 4, values: counts.map { $0 >= 128 ? 1 : 0 }))
  }

  @Test func missingKeysAreTheLibrarysDefaults() throws {
    let timm = try Preprocessing(timm: Array(#"{"pretrained_cfg": {"num_classes": 5}}"#.utf8))
    #expect(timm.resize == .shorterSide(side: 256) && timm.interpolation == .bicubic)
    #expect(timm.mean == Preprocessing.imageNetMean && timm.std == Preprocessing.imageNetStd)
    #expect(timm.inputSize == ImageSize(height: 224, width: 224))
    // As timm takes a config.json without any such key: its general defaults, not those of the name.
    let named = try Preprocessing(timm: Array(#"{"architecture": "vit_base_patch16_384"}"#.utf8))
    #expect(named.resize == .shorterSide(side: 256) && named.mean == Preprocessing.imageNetMean)
    let vit = try Preprocessing.transformersDefault(modelType: "swin")
    #expect(vit.resize == .stretch(width: 224, height: 224) && vit.interpolation == .bilinear && vit.crop == nil)
    let deit = try Preprocessing.transformersDefault(modelType: "deit")
    #expect(deit.resize == .stretch(width: 256, height: 256) && deit.interpolation == .bicubic)
    #expect(deit.crop == .init(width: 224, height: 224, margin: .floored))
    let plain = try Preprocessing(
      transformers: Array(#"{"do_rescale": false, "do_normalize": false}"#.utf8), modelType: "vit")
    #expect(plain.rescaleFactor == 1 && plain.mean == [0, 0, 0] && plain.std == [1, 1, 1])
  }

  @Test func aRecipeSurvivesItsRecord() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    for recipe in [
      try Preprocessing(timm: PreprocessingTests.timm), try .transformersDefault(modelType: "deit"),
      try .transformersDefault(modelType: "detr").resolved(size: .native),
    ] {
      let record = try encoder.encode(recipe)
      #expect(try JSONDecoder().decode(Preprocessing.self, from: record) == recipe)
      #expect(try encoder.encode(recipe) == record)
    }
  }

  @Test func aFolderOfEitherLibraryGivesItsRecipe() throws {
    let folder = try TemporaryFolder()
    let configuration = try folder.write(PreprocessingTests.timm, to: "timm/config.json")
    #expect(
      try Preprocessing(checkpointFolder: configuration.deletingLastPathComponent())
        == Preprocessing(timm: PreprocessingTests.timm))
    try folder.write(Array(#"{"model_type": "swin"}"#.utf8), to: "hf/config.json")
    let transformers = folder.url.appendingPathComponent("hf")
    #expect(try Preprocessing(checkpointFolder: transformers) == .transformersDefault(modelType: "swin"))
    let file = try folder.write(Array(#"{"size": {"height": 0, "width": 3}}"#.utf8), to: "hf/preprocessor_config.json")
    #expect(
      message { _ = try Preprocessing(checkpointFolder: transformers) }
        == "\(file.path): 'size.height' is 0, expected 1 to 65536 pixels")
    try folder.write(
      Array(#"{"size": 48, "feature_extractor_type": "ViTFeatureExtractor"}"#.utf8), to: "hf/preprocessor_config.json")
    #expect(try Preprocessing(checkpointFolder: transformers).resize == .stretch(width: 48, height: 48))
  }

  @Test func malformedRecipesNameTheKey() {
    let texts = [
      #"{"pretrained_cfg": {"input_size": [3, 0, 4]}}"#:
        "'pretrained_cfg.input_size' is [3, 0, 4], expected [3, height, width]",
      #"{"pretrained_cfg": {"mean": [1, 2]}}"#: "'pretrained_cfg.mean' is [1, 2], expected one number or three",
      #"{"pretrained_cfg": {"crop_pct": "a"}}"#: "'pretrained_cfg.crop_pct' is a, expected a number",
    ]
    for (text, expected) in texts {
      #expect(message { _ = try Preprocessing(timm: Array(text.utf8)) } == expected)
    }
    #expect(
      message { _ = try Preprocessing(transformers: Array(#"{"image_processor_type": "OwlImageProcessor"}"#.utf8)) }?
        .hasPrefix("image_processor_type: 'OwlImageProcessor' is not understood; known are ViTImageProcessor") == true)
    #expect(
      message { _ = try Preprocessing.InputSize(parsing: "640*480") }
        == "size '640*480': expected width and height in pixels as in 640x480 (1 to 16384), or native")
  }
}
