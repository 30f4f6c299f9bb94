import Activations
import Formats
import Foundation
import Synchronization
import Torch

extension StoreQualityMeasurement {
  /// Measures all rows at all taps, block by block.
  ///
  /// - Parameter advance: called with the number of reconstructions measured since the last time.
  func measure(
    _ settings: Quality.Settings, visit: (Quality.ImageValue) throws -> Void, advance: (Int) throws -> Void
  ) throws -> Measured {
    guard let inputs = try store.store.inputPixels(condition: condition) else {
      throw AnalysisError(
        .badInput,
        "\(store.store.path) keeps no inputs under \(condition) to measure its reconstructions against;"
          + " palimpsest reconstruct --images keeps them")
    }
    let sources = try taps.map { try store.store.reconstructedPixels(condition: condition, tap: $0) }
    let comparison = ModelComparison(store.model, settings)
    var measured = taps.map { _ in
      settings.metrics.map { ImageSeries(count: rows.count, isOutcome: $0 == .top1Agreement) }
    }
    let inBlock = max(1, min(64, settings.memoryLimit / ((taps.count + 1) * inputs.imageBytes)))
    let block = PixelBlock(images: inBlock, of: inputs.imageBytes, taps: taps.count)
    for indices in pieces(of: 0..<rows.count, size: inBlock) {
      let blockRows = Array(rows[indices])
      try inputs.read(rows: blockRows, into: block.inputs(blockRows.count))
      for (tap, source) in sources.enumerated() {
        try source.read(rows: blockRows, into: block.tap(tap, blockRows.count))
      }
      let values = try pixelValues(block, blockRows, inputs, settings)
      for (unit, figures) in values.enumerated() {
        let (image, tap) = (unit / taps.count, unit % taps.count)
        for (metric, value) in figures.enumerated() { measured[tap][metric][indices.lowerBound + image] = value }
      }
      try perceive(block, blockRows, inputs, settings) { tap, image, metric, value in
        measured[tap][metric][indices.lowerBound + image] = value
      }
      if let comparison {
        try compare(comparison, block, blockRows, inputs, settings) { tap, image, metric, value in
          measured[tap][metric][indices.lowerBound + image] = value
        }
      }
      for index in indices {
        for (tap, name) in taps.enumerated() {
          for (metric, kind) in settings.metrics.enumerated() {
            guard let value = measured[tap][metric][index] else { continue }
            try visit(
              Quality.ImageValue(
                store: store.name, condition: condition, tap: name, path: store.store.imagePaths[rows[index]],
                metric: kind, value: value))
          }
        }
      }
      try advance(blockRows.count * taps.count)
    }
    return measured
  }

  /// Every metric of every reconstruction of a block that needs pixels only, images first, then taps.
  private func pixelValues(
    _ block: PixelBlock, _ blockRows: [Int], _ size: StoredPixels, _ settings: Quality.Settings
  ) throws -> [[Double?]] {
    let results = Mutex([[Double?]](repeating: [], count: blockRows.count * taps.count))
    let (taps, metrics, width) = (taps.count, settings.metrics, size.width)
    let validSize = sizes(size)
    inParallel(blockRows.count * taps, threads: settings.selection.threads) { unit in
      let (image, tap) = (unit / taps, unit % taps)
      let valid = validSize(blockRows[image])
      func pixels(_ memory: UnsafeRawBufferPointer) -> RGBPixels {
        RGBPixels(memory, rowPixels: width, height: valid.height, width: valid.width)
      }
      let reference = pixels(block.input(image))
      let reconstruction = pixels(block.tap(tap, image: image))
      let values = metrics.map { $0.value(reconstruction, reference) }
      results.withLock { $0[unit] = values }
    }
    return results.withLock { $0 }
  }

  /// Height and width of the picture in a row's input.
  private func sizes(_ size: StoredPixels) -> @Sendable (_ row: Int) -> ImageSize {
    let pixels = PixelStore(name: store.name, store: store.store, validSize: store.validSize)
    let (height, width) = (size.height, size.width)
    return { pixels.size(row: $0, height: height, width: width) }
  }

