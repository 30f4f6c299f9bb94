import Activations
import Backbones
import Foundation
import Imaging
import Torch

/// Everything that decides what an extraction computes, settled before it starts.
struct ExtractionSetup {
  let model: LoadedModel
  let preprocessing: Preprocessing
  /// Height and width of the pixels the model sees.
  let inputSize: (height: Int, width: Int)
  let entries: [ImageFolder.Entry]
  let conditions: [ColorCondition]
  /// Taps as the model gives them.
  let taps: [Tap]
  let tokens: TokenSelection
  let regions: Regions?
  let plan: StorePlan
  let device: Device

  /// Reads an image and makes the pixels the model sees, one for each condition.
  func pixels(of entry: ImageFolder.Entry) throws -> PreparedImage {
    let image = try PixelImage(contentsOf: entry.url)
    let original = try preprocessing.apply(to: image)
    let mask = try regions?.mask(of: entry.relativePath, width: image.width, height: image.height)
    let prepared = try mask.map { try preprocessing.apply(to: $0) }
    let images = conditions.map { condition in
      condition == .original ? original : condition.apply(to: original, mask: prepared)
    }
    return PreparedImage(
      fileSize: (image.height, image.width), validSize: (original.height, original.width),
      conditions: images.map {
        $0.placed(left: 0, top: 0, width: inputSize.width, height: inputSize.height, fill: [0, 0, 0]).pixels
      })
  }

  /// The model's activations for pixels `[B, H, W, 3]`, reduced to the tokens the store keeps, by tap in order of depth.
  func features(of bytes: Tensor, validSizes: [(height: Int, width: Int)]) throws -> [Tensor] {
    let isPadded = validSizes.contains { $0 != inputSize }
    let batch = try ImageBatch(
      bytes: bytes.to(device), rescaleFactor: preprocessing.rescaleFactor, mean: preprocessing.mean,
      deviation: preprocessing.std, validSizes: isPadded ? validSizes : nil)
    var values: [Tensor] = []
    values.reserveCapacity(taps.count)
    let byName = Dictionary(uniqueKeysWithValues: taps.map { ($0.name, $0) })
    try model.backbone.forward(batch, taps: Set(byName.keys)) { name, value in
      guard let tap = byName[name] else { return }
      values.append(try tokens.reduce(value, of: tap).to(.cpu).to(.float32).contiguous())
    }
    return values
  }
}

/// One image as the model will see it.
struct PreparedImage: Sendable {
  let fileSize: (height: Int, width: Int)
  /// Of the input, what is not padding.
  let validSize: (height: Int, width: Int)
  /// For each condition, `[H, W, 3]` bytes.
  let conditions: [[UInt8]]
}

/// Where colour conditions act.
struct Regions {
  let annotations: COCOAnnotations
  /// The class whose masks count, or nil for all objects.
  let category: String?

  /// - Parameter text: `objects` or `class:NAME`.
  init(_ text: String, annotations: COCOAnnotations) throws {
    self.annotations = annotations
    if text == "objects" {
      category = nil
    } else if text.hasPrefix("class:") {
      category = try annotations.category(named: String(text.dropFirst("class:".count))).name
    } else {
      throw BadInput("--region is '\(text)'; give objects or class:NAME")
    }
  }

  func mask(of path: String, width: Int, height: Int) throws -> Mask {
    try annotations.mask(at: path, width: width, height: height, category: category)
  }
}
