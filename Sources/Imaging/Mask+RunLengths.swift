extension Mask {
  /// A mask from COCO's run lengths: pixels outside and inside by turns, column by column, from outside.
  ///
  /// - Throws: `ImagingError` without a path, where a run is negative or they do not sum to the number of pixels.
  public init(width: Int, height: Int, runs: [Int]) throws {
    var values = [UInt8](repeating: 0, count: width * height)
    var position = 0
    for (index, run) in runs.enumerated() {
      guard run >= 0, run <= values.count - position else {
        throw ImagingError(reason: "run length \(run) (number \(index)) does not fit a mask of \(width)x\(height)")
      }
      if !index.isMultiple(of: 2) {
        for pixel in position..<position + run { values[pixel % height * width + pixel / height] = 1 }
      }
      position += run
    }
    guard position == values.count else {
      throw ImagingError(reason: "run lengths sum to \(position), expected \(width)x\(height) = \(values.count)")
    }
    self.init(width: width, height: height, values: values)
  }

  /// A mask from COCO's compressed run lengths: six bits a character from `0`, low bits first, the sixth saying that more
  /// follow; from the fourth number on, differences to the number two before.
  ///
  /// - Throws: `ImagingError` without a path, as for uncompressed run lengths, and for characters outside the code.
  public init(width: Int, height: Int, compressed text: String) throws {
    var runs: [Int] = []
    var value = 0
    var shift = 0
    for byte in text.utf8 {
      guard (48..<112).contains(byte), shift < 60 else {
        throw ImagingError(reason: "compressed run lengths hold a character or number outside the code")
      }
      let bits = Int(byte) - 48
      value |= (bits & 0x1F) << shift
      shift += 5
      if bits & 0x20 != 0 { continue }
      if bits & 0x10 != 0 { value |= -1 << shift }
      if runs.count > 2 { value += runs[runs.count - 2] }
      guard abs(value) < 1 << 40 else { throw ImagingError(reason: "compressed run lengths hold an impossible number") }
      runs.append(value)
      value = 0
      shift = 0
    }
    guard shift == 0 else { throw ImagingError(reason: "compressed run lengths end within a number") }
    try self.init(width: width, height: height, runs: runs)
  }
}
