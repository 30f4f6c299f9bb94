import Figures
import Results

/// All pairs of taps by one measure, one estimator and one way to take tokens: a symmetric matrix over the taps of all
/// stores, in order of stores and of depth.
public struct SimilarityVariant: Sendable {
  /// One store and its taps that occur in the rows.
  public struct Store: Sendable {
    public let name: String
    public let taps: [String]
    /// Index of its first tap in the matrix.
    public let start: Int
    /// Its taps as its model's tree has them.
    let course: TapTree.Course
    /// The layers between which steps are taken.
    let layers: [String]

    /// The index of a tap in the matrix; nil where it is not one of the store's.
    func index(of tap: String) -> Int? { taps.firstIndex(of: tap).map { start + $0 } }

    var indices: Range<Int> { start..<start + taps.count }
  }

  public let measure: String
  public let estimator: String
  public let tokens: String?
  public let stores: [Store]
  /// One row a pair of taps: the first where the file has several.
  public let rows: [SimilarityTable.Row]
  /// How many pairs occur again with another value.
  let contradictions: Int
  /// How many taps there are in all.
  public let size: Int
  /// For every pair the index of its row; -1 where the file has none.
  private let positions: [Int32]
  /// For every row what chance gives; empty where that was not computed.
  private let nulls: [NullTable.Row?]

  /// - Parameters:
  ///   - nullTable: what chance gives, of the same measure and estimator among others.
  ///   - order: stores and their taps in the order wanted; those it lacks follow as they appear.
  ///   - tree: what the taps are in their models.
  init(
    measure: String, estimator: String, tokens: String?, rows: [SimilarityTable.Row], nullTable: NullTable?,
    order: [(String, [String])], tree: TapTree
  ) {
    self.measure = measure
    self.estimator = estimator
    self.tokens = tokens
    var present = OrderedTaps()
    for row in rows {
      present.insert(row.storeA, row.tapA)
      present.insert(row.storeB, row.tapB)
    }
    var wanted = OrderedTaps()
    for (store, taps) in order {
      for tap in taps where present.contains(store, tap) { wanted.insert(store, tap) }
    }
    // What the order does not name follows behind the taps of its store.
    for (store, taps) in present.all { for tap in taps { wanted.insert(store, tap) } }
    var stores: [Store] = []
    var index: [String: [String: Int]] = [:]
    var start = 0
    for (name, taps) in wanted.all {
      stores.append(
        Store(
          name: name, taps: taps, start: start, course: tree.course(of: taps, in: name),
          layers: tree.layers(of: taps, in: name)))
      for (position, tap) in taps.enumerated() { index[name, default: [:]][tap] = start + position }
      start += taps.count
    }
    self.stores = stores
    size = start
    var positions = [Int32](repeating: -1, count: start * start)
    var distinct: [SimilarityTable.Row] = []
    var contradictions = 0
    for row in rows {
      guard let a = index[row.storeA]?[row.tapA], let b = index[row.storeB]?[row.tapB] else { continue }
      let known = positions[a * start + b]
      guard known < 0 else {
        if distinct[Int(known)].value != row.value { contradictions += 1 }
        continue
      }
      positions[a * start + b] = Int32(distinct.count)
      positions[b * start + a] = Int32(distinct.count)
      distinct.append(row)
    }
    self.rows = distinct
    nulls = nullTable.map { table in distinct.map(table.row) } ?? []
    self.contradictions = contradictions
    self.positions = positions
  }

  /// The row of a pair of taps; nil if the file has none.
  public func row(_ a: Int, _ b: Int) -> SimilarityTable.Row? {
    let position = positions[a * size + b]
    return position < 0 ? nil : rows[Int(position)]
  }

  /// What chance gives for a pair of taps; nil if that is not known.
  func null(_ a: Int, _ b: Int) -> NullTable.Row? {
    let index = positions[a * size + b]
    return index < 0 || nulls.isEmpty ? nil : nulls[Int(index)]
  }

  /// What is known of chance, in the order of the rows.
  var knownNulls: [(row: SimilarityTable.Row, null: NullTable.Row)] {
    zip(rows, nulls).compactMap { row, null in null.map { (row, $0) } }
  }

  /// The number of images where it is the same for all rows.
  var commonCount: Int? {
    guard let first = rows.first?.count, rows.allSatisfy({ $0.count == first }) else { return nil }
    return first
  }

  var hasIntervals: Bool { rows.contains { $0.low != nil && $0.high != nil } }

  /// "n = 2048", or the range where rows differ.
  var countText: String {
    let counts = rows.map(\.count)
    guard let low = counts.min(), let high = counts.max() else { return "n = 0" }
    return low == high ? "n = \(Numbers.grouped(low))" : "n = \(Numbers.grouped(low)) to \(Numbers.grouped(high))"
  }

  // MARK: Names

  /// Safe in file names and addresses.
  var identifier: String {
    [measure, estimator, tokens ?? ""].filter { !$0.isEmpty }.map(Escaping.fileName).joined(separator: "-")
  }

  /// What Palimpsest knows of the measure; nil for one of another version.
  var definition: MeasureDefinition? { MeasureDefinition.named(measure) }

  /// More is more alike: the value, or its negative of a distance.
  func likeness(_ value: Double) -> Double { definition?.likeness(value) ?? value }

  /// Whether two taps are the more alike the lower the value is.
  var isDistance: Bool { definition?.isDistance ?? false }

  /// What scales show: 0 … 1 of a measure that is not known.
  var range: ClosedRange<Double> { definition?.range ?? 0...1 }

  /// "Linear CKA (debiased)", for scales and headings.
  var label: String {
    (definition?.title ?? measure.prefix(1).uppercased() + measure.dropFirst())
      + (estimator.isEmpty ? "" : " (\(estimator))")
  }

  /// The label and the tokens where the file tells them.
  var longLabel: String { tokens.map { "\(label), tokens: \($0)" } ?? label }

  /// Short name of the quantity, for sentences with numbers: "CKA".
  var quantity: String { definition?.quantity ?? measure }
}
