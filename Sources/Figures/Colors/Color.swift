import Formats

/// A colour in sRGB; components and opacity run from 0 to 1.
public struct Color: Sendable, Equatable {
  public var red: Double
  public var green: Double
  public var blue: Double
  public var alpha: Double

  public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// From `#rrggbb` or `rrggbb`; nil if the text is anything else.
  public init?(hex: some StringProtocol) {
    let digits = hex.first == "#" ? hex.dropFirst() : hex[...]
    guard digits.utf8.count == 6, let value = UInt32(digits, radix: 16) else { return nil }
    self.init(
      red: Double(value >> 16 & 255) / 255, green: Double(value >> 8 & 255) / 255, blue: Double(value & 255) / 255)
  }

  public static let black = Color(red: 0, green: 0, blue: 0)
  public static let white = Color(red: 1, green: 1, blue: 1)

  /// The same colour at another opacity.
  public func opacity(_ alpha: Double) -> Color {
    Color(red: red, green: green, blue: blue, alpha: alpha)
  }

  /// The colour between this and another, which has a share of 0 to 1.
  func mixed(with other: Color, share: Double) -> Color {
    func between(_ own: Double, _ others: Double) -> Double { own * (1 - share) + others * share }
    return Color(
      red: between(red, other.red), green: between(green, other.green), blue: between(blue, other.blue), alpha: alpha)
  }

  /// Red, green, blue and opacity as 8-bit values.
  public var bytes: [UInt8] { [red, green, blue, alpha].map { UInt8(saturating: min(max($0, 0), 1) * 255 + 0.5) } }

  /// `#rrggbb`, without the opacity.
  public var hex: String {
    "#" + bytes.prefix(3).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Relative luminance as WCAG 2 defines it.
  public var luminance: Double {
    func linear(_ value: Double) -> Double {
      guard value > 0.04045 else { return value / 12.92 }
      // x^2.4 = x² · (x²)^(1/5), the root by Newton's steps.
      let x = (value + 0.055) / 1.055
      let square = x * x
      var root = 0.6 + 0.4 * square
      for _ in 0..<12 {
        let fourth = root * root * root * root
        root -= (fourth * root - square) / (5 * fourth)
      }
      return square * root
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Black or white, whichever has the greater contrast to this colour: they are equal where
  /// (L + 0.05)² = 0.05 · 1.05.
  public var readableInk: Color { luminance > 0.179 ? .black : .white }
}

extension Color: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let color = Color(hex: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a colour; write it as #rrggbb")
    }
    self = color
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
