import Activations
import Formats
import Foundation
import Imaging
import Pipelines
import Testing
import Torch

/// Model input: preprocessing, one size for all images, valid sizes.
@Suite struct ModelInputTests {
  let workspace: JobWorkspace

  init() throws { workspace = try JobWorkspace() }

  /// DETR's rule on small pictures: shorter side to 32, at most 48.
  private var native: Preprocessing {
    Preprocessing(
      source: "test", resize: .shorterSideAtMost(side: 32, longest: 48), interpolation: .bilinear, pad: true,
      mean: [0, 0, 0], std: [1, 1, 1])
  }

  private func write(_ name: String, width: Int, height: Int) throws {
    let bytes = [UInt8](repeating: 200, count: width * height * 3)
    try Data(PixelImage(width: width, height: height, pixels: bytes).png()).write(
      to: workspace.pictures.appendingPathComponent(name))
  }

  @Test func theInputHoldsEveryImage() throws {
    try write("a.png", width: 60, height: 40)
    try write("b.png", width: 40, height: 50)
    let entries = try ImageFolder.list(workspace.pictures)
    let input = try ModelInput(native, holding: entries, name: "pictures")
    // 48 × 32 and 32 × 40: as wide as the first, as high as the second.
    #expect(input.size == ImageSize(height: 40, width: 48))
  }

  @Test func imagesOfWhichNoneCanBeReadAreBadInput() throws {
    try Data("x".utf8).write(to: workspace.pictures.appendingPathComponent("a.png"))
    let entries = try ImageFolder.list(workspace.pictures)
    #expect(throws: BadInput("pictures: none of the images can be read")) {
      try ModelInput(native, holding: entries, name: "pictures")
    }
  }

  @Test func onlyWhatIsPaddedHasValidSizes() {
    let input = ModelInput(native, size: ImageSize(height: 40, width: 48))
    #expect(input.padded([ImageSize(height: 40, width: 48), ImageSize(height: 40, width: 48)]) == nil)
    #expect(input.padded(nil) == nil)
    #expect(
      input.padded([ImageSize(height: 40, width: 48), ImageSize(height: 32, width: 48)])?.map(\.height) == [40, 32])
  }

  @Test func paddingIsZeroAfterNormalisation() throws {
    var preprocessing = native
    preprocessing.mean = [0.5, 0.5, 0.5]
    let input = ModelInput(preprocessing, size: ImageSize(height: 2, width: 3))
    let bytes = try Tensor([UInt8](repeating: 255, count: 18), shape: [1, 2, 3, 3])
    let batch = try input.batch(bytes, validSizes: [ImageSize(height: 1, width: 2)], device: .cpu)
    // One channel of 2 × 3: a row of two valid pixels.
    #expect(try batch.pixels.select(0, 0).select(0, 0).contiguous().values(as: Float.self) == [0.5, 0.5, 0, 0, 0, 0])
  }

  @Test func aStoreGivesTheValidSizesOfItsImages() throws {
    try write("a.png", width: 60, height: 40)
    try write("b.png", width: 40, height: 50)
    let plan = StorePlan(
      header: StoreHeader(
        model: "m", family: "detr", checkpointSHA256: "", configuration: "{}", preprocessing: try native.recorded(),
        createdBy: "test", createdAt: "now", seed: 0), images: [StoreImage(path: "a.png"), StoreImage(path: "b.png")],
      taps: [StoreTap(name: "embed", tokens: 1, channels: 1)], inputSize: ImageSize(height: 40, width: 48), blockSize: 2
    )
    let run = StoreRun<Int>(
      plan: plan, out: workspace.path("s.h5"), threads: 1, recheck: false, label: "test", reporter: .silent)
    _ = try run.run(
      decode: { row, _ in DecodedImage(pixels: row, height: row == 0 ? 40 : 50, width: row == 0 ? 60 : 40) },
      compute: { _ in
        try ComputedBlock(
          taps: [Tensor([Float(1), 2], shape: [2, 1, 1])], inputs: Tensor.zeros([2, 40, 48, 3], dtype: .uint8),
          reconstructions: [], joints: nil)
      })
    let store = try FeatureStore(path: workspace.path("s.h5"))
    let recipe = try #require(StoreRecipe(store))
    let sizes = try #require(recipe.validSizes(of: [1, 0], in: ImageSize(height: 40, width: 48)))
    #expect(sizes.map(\.height) == [40, 32] && sizes.map(\.width) == [32, 48])
  }
}
