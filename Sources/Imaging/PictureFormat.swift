/// The formats of pictures that are read.
public enum PictureFormat: String, Sendable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case webp = "WebP"
  case bmp = "BMP"
  case tiff = "TIFF"

  /// Endings of its files, in lower case.
  public var endings: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .webp: ["webp"]
    case .bmp: ["bmp", "dib"]
    case .tiff: ["tif", "tiff"]
    }
  }

  /// The format that the ending of a path says, whatever its case; nil where it is none of these.
  init?(path: String) {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    self.init(ending: path[path.index(after: dot)...].lowercased())
  }

  /// - Parameter ending: in lower case, without a dot.
  init?(ending: String) {
    guard let format = Self.allCases.first(where: { $0.endings.contains(ending) }) else { return nil }
    self = format
  }

  /// The formats by their names, for sentences: `JPEG, PNG, WebP, BMP or TIFF`.
  public static func listed(_ last: String) -> String {
    let names = allCases.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " \(last) " + (names.last ?? "")
  }

  /// What the first bytes of a file say; nil where it is none of these formats.
  init?(content bytes: [UInt8]) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webp
    } else if bytes.starts(with: "BM".utf8) {
      self = .bmp
    } else if [[0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B]]
      .contains(where: { bytes.starts(with: $0) })
    {
      self = .tiff
    } else {
      return nil
    }
  }

  /// Pictures that are not read, by the endings of their files: what a folder's pictures that are left out are called.
  public static let namesOfOthers: [String: String] = [
    "gif": "GIF", "heic": "HEIC", "heif": "HEIF", "avif": "AVIF", "jxl": "JPEG XL", "jp2": "JPEG 2000",
    "j2k": "JPEG 2000",
    "jpf": "JPEG 2000", "ppm": "PPM", "pgm": "PGM", "pbm": "PBM", "pnm": "PNM", "tga": "TGA", "ico": "ICO",
    "psd": "PSD",
    "svg": "SVG", "exr": "OpenEXR", "hdr": "HDR", "dds": "DDS", "pcx": "PCX", "ras": "Sun raster", "xbm": "XBM",
    "xpm": "XPM", "mpo": "MPO", "apng": "APNG", "cr2": "raw", "cr3": "raw", "nef": "raw", "arw": "raw", "dng": "raw",
    "raf": "raw", "orf": "raw", "rw2": "raw",
  ]

  /// Names what a file seems to be that is none of the formats.
  static func guess(_ bytes: [UInt8]) -> String? {
    let signatures: [(String, Int, [UInt8])] = [
      ("GIF", 0, Array("GIF8".utf8)), ("PDF", 0, Array("%PDF".utf8)), ("JPEG XL", 0, [0xFF, 0x0A]),
      ("JPEG XL", 4, Array("JXL ".utf8)), ("JPEG 2000", 4, Array("jP  ".utf8)), ("Photoshop", 0, Array("8BPS".utf8)),
      ("HEIC or AVIF", 4, Array("ftyp".utf8)), ("HTML or XML", 0, Array("<".utf8)),
    ]
    return signatures.first { bytes.dropFirst($0.1).starts(with: $0.2) }?.0
  }
}
