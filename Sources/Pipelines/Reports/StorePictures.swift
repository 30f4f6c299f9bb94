import Activations
import Formats
import Reports

/// A store's reconstructions for reports.
public struct StorePictures: Reports.ReconstructionSource {
  public let imagePaths: [String]
  public let conditions: [String]
  public let size: ImageSize
  private let store: FeatureStore
  private let tapsByCondition: [[String]]
  private let complete: [Set<Int>]

  /// nil where the file is a store without reconstructions.
  public init?(path: String) throws {
    let store = try FeatureStore(path: path)
    let conditions = try store.conditions.filter { try !store.reconstructions(of: $0).isEmpty }
    guard let first = conditions.first, let size = try store.reconstructionSize(of: first) else { return nil }
    // A figure has pictures of one size: conditions of another are left out.
    let equal = try conditions.filter { try store.reconstructionSize(of: $0) == size }
    self.store = store
    self.conditions = equal
    self.size = size
    imagePaths = store.imagePaths
    tapsByCondition = try equal.map(store.reconstructions(of:))
    complete = try equal.map { Set(try store.completeRows(condition: $0)) }
  }

  public func taps(of condition: String) -> [String] {
    conditions.firstIndex(of: condition).map { tapsByCondition[$0] } ?? []
  }

  public func isComplete(_ row: Int, condition: String) -> Bool {
    conditions.firstIndex(of: condition).map { complete[$0].contains(row) } ?? false
  }

  public func input(_ row: Int, condition: String) throws -> [UInt8]? {
    guard try store.inputSize(condition: condition) == size else { return nil }
    return try store.readInput(condition: condition, row: row)
  }

  public func reconstruction(_ row: Int, condition: String, tap: String) throws -> [UInt8] {
    try store.readReconstruction(condition: condition, tap: tap, row: row)
  }
}
