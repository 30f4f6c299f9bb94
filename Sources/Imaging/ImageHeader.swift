import CImageCodecs
import Formats

/// What a picture's file says before its pixels, enough to decode it safely.
struct ImageHeader {
  enum Format {
    case png
    /// `components` 1, 3 or 4; `isComplete` where an end-of-image marker follows the last scan.
    case jpeg(components: Int, isComplete: Bool)
    case webp
    case bmp(BitmapFile)
    case tiff
  }

  let format: Format
  /// As the pixels are stored.
  let width: Int
  let height: Int
  let facts: PictureFacts

  /// Of the picture as it is read: turned where that is done.
  var size: ImageSize {
    facts.isTurned && facts.orientation >= 5
      ? ImageSize(height: width, width: height) : ImageSize(height: height, width: width)
  }

  /// Pillow refuses more pixels than these as a decompression bomb; so do we, before anything is allocated.
  static let largestPixelCount = 178_956_970

  /// - Throws: `ImagingError` without a path, where `bytes` start no file of a ``PictureFormat`` or are malformed.
  init(_ bytes: [UInt8]) throws {
    switch PictureFormat(content: bytes) {
    case .png: try self.init(png: bytes)
    case .jpeg: try self.init(jpeg: bytes)
    case .webp: try self.init(webp: bytes)
    case .bmp:
      let file = try BitmapFile(bytes)
      self.init(.bmp(file), width: file.width, height: file.height)
    case .tiff: try self.init(tiff: bytes)
    case nil: throw ImagingError(reason: ImageHeader.unknown(bytes))
    }
    guard width > 0, height > 0 else {
      throw ImagingError(reason: "the header gives a size of \(width)x\(height)")
    }
    guard width.multipliedReportingOverflow(by: height).partialValue <= ImageHeader.largestPixelCount else {
      throw ImagingError(
        reason: "\(width)x\(height) is more than \(ImageHeader.largestPixelCount) pixels, the limit Pillow has too; "
          + "scale the file down")
    }
  }

  private init(_ format: Format, width: Int, height: Int, facts: PictureFacts = PictureFacts()) {
    self.format = format
    self.width = width
    self.height = height
    self.facts = facts
  }

  private init(png bytes: [UInt8]) throws {
    guard bytes.count >= 33, bytes[8..<16].elementsEqual([0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]) else {
      throw ImagingError(reason: "damaged PNG: no header chunk after the signature")
    }
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard number(16) < 1 << 31, number(20) < 1 << 31 else {
      throw ImagingError(reason: "damaged PNG: the header gives an impossible size")
    }
    var facts = PictureFacts()
    var position = 8
    while position + 12 <= bytes.count {
      let length = number(position)
      let end = position + 8 + length
      guard end <= bytes.count else { break }
      if bytes[position + 4..<position + 8].elementsEqual("eXIf".utf8) {
        facts.orientation = EXIF.orientation(bytes[position + 8..<end])
      }
      // The control chunk of an animation begins with the number of its frames.
      if length >= 4, bytes[position + 4..<position + 8].elementsEqual("acTL".utf8) {
        facts.frames = max(1, number(position + 8))
      }
      position = end + 4
    }
    self.init(.png, width: number(16), height: number(20), facts: facts)
  }

  /// Walks the markers: the frame header gives the size, and whether the end-of-image marker is reached tells a whole file
  /// from a truncated one.
  private init(jpeg bytes: [UInt8]) throws {
    var position = 2
    var frame: (width: Int, height: Int, components: Int)?
    var isComplete = false
    var facts = PictureFacts()
    func word(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
    while position + 1 < bytes.count {
      // Between segments anything up to the next marker is skipped, as libjpeg does; inside a scan FF00 and restarts.
      guard bytes[position] == 0xFF, bytes[position + 1] != 0, bytes[position + 1] != 0xFF else {
        position += 1
        continue
      }
      let marker = bytes[position + 1]
      position += 2
      if marker == 0xD9 {
        isComplete = true
        break
      }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
      guard position + 1 < bytes.count else { break }
      let length = word(position)
      let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
      if isFrame, frame == nil {
        guard length >= 8, position + 8 <= bytes.count else { break }
        guard bytes[position + 2] == 8 else {
          throw ImagingError(reason: "JPEG of \(bytes[position + 2]) bits a sample; only 8 are supported")
        }
        frame = (word(position + 5), word(position + 3), Int(bytes[position + 7]))
      }
      if marker == 0xE1, facts.orientation == 1, position + length <= bytes.count, length > 8 {
        let block = bytes[position + 2..<position + length]
        if block.starts(with: "Exif".utf8) { facts.orientation = EXIF.orientation(block) }
      }
      position += max(length, 2)
    }
    guard let frame else { throw ImagingError(reason: "damaged JPEG: no frame header before the end of the file") }
    guard [1, 3, 4].contains(frame.components) else {
      throw ImagingError(reason: "JPEG of \(frame.components) components; only 1, 3 and 4 are supported")
    }
    self.init(
      .jpeg(components: frame.components, isComplete: isComplete), width: frame.width, height: frame.height,
      facts: facts)
  }

  /// The size of the canvas, and the orientation among the chunks.
  private init(webp bytes: [UInt8]) throws {
    let damaged = ImagingError(reason: "damaged WebP: no header of a picture")
    guard bytes.count >= 30 else { throw damaged }
    func number(_ at: Int, _ count: Int) -> Int {
      bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let (width, height): (Int, Int)
    switch String(decoding: bytes[12..<16], as: UTF8.self) {
    case "VP8 ":
      guard bytes[23..<26].elementsEqual([0x9D, 0x01, 0x2A]) else { throw damaged }
      (width, height) = (number(26, 2) & 0x3FFF, number(28, 2) & 0x3FFF)
    case "VP8L":
      guard bytes[20] == 0x2F else { throw damaged }
      (width, height) = (number(21, 4) & 0x3FFF + 1, number(21, 4) >> 14 & 0x3FFF + 1)
    case "VP8X": (width, height) = (number(24, 3) + 1, number(27, 3) + 1)
    default: throw damaged
    }
    var facts = PictureFacts()
    var position = 12
    while position + 8 <= bytes.count {
      let length = number(position + 4, 4)
      guard position + 8 + length <= bytes.count else { break }
      if bytes[position..<position + 4].elementsEqual("EXIF".utf8) {
        facts.orientation = EXIF.orientation(bytes[position + 8..<position + 8 + length])
      }
      position += 8 + length + length % 2
    }
    self.init(.webp, width: width, height: height, facts: facts)
  }

  private init(tiff bytes: [UInt8]) throws {
    var (width, height): (UInt32, UInt32) = (0, 0)
    var (orientation, pages): (Int32, Int32) = (1, 1)
    var message = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_SIZE))
    let status = codec_inspect_tiff(bytes, bytes.count, &width, &height, &orientation, &pages, &message)
    guard status == Int32(CODEC_OK) else {
      throw ImagingError(reason: "damaged TIFF: \(ImageHeader.text(message))")
    }
    let facts = PictureFacts(
      orientation: (1...8).contains(orientation) ? Int(orientation) : 1, isTurned: true, frames: Int(pages))
    self.init(.tiff, width: Int(width), height: Int(height), facts: facts)
  }

  /// The text that C left in a buffer.
  static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Names what the file seems to be instead.
  private static func unknown(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "is empty" }
    if let reason = PointerFile.reason(bytes) { return reason }
    return "is not \(PictureFormat.listed("or")) by its content"
      + (PictureFormat.guess(bytes).map { " (it looks like \($0))" } ?? "") + "; convert it to one of them"
  }
}
