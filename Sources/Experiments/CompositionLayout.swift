import Foundation
import Results

/// The file of `palimpsest figure compose`: which figures stand where on one page.
public struct CompositionLayout: Sendable {
  public struct Part: Sendable {
    /// A figure's name, or its sort.
    public var kind: String
    /// Of several of a sort, the one whose name holds this.
    public var metric: String?
    /// A folder of results.
    public var results: String
    /// How wide it is beside the others of its row.
    public var width: Double
    /// Behind its letter; empty for nothing.
    public var title: String
    public var settings: [GivenSetting]
    public var line: Int
  }

  public struct Row: Sendable {
    public var parts: [Part]
    /// Of its plots in inches.
    public var height: Double?
  }

  public var rows: [Row] = []
  /// `text`, `column`, or inches.
  public var width: String?
  public var style: String?
  public var letters = true
  /// `above`, `below`, `parts` or `none`.
  public var legend = "above"
  public var title: String?
  public var caption: String?
  /// Where the file lies: results are relative to its folder.
  public let file: String

  static let keys = ["title", "caption", "width", "style", "letters", "legend", "results", "figures", "rows"]
  static let legends = ["above", "below", "parts", "none"]
  static let rowKeys = ["parts", "height"]
  static let partKeys = ["kind", "metric", "results", "width", "title", "figures"]

  /// - Parameter file: what it is called in messages.
  /// - Throws: ``ExperimentError`` with everything that is wrong with it.
  public init(parsing text: String, file: String) throws {
    self.file = file
    let problems = ProblemList(file: file)
    let root = try YAMLValue(parsing: text, file: file)
    let reader = ExperimentReader(problems: problems, definitions: AnalysisDefinition.all)
    guard let pairs = root.pairs("a layout", problems) else {
      try problems.requireNone()
      return
    }
    let entry = EntryReader(pairs, title: "layout", line: root.line, keys: Self.keys, problems)
    title = entry.text("title")
    caption = entry.text("caption")
    width = entry.text("width")
    style = entry.text("style")
    letters = entry.flag("letters") ?? true
    if let given = entry.text("legend") {
      legend = given
      if !Self.legends.contains(given) {
        entry.add("legend", "legend is '\(given)'; give one of \(Self.legends.joined(separator: ", "))")
      }
    }
    let shared = entry.value("figures").map(reader.figureSettings) ?? []
    let results = entry.text("results")
    guard let value = entry.value("rows"), case .list(let listed) = value.content, !listed.isEmpty else {
      entry.add("rows", "there are no rows; give 'rows:' with a list, a row each: a part, or a list of parts")
      try problems.requireNone()
      return
    }
    rows = listed.map { row in
      Self.row(row, results: results, shared: shared, reader: reader, problems)
    }
    try problems.requireNone()
  }

  private static func row(
    _ value: YAMLValue, results: String?, shared: [GivenSetting], reader: ExperimentReader, _ problems: ProblemList
  ) -> Row {
    func parts(_ values: [YAMLValue]) -> [Part] {
      values.compactMap { part($0, results: results, shared: shared, reader: reader, problems) }
    }
    switch value.content {
    case .list(let values): return Row(parts: parts(values))
    case .mapping(let pairs) where pairs.contains { $0.key == "parts" }:
      let entry = EntryReader(pairs, title: "row", line: value.line, keys: rowKeys, problems)
      guard case .list(let values)? = entry.value("parts")?.content else {
        entry.add("parts", "parts is no list; give a list of parts")
        return Row(parts: [])
      }
      return Row(parts: parts(values), height: number("height", in: entry, 0.5...100))
    default: return Row(parts: parts([value]))
    }
  }

  private static func number(_ key: String, in entry: EntryReader, _ range: ClosedRange<Double>) -> Double? {
    guard let text = entry.text(key) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      entry.add(key, "\(key) is '\(text)'; give \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }

  private static func part(
    _ value: YAMLValue, results: String?, shared: [GivenSetting], reader: ExperimentReader, _ problems: ProblemList
  ) -> Part? {
    if case .text(let kind) = value.content, let results {
      return Part(kind: kind, results: results, width: 1, title: "", settings: shared, line: value.line)
    }
    guard let pairs = value.pairs("a part", problems) else { return nil }
    let entry = EntryReader(pairs, title: "part", line: value.line, keys: partKeys, problems)
    guard let kind = entry.text("kind") else {
      if !entry.has("kind") { entry.add("there is no kind; 'palimpsest figure list RESULTS' says what results have") }
      return nil
    }
    guard let results = entry.text("results") ?? results else {
      entry.add("there are no results; give 'results:' here, or once for all parts")
      return nil
    }
    return Part(
      kind: kind, metric: entry.text("metric"), results: results, width: number("width", in: entry, 0.01...100) ?? 1,
      title: entry.text("title") ?? "", settings: shared + (entry.value("figures").map(reader.figureSettings) ?? []),
      line: value.line)
  }
}
