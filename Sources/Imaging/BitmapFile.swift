/// A Windows bitmap (BMP), read as Pillow's `BmpImagePlugin` reads it.
struct BitmapFile {
  /// How the samples of a pixel lie.
  private enum Layout {
    /// Indices into the palette.
    case palette
    /// Five or six bits a channel: how many green has.
    case packed(greenBits: Int)
    /// Bytes; where red, green and blue stand in a pixel.
    case bytes(red: Int, green: Int, blue: Int)
  }

  private enum Compression: Int {
    case none = 0
    case runs8, runs4, bitFields
  }

  let width: Int
  let height: Int
  private let bits: Int
  private let compression: Compression
  private let layout: Layout
  private let isTopDown: Bool
  private let start: Int
  private let palette: [UInt8]

  /// - Throws: `ImagingError` without a path, where the header is damaged or of a kind that is not supported.
  init(_ bytes: [UInt8]) throws {
    let reader = Reader(bytes)
    let headerSize = try reader.number(14, 4)
    let isOld = headerSize == 12
    guard isOld || [40, 52, 56, 64, 108, 124].contains(headerSize) else {
      throw ImagingError(reason: "BMP with a header of \(headerSize) bytes, which is not supported")
    }
    width = try reader.number(18, isOld ? 2 : 4)
    let storedHeight = try reader.number(isOld ? 20 : 22, isOld ? 2 : 4)
    isTopDown = try !isOld && reader.number(25, 1) == 0xFF
    height = isTopDown ? 1 << 32 - storedHeight : storedHeight
    bits = try reader.number(isOld ? 24 : 28, 2)
    let code = try isOld ? 0 : reader.number(30, 4)
    guard let compression = Compression(rawValue: code) else {
      throw ImagingError(reason: "BMP of compression \(code), which is not supported")
    }
    self.compression = compression
    var colors = try isOld ? 0 : reader.number(46, 4)
    if colors == 0, bits <= 8 { colors = 1 << bits }
    // Masks of the channels stand within the larger headers, else behind the header.
    layout = try BitmapFile.layout(bits: bits, compression, reader)
    let entry = isOld ? 3 : 4
    let paletteStart = 14 + headerSize + (compression == .bitFields && headerSize < 52 ? 12 : 0)
    var offset = try reader.number(10, 4)
    if offset == 14 + headerSize, bits <= 8 { offset += entry * colors }
    start = offset
    if case .palette = layout {
      guard (1...65_536).contains(colors) else {
        throw ImagingError(reason: "BMP with a palette of \(colors) colours, which is not supported")
      }
      palette = BitmapFile.palette(bytes, from: paletteStart, entry: entry, colors: colors)
    } else {
      palette = []
    }
  }

  private static func layout(bits: Int, _ compression: Compression, _ reader: Reader) throws -> Layout {
    let unsupported = ImagingError(reason: "BMP of \(bits) bits a pixel with these channels, which is not supported")
    let hasRuns = compression == .runs8 || compression == .runs4
    switch bits {
    case 1, 4, 8:
      guard compression != .bitFields, !hasRuns || bits == (compression == .runs8 ? 8 : 4) else { throw unsupported }
      return .palette
    case 16, 24, 32:
      guard !hasRuns else { throw unsupported }
      guard compression == .bitFields else {
        return bits == 16 ? .packed(greenBits: 5) : .bytes(red: 2, green: 1, blue: 0)
      }
      let masks = try (0..<3).map { try reader.number(54 + 4 * $0, 4) }
      if bits == 16 {
        guard let green = [[0xF800, 0x7E0, 0x1F]: 6, [0x7C00, 0x3E0, 0x1F]: 5][masks] else { throw unsupported }
        return .packed(greenBits: green)
      }
      if masks == [0, 0, 0] { return .bytes(red: 2, green: 1, blue: 0) }
      let places = masks.compactMap { [0xFF: 0, 0xFF00: 1, 0xFF_0000: 2, 0xFF00_0000: 3][$0] }
      guard places.count == 3, Set(places).count == 3, bits == 32 || places == [2, 1, 0] else { throw unsupported }
      return .bytes(red: places[0], green: places[1], blue: places[2])
    default:
      throw ImagingError(reason: "BMP of \(bits) bits a pixel, which is not supported")
    }
  }

  /// 256 colours as red, green and blue; those that the file does not give are black, but where it gives a ramp of grey they go on
  /// with it: Pillow takes indices for levels then.
  private static func palette(_ bytes: [UInt8], from start: Int, entry: Int, colors: Int) -> [UInt8] {
    var palette = [UInt8](repeating: 0, count: 768)
    var isRamp = true
    for color in 0..<min(colors, 256) {
      let at = start + entry * color
      guard at + 3 <= bytes.count else {
        isRamp = false
        break
      }
      for channel in 0..<3 { palette[3 * color + channel] = bytes[at + 2 - channel] }
      isRamp = isRamp && bytes[at..<at + 3].allSatisfy { Int($0) == color }
    }
    if isRamp, colors > 16 { palette = (0..<768).map { UInt8($0 / 3) } }
    return palette
  }

