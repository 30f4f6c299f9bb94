/// What the first bytes of a JPEG or PNG file say, enough to decode it safely.
struct ImageHeader {
  enum Format {
    case png
    /// `components` 1, 3 or 4; `isComplete` where an end-of-image marker follows the last scan.
    case jpeg(components: Int, isComplete: Bool)
  }

  let format: Format
  let width: Int
  let height: Int

  /// Pillow refuses more pixels than these as a decompression bomb; so do we, before anything is allocated.
  static let largestPixelCount = 178_956_970

  /// - Throws: `ImagingError` without a path, where `bytes` start neither a JPEG nor a PNG file or are malformed.
  init(_ bytes: [UInt8]) throws {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      try self.init(png: bytes)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      try self.init(jpeg: bytes)
    } else {
      throw ImagingError(reason: ImageHeader.unknown(bytes))
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

  private init(png bytes: [UInt8]) throws {
    guard bytes.count >= 33, bytes[8..<16].elementsEqual([0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]) else {
      throw ImagingError(reason: "damaged PNG: no header chunk after the signature")
    }
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard number(16) < 1 << 31, number(20) < 1 << 31 else {
      throw ImagingError(reason: "damaged PNG: the header gives an impossible size")
    }
    format = .png
    width = number(16)
    height = number(20)
  }

  /// Walks the markers: the frame header gives the size, and whether the end-of-image marker is reached tells a whole file
  /// from a truncated one.
  private init(jpeg bytes: [UInt8]) throws {
    var position = 2
    var frame: (width: Int, height: Int, components: Int)?
    var isComplete = false
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
      position += max(length, 2)
    }
    guard let frame else { throw ImagingError(reason: "damaged JPEG: no frame header before the end of the file") }
    guard [1, 3, 4].contains(frame.components) else {
      throw ImagingError(reason: "JPEG of \(frame.components) components; only 1, 3 and 4 are supported")
    }
    format = .jpeg(components: frame.components, isComplete: isComplete)
    width = frame.width
    height = frame.height
  }

  /// Names what the file seems to be instead.
  private static func unknown(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "is empty" }
    let signatures: [(String, Int, [UInt8])] = [
      ("GIF", 0, Array("GIF8".utf8)), ("WebP", 8, Array("WEBP".utf8)), ("BMP", 0, Array("BM".utf8)),
      ("TIFF", 0, [0x49, 0x49, 0x2A, 0]), ("TIFF", 0, [0x4D, 0x4D, 0, 0x2A]), ("PDF", 0, Array("%PDF".utf8)),
      ("HEIC or AVIF", 4, Array("ftyp".utf8)), ("HTML or XML", 0, Array("<".utf8)),
      ("Git LFS pointer", 0, Array("version https://git-lfs".utf8)),
    ]
    let match = signatures.first { bytes.dropFirst($0.1).starts(with: $0.2) }
    return "is neither JPEG nor PNG by its content" + (match.map { " (it looks like \($0.0))" } ?? "")
      + "; convert it to one of them"
  }
}
