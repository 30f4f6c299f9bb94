import Analysis

/// What an analysis of stores came to.
public struct AnalysisSummary: Encodable, Sendable {
  /// The folder of the results.
  public let out: String
  /// Its main table, by name.
  public let table: String
  /// Every file it wrote, by name.
  public let outputs: [String]
  /// Values in the main table.
  public let rows: Int
  /// Images used of each store.
  public let images: [Int]
  public let leftOut: [LeftOutImage]
  public let notes: [String]
  public let seconds: Double
  /// Further counts, by their names in the JSON.
  public let counts: [String: Int]

  init(
    out: String, table: String, outputs: [String], rows: Int, images: [Int], leftOut: [LeftOutImage], notes: [String],
    seconds: Double, counts: [String: Int] = [:]
  ) {
    self.out = out
    self.table = table
    self.outputs = outputs
    self.rows = rows
    self.images = images
    self.leftOut = leftOut
    self.notes = notes
    self.seconds = seconds
    self.counts = counts
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func set(_ name: String, _ value: some Encodable) throws {
      try container.encode(value, forKey: Key(stringValue: name))
    }
    try set("out", out)
    try set("rows", rows)
    try set("images", images.reduce(0, +))
    try set("leftOut", leftOut.count)
    try set("notes", notes)
    try set("seconds", seconds)
    try set("peakResidentBytes", Host.peakResidentBytes)
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) { try set(name, count) }
  }
}

/// An analysis of stores, from their files to a results folder.
public protocol AnalysisJob: Sendable {
  /// Runs the analysis and writes its tables and `provenance.json`.
  ///
  /// - Throws: ``BadInput``, `AnalysisError` and `StoreError`; what the reporter throws, where it was interrupted.
  func run(_ reporter: JobReporter) throws -> AnalysisSummary
}
