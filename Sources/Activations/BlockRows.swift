import Formats
import Foundation

/// The bytes of a block's rows as the store keeps them.
///
/// `@unchecked Sendable`: the buffers of the block are only read, and whoever writes it holds them until it is written.
struct BlockRows: @unchecked Sendable {
  let block: FeatureBlock
  let plan: StorePlan
  let datasets: [PlannedDataset]
  let rows: Range<Int>
  /// For every row of the block, its place among the images read; nil where the image failed.
  let places: [Int?]

  /// - Parameter datasets: those of the block's condition, pixels first.
  init(_ block: FeatureBlock, plan: StorePlan, datasets: [PlannedDataset]) {
    self.block = block
    self.plan = plan
    self.datasets = datasets
    rows = plan.rows(ofBlock: block.block)
    var place = 0
    places = block.outcomes.map { outcome in
      guard outcome.isRead else { return nil }
      defer { place += 1 }
      return place
    }
  }

  /// The bytes a row was given as, float32 or pixels; nil where the image failed.
  func source(_ dataset: PlannedDataset, row: Int) -> UnsafeRawBufferPointer? {
    guard let place = places[row] else { return nil }
    if let tap = dataset.tap {
      let bytes = dataset.rowElements * 4
      return UnsafeRawBufferPointer(rebasing: block.taps[tap][place * bytes..<(place + 1) * bytes])
    }
    let source =
      dataset.isJoints ? block.joints : dataset.reconstruction.map { block.reconstructions[$0] } ?? block.inputs
    guard let source else { return nil }
    return UnsafeRawBufferPointer(rebasing: source[place * dataset.rowBytes..<(place + 1) * dataset.rowBytes])
  }

  /// Hands a row to `body` in pieces as they are to lie in the store, each with its offset in the row. Pieces are
  /// small enough to stay in the processor's cache between conversion, checksum and copy.
  func eachPiece(
    _ dataset: PlannedDataset, row: Int, _ body: (_ offset: Int, _ bytes: UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    let pieceBytes = 512 << 10
    let source = source(dataset, row: row)
    let converts = dataset.tap != nil && plan.precision == .float16
    guard let source, !converts else {
      // Zeros for a failed image, halves for float32: through a piece of memory of our own.
      try withUnsafeTemporaryAllocation(byteCount: min(pieceBytes, dataset.rowBytes), alignment: 16) { scratch in
        if source == nil { _ = scratch.initializeMemory(as: UInt8.self, repeating: 0) }
        for offset in stride(from: 0, to: dataset.rowBytes, by: pieceBytes) {
          let count = min(pieceBytes, dataset.rowBytes - offset)
          let piece = UnsafeMutableRawBufferPointer(rebasing: scratch[0..<count])
          if let source {
            Precision.halves(
              from: UnsafeRawBufferPointer(rebasing: source[offset * 2..<(offset + count) * 2]), into: piece)
          }
          try body(offset, UnsafeRawBufferPointer(piece))
        }
      }
      return
    }
    for offset in stride(from: 0, to: source.count, by: pieceBytes) {
      let end = min(source.count, offset + pieceBytes)
      try body(offset, UnsafeRawBufferPointer(rebasing: source[offset..<end]))
    }
  }

  /// What `/images` keeps of a row, and its checksum.
  func imageRecord(row: Int) -> ImageRecord {
    var size = [Int32](repeating: 0, count: 2)
    var error = [UInt8](repeating: 0, count: StoreSchema.errorBytes)
    switch block.outcomes[row] {
    case .read(let height, let width): size = [Int32(clamping: height), Int32(clamping: width)]
    case .failed(let reason):
      let text = BlockRows.fitting(reason.isEmpty ? "not readable" : reason, bytes: StoreSchema.errorBytes)
      error.replaceSubrange(0..<text.count, with: text)
    }
    let sizeBytes = size.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * Int32($0))) } }
    var content: [UInt8] = []
    if plan.recordsContents {
      let known = block.contents.indices.contains(row) ? block.contents[row] : nil
      content = known.map { Array($0.description.utf8) } ?? [UInt8](repeating: 0, count: ContentIdentity.digitCount)
    }
    return ImageRecord(size: sizeBytes, error: error, content: content)
  }

  /// The longest beginning of a text that takes at most so many bytes of UTF-8, on one line.
  static func fitting(_ text: String, bytes: Int) -> [UInt8] {
    var fitted: [UInt8] = []
    for character in text {
      let encoded = character.isNewline || character == "\0" ? [32] : Array(character.utf8)
      guard fitted.count + encoded.count <= bytes else { break }
      fitted += encoded
    }
    return fitted
  }
}

/// What `/images` keeps of one row beside its path and label, as bytes.
struct ImageRecord {
  /// Height and width, two int32.
  let size: [UInt8]
  let error: [UInt8]
  /// The digits that the file is known by, or zeros; nothing where the plan does not record it.
  let content: [UInt8]

  /// Of a record in a journal.
  static func byteCount(_ plan: StorePlan) -> Int {
    8 + StoreSchema.errorBytes + (plan.recordsContents ? ContentIdentity.digitCount : 0) + 4
  }

  var checksum: UInt32 { Checksum.crc32(of: size + error + content) }

  /// As a journal keeps it, the checksum last.
  var bytes: [UInt8] { size + error + content + Bytes.of(checksum) }
}
