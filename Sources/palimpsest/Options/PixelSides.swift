import Pipelines

/// Width and height in pixels, as `--size` takes them.
struct PixelSides: Equatable {
  let width: Int
  let height: Int

  /// - Throws: ``BadInput`` where `text` is not as in `256x256`, or a side not within `range`.
  init(_ text: String, in range: ClosedRange<Int> = 1...16_384) throws {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard sides.count == 2, sides.allSatisfy(range.contains) else {
      let least = range.lowerBound > 1 ? " of at least \(range.lowerBound)" : ""
      throw BadInput("--size is '\(text)'; give width and height in pixels\(least), as in 256x256")
    }
    (width, height) = (sides[0], sides[1])
  }
}
