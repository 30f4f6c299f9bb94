import Foundation

/// The name of a colour condition, and the change of an image's colours that it stands for. Its one parser.
public struct ConditionName: Sendable, Hashable, CustomStringConvertible {
  public enum Change: Sendable, Hashable {
    case none
    /// Hue set to an angle in degrees; saturation and value are kept.
    case hueSet(degrees: Int)
    /// Hue turned by an even number of degrees in 0 ..< 360.
    case hueTurned(degrees: Int)
    case gray
    case saturationScaled(Double)
    case valueScaled(Double)
    /// Which channel of the image becomes red, green and blue.
    case channels([Int])
    /// What is inside the mask is covered by the mean colour of what is outside.
    case erased
    /// What is inside the mask is what another image shows there.
    case swapped
  }

  /// As it was written, fit for the name of an HDF5 group.
  public let text: String
  public let change: Change

  public var description: String { text }

  /// The unchanged image.
  public static let original = ConditionName(text: "original", change: .none)

  /// Names without a number, in the order of ``forms``.
  private static let words: [(text: String, change: Change)] = [
    (original.text, original.change), ("red", .hueSet(degrees: 0)), ("green", .hueSet(degrees: 120)),
    ("blue", .hueSet(degrees: 240)), ("gray", .gray), ("erase", .erased), ("swap", .swapped),
  ]

  private static let huePrefix = "hue+"
  private static let saturationPrefix = "saturation*"
  private static let brightnessPrefix = "brightness*"
  private static let permutationPrefix = "permute-"

  /// Everything that can be written, for help texts and messages.
  public static let forms = [
    original.text, "red", "green", "blue", "hue+DEG", "gray", "saturation*F", "brightness*F", "permute-rbg",
    "permute-grb",
    "permute-gbr", "permute-brg", "permute-bgr", "erase", "swap",
  ]

  /// The forms with numbers in place of the letters, among which a name nearest to a misspelt one can be sought.
  public static let examples: [String] =
    forms.map { form in
      if form.hasPrefix(huePrefix) { return huePrefix + "120" }
      return form.hasSuffix("*F") ? form.dropLast() + "0.5" : form
    } + [huePrefix + "240"]

  private init(text: String, change: Change) {
    self.text = text
    self.change = change
  }

  /// Reads the name of a condition: `original`; `red`, `green`, `blue` (hue set to 0°, 120°, 240°); `hue+DEG` (hue turned, to
  /// the nearest 2° that 8 bits hold); `gray`; `saturation*F`, `brightness*F` (saturation or value times a factor);
  /// `permute-gbr` and the other orders (red becomes what green was, green what blue was, …); `erase`, `swap`.
  public init(parsing text: String) throws(ConditionNameError) {
    guard let change = try ConditionName.change(named: text) else { throw .unknown(text) }
    self.init(text: text, change: change)
  }

  private static func change(named text: String) throws(ConditionNameError) -> Change? {
    if let word = words.first(where: { $0.text == text }) { return word.change }
    if let degrees = try number(in: text, after: huePrefix, "degrees from 0") {
      return .hueTurned(degrees: 2 * (Int((degrees.truncatingRemainder(dividingBy: 360) / 2).rounded()) % 180))
    }
    if let factor = try number(in: text, after: saturationPrefix, "a factor from 0") {
      return .saturationScaled(factor)
    }
    if let factor = try number(in: text, after: brightnessPrefix, "a factor from 0") { return .valueScaled(factor) }
    guard text.hasPrefix(permutationPrefix) else { return nil }
    let letters = text.dropFirst(permutationPrefix.count)
    let order = letters.compactMap { Array("rgb").firstIndex(of: $0) }
    return order.sorted() == [0, 1, 2] && letters.count == 3 ? .channels(order) : nil
  }

  /// The number behind a prefix; nil where the text does not begin with it.
  private static func number(
    in text: String, after prefix: String, _ expected: String
  ) throws(ConditionNameError) -> Double? {
    guard text.hasPrefix(prefix) else { return nil }
    let digits = text.dropFirst(prefix.count)
    guard digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let value = Double(digits), value.isFinite
    else { throw .badNumber(text, prefix: prefix, expected: expected) }
    return value
  }

  // MARK: Turns of hue

  /// Degrees by which hue is turned, in the steps of 2° that 8 bits hold: 0 for the original, 16 for `hue+15`; nil for other
  /// conditions.
  public var hueTurn: Double? {
    switch change {
    case .none: 0
    case .hueTurned(let degrees): Double(degrees)
    default: nil
    }
  }

  /// The same of a name as a store or a table has it; nil also for a name that is no condition.
  public static func hueTurn(of text: String) -> Double? { (try? ConditionName(parsing: text))?.hueTurn }
}

/// Why a text is not the name of a condition.
public enum ConditionNameError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case badNumber(String, prefix: String, expected: String)

  public var description: String {
    switch self {
    case .unknown(let text):
      "unknown condition '\(text)'; conditions are \(ConditionName.forms.joined(separator: ", "))"
    case .badNumber(let text, let prefix, let expected):
      "condition '\(text)': expected \(expected) after '\(prefix)', as in '\(prefix)1.5'"
    }
  }
}
