import Activations
import Formats

/// Pixels of some rows of several datasets of one size, read together.
final class PixelRows: Sendable {
  let height: Int
  let width: Int
  private let sources: [StoredPixels]
  private let capacity: Int
  private let imageBytes: Int
  private let buffer: Buffer<UInt8>

  /// - Parameters:
  ///   - sources: at least one; all of one size.
  ///   - capacity: the most rows at a time.
  init(_ sources: [StoredPixels], capacity: Int) {
    precondition(
      sources.allSatisfy { $0.height == sources[0].height && $0.width == sources[0].width }, "pixels of one size")
    self.sources = sources
    self.capacity = capacity
    (height, width, imageBytes) = (sources[0].height, sources[0].width, sources[0].imageBytes)
    buffer = Buffer(sources.count * capacity * imageBytes)
  }

  private var start: UnsafeMutableRawPointer { UnsafeMutableRawPointer(buffer.pointer) }

  /// Rows that fit into `bytes`, at most 64.
  static func capacity(_ sources: [StoredPixels], bytes: Int) -> Int {
    max(1, min(64, bytes / max(1, sources.reduce(0) { $0 + $1.imageBytes })))
  }

  /// Reads the same rows of all sources.
  func read(_ rows: [Int]) throws {
    precondition(rows.count <= capacity, "rows within the capacity")
    for (number, source) in sources.enumerated() {
      try source.read(
        rows: rows,
        into: UnsafeMutableRawBufferPointer(
          start: start + number * capacity * imageBytes, count: rows.count * imageBytes))
    }
  }

  /// What a source holds of the row read at `index`, its upper left corner.
  func image(_ source: Int, _ index: Int, _ size: ImageSize) -> RGBPixels {
    let memory = UnsafeRawBufferPointer(
      start: start + (source * capacity + index) * imageBytes, count: imageBytes)
    return RGBPixels(memory, rowPixels: width, height: size.height, width: size.width)
  }
}
