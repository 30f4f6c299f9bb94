import Backbones
import Formats
import Testing
import Torch

/// Sine positions, and masks on the feature map, against values worked out by hand.
struct DETRPositionTests {
  /// Rows of `width` numbers, compared to 1e-5 (places are divided by their last + 1e-6).
  private func expect(_ positions: Tensor, _ rows: [[Float]]) throws {
    #expect(positions.shape == [1, rows.count, rows[0].count])
    let differences = try zip(positions.values(as: Float.self), rows.joined()).map { abs($0 - $1) }
    #expect((differences.max() ?? 1) < 1e-5)
  }

  @Test func sinePositionsOfOneRowOfTwo() throws {
    let valid = try Tensor.ones([1, 1, 2])
    // Row 1 of 1 is at 2π; columns 1 and 2 of 2 are at π and 2π. Sine before cosine, rows before columns.
    try expect(DETRPositions.sine(valid: valid, width: 4), [[0, 1, 0, -1], [0, 1, 0, 1]])
    // Eight channels: four an axis, of wavelengths 1 and 10000^(2/4) = 100.
    let fine: [Float] = [0.062_790_52, 0.998_026_73]  // sine and cosine of 2π/100
    let half: [Float] = [0.031_410_76, 0.999_506_56]  // of π/100
    try expect(
      DETRPositions.sine(valid: valid, width: 8),
      [[0, 1] + fine + [0, -1] + half, [0, 1] + fine + [0, 1] + fine])
  }

  @Test func sinePositionsCountWithinTheValidPart() throws {
    // The right column is padded: its rows count nothing (0), and columns there stand where the last valid one is.
    let valid = try Tensor([1, 0, 1, 0] as [Float], shape: [1, 2, 2])
    try expect(
      DETRPositions.sine(valid: valid, width: 4), [[0, -1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 1]])
  }

  /// A cell takes the mask of pixel ⌊cell · extent / cells⌋.
  @Test(arguments: [
    (valid: 28, extent: 84, cells: 3, expected: 1), (29, 84, 3, 2), (56, 84, 3, 2), (57, 84, 3, 3),
    // Sources 0, 30 (30.67) and 61 (61.33).
    (1, 92, 3, 1), (30, 92, 3, 1), (31, 92, 3, 2), (61, 92, 3, 2), (62, 92, 3, 3), (92, 92, 3, 3),
    // More cells than pixels: sources 0, 0 and 1.
    (1, 2, 3, 2),
  ])
  func masksComeDownToTheNearestPixel(valid: Int, extent: Int, cells: Int, expected: Int) throws {
    let padding = DETRPadding(
      validSizes: [ImageSize(height: valid, width: 7), ImageSize(height: 1, width: 1)],
      input: ImageSize(height: extent, width: 7),
      grid: ImageSize(height: cells, width: 1))
    #expect(padding?.valid.first == ImageSize(height: expected, width: 1))
  }

  @Test func nothingIsMaskedWhereTheFeatureMapIsWhollyValid() {
    #expect(DETRPadding(validSizes: nil, input: ImageSize(side: 64), grid: ImageSize(height: 2, width: 2)) == nil)
    #expect(
      DETRPadding(
        validSizes: [ImageSize(height: 64, width: 64), ImageSize(height: 64, width: 64)], input: ImageSize(side: 64),
        grid: ImageSize(height: 2, width: 2)) == nil)
    // Padding that no cell takes its mask from.
    #expect(
      DETRPadding(
        validSizes: [ImageSize(height: 60, width: 64)], input: ImageSize(side: 64), grid: ImageSize(height: 2, width: 2)
      ) == nil)
    #expect(
      DETRPadding(
        validSizes: [ImageSize(height: 64, width: 64), ImageSize(height: 32, width: 64)], input: ImageSize(side: 64),
        grid: ImageSize(height: 2, width: 2))?.valid == [ImageSize(side: 2), ImageSize(height: 1, width: 2)])
  }

  @Test func validMapsAreOneWhereTheImageIs() throws {
    let padding = try #require(
      DETRPadding(
        validSizes: [ImageSize(height: 32, width: 64), ImageSize(height: 64, width: 96)],
        input: ImageSize(height: 64, width: 96),
        grid: ImageSize(height: 2, width: 3)))
    let map = try padding.validMap(on: .cpu)
    #expect(map.shape == [2, 2, 3])
    #expect(try map.values(as: Float.self) == [1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
  }
}
