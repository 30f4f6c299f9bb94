import Foundation

/// What an author can set of a figure: a key of `--set KEY=VALUE` and of the section `figures:` of an experiment.
public struct FigureSetting: Sendable, Equatable {
  /// What can be given.
  public enum Kind: Sendable, Equatable {
    case text
    case yesOrNo
    /// Names, separated by commas.
    case list
    case number(ClosedRange<Double>)
    case count(ClosedRange<Int>)
    /// Two numbers as `LOW..HIGH`.
    case range
    case choice([String])
    /// `#rrggbb`.
    case color
    /// Colours, separated by commas.
    case colors

    /// As in documentation.
    public var form: String {
      switch self {
      case .text: "text"
      case .yesOrNo: "yes or no"
      case .list: "names, separated by commas"
      case .number(let range): "\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
      case .count(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
      case .range: "LOW..HIGH"
      case .choice(let values): values.map { "`\($0)`" }.joined(separator: ", ")
      case .color: "#rrggbb"
      case .colors: "#rrggbb, separated by commas"
      }
    }

    private static func text(_ value: Double) -> String {
      value == value.rounded() && value.magnitude < 1e9 ? "\(Int(value))" : "\(value)"
    }
  }

  /// What a setting is about, as documentation groups them.
  public enum Group: String, Sendable, CaseIterable {
    case content = "What is shown"
    case axes = "Axes"
    case page = "Panels, legend and size"
    case maps = "Heat maps"
    case style = "Fonts and colours"
  }

  public let key: String
  public let kind: Kind
  public let group: Group
  /// The kinds of figures that it changes; empty for all.
  public let figures: [String]
  /// Whether the key is followed by a full stop and a name: `names.vit`.
  public let isNamed: Bool
  /// Whether all figures have it together, so that it cannot be limited to one kind.
  public let isShared: Bool
  /// What it does.
  public let meaning: String

  init(
    _ key: String, _ kind: Kind, _ group: Group, figures: [String] = [], isNamed: Bool = false, isShared: Bool = false,
    _ meaning: String
  ) {
    self.key = key
    self.kind = kind
    self.group = group
    self.figures = figures
    self.isNamed = isNamed
    self.isShared = isShared
    self.meaning = meaning
  }

  /// What is wrong with a value, as the end of a sentence that begins with the key; nil where it is possible.
  ///
  /// - Parameter figure: the kind of figures that the key is limited to; nil for all that it changes.
  public func problem(with value: String, limitedTo figure: String? = nil) -> String? {
    if let figure, isShared { return "changes nothing: \(key) is of all figures together; leave '\(figure).' out" }
    if let figure, !figures.isEmpty, !figures.contains(figure) {
      return "changes nothing: \(key) is of \(scope); leave it out"
    }
    let isPossible: Bool =
      switch kind {
      case .text: true
      case .yesOrNo: Self.truth(value) != nil
      case .list: !Self.list(value).isEmpty
      case .number(let range): Double(value).map { $0.isFinite && range.contains($0) } ?? false
      case .count(let range): Int(value).map(range.contains) ?? false
      case .range: Self.range(value) != nil
      case .choice(let values): values.contains(value)
      case .color: Self.isColor(value)
      case .colors: !Self.list(value).isEmpty && Self.list(value).allSatisfy(Self.isColor)
      }
    return isPossible ? nil : "is '\(value)'; give \(kind.form.replacing("`", with: ""))"
  }

  /// Which figures it changes, as documentation names them.
  public var scope: String {
    isShared ? "all together" : figures.isEmpty ? "all" : figures.joined(separator: ", ")
  }

  // MARK: Values

  public static func truth(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "yes", "true", "on": true
    case "no", "false", "off": false
    default: nil
    }
  }

  public static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// `LOW..HIGH` with the lower number first.
  public static func range(_ text: String) -> ClosedRange<Double>? {
    guard let dots = text.range(of: "..") else { return nil }
    guard let low = Double(text[..<dots.lowerBound].trimmingCharacters(in: .whitespaces)),
      let high = Double(text[dots.upperBound...].trimmingCharacters(in: .whitespaces)), low.isFinite, high.isFinite,
      low < high
    else { return nil }
    return low...high
  }

  private static func isColor(_ text: String) -> Bool {
    text.utf8.count == 7 && text.first == "#" && text.dropFirst().allSatisfy { $0.isASCII && $0.isHexDigit }
  }
}
