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

  public let path: String
  public let model: String
  /// `vit`, `deit`, `swin`, `detr` or `other`.
  public let family: String
  /// Root attributes that are strings or numbers, in the order of the file.
  public let attributes: [StoreSetting]
  /// `original` first, where it exists.
  public let conditions: [String]
  public let imagePaths: [String]
  /// -1 where unknown.
  public let labels: [Int32]
  public let classes: [String]
  /// Empty where the image was read.
  public let errors: [String]
  /// The size of each image file, 0x0 of one that could not be read; empty where the store does not say.
  public let imageSizes: [ImageSize]
  /// What each image file's bytes are known by, nil where that is not recorded (of an image that could not be read); empty
  /// where the store does not say of any.
  public let imageContents: [ContentIdentity?]

  /// What a reader should know of the file, in sentences: links that lead nowhere.
  public let notes: [String]

  let file: HDF5File
  private let reading: StoreReading
  private let tapsByCondition: [[StoredTap]]
  private let readers = Mutex<[String: RowReader]>([:])
  let completeness = Mutex<[String: RowCompleteness]>([:])

  /// Number of images.
  public var count: Int { imagePaths.count }

  /// Opens a store and checks that it is one.
  ///
  /// - Throws: `StoreError` of kind `badStore` that says what is wrong: not HDF5, truncated, not a feature store, newer
  ///   than this program, a missing dataset, shapes that do not agree.
  public init(path: String) throws {
    self.path = path
    do {
      file = try HDF5File.open(path)
    } catch let error as HDF5Error {
      throw StoreError(.badStore, error.description)
    }
    do {
      let reading = StoreReading(file: file)
      try reading.requireFormat()
      attributes = try reading.rootAttributes()
      model = try reading.rootString("model") ?? "unknown"
      family = try reading.rootString("family") ?? "other"
      imagePaths = try reading.imagePaths()
      labels = try reading.labels(count: imagePaths.count)
      classes = try reading.classes()
      errors = try reading.errors(count: imagePaths.count)
      imageSizes = try reading.sizes(count: imagePaths.count)
      imageContents = try reading.contents(count: imagePaths.count)
      conditions = try reading.conditions()
      tapsByCondition = try conditions.map { [imagePaths] in try reading.taps(condition: $0, count: imagePaths.count) }
      notes = reading.notes
      self.reading = reading
    } catch let error as HDF5Error {
      throw StoreError(.badStore, error.description)
    }
  }

  /// A root attribute as text; nil where the store has none of that name.
  public func attribute(_ name: String) -> String? {
    attributes.first { $0.name == name }?.value
  }

  /// Taps of a condition in order of depth.
  public func taps(condition: String = ConditionName.original.text) throws -> [StoredTap] {
    guard let index = conditions.firstIndex(of: condition) else {
      throw StoreError(
        .badRequest, "\(path) has no condition '\(condition)'; it has \(conditions.joined(separator: ", "))")
    }
    return tapsByCondition[index]
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
      guard shape.count == 4, shape[0] == count, shape[3] == 3 else {
        throw StoreError(.badStore, "\(path): \(dataset) has shape \(shape), expected [\(count), height, width, 3]")
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
    try check(rows: row..<row + 1)
    let reader = try pixelReader(StoreSchema.inputs(condition))
    let bytes = size.area * 3
    return try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, initialized in
      try reporting {
        try reader.readBytes(
          rows: row..<row + 1,
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[0..<bytes]))
      }
      initialized = bytes
    }
  }

  // MARK: Inside

  func check(rows: Range<Int>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw StoreError(
        .badRequest, "\(path): rows \(rows.lowerBound) to \(rows.upperBound) are outside its \(count) images")
    }
  }

  /// The way to read a dataset's rows, found once.
  func reader(_ dataset: String) throws -> RowReader {
    if let known = readers.withLock({ $0[dataset] }) { return known }
    let made = try reporting {
      let opened = try file.dataset(dataset, cacheBytes: FeatureStore.cacheBound)
      try reading.requireFinishedSources(of: opened)
      return try RowReader(opened)
    }
    return readers.withLock { readers in
      if let known = readers[dataset] { return known }
      readers[dataset] = made
      return made
    }
  }

  /// The same of a dataset of pixels.
  func pixelReader(_ dataset: String) throws -> RowReader {
    let reader = try reader(dataset)
    guard reader.scalar == .uint8 else {
      throw StoreError(.badStore, "\(path): \(dataset) holds \(reader.scalar), expected uint8")
    }
    return reader
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
