import Activations
import Foundation
import Imaging
import Torch

/// Runs a settled extraction to its end.
struct ExtractionRunner {
  let setup: ExtractionSetup
  let out: String
  let output: OutputOptions
  let recheck: Bool
  /// What the progress calls the work.
  var label = "extract"
  /// Leads the activations of a batch back: from those by tap, the pixels `[B, H, W, 3]` the model saw and the valid sizes
  /// (nil where nothing is padded) to what ``LeadingBack`` gives.
  var reconstruct:
    (
      (_ features: [String: Tensor], _ pixels: Tensor, _ validSizes: [(height: Int, width: Int)]?) throws -> (
        images: [Tensor], joints: Tensor?
      )
    )?

  /// - Throws: ``Interrupted`` after a signal, with everything finished so far in the store.
  func run() throws -> FillingResult {
    let plan = setup.plan
    let entries = setup.entries
    let source = PixelSource(setup: setup)
    var filling = StoreFilling<PreparedImage>(plan: plan, out: out, output: output, recheck: recheck, label: label) {
      row, conditions in
      let image = try source.prepare(entries[row], conditions)
      return DecodedImage(pixels: image, height: image.fileSize.height, width: image.fileSize.width)
    }
    filling.announce(size: setup.inputSize, origin: "named as \(setup.model.dialect)")
    if let native = setup.model.backbone.nativeSize, native != setup.inputSize {
      output.note(
        "the model is made for \(native.width)×\(native.height) and sees"
          + " \(setup.inputSize.width)×\(setup.inputSize.height)"
          + (setup.model.backbone.interpolatesPositions ? ": its position embeddings are interpolated" : ""))
    }
    filling.prepare = {
      try setup.model.backbone.prepare(
        batchSize: plan.blockSize, height: setup.inputSize.height, width: setup.inputSize.width)
    }
    if let regions = setup.regions {
      let unknown = setup.entries.count { regions.annotations.image(at: $0.relativePath) == nil }
      if unknown > 0 {
        output.note(
          "\(StoreFilling<PreparedImage>.counted(unknown)) of \(setup.entries.count) are not in the annotations: "
            + "no condition changes them")
      }
    }
    return try filling.run(compute: compute)
  }

  /// One pass through the model.
  private func compute(_ request: ComputationRequest<PreparedImage>) throws -> ComputedBlock {
    let (height, width) = setup.inputSize
    let pixels = PixelBlock(count: request.images.count, bytesPerImage: height * width * 3)
    for (index, image) in request.images.enumerated() {
      pixels.fill(index, with: image.pixels[request.condition] ?? [])
    }
    let bytes = try Tensor(
      sharing: pixels.start, owner: pixels, shape: [request.images.count, height, width, 3], dtype: .uint8)
    let validSizes = request.images.map(\.validSize)
    let values = try setup.features(of: bytes, validSizes: validSizes)
    let features = Dictionary(uniqueKeysWithValues: zip(setup.taps.map(\.name), values))
    let isPadded = validSizes.contains { $0 != setup.inputSize }
    let ledBack = try reconstruct?(features, bytes, isPadded ? validSizes : nil)
    let images = ledBack?.images ?? []
    return ComputedBlock(
      taps: try values.map { try $0.withUnsafeBytes { $0 } }, inputs: pixels.bytes,
      reconstructions: try images.map { try $0.withUnsafeBytes { $0 } },
      joints: try ledBack?.joints?.withUnsafeBytes { $0 },
      owner: BlockOwner(pixels: pixels, values: values + images + [ledBack?.joints].compactMap { $0 }))
  }
}

/// Keeps what a computed block points to.
private final class BlockOwner {
  let pixels: PixelBlock
  let values: [Tensor]

  init(pixels: PixelBlock, values: [Tensor]) {
    self.pixels = pixels
    self.values = values
  }
}

/// The pixels of a batch, one image after the other.
private final class PixelBlock {
  let start: UnsafeMutableRawPointer
  private let count: Int
  private let bytesPerImage: Int

  init(count: Int, bytesPerImage: Int) {
    self.count = count
    self.bytesPerImage = bytesPerImage
    start = .allocate(byteCount: count * bytesPerImage, alignment: 64)
  }

  deinit { start.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count * bytesPerImage) }

  func fill(_ index: Int, with bytes: [UInt8]) {
    precondition(bytes.count == bytesPerImage, "every image of a batch has the input's size")
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        (start + index * bytesPerImage).copyMemory(from: base, byteCount: bytesPerImage)
      }
    }
  }
}
