import Formats
import Pipelines

extension ImageSize {
  /// Width and height in pixels, as `--size` takes them.
  ///
  /// - Throws: ``BadInput`` where `text` is not as in `256x256`, or a side not within `sides`.
  init(option text: String, sides: ClosedRange<Int> = 1...ImageSize.longestSide) throws {
    guard let size = ImageSize(text, sides: sides) else {
      let least = sides.lowerBound > 1 ? " of at least \(sides.lowerBound)" : ""
      throw BadInput("--size is '\(text)'; give width and height in pixels\(least), as in 256x256")
    }
    self = size
  }
}
