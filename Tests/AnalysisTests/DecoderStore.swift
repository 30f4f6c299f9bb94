import Activations
import Analysis
import Formats
import Foundation
import TestSupport

/// A store of drawn images with the reconstructions of decoders that know nothing of them, or as much as their names say.
struct DecoderStore {
  static let side = 24
  static let images = 40
  static let conditions = ["original", "erase", "gray", "swap", "permute-gbr"]
  /// Decoders that are the same whatever they are shown, or show what has nothing to do with it.
  static let ignorant = ["mean", "other", "noise", "constant"]
  static let decoders = ignorant + ["probe", "blurred", "half", "original"]

  let folder: TemporaryFolder
  let pixels: PixelStore

  typealias Image = [UInt8]
  private static var count: Int { side * side }

  init() throws {
    var stream = RandomStream(seed: 20_261_130)
    let masks = (0..<DecoderStore.images).map { _ in DecoderStore.disc(&stream) }
    let originals = masks.map { DecoderStore.scene(over: $0, &stream) }
    var shown = ["original": originals]
    shown["erase"] = zip(originals, masks).map(DecoderStore.erased)
    shown["gray"] = zip(originals, masks).map(DecoderStore.gray)
    shown["swap"] = originals.indices.map { image in
      let other = originals[(image + 1) % originals.count]
      return originals[image].indices.map { masks[image][$0 / 3] ? other[$0] : originals[image][$0] }
    }
    shown["permute-gbr"] = originals.map { image in image.indices.map { image[$0 / 3 * 3 + ($0 + 1) % 3] } }
    let mean = DecoderStore.mean(originals)
    let plan = StorePlan(
      header: StoreHeader(
        model: "decoders", family: "other", checkpointSHA256: "0", configuration: "{}", preprocessing: "{}",
        createdBy: "tests", createdAt: "2026-11-30T13:00:00Z", seed: 0, settings: [StoreSetting("region", "objects")]),
      images: originals.indices.map { StoreImage(path: "\($0).png") }, conditions: DecoderStore.conditions,
      taps: DecoderStore.decoders.map { StoreTap(name: $0, tokens: 1, channels: 1) },
      inputSize: ImageSize(height: DecoderStore.side, width: DecoderStore.side), reconstructions: DecoderStore.decoders,
      blockSize: originals.count)
    folder = try TemporaryFolder()
    let path = folder.path("decoders.h5")
    let writer = try FeatureStoreWriter.open(at: path, plan: plan)
    let noTaps = DecoderStore.decoders.map { _ in DecoderMemory(originals.map { _ in Float(0) }) }
    for (place, condition) in DecoderStore.conditions.enumerated() {
      let inputs = shown[condition] ?? []
      let made = DecoderStore.decoders.map { decoder in
        DecoderMemory(
          originals.indices.flatMap { image -> Image in
            switch decoder {
            case "mean": return mean
            case "other": return inputs[(image + 7) % inputs.count]
            case "noise": return (0..<mean.count).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
            case "constant": return (0..<mean.count).map { [180, 120, 60][$0 % 3] }
            case "probe": return inputs[image]
            case "blurred": return DecoderStore.blurred(inputs[image])
            case "half": return zip(inputs[image], originals[image]).map { UInt8((Int($0) + Int($1)) / 2) }
            default: return originals[image]
            }
          })
      }
      let pixels = DecoderMemory(inputs.flatMap { $0 })
      // Blocks are of bytes that somebody else keeps.
      try withExtendedLifetime((noTaps, pixels, made)) {
        try writer.write(
          FeatureBlock(
            condition: place, block: 0,
            outcomes: originals.map { _ in .read(height: DecoderStore.side, width: DecoderStore.side) },
            taps: noTaps.map(\.bytes), inputs: pixels.bytes, reconstructions: made.map(\.bytes)))
      }
    }
    try writer.close()
    pixels = PixelStore(
      name: "decoders", store: try FeatureStore(path: path),
      objects: { row in [ObjectMask(category: "disc", isCrowd: false, pixels: masks[row].map { $0 ? 1 : 0 })] })
  }

  private static func disc(_ stream: inout RandomStream) -> [Bool] {
    let (middleRow, middleColumn) = (8 + stream.below(8), 8 + stream.below(8))
    return (0..<count).map { pixel in
      let (row, column) = (pixel / side - middleRow, pixel % side - middleColumn)
      return row * row + column * column <= 36
    }
  }

  /// A background of two colours in a slope, and a disc of one colour with noise on it.
  private static func scene(over mask: [Bool], _ stream: inout RandomStream) -> Image {
    func color() -> [Int] { (0..<3).map { _ in 20 + stream.below(216) } }
    let (left, right, object) = (color(), color(), color())
    return (0..<count * 3).map { place in
      let (pixel, channel) = (place / 3, place % 3)
      let column = pixel % side
      let slope: Int = left[channel] * (side - 1 - column) + right[channel] * column
      let value: Int = (mask[pixel] ? object[channel] : slope / (side - 1)) + stream.below(21) - 10
      return UInt8(max(0, min(255, value)))
    }
  }

  private static func erased(_ image: Image, _ mask: [Bool]) -> Image {
    let outside = mask.count { !$0 }
    let mean = (0..<3).map { channel in
      var sum = 0
      for pixel in mask.indices where !mask[pixel] { sum += Int(image[3 * pixel + channel]) }
      return UInt8(sum / outside)
    }
    return image.indices.map { mask[$0 / 3] ? mean[$0 % 3] : image[$0] }
  }

  private static func gray(_ image: Image, _ mask: [Bool]) -> Image {
    image.indices.map { place in
      guard mask[place / 3] else { return image[place] }
      let pixel = image[place / 3 * 3..<place / 3 * 3 + 3].map(Double.init)
      let luminance: Double = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
      return UInt8(luminance.rounded())
    }
  }

  private static func mean(_ images: [Image]) -> Image {
    images[0].indices.map { place in
      let sum = images.reduce(0) { $0 + Int($1[place]) }
      return UInt8((Double(sum) / Double(images.count)).rounded())
    }
  }

  /// Means over squares of five pixels a side, as far as they are in the image.
  private static func blurred(_ image: Image) -> Image {
    image.indices.map { place in
      let (row, column, channel) = (place / 3 / side, place / 3 % side, place % 3)
      var (sum, pixels) = (0, 0)
      for y in max(0, row - 2)...min(side - 1, row + 2) {
        for x in max(0, column - 2)...min(side - 1, column + 2) {
          sum += Int(image[(y * side + x) * 3 + channel])
          pixels += 1
        }
      }
      return UInt8((Double(sum) / Double(pixels)).rounded())
    }
  }
}

/// Memory of what is written for all images of a tap.
private final class DecoderMemory {
  let bytes: UnsafeRawBufferPointer

  init<Value>(_ values: [Value]) {
    let buffer = UnsafeMutableBufferPointer<Value>.allocate(capacity: values.count)
    _ = buffer.initialize(from: values)
    bytes = UnsafeRawBufferPointer(buffer)
  }

  deinit { bytes.deallocate() }
}
