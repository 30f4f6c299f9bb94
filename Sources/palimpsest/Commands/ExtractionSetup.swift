import Activations
import Backbones
import Formats
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
  var taps: [Tap]
  let tokens: TokenSelection
  let regions: Regions?
  var plan: StorePlan
  let device: Device

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

/// From image files to the pixels the model sees; used by several threads at once.
struct PixelSource: Sendable {
  private let preprocessing: Preprocessing
  private let conditions: [ColorCondition]
  private let regions: Regions?
  private let width: Int
  private let height: Int
  private let entries: [ImageFolder.Entry]
  private let places: [String: Int]

  init(setup: ExtractionSetup) {
    preprocessing = setup.preprocessing
    conditions = setup.conditions
    regions = setup.regions
    (height, width) = setup.inputSize
    entries = setup.entries
    places = Dictionary(
      setup.entries.enumerated().map { ($0.element.relativePath, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads an image and makes its pixels under the conditions with these indices.
  func prepare(_ entry: ImageFolder.Entry, _ wanted: [Int]) throws -> PreparedImage {
    let image: PixelImage
    do { image = try PixelImage(contentsOf: entry.url) } catch let error as ImagingError {
      // The store records the reason beside the path in the folder of images; where that folder lay is no part of it.
      throw ImagingError(reason: error.reason)
    }
    let original = try preprocessing.apply(to: image)
    let mask = try regions?.mask(of: entry.relativePath, width: image.width, height: image.height)
    let region = try mask.map { try preprocessing.apply(to: $0) }
    let other = wanted.contains { conditions[$0].needsOther } ? following(entry) : nil
    var pixels: [Int: [UInt8]] = [:]
    for index in wanted {
      let changed = conditions[index].apply(to: original, mask: region, other: other)
      pixels[index] = changed.placed(left: 0, top: 0, width: width, height: height, fill: [0, 0, 0]).pixels
    }
    return PreparedImage(
      fileSize: (image.height, image.width), validSize: (original.height, original.width), pixels: pixels)
  }

  /// The next image of the list that can be read, the first following the last; nil where there is no other.
  private func following(_ entry: ImageFolder.Entry) -> PixelImage? {
    guard let place = places[entry.relativePath] else { return nil }
    for step in 1..<max(1, entries.count) {
      let other = entries[(place + step) % entries.count]
      if let image = try? PixelImage(contentsOf: other.url), let pixels = try? preprocessing.apply(to: image) {
        return pixels
      }
    }
    return nil
  }
}

/// One image as the model will see it.
struct PreparedImage: Sendable {
  let fileSize: (height: Int, width: Int)
  /// Of the input, what is not padding.
  let validSize: (height: Int, width: Int)
  /// By condition, `[H, W, 3]` bytes.
  let pixels: [Int: [UInt8]]
}

/// Where colour conditions act.
struct Regions: Sendable {
  let annotations: COCOAnnotations
  /// The class whose masks count, or nil for all objects.
  let category: String?

  /// - Parameter text: `objects` or `class:NAME`.
  init(_ text: String, annotations: COCOAnnotations) throws {
    self.annotations = annotations
    if text == "objects" {
      category = nil
    } else if text.hasPrefix("class:") {
      let name = String(text.dropFirst("class:".count))
      let names = annotations.categories.map(\.name)
      guard names.contains(name) else {
        throw BadInput(
          "--region \(text): the annotations have no class '\(name)'\(Spelling.suggestion(for: name, among: names)); "
            + (names.isEmpty ? "they have none at all" : "they have \(names.prefix(12).joined(separator: ", "))")
            + (names.count > 12 ? " and \(names.count - 12) more" : ""))
      }
      category = name
    } else {
      throw BadInput("--region is '\(text)'; give objects or class:NAME")
    }
  }

  func mask(of path: String, width: Int, height: Int) throws -> Mask {
    try annotations.mask(at: path, width: width, height: height, category: category)
  }
}