  /// The pixels as Pillow's `convert("RGB")` gives them.
  ///
  /// - Throws: `ImagingError` without a path, where the file ends before the image does.
  func decode(_ bytes: [UInt8]) throws -> PixelImage {
    let stride: Int
    let rows: ArraySlice<UInt8>
    if compression == .runs8 || compression == .runs4 {
      rows = expandedRuns(bytes)[...]
      stride = width
    } else {
      stride = (width * bits + 31) >> 3 & ~3
      rows = bytes.dropFirst(start)
    }
    let lineBytes = compression == .runs8 || compression == .runs4 ? width : (width * bits + 7) / 8
    guard rows.count >= stride * (height - 1) + lineBytes else {
      throw ImagingError(reason: "truncated BMP: the file ends before the image does")
    }
    let first = rows.startIndex
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, filled in
      for row in 0..<height {
        let line = first + stride * (isTopDown ? row : height - 1 - row)
        for column in 0..<width {
          let (red, green, blue) = color(rows, line, column)
          let place = (row * width + column) * 3
          target[place] = red
          target[place + 1] = green
          target[place + 2] = blue
        }
      }
      filled = width * height * 3
    }
    return PixelImage(width: width, height: height, pixels: pixels)
  }

  private func color(_ rows: ArraySlice<UInt8>, _ line: Int, _ column: Int) -> (UInt8, UInt8, UInt8) {
    switch layout {
    case .palette:
      let isExpanded = bits == 8 || compression != .none
      let index: Int
      if isExpanded {
        index = Int(rows[line + column])
      } else {
        let bit = column * bits
        index = Int(rows[line + bit / 8]) >> (8 - bits - bit % 8) & (1 << bits - 1)
      }
      return (palette[3 * index], palette[3 * index + 1], palette[3 * index + 2])
    case .packed(let greenBits):
      let value = Int(rows[line + 2 * column]) | Int(rows[line + 2 * column + 1]) << 8
      let most = 1 << greenBits - 1
      return (
        UInt8((value >> (5 + greenBits) & 31) * 255 / 31), UInt8((value >> 5 & most) * 255 / most),
        UInt8((value & 31) * 255 / 31)
      )
    case .bytes(let red, let green, let blue):
      let at = line + column * bits / 8
      return (rows[at + red], rows[at + green], rows[at + blue])
    }
  }

  /// Run lengths as indices, a byte each, row by row as the file has the rows. What is missing at the end is 0.
  private func expandedRuns(_ bytes: [UInt8]) -> [UInt8] {
    let total = width * height
    var data: [UInt8] = []
    data.reserveCapacity(total)
    var position = start
    var column = 0
    func at(_ index: Int) -> Int? { index < bytes.count ? Int(bytes[index]) : nil }
    /// A byte's first or second half, or all of it.
    func index(_ byte: Int, _ number: Int) -> UInt8 {
      compression == .runs8 ? UInt8(byte) : UInt8(number.isMultiple(of: 2) ? byte >> 4 : byte & 15)
    }
    while data.count < total, let count = at(position), let byte = at(position + 1) {
      position += 2
      if count > 0 {
        let taken = max(0, min(count, width - column))
        for number in 0..<taken { data.append(index(byte, number)) }
        column += taken
        continue
      }
      if byte == 1 { break }
      if byte == 0 {
        while !data.count.isMultiple(of: width) { data.append(0) }
        column = 0
      } else if byte == 2 {
        guard let right = at(position), let up = at(position + 1) else { break }
        position += 2
        data += [UInt8](repeating: 0, count: min(total - data.count, right + up * width))
        column = data.count % width
      } else {
        let wanted = min(total - data.count, byte)
        let length = compression == .runs8 ? wanted : (wanted + 1) / 2
        let available = max(0, min(length, bytes.count - position))
        for number in 0..<wanted {
          let place = compression == .runs8 ? number : number / 2
          guard place < available else { break }
          data.append(index(Int(bytes[position + place]), number))
        }
        position += available
        if available < length || data.count == total { break }
        column += byte
        if !position.isMultiple(of: 2) { position += 1 }
      }
    }
    return data
  }

  /// Little-endian numbers of a file.
  private struct Reader {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func number(_ at: Int, _ count: Int) throws -> Int {
      guard at + count <= bytes.count else {
        throw ImagingError(reason: "damaged BMP: the file ends within its header")
      }
      return bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
