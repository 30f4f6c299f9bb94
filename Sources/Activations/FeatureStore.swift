import Formats
import Foundation
import HDF5
import Results
import Synchronization

/// A tap as a store holds it.
public struct StoredTap: Sendable, Equatable {
  public let name: String
  public let tokens: Int
  public let channels: Int
  /// The token grid behind the prefix tokens; nil where there is none.
  public let grid: ImageSize?
  public let prefixTokens: Int
  /// Precision in the file.
  public let scalar: HDF5ScalarType
  /// The tap of the store that its value is computed from; nil where there is none, or the store does not say.
  public let parent: String?
  /// nil where the store does not say.
  public let role: TapRole?
  /// What a row is when it is unfolded, slowest axis first; empty where the store does not say.
  public let axes: [TapAxis]
  /// What the tap is, of one inside a block; nil where the store does not say.
  public let definition: String?

  /// Whether it is attention weights: heads × queries × keys, not tokens × channels.
  public var holdsWeights: Bool {
    role.map { $0 == .weights } ?? (BlockPart.split(name)?.part.holdsWeights ?? false)
  }
  /// Numbers in one row.
  public var columns: Int { tokens * channels }
  /// Bytes of one row in the file (before compression).
  public var rowBytes: Int { columns * scalar.size }
}

/// Reads a feature store: one of Palimpsest's own, or one of the same schema written by h5py.
///
/// Everything but the features is read when the store is opened. All calls may come from any thread. No feature is kept
/// after the call that reads it; see `cacheBound` for the memory a call takes beside the caller's buffer.
public final class FeatureStore: Sendable {
  /// The most memory one call takes beside the caller's buffer, unless a single row or chunk is larger: each reading
  /// thread then holds at most two decompressed chunks.
  public static let cacheBound = 64 << 20

  /// Of the file, or of the folder of its shards.
  public let path: String
  let parts: StoreParts
  private let contents: StoreContents
  let completeness = Mutex<[String: RowCompleteness]>([:])

  public var model: String { contents.model }
  /// `vit`, `deit`, `swin`, `detr` or `other`.
  public var family: String { contents.family }
  /// Root attributes that are strings or numbers, in the order of the file.
  public var attributes: [StoreSetting] { contents.attributes }
  /// `original` first, where it exists.
  public var conditions: [String] { contents.conditions }
  public var imagePaths: [String] { contents.imagePaths }
  /// -1 where unknown.
  public var labels: [Int32] { contents.labels }
  public var classes: [String] { contents.classes }
  /// Empty where the image was read.
  public var errors: [String] { contents.errors }
  /// The size of each image file, 0x0 of one that could not be read; empty where the store does not say.
  public var imageSizes: [ImageSize] { contents.imageSizes }
  /// What each image file's bytes are known by, nil where that is not recorded (of an image that could not be read); empty
  /// where the store does not say of any.
  public var imageContents: [ContentIdentity?] { contents.imageContents }
  /// What a reader should know of the file, in sentences: links that lead nowhere.
  public var notes: [String] { contents.notes }
  /// Number of images.
  public var count: Int { contents.imagePaths.count }

  /// The file whose structure stands for the whole store: the only one, or the first shard.
  var file: HDF5File { parts.first.file }

  /// Opens a store and checks that it is one: a file, or a folder of shards (``ShardFolder``), of which every one has to be
  /// there, finished and of one plan.
  ///
  /// - Throws: `StoreError` of kind `badStore` that says what is wrong: not HDF5, truncated, not a feature store, newer
  ///   than this program, a missing dataset, shapes that do not agree; a shard that is missing, not finished or of another store.
  public init(path: String) throws {
    self.path = path
    do {
      if ShardFolder.isOne(path) {
        (contents, parts) = try ShardFolder(path).open()
        return
      }
      let file = try HDF5File.open(path)
      let reading = StoreReading(file: file)
      contents = try StoreContents(reading)
      let all = StoreParts.Part(path: path, rows: 0..<contents.imagePaths.count)
      parts = StoreParts([all], first: StoreFile(file, reading))
    } catch let error as HDF5Error {
      throw StoreError(.badStore, error.description)
    }
  }

  /// A root attribute as text; nil where the store has none of that name.
  public func attribute(_ name: String) -> String? {
    contents.attribute(name)
  }

  /// Taps of a condition in order of depth.
  public func taps(condition: String = ConditionName.original.text) throws -> [StoredTap] {
    guard let index = conditions.firstIndex(of: condition) else {
      throw StoreError(
        .badRequest, "\(path) has no condition '\(condition)'; it has \(conditions.joined(separator: ", "))")
    }
    return contents.taps[index]
  }

