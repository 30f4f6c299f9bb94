/// What the file of a picture says besides its pixels.
public struct PictureFacts: Sendable, Equatable {
  /// How the picture is to be turned or mirrored, 1 to 8 as in EXIF; 1 is as it is stored.
  public var orientation = 1
  /// Whether that was done. Pillow does it for TIFF alone, and so timm and transformers see other files as they are stored.
  public var isTurned = false
  /// Pages of a TIFF or frames of an animation; the first is taken.
  public var frames = 1

  public init(orientation: Int = 1, isTurned: Bool = false, frames: Int = 1) {
    self.orientation = orientation
    self.isTurned = isTurned
    self.frames = frames
  }

  /// Whether the picture was made to be seen otherwise than it is read.
  public var ignoresOrientation: Bool { orientation != 1 && !isTurned }
}

/// A picture with what its file says besides.
public struct DecodedPicture: Sendable, Equatable {
  public let image: PixelImage
  public let facts: PictureFacts
}

/// The orientation in a block of EXIF.
enum EXIF {
  /// Reads the first directory of a block that begins as a TIFF file does, or with `Exif` and two zero bytes before that.
  ///
  /// - Returns: 1 to 8; 1 where there is none or the block cannot be read.
  static func orientation(_ block: ArraySlice<UInt8>) -> Int {
    let bytes = Array(block.starts(with: Array("Exif".utf8) + [0, 0]) ? block.dropFirst(6) : block)
    guard bytes.count >= 14 else { return 1 }
    let isLittle = bytes.starts(with: [0x49, 0x49, 0x2A, 0])
    guard isLittle || bytes.starts(with: [0x4D, 0x4D, 0, 0x2A]) else { return 1 }
    func number(_ at: Int, _ count: Int) -> Int {
      let part = bytes[at..<at + count]
      return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    let directory = number(4, 4)
    guard directory + 2 <= bytes.count else { return 1 }
    for index in 0..<number(directory, 2) {
      let entry = directory + 2 + 12 * index
      guard entry + 12 <= bytes.count else { return 1 }
      guard number(entry, 2) == 0x112 else { continue }
      let value = number(entry + 8, 2)
      return (1...8).contains(value) ? value : 1
    }
    return 1
  }
}

extension PixelImage {
  /// The picture turned and mirrored as an EXIF orientation says.
  func turned(_ orientation: Int) -> PixelImage {
    guard (2...8).contains(orientation) else { return self }
    let isTransposed = orientation >= 5
    let (newWidth, newHeight) = isTransposed ? (height, width) : (width, height)
    // Whether the stored columns and rows run against those that are seen.
    let flipsColumns = [2, 3, 7, 8].contains(orientation)
    let flipsRows = [3, 4, 6, 7].contains(orientation)
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, filled in
      for row in 0..<newHeight {
        for column in 0..<newWidth {
          let (across, down) = isTransposed ? (row, column) : (column, row)
          let source =
            ((flipsRows ? height - 1 - down : down) * width + (flipsColumns ? width - 1 - across : across)) * 3
          let place = (row * newWidth + column) * 3
          for channel in 0..<3 { target[place + channel] = pixels[source + channel] }
        }
      }
      filled = pixels.count
    }
    return PixelImage(width: newWidth, height: newHeight, pixels: turned)
  }
}
