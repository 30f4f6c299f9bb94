/// A height and a width: of an image in pixels, or of a grid in cells.
public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(side: Int) { self.init(height: side, width: side) }

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

  /// The size with each side changed alone.
  public func map(_ transform: (Int) throws -> Int) rethrows -> ImageSize {
    ImageSize(height: try transform(height), width: try transform(width))
  }

  /// The size whose sides come from those of this one and of another.
  public func combined(with other: ImageSize, _ combine: (Int, Int) throws -> Int) rethrows -> ImageSize {
    ImageSize(height: try combine(height, other.height), width: try combine(width, other.width))
  }

  /// Width first, as sizes of images are written: `640x480`.
  public var description: String { "\(width)x\(height)" }
}

/// In JSON a size is `[height, width]`, and no other list of numbers is one.
extension ImageSize: Codable {
  public init(from decoder: any Decoder) throws {
    var sides = try decoder.unkeyedContainer()
    self.init(height: try sides.decode(Int.self), width: try sides.decode(Int.self))
    guard sides.isAtEnd else {
      throw DecodingError.dataCorruptedError(in: sides, debugDescription: "expected a height and a width, and no more")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var sides = encoder.unkeyedContainer()
    try sides.encode(height)
    try sides.encode(width)
  }
}
