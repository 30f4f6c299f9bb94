import CDeflate
import Dispatch
import Figures
import Synchronization

/// The pictures of a PDF. Cairo would compress them as they are; lines of differences, as PNG has them, are far smaller. So it
/// is given a small sign for each, and the pictures take the places of the signs once the file is written.
struct PDFPictures {
  struct Picture: Sendable {
    let width: Int
    let height: Int
    /// Four bytes a pixel, all opaque.
    let rgba: [UInt8]
  }

  /// Of the first pixel of every sign; not grey, or Cairo would store one byte a pixel.
  private static let mark: [UInt8] = [0x50, 0x41, 0x4C]

  /// The sign of the picture `number`: two by two pixels of four bytes.
  static func sign(_ number: Int) -> [UInt8] {
    let digits = [UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    return mark + [255] + digits + [255] + digits.map { ~$0 } + [255] + mark.reversed() + [255]
  }

  /// The number a sign stands for, from its twelve bytes of red, green and blue; nil for any other picture.
  private static func number(_ rgb: [UInt8]) -> Int? {
    guard rgb.count == 12, Array(rgb[0..<3]) == mark, Array(rgb[9..<12]) == mark.reversed(),
      zip(rgb[3..<6], rgb[6..<9]).allSatisfy({ $0 == ~$1 })
    else { return nil }
    return Int(rgb[3]) << 16 | Int(rgb[4]) << 8 | Int(rgb[5])
  }

  /// Pixels below which a picture is exact however it is kept: JPEG would hardly be smaller.
  private static let leastPixels = 1024

  /// A picture as JPEG, colour not subsampled; nil where it is small, or not opaque.
  static func compactJPEG(_ picture: Picture) -> [UInt8]? {
    guard picture.width * picture.height >= leastPixels, PNGWriter.isOpaque(picture.rgba) else { return nil }
    return try? JPEGWriter.encode(
      rgb: PNGWriter.withoutOpacity(picture.rgba), width: picture.width, height: picture.height, quality: 92)
  }

  /// The content of an image of a PDF, and how it is decoded.
  private struct Stream: Sendable {
    let bytes: [UInt8]
    let filter: String
  }

  /// `pdf` with the pictures in the places of their signs, and with every image named once among a page's resources.
  /// - Parameter exactly: whether every pixel is kept as it is.
  /// - Returns: nil if the file is not laid out as Cairo 1.16 lays out PDF 1.4, or has not every sign.
  static func insert(_ pictures: [Picture], exactly: Bool, into pdf: [UInt8]) throws -> [UInt8]? {
    guard var file = PDFObjects(pdf) else { return pictures.isEmpty ? pdf : nil }
    let isChanged = file.nameImagesOnce()
    guard !pictures.isEmpty else { return isChanged ? file.bytes() : pdf }
    let streams = try compressed(pictures, exactly: exactly)
    var placed: Set<Int> = []
    for (object, rgb) in try file.smallImages() {
      guard let number = number(rgb), pictures.indices.contains(number) else { continue }
      let picture = pictures[number]
      placed.insert(number)
      file.replace(
        object,
        dictionary: """
          << /Type /XObject
             /Subtype /Image
             /Width \(picture.width)
             /Height \(picture.height)
             /ColorSpace /DeviceRGB
             /BitsPerComponent 8
             /Interpolate false
             \(streams[number].filter)
             /Length \(streams[number].bytes.count)
          >>
          """, stream: streams[number].bytes)
    }
    return placed.count == pictures.count ? file.bytes() : nil
  }

  private static func compressed(_ pictures: [Picture], exactly: Bool) throws -> [Stream] {
    let results = Mutex(Array(repeating: Stream(bytes: [], filter: ""), count: pictures.count))
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: pictures.count) { place in
      let picture = pictures[place]
      do {
        if !exactly, let jpeg = compactJPEG(picture) {
          results.withLock { $0[place] = Stream(bytes: jpeg, filter: "/Filter /DCTDecode") }
          return
        }
        let data = try PNGWriter.imageData(
          PNGWriter.withoutOpacity(picture.rgba), width: picture.width, height: picture.height, channels: 3,
          isDrawing: false)
        let parameters = "/Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns \(picture.width)"
        let stream = Stream(bytes: data, filter: "/Filter /FlateDecode\n   /DecodeParms << \(parameters) >>")
        results.withLock { $0[place] = stream }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return results.withLock { $0 }
  }
}

/// The objects of a PDF with a table of cross-references, to exchange some of them.
private struct PDFObjects {
  private let head: [UInt8]
  /// By number; nil where the table calls it free.
  private var objects: [[UInt8]?]
  /// Numbers in the order of the file.
  private let order: [Int]
  /// From the word `trailer` up to `startxref`.
  private let trailer: [UInt8]

  init?(_ pdf: [UInt8]) {
    guard let start = Self.last("startxref", in: pdf), let table = Self.integer(pdf, from: start + 9)?.value,
      table < start, pdf[table...].starts(with: Array("xref\n0 ".utf8)),
      let count = Self.integer(pdf, from: table + 7)
    else { return nil }
    let lines = count.end + 1
    guard lines + 20 * count.value <= start else { return nil }
    var offsets: [(offset: Int, number: Int)] = []
    for number in 0..<count.value {
      let line = lines + 20 * number
      guard let offset = Self.integer(pdf, from: line)?.value else { return nil }
      if pdf[line + 17] == UInt8(ascii: "n") { offsets.append((offset, number)) }
    }
    offsets.sort { $0.offset < $1.offset }
    guard let first = offsets.first, offsets.allSatisfy({ $0.offset < table }) else { return nil }
    head = Array(pdf[..<first.offset])
    objects = Array(repeating: nil, count: count.value)
    let ends = offsets.dropFirst().map(\.offset) + [table]
    for (entry, end) in zip(offsets, ends) { objects[entry.number] = Array(pdf[entry.offset..<end]) }
    order = offsets.map(\.number)
    trailer = Array(pdf[(lines + 20 * count.value)..<start])
  }

  /// Images of two by two pixels, decompressed.
  func smallImages() throws -> [(object: Int, rgb: [UInt8])] {
    guard let decompressor = libdeflate_alloc_decompressor() else { throw FigureError("no memory to write a PDF") }
    defer { libdeflate_free_decompressor(decompressor) }
    return order.compactMap { number in
      guard let object = objects[number], let stream = Self.first("stream\n", in: object[...]) else { return nil }
      let dictionary = object[..<stream]
      guard Self.first("/Subtype /Image", in: dictionary) != nil, Self.first("/Width 2\n", in: dictionary) != nil,
        Self.first("/Height 2\n", in: dictionary) != nil
      else { return nil }
      let data = Array(object[(stream + 7)...])
      var rgb = [UInt8](repeating: 0, count: 12)
      var used = 0
      var made = 0
      let status = libdeflate_zlib_decompress_ex(decompressor, data, data.count, &rgb, 12, &used, &made)
      return status == LIBDEFLATE_SUCCESS && made == 12 ? (number, rgb) : nil
    }
  }

  /// Leaves every name among resources in its dictionary once: Cairo writes an image's as often as the page draws it.
  ///
  /// - Returns: whether any was there again.
  mutating func nameImagesOnce() -> Bool {
    let (begin, end) = ("/XObject << ", " >>")
    var isChanged = false
    for number in order {
      guard let object = objects[number] else { continue }
      let dictionary = object[..<(Self.first("stream\n", in: object[...]) ?? object.endIndex)]
      guard let start = Self.first(begin, in: dictionary).map({ $0 + begin.utf8.count }),
        let stop = Self.first(end, in: dictionary[start...])
      else { continue }
      // A name, and a reference of three words.
      let words = object[start..<stop].split(separator: UInt8(ascii: " "))
      guard words.count % 4 == 0 else { continue }
      var names: Set<ArraySlice<UInt8>> = []
      let entries = stride(from: 0, to: words.count, by: 4).filter { names.insert(words[$0]).inserted }
      guard entries.count < words.count / 4 else { continue }
      let kept = entries.flatMap { words[$0..<$0 + 4] }.joined(separator: [UInt8(ascii: " ")])
      objects[number] = object[..<start] + Array(kept) + object[stop...]
      isChanged = true
    }
    return isChanged
  }

  mutating func replace(_ object: Int, dictionary: String, stream: [UInt8]) {
    objects[object] =
      Array("\(object) 0 obj\n\(dictionary)\nstream\n".utf8) + stream + Array("\nendstream\nendobj\n".utf8)
  }

  /// The whole file, with a new table.
  func bytes() -> [UInt8] {
    var output = head
    output.reserveCapacity(objects.reduce(head.count + 20 * objects.count + trailer.count) { $0 + ($1?.count ?? 0) })
    var offsets = [Int?](repeating: nil, count: objects.count)
    for number in order {
      offsets[number] = output.count
      output += objects[number] ?? []
    }
    let table = output.count
    output += Array("xref\n0 \(objects.count)\n".utf8)
    for offset in offsets {
      let digits = String(offset ?? 0)
      let padded = String(repeating: "0", count: 10 - digits.count) + digits
      output += Array("\(padded) \(offset == nil ? "65535 f" : "00000 n") \n".utf8)
    }
    return output + trailer + Array("startxref\n\(table)\n%%EOF\n".utf8)
  }

  // MARK: Bytes

  private static func first(_ text: String, in bytes: ArraySlice<UInt8>) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (bytes.startIndex...bytes.endIndex - wanted.count).first { place in
      bytes[place] == wanted[0] && bytes[place..<place + wanted.count].elementsEqual(wanted)
    }
  }

  private static func last(_ text: String, in bytes: [UInt8]) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (0...bytes.count - wanted.count).last { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }

  /// The digits at `start`, white space before them left out, and where they end.
  private static func integer(_ bytes: [UInt8], from start: Int) -> (value: Int, end: Int)? {
    var place = start
    while place < bytes.count, [10, 13, 32].contains(bytes[place]) { place += 1 }
    var value: Int?
    while place < bytes.count, (48...57).contains(bytes[place]), (value ?? 0) < 1 << 40 {
      value = (value ?? 0) * 10 + Int(bytes[place]) - 48
      place += 1
    }
    return value.map { ($0, place) }
  }
}
