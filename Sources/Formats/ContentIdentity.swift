import Foundation

/// What a file's bytes are known by, whatever its name: their SHA-256.
public struct ContentIdentity: Hashable, Sendable, CustomStringConvertible {
  /// Hexadecimal digits of a SHA-256.
  public static let digitCount = 64

  private let words: SIMD4<UInt64>

  /// Of a file's bytes.
  public init(of bytes: some DataProtocol) { self.init(ContentDigest(bytes)) }

  /// Of a file whose bytes went through a digest.
  public init(_ digest: ContentDigest) {
    var words = SIMD4<UInt64>()
    for (place, byte) in digest.bytes.enumerated() {
      words[place / 8] = words[place / 8] << 8 | UInt64(byte)
    }
    self.words = words
  }

  /// From 64 hexadecimal digits, as `sha256sum` prints them; nil for any other text.
  public init?(_ text: String) {
    guard text.utf8.count == ContentIdentity.digitCount else { return nil }
    var words = SIMD4<UInt64>()
    for (place, digit) in text.utf8.enumerated() {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
      default: return nil
      }
      words[place / 16] = words[place / 16] << 4 | UInt64(value)
    }
    self.words = words
  }

  /// 64 lower-case hexadecimal digits.
  public var description: String {
    Hexadecimal.text(
      (0..<4).flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: words[word] >> (56 - 8 * UInt64($0))) } })
  }
}
