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

  /// Red, green, blue and opacity as 8-bit values.
  public var bytes: [UInt8] { [red, green, blue, alpha].map { UInt8(min(max($0, 0), 1) * 255 + 0.5) } }

  /// `#rrggbb`, without the opacity.
  public var hex: String {
    "#" + bytes.prefix(3).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Relative luminance as WCAG 2 defines it, with the exponent 2.4 of sRGB approximated by x²·(0.8x + 0.2)
  /// (error below 0.01, enough to choose between black and white text).
  public var luminance: Double {
    func linear(_ value: Double) -> Double { value * value * (0.8 * value + 0.2) + 0.01 * value }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Black or white, whichever is read better on this colour.
  public var readableInk: Color { luminance > 0.22 ? .black : .white }
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
