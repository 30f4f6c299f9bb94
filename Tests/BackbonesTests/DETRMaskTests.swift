import Backbones
import Formats
import NeuralNet
import TestSupport
import Testing
import Torch

/// Padding takes no part in attention.
@Suite(.serialized)
struct DETRMaskTests {
  private let width = 8
  private let generator: Generator

  init() throws { generator = try Generator(seed: 21) }

  private func draw(_ shape: [Int]) throws -> Tensor { try Tensor.randomNormal(shape, generator: generator) }

  /// The first four of six tokens take part.
  private func mask() throws -> Tensor {
    try Tensor([1, 1, 1, 1, 0, 0] as [Float], shape: [1, 1, 1, 6]).to(.bool)
  }

  @Test func encoderLayersDoNotSeeMaskedTokens() throws {
    let layer = DETREncoderLayer(width: width, heads: 2, innerWidth: 12, activation: .relu)
    try layer.drawParameters(generator)
    let (input, positions) = (try draw([1, 6, width]), try draw([1, 6, width]))
    let masked = try layer(input, positions: positions, mask: mask()).slice(1, 0..<4)
    let cropped = try layer(input.slice(1, 0..<4), positions: positions.slice(1, 0..<4), mask: nil)
    #expect(try relativeError(masked, cropped) < 1e-6)
    let unmasked = try layer(input, positions: positions, mask: nil).slice(1, 0..<4)
    #expect(try relativeError(unmasked, cropped) > 1e-3)
  }

  @Test func decoderLayersDoNotSeeMaskedMemory() throws {
    let layer = DETRDecoderLayer(width: width, heads: 4, innerWidth: 12, activation: .gelu)
    try layer.drawParameters(generator)
    let (queries, places) = (try draw([1, 3, width]), try draw([1, 3, width]))
    let (memory, placed) = (try draw([1, 6, width]), try draw([1, 6, width]))
    let masked = try layer(queries, queryPositions: places, memory: memory, placedMemory: placed, mask: mask())
    let cropped = try layer(
      queries, queryPositions: places, memory: memory.slice(1, 0..<4), placedMemory: placed.slice(1, 0..<4), mask: nil)
    #expect(try relativeError(masked, cropped) < 1e-6)
  }

  @Test(arguments: [false, true])
  func imagesThatFillTheBatchAreComputedAsIfAlone(prepared: Bool) throws {
    let network = try DETRNetworkTests.network(DETRNetworkTests.bottlenecks)
    if prepared { try network.prepare(batchSize: 2, height: 96, width: 128) }
    let pixels = try DETRNetworkTests.pixels(2, 96, 128)
    let padded = ImageBatch(
      pixels: pixels, validSizes: [ImageSize(height: 96, width: 128), ImageSize(height: 50, width: 128)])
    let whole = ImageBatch(pixels: try pixels.slice(0, 0..<1))
    let both = try DETRNetworkTests.features(network, padded)
    let alone = try DETRNetworkTests.features(network, whole)
    try DETRNetworkTests.expectEqual(
      both.mapValues { try $0.slice(0, 0..<1) }, alone, within: 2e-6, "the image without padding")

    // The other image is masked from the encoder on, and only from there.
    let other = try DETRNetworkTests.features(network, ImageBatch(pixels: pixels.slice(0, 1..<2)))
    for (name, value) in other {
      let error = try relativeError(#require(both[name]).slice(0, 1..<2), value)
      #expect(name.hasPrefix("backbone") || name == "projection" ? error < 2e-6 : error > 1e-4, "\(name)")
    }
  }

  @Test func validSizesOfWholeImagesChangeNothing() throws {
    let network = try DETRNetworkTests.network(DETRNetworkTests.bottlenecks)
    let pixels = try DETRNetworkTests.pixels(2, 64, 96)
    let sizes = [ImageSize(height: 64, width: 96), ImageSize(height: 64, width: 96)]
    try DETRNetworkTests.expectEqual(
      DETRNetworkTests.features(network, ImageBatch(pixels: pixels, validSizes: sizes)),
      DETRNetworkTests.features(network, ImageBatch(pixels: pixels)), within: 0, "whole images")
  }

  @Test func everyImageNeedsAValidSize() throws {
    let network = try DETRNetworkTests.network(DETRNetworkTests.bottlenecks)
    let images = ImageBatch(
      pixels: try DETRNetworkTests.pixels(2, 64, 96), validSizes: [ImageSize(height: 64, width: 96)])
    let error = #expect(throws: BackboneError.self) { _ = try network.begin(images) }
    #expect(error?.description == "1 valid sizes are given for 2 images")
  }
}
