import Activations
import Foundation
import Synchronization
import Torch

extension QualityPart {
  /// Measures all rows at all taps, block by block.
  ///
  /// - Parameter advance: called with the number of reconstructions measured since the last time.
  func measure(
    _ settings: Quality.Settings, visit: (Quality.Figure) throws -> Void, advance: (Int) throws -> Void
  ) throws -> Measured {
    guard let inputs = try store.store.inputPixels(condition: condition) else {
      throw AnalysisError(
        .badInput,
        "\(store.store.path) keeps no inputs under \(condition) to measure its reconstructions against;"
          + " palimpsest reconstruct --images keeps them")
    }
    let sources = try taps.map { try store.store.reconstructedPixels(condition: condition, tap: $0) }
    let comparison = ModelComparison(store.model, metrics: settings.metrics)
    var measured = taps.map { _ in settings.metrics.map { _ in ImageSeries(count: rows.count) } }
    let inBlock = max(1, min(64, settings.memoryLimit / ((taps.count + 1) * inputs.imageBytes)))
    let block = PixelBlock(images: inBlock, of: inputs.imageBytes, taps: taps.count)
    for places in pieces(of: 0..<rows.count, size: inBlock) {
      let here = Array(rows[places])
      try inputs.read(rows: here, into: block.inputs(here.count))
      for (tap, source) in sources.enumerated() { try source.read(rows: here, into: block.tap(tap, here.count)) }
      let values = try pixelValues(block, here, inputs, settings)
      for (unit, figures) in values.enumerated() {
        let (image, tap) = (unit / taps.count, unit % taps.count)
        for (metric, value) in figures.enumerated() { measured[tap][metric][places.lowerBound + image] = value }
      }
      if let comparison {
        try compare(comparison, block, here, inputs, settings) { tap, image, metric, value in
          measured[tap][metric][places.lowerBound + image] = value
        }
      }
      for place in places {
        for (tap, name) in taps.enumerated() {
          for (metric, kind) in settings.metrics.enumerated() {
            guard let value = measured[tap][metric][place] else { continue }
            try visit(
              Quality.Figure(
                store: store.name, condition: condition, tap: name, path: store.store.imagePaths[rows[place]],
                metric: kind, value: value))
          }
        }
      }
      try advance(here.count * taps.count)
    }
    return measured
  }

  /// Every metric of every reconstruction of a block that needs pixels only, images first, then taps.
  private func pixelValues(
    _ block: PixelBlock, _ here: [Int], _ size: StoredPixels, _ settings: Quality.Settings
  ) throws -> [[Double?]] {
    let results = Mutex([[Double?]](repeating: [], count: here.count * taps.count))
    let (taps, metrics, validSize) = (taps.count, settings.metrics, store.validSize)
    let (height, width) = (size.height, size.width)
    try inParallel(here.count * taps, threads: settings.threads) { unit in
      let (image, tap) = (unit / taps, unit % taps)
      let valid = validSize?(here[image]) ?? (height, width)
      func pixels(_ memory: UnsafeRawBufferPointer) -> RGBPixels {
        RGBPixels(
          memory, rowPixels: width, height: min(height, max(1, valid.height)), width: min(width, max(1, valid.width)))
      }
      let reference = pixels(block.input(image))
      let reconstruction = pixels(block.tap(tap, image: image))
      let values = metrics.map { $0.value(reconstruction, reference) }
      results.withLock { $0[unit] = values }
    }
    return results.withLock { $0 }
  }

  /// What the model makes of a block, a few images at a time.
  private func compare(
    _ comparison: ModelComparison, _ block: PixelBlock, _ here: [Int], _ size: StoredPixels,
    _ settings: Quality.Settings, set: (_ tap: Int, _ image: Int, _ metric: Int, _ value: Double?) -> Void
  ) throws {
    for images in pieces(of: 0..<here.count, size: ModelComparison.batch) {
      let shape = [images.count, size.height, size.width, 3]
      let bytes = images.lowerBound * size.imageBytes
      let inputs = try Tensor(sharing: block.start + bytes, owner: block, shape: shape, dtype: .uint8)
      let shown = try taps.enumerated().map { number, tap in
        let start = block.start + (number + 1) * block.images * size.imageBytes + bytes
        return (tap: tap, pixels: try Tensor(sharing: start, owner: block, shape: shape, dtype: .uint8))
      }
      let values = try comparison.compare(inputs: inputs, reconstructions: shown, rows: Array(here[images]))
      for (tap, ofTap) in values.enumerated() {
        for (offset, value) in ofTap.enumerated() {
          for (metric, kind) in settings.metrics.enumerated() where kind.needsModel {
            set(
              tap, images.lowerBound + offset, metric, kind == .top1Agreement ? value.agreement : value.cosine)
          }
        }
      }
    }
  }
}

/// Pixels of some images: the inputs, then what came back from each tap.
private final class PixelBlock: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let images: Int
  private let imageBytes: Int

  init(images: Int, of imageBytes: Int, taps: Int) {
    self.images = images
    self.imageBytes = imageBytes
    start = .allocate(byteCount: images * imageBytes * (taps + 1), alignment: 64)
  }

  deinit { start.deallocate() }

  func inputs(_ count: Int) -> UnsafeMutableRawBufferPointer { part(0, count) }

  func tap(_ tap: Int, _ count: Int) -> UnsafeMutableRawBufferPointer { part(tap + 1, count) }

  func input(_ image: Int) -> UnsafeRawBufferPointer { one(0, image) }

  func tap(_ tap: Int, image: Int) -> UnsafeRawBufferPointer { one(tap + 1, image) }

  private func part(_ number: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(count <= images, "images within the block")
    return UnsafeMutableRawBufferPointer(start: start + number * images * imageBytes, count: count * imageBytes)
  }

  private func one(_ number: Int, _ image: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + (number * images + image) * imageBytes, count: imageBytes)
  }
}
