/// A height and a width: of an image in pixels, or of a grid in cells.
public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Reads `WxH`, width first, such as `640x480`.
  ///
  /// - Parameter sides: what each side may be.
  /// - Returns: nil for any other text, and where a side is not within `sides`.
  public init?(_ text: String, sides: ClosedRange<Int> = 1...ImageSize.longestSide) {
    let numbers = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let width = numbers[0], let height = numbers[1], sides.contains(width),
      sides.contains(height)
    else { return nil }
    self.init(height: height, width: width)
  }

  /// The longest side that a command takes, in pixels.
  public static let longestSide = 16_384

  /// How many pixels or cells there are.
  public var area: Int { height * width }

  /// `[height, width]`, as shapes of arrays are written.
  public var shape: [Int] { [height, width] }

  /// Width first, as sizes of images are written: `640x480`.
  public var description: String { "\(width)x\(height)" }
}

/// In JSON a size is `[height, width]`.
extension ImageSize: Codable {
  public init(from decoder: any Decoder) throws {
    var sides = try decoder.unkeyedContainer()
    self.init(height: try sides.decode(Int.self), width: try sides.decode(Int.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var sides = encoder.unkeyedContainer()
    try sides.encode(height)
    try sides.encode(width)
  }
}
