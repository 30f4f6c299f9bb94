import Results

/// One line of a table: what it is of, and a value with its 95 % interval.
public struct EstimateRow: Sendable, Equatable {
  /// One for each column before the value: store, condition, tap, …
  public let labels: [String]
  /// nil where the definition gives none.
  public let value: Double?
  /// nil where there is no interval.
  public let low: Double?
  public let high: Double?
  /// Images the value is made of.
  public let n: Int

  public init(labels: [String], value: Double?, low: Double?, high: Double?, n: Int) {
    self.labels = labels
    self.value = value
    self.low = low
    self.high = high
    self.n = n
  }

  public init(labels: [String], _ estimate: MeanEstimate) {
    self.init(labels: labels, value: estimate.value, low: estimate.low, high: estimate.high, n: estimate.n)
  }

  /// Such lines as a table; its columns end with value, low, high and n.
  public static func table(_ definition: TableDefinition, _ rows: [EstimateRow]) -> TidyTable {
    var table = TidyTable(definition)
    for row in rows {
      table.append(row.labels.map { .text($0) } + [.real(row.value), .real(row.low), .real(row.high), .integer(row.n)])
    }
    return table
  }
}

/// One value of one image: a line of a table of every image's values.
public struct ImageValue: Sendable, Equatable {
  /// One for each column before the value.
  public let labels: [String]
  public let value: Double

  public init(labels: [String], value: Double) {
    self.labels = labels
    self.value = value
  }

  public var fields: [TidyTable.Field] { labels.map { .text($0) } + [.real(value)] }
}
