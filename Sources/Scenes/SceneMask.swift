import Imaging

/// The visible pixels of one object.
public struct SceneMask: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// Row by row, true where the object is seen.
  public let pixels: [Bool]

  public init(width: Int, height: Int, pixels: [Bool]) {
    precondition(pixels.count == width * height, "a mask of \(width)×\(height) has \(pixels.count) pixels")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The number of visible pixels.
  public var area: Int { pixels.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// The smallest box around them as COCO has it: left, top, width, height; all 0 where nothing is visible.
  public var box: [Int] {
    var (left, top, right, bottom) = (width, height, -1, -1)
    for row in 0..<height {
      for column in 0..<width where pixels[row * width + column] {
        left = min(left, column)
        right = max(right, column)
        top = min(top, row)
        bottom = max(bottom, row)
      }
    }
    return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1]
  }

  /// Lengths of the runs of hidden and visible pixels in turn, column by column, as COCO counts them.
  public var runLengths: [Int] {
    var runs: [Int] = []
    var (current, length) = (false, 0)
    for column in 0..<width {
      for row in 0..<height {
        if pixels[row * width + column] == current {
          length += 1
        } else {
          runs.append(length)
          current.toggle()
          length = 1
        }
      }
    }
    runs.append(length)
    return runs
  }

  /// The run lengths in COCO's compressed form (`rleToString` of its reference code): from the third on, the difference
  /// to the run two before; five bits a character, low bits first, the sixth says that more follow.
  public var compressedRunLengths: String {
    let runs = runLengths
    var characters: [UInt8] = []
    for (index, run) in runs.enumerated() {
      var rest = index > 2 ? run - runs[index - 2] : run
      var more = true
      while more {
        var bits = UInt8(truncatingIfNeeded: rest & 0x1F)
        rest >>= 5
        more = bits & 0x10 != 0 ? rest != -1 : rest != 0
        if more { bits |= 0x20 }
        characters.append(bits + 48)
      }
    }
    return String(decoding: characters, as: UTF8.self)
  }
}