  /// A tap by name.
  public func tap(_ name: String, condition: String = ConditionName.original.text) throws -> StoredTap {
    let taps = try taps(condition: condition)
    guard !taps.isEmpty else { throw lacksFeatures(condition) }
    guard let tap = taps.first(where: { $0.name == name }) else {
      throw StoreError(
        .badRequest,
        "\(path) has no tap '\(name)' under \(condition); it has \(taps.map(\.name).joined(separator: ", "))")
    }
    return tap
  }

  /// Why an analysis of features cannot take the store.
  public func lacksFeatures(_ condition: String) -> StoreError {
    StoreError(
      .badRequest,
      "\(path) holds no features (/features/\(condition)), only pixels; give a store of palimpsest extract or reconstruct"
    )
  }

  // MARK: Progress

  /// One byte a row, 1 where the row is complete. A store without `/progress` is complete where HDF5 knows that everything
  /// of the row was written.
  public func progress(of condition: String) throws -> [UInt8] { try completeness(of: condition).marks }

  /// Rows that are complete and whose image could be read: the rows to work with.
  public func completeRows(condition: String = ConditionName.original.text) throws -> [Int] {
    let progress = try progress(of: condition)
    return (0..<count).filter { progress[$0] == 1 && errors[$0].isEmpty }
  }

  /// Whether the writer has marked the store as finished; nil where it keeps no such mark.
  public func finishedMark() throws -> Bool? {
    try reporting {
      guard try file.entry(at: StoreSchema.finished) != nil else { return nil }
      return try file.dataset(StoreSchema.finished).read(UInt8.self).first == 1
    }
  }

  // MARK: Pixels

  /// Height and width of the pixels the model saw; nil where the store does not keep them.
  public func inputSize(condition: String = ConditionName.original.text) throws -> ImageSize? {
    let dataset = StoreSchema.inputs(condition)
    return try reporting {
      guard try file.entry(at: dataset) != nil else { return nil }
      let shape = try file.dataset(dataset).shape
      guard shape.count == 4, shape[0] == parts.firstCount, shape[3] == 3 else {
        throw StoreError(
          .badStore, "\(path): \(dataset) has shape \(shape), expected [\(parts.firstCount), height, width, 3]")
      }
      _ = try file.dataset(dataset).rowBytes()
      return ImageSize(height: shape[1], width: shape[2])
    }
  }

  /// Pixels of one row, `[height, width, 3]`.
  public func readInput(condition: String = ConditionName.original.text, row: Int) throws -> [UInt8] {
    guard let size = try inputSize(condition: condition) else {
      throw StoreError(.badRequest, "\(path) keeps no pixels of condition '\(condition)'")
    }
    return try readPixels(StoreSchema.inputs(condition), row: row, bytes: size.area * 3)
  }

  // MARK: Inside

  func check(rows: Range<Int>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw StoreError(
        .badRequest, "\(path): rows \(rows.lowerBound) to \(rows.upperBound) are outside its \(count) images")
    }
  }

  /// The way to read a dataset's rows: of shards, those of the first.
  func reader(_ dataset: String) throws -> RowReader { try reporting { try parts.reader(dataset, of: 0) } }

  /// Reads rows of a dataset as they are in the file, little-endian.
  ///
  /// - Parameters:
  ///   - buffer: room for exactly those rows.
  ///   - requiresPixels: whether they have to be bytes of pixels.
  func readBytes(
    _ dataset: String, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer, requiresPixels: Bool = false
  ) throws {
    try check(rows: rows)
    var start = 0
    for (part, rows) in parts.pieces(of: rows) {
      try reporting {
        let reader = try parts.reader(dataset, of: part)
        if requiresPixels { try requirePixels(reader) }
        let end = start + rows.count * reader.rowBytes
        guard end <= buffer.count else {
          throw StoreError(
            .badStore, "\(parts.parts[part].path): the rows of \(dataset) are larger than those of the store")
        }
        try reader.readBytes(rows: rows, into: UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end]))
        start = end
      }
    }
    guard start == buffer.count else {
      throw StoreError(.badStore, "\(path): the rows of \(dataset) are smaller than those of the store")
    }
  }

  /// The bytes of one row of a dataset of pixels.
  func readPixels(_ dataset: String, row: Int, bytes: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, initialized in
      try readBytes(
        dataset, rows: row..<row + 1,
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[0..<bytes]),
        requiresPixels: true)
      initialized = bytes
    }
  }

  func requirePixels(_ reader: RowReader) throws {
    guard reader.scalar == .uint8 else {
      throw StoreError(
        .badStore, "\(reader.dataset.file.path): \(reader.dataset.path) holds \(reader.scalar), expected uint8")
    }
  }

  /// Errors of libhdf5 as errors of this store.
  func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as HDF5Error {
      throw StoreError(.badStore, error.description)
    }
  }
}
