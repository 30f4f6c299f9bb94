import Formats
import HDF5
import Results

/// The pixels of all rows of one dataset of a store: inputs of a condition, or what was reconstructed from a tap.
public struct StoredPixels: Sendable {
  public let size: ImageSize
  private let store: FeatureStore
  private let dataset: String

  public var height: Int { size.height }
  public var width: Int { size.width }
  /// Bytes of one image, three a pixel.
  public var imageBytes: Int { size.area * 3 }

  fileprivate init(_ store: FeatureStore, _ size: ImageSize, _ dataset: String) throws {
    self.store = store
    self.size = size
    self.dataset = dataset
    try store.requirePixels(store.reader(dataset))
  }

  /// Reads chosen rows, `[rows, height, width, 3]`, in the order given.
  ///
  /// - Parameter buffer: room for exactly `rows.count * imageBytes` bytes.
  public func read(rows: [Int], into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(buffer.count == rows.count * imageBytes, "the buffer holds the rows")
    var position = 0
    while position < rows.count {
      // Rows that follow each other at once: a chunk may hold several.
      var count = 1
      while position + count < rows.count, rows[position + count] == rows[position] + count { count += 1 }
      let run = rows[position]..<rows[position] + count
      let part = buffer[position * imageBytes..<(position + count) * imageBytes]
      try store.readBytes(
        dataset, rows: run, into: UnsafeMutableRawBufferPointer(rebasing: part), requiresPixels: true)
      position += count
    }
  }
}

extension FeatureStore {
  /// The pixels the model saw under a condition; nil where the store does not keep them.
  public func inputPixels(condition: String = ConditionName.original.text) throws -> StoredPixels? {
    guard let size = try inputSize(condition: condition) else { return nil }
    return try StoredPixels(self, size, StoreSchema.inputs(condition))
  }

  /// The images that were reconstructed from a tap; they have the size of the inputs where the store keeps those.
  public func reconstructedPixels(condition: String = ConditionName.original.text, tap: String) throws -> StoredPixels {
    let names = try reconstructions(of: condition)
    guard names.contains(tap), let size = try reconstructionSize(of: condition) else {
      throw StoreError(
        .badRequest,
        "\(path) has no reconstruction from '\(tap)' under \(condition); it has "
          + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    }
    return try StoredPixels(self, size, StoreSchema.reconstructions(condition, tap))
  }
}
