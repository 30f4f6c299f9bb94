import Analysis
import Reports

/// What an analysis of stores came to.
struct FinishedAnalysis {
  /// Its main table, by name.
  let table: String
  /// Every file it wrote, by name.
  let outputs: [String]
  /// Values in the main table.
  let rows: Int
  /// Images used of each store.
  let images: [Int]
  let leftOut: [LeftOutImage]
  let notes: [String]
  let seconds: Double
  /// Further counts, by their names in the summary.
  var counts: [String: Int] = [:]
  /// What else was found, said behind the number of values.
  var remark = ""

  /// As `--json` prints it.
  struct Summary: Encodable {
    private struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }

      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { return nil }
    }

    let out: String
    let finished: FinishedAnalysis

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      func set(_ name: String, _ value: some Encodable) throws {
        try container.encode(value, forKey: Key(stringValue: name))
      }
      try set("out", out)
      try set("rows", finished.rows)
      try set("images", finished.images.reduce(0, +))
      try set("leftOut", finished.leftOut.count)
      try set("notes", finished.notes)
      try set("seconds", finished.seconds)
      try set("peakResidentBytes", Host.peakResidentBytes)
      for (name, count) in finished.counts.sorted(by: { $0.key < $1.key }) { try set(name, count) }
    }
  }
}

extension FinishedAnalysis {
  /// Says what there is now, as a line or as JSON.
  func tell(_ out: String, _ output: OutputOptions) throws {
    output.say(
      "\(out)/\(table): \(rows) values\(remark) from \(images.reduce(0, +)) images in \(Numbers.fixed(seconds, 1)) s")
    try output.summarize(Summary(out: out, finished: self))
  }
}

extension PixelAnalysisFolder {
  /// Writes `provenance.json`, says what a reader of the tables should know and what there is now.
  ///
  /// - Parameter inputs: files that were read beside stores and annotations.
  func finish(
    _ finished: FinishedAnalysis, _ opened: [PixelStore], seed: UInt64, settings: [(name: String, value: String)],
    inputs: [Provenance.File] = [], _ output: OutputOptions
  ) throws {
    try record(
      opened, images: finished.images, seed: seed, settings: settings, outputs: finished.outputs, inputs: inputs)
    tell(finished.notes, finished.leftOut, output)
    try finished.tell(out, output)
  }
}