  /// What networks make of a block, images of one size together.
  private func perceive(
    _ block: PixelBlock, _ blockRows: [Int], _ size: StoredPixels, _ settings: Quality.Settings,
    set: (_ tap: Int, _ image: Int, _ metric: Int, _ value: Double) -> Void
  ) throws {
    let validSize = sizes(size)
    for (metric, kind) in settings.metrics.enumerated() {
      guard let network = store.networks[kind] else { continue }
      var first = 0
      while first < blockRows.count {
        let valid = validSize(blockRows[first])
        let (height, width) = (valid.height, valid.width)
        let most = network.batch(height: height, width: width)
        var end = first + 1
        while end < blockRows.count, end - first < most, validSize(blockRows[end]) == valid { end += 1 }
        let images = first..<end
        first = end
        guard min(height, width) >= network.leastSide else { continue }
        func pictures(_ number: Int) throws -> Tensor {
          try block.tensor(number, images, size).slice(1, 0..<height).slice(2, 0..<width)
        }
        let features = try network.features(of: pictures(0))
        for tap in taps.indices {
          for (offset, value) in try network.distances(of: pictures(tap + 1), to: features).enumerated() {
            set(tap, images.lowerBound + offset, metric, value)
          }
        }
      }
    }
  }

  /// What the model makes of a block, a few images at a time.
  private func compare(
    _ comparison: ModelComparison, _ block: PixelBlock, _ blockRows: [Int], _ size: StoredPixels,
    _ settings: Quality.Settings, set: (_ tap: Int, _ image: Int, _ metric: Int, _ value: Double?) -> Void
  ) throws {
    for images in pieces(of: 0..<blockRows.count, size: ModelComparison.batch) {
      let inputs = try block.tensor(0, images, size)
      let shown = try taps.enumerated().map { number, tap in
        (tap: tap, pixels: try block.tensor(number + 1, images, size))
      }
      let observations = try comparison.compare(inputs: inputs, reconstructions: shown, rows: Array(blockRows[images]))
      for (tap, ofTap) in observations.enumerated() {
        for (offset, observation) in ofTap.enumerated() {
          for (metric, kind) in settings.metrics.enumerated() where kind.origin == .model {
            set(tap, images.lowerBound + offset, metric, observation[kind])
          }
        }
      }
    }
  }
}

/// Pixels of some images: the inputs, then what came back from each tap.
private final class PixelBlock: Sendable {
  let images: Int
  private let buffer: Buffer<UInt8>
  private let imageBytes: Int

  init(images: Int, of imageBytes: Int, taps: Int) {
    self.images = images
    self.imageBytes = imageBytes
    buffer = Buffer(images * imageBytes * (taps + 1))
  }

  private var start: UnsafeMutableRawPointer { UnsafeMutableRawPointer(buffer.pointer) }

  func inputs(_ count: Int) -> UnsafeMutableRawBufferPointer { part(0, count) }

  func tap(_ tap: Int, _ count: Int) -> UnsafeMutableRawBufferPointer { part(tap + 1, count) }

  /// Some images of the inputs (0) or of a tap (its number and 1) as `[images, height, width, 3]` on this memory.
  func tensor(_ number: Int, _ images: Range<Int>, _ size: StoredPixels) throws -> Tensor {
    precondition(images.upperBound <= self.images, "images within the block")
    return try Tensor(
      sharing: start + (number * self.images + images.lowerBound) * imageBytes, owner: self,
      shape: [images.count, size.height, size.width, 3], dtype: .uint8)
  }

  func input(_ image: Int) -> UnsafeRawBufferPointer { memory(0, image) }

  func tap(_ tap: Int, image: Int) -> UnsafeRawBufferPointer { memory(tap + 1, image) }

  private func part(_ number: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(count <= images, "images within the block")
    return UnsafeMutableRawBufferPointer(start: start + number * images * imageBytes, count: count * imageBytes)
  }

  private func memory(_ number: Int, _ image: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + (number * images + image) * imageBytes, count: imageBytes)
  }
}
