import Figures
import Formats
import Results

/// What an author set of the figures: values by key, known to be possible.
public struct FigureSettings: Sendable, Equatable, Codable {
  /// As they were given, by key; a key of one kind of figures begins with the kind and a full stop.
  public private(set) var values: [String: String]

  public init() { values = [:] }

  /// - Parameter pairs: keys and values; of several of one key the last counts.
  /// - Throws: `ReportError` at the first that is unknown or impossible.
  public init(_ pairs: [(key: String, value: String)]) throws(ReportError) {
    values = [:]
    for (key, value) in pairs {
      let (figure, plain) = FigureSetting.parts(of: key)
      guard let setting = FigureSetting.of(plain) else {
        let keys = FigureSetting.all.map { $0.isNamed ? $0.key + ".NAME" : $0.key }
        throw ReportError(
          "'\(key)' is no setting of figures\(Spelling.suggestion(for: plain, among: keys)); "
            + "docs/figure-settings.md lists them")
      }
      if let problem = setting.problem(with: value, limitedTo: figure) { throw ReportError("\(key) \(problem)") }
      values[key] = value
    }
  }

  /// From `KEY=VALUE` each.
  public init(texts: [String]) throws(ReportError) {
    var pairs: [(key: String, value: String)] = []
    for text in texts {
      guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
        throw ReportError("--set is '\(text)'; give KEY=VALUE, such as names.vit=ViT-B/16")
      }
      pairs.append((String(text[..<sign]), String(text[text.index(after: sign)...])))
    }
    try self.init(pairs)
  }

  public init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: String].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }

  public var isEmpty: Bool { values.isEmpty }

  /// The value for a kind of figures.
  func value(_ setting: FigureSetting, of kind: String, name: String? = nil) -> String? {
    let key = name.map { "\(setting.key).\($0)" } ?? setting.key
    return values["\(kind).\(key)"] ?? values[key]
  }

  func list(_ setting: FigureSetting, of kind: String) -> [String]? {
    value(setting, of: kind).map(FigureSetting.list)
  }

  func truth(_ setting: FigureSetting, of kind: String) -> Bool? {
    value(setting, of: kind).flatMap(FigureSetting.truth)
  }

  func range(_ setting: FigureSetting, of kind: String) -> ClosedRange<Double>? {
    value(setting, of: kind).flatMap(FigureSetting.range)
  }

  func number(_ setting: FigureSetting, of kind: String) -> Double? { value(setting, of: kind).flatMap { Double($0) } }

  /// What something is called: as it was named, or as it is.
  func name(_ text: String, of kind: String, otherwise plain: String? = nil) -> String {
    value(.names, of: kind, name: text) ?? plain ?? text
  }

  /// What was set and concerns a kind of figures, for its description, in the order of the keys.
  func described(_ kind: String) -> [FigureDescription.Setting] {
    values.keys.sorted().compactMap { key in
      let parts = FigureSetting.parts(of: key)
      guard parts.figure == nil || parts.figure == kind, let setting = FigureSetting.of(parts.key),
        setting.figures.isEmpty || setting.figures.contains(kind)
      else { return nil }
      return FigureDescription.Setting("set \(key)", values[key] ?? "")
    }
  }

  /// Keys that change nothing of a kind of figures.
  public func withoutEffect(on kind: String) -> [String] {
    values.keys.sorted().filter { key in
      let parts = FigureSetting.parts(of: key)
      guard let setting = FigureSetting.of(parts.key) else { return true }
      return (parts.figure != nil && parts.figure != kind)
        || !(setting.figures.isEmpty || setting.figures.contains(kind))
    }
  }

  /// The first of the metrics that were asked for of a kind of figures; nil where none was.
  public func metrics(ofKind kind: String) -> String? { list(.metrics, of: kind)?.first }
}
