import Activations
import Analysis
import Figures
import Formats
import Reports
import Results

/// A store's reconstructions for reports, or its inputs alone.
public struct StorePictures: Reports.ReconstructionSource {
  public let imagePaths: [String]
  public let conditions: [String]
  public let size: ImageSize
  private let store: FeatureStore
  private let tapsByCondition: [[String]]
  private let complete: [Set<Int>]

  private let classNames: [String?]
  /// Of a detector's predictions.
  private let objectNames: [String]

  /// nil where the file is a store without reconstructions and inputs.
  public init?(path: String) throws {
    let store = try FeatureStore(path: path)
    let conditions = try store.conditions.filter { try !store.reconstructions(of: $0).isEmpty }
    let isDetector = try ClassPlaces.isDetector(store)
    let first = conditions.first ?? store.conditions.first ?? ConditionName.original.text
    let known = try conditions.isEmpty ? store.inputSize(condition: first) : store.reconstructionSize(of: first)
    guard let size = known else { return nil }
    // A figure has pictures of one size: conditions of another are left out.
    let equal = try conditions.filter { try store.reconstructionSize(of: $0) == size }
    self.store = store
    self.conditions = equal
    self.size = size
    imagePaths = store.imagePaths
    tapsByCondition = try equal.map(store.reconstructions(of:))
    complete = try equal.map { Set(try store.completeRows(condition: $0)) }
    classNames = store.labels.map { label in
      store.classes.indices.contains(Int(label)) ? store.classes[Int(label)] : nil
    }
    objectNames =
      try isDetector ? ClassPlaces.classNames(store, count: store.tap(ClassPlaces.taps.scores).channels - 1) : []
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

  public func className(_ row: Int) -> String? { classNames.indices.contains(row) ? classNames[row] : nil }

  /// Queries whose likeliest class is an object.
  public func objects(_ row: Int, condition: String) throws -> [PicturedObject] {
    guard !objectNames.isEmpty, try ClassPlaces.isDetector(store, condition: condition) else { return [] }
    let (scores, boxes) = ClassPlaces.taps
    let width = objectNames.count + 1
    let allScores = try store.readRows(condition: condition, tap: scores, rows: [row])
    let allBoxes = try store.readRows(condition: condition, tap: boxes, rows: [row])
    guard allScores.count == allBoxes.count / 4 * width else { return [] }
    return (0..<allBoxes.count / 4).compactMap { query in
      let own = allScores[query * width..<(query + 1) * width]
      let box = allBoxes[query * 4..<(query + 1) * 4].map { Double($0) }
      guard let best = own.indices.max(by: { own[$0] < own[$1] }), best - own.startIndex < objectNames.count,
        box.allSatisfy(\.isFinite)
      else { return nil }
      return PicturedObject(
        name: objectNames[best - own.startIndex],
        area: ImageGridFigure.Area(x: box[0] - box[2] / 2, y: box[1] - box[3] / 2, width: box[2], height: box[3]))
    }
  }
}
