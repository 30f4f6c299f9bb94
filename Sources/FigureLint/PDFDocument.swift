import CDeflate

/// The objects of a PDF file, found by reading it from front to back: a damaged cross-reference table does no harm.
struct PDFDocument {
  private let objects: [Int: PDFObject]
  let firstPage: [String: PDFObject]

  /// The most bytes a stream may grow to.
  static let largestStream = 256 << 20

  /// - Throws: `LintError` if it is no PDF, is encrypted, or has no page.
  init(_ bytes: [UInt8], file: String) throws(LintError) {
    guard bytes.starts(with: Array("%PDF-".utf8)) else {
      throw LintError("\(file) is no PDF: it does not begin with %PDF-")
    }
    let scan = Self.scan(bytes)
    guard !scan.isEncrypted else {
      throw LintError("\(file) is encrypted and cannot be checked; save it without a password")
    }
    var objects = scan.objects
    // Objects within object streams; in order, so that the same file is read the same every time.
    for (_, object) in scan.objects.sorted(by: { $0.key < $1.key }) {
      guard case .stream(let dictionary, _) = object, dictionary["Type"]?.name == "ObjStm" else { continue }
      for (number, inner) in Self.unpack(object, objects: scan.objects) where objects[number] == nil {
        objects[number] = inner
      }
    }
    guard let page = Self.page(in: objects) else { throw LintError("\(file) has no page that can be found") }
    self.init(objects: objects, firstPage: page)
  }

  private init(objects: [Int: PDFObject], firstPage: [String: PDFObject]) {
    self.objects = objects
    self.firstPage = firstPage
  }

  /// What a reference stands for.
  func resolve(_ object: PDFObject?) -> PDFObject? { Self.resolve(object, in: objects) }

  private static func resolve(_ object: PDFObject?, in objects: [Int: PDFObject]) -> PDFObject? {
    var object = object
    for _ in 0..<16 {
      guard case .reference(let number)? = object else { return object }
      object = objects[number]
    }
    return nil
  }

  /// The decoded bytes of a stream; nil where a filter is unknown or the data are damaged.
  func data(of object: PDFObject?) -> [UInt8]? { Self.decoded(resolve(object), objects: objects) }

  // MARK: Finding objects

  private static func scan(_ bytes: [UInt8]) -> (objects: [Int: PDFObject], isEncrypted: Bool) {
    var objects: [Int: PDFObject] = [:]
    var isEncrypted = false
    var lexer = PDFLexer(bytes[...])
    var recent: [PDFObject] = []
    while !lexer.isAtEnd {
      guard let token = lexer.next() else { break }
      if case .word("obj") = token, recent.count >= 2, let number = recent[recent.count - 2].integer {
        guard let value = lexer.next() else { break }
        objects[number] = stream(after: value, lexer: &lexer, bytes: bytes) ?? value
        recent = []
      } else if case .word("trailer") = token {
        if let trailer = lexer.next()?.dictionary, trailer["Encrypt"] != nil { isEncrypted = true }
      } else {
        recent.append(token)
        if recent.count > 2 { recent.removeFirst() }
      }
    }
    for object in objects.values where object.dictionary?["Type"]?.name == "XRef" {
      if object.dictionary?["Encrypt"] != nil { isEncrypted = true }
    }
    return (objects, isEncrypted)
  }

  /// The stream that begins behind its dictionary, up to `endstream`.
  private static func stream(after value: PDFObject, lexer: inout PDFLexer, bytes: [UInt8]) -> PDFObject? {
    guard case .dictionary(let dictionary) = value else { return nil }
    var ahead = lexer
    guard case .word("stream")? = ahead.next() else { return nil }
    var start = ahead.position
    if start < bytes.count, bytes[start] == 13 { start += 1 }
    if start < bytes.count, bytes[start] == 10 { start += 1 }
    let mark = Array("endstream".utf8)
    // The length as the file has it, if the end stands there; else wherever the end is.
    if let length = dictionary["Length"]?.integer, length >= 0, start + length <= bytes.count {
      var probe = PDFLexer(bytes[(start + length)...])
      probe.skipSpace()
      if bytes[probe.position...].starts(with: mark) {
        lexer.position = probe.position + mark.count
        return .stream(dictionary, bytes[start..<start + length])
      }
    }
    var end = start
    while end + mark.count <= bytes.count {
      if bytes[end] == mark[0], bytes[end..<end + mark.count].elementsEqual(mark) { break }
      end += 1
    }
    guard end + mark.count <= bytes.count else { return nil }
    lexer.position = end + mark.count
    return .stream(dictionary, bytes[start..<max(start, end)])
  }

  private static func unpack(_ object: PDFObject, objects: [Int: PDFObject]) -> [(Int, PDFObject)] {
    guard let dictionary = object.dictionary, let first = dictionary["First"]?.integer, first >= 0,
      let count = dictionary["N"]?.integer, let data = decoded(object, objects: objects), first <= data.count
    else { return [] }
    var lexer = PDFLexer(data[..<first])
    var found: [(Int, PDFObject)] = []
    for _ in 0..<min(max(count, 0), 100_000) {
      guard let number = lexer.next()?.integer, let offset = lexer.next()?.integer, offset >= 0,
        first + offset < data.count
      else { break }
      var inner = PDFLexer(data[(first + offset)...])
      if let value = inner.next() { found.append((number, value)) }
    }
    return found
  }

  /// The first page, with what it takes over from the pages above it.
  private static func page(in objects: [Int: PDFObject]) -> [String: PDFObject]? {
    let catalog = objects.sorted { $0.key < $1.key }.map(\.value).last { $0.dictionary?["Type"]?.name == "Catalog" }
    var node = resolve(catalog?.dictionary?["Pages"], in: objects)?.dictionary
    var inherited: [String: PDFObject] = [:]
    for _ in 0..<64 {
      guard let current = node else { break }
      for key in ["MediaBox", "Resources", "Rotate"] { if let value = current[key] { inherited[key] = value } }
      guard let kids = resolve(current["Kids"], in: objects)?.array else {
        return current.merging(inherited) { own, _ in own }
      }
      node = resolve(kids.first, in: objects)?.dictionary
    }
    return objects.sorted { $0.key < $1.key }.map(\.value).first { $0.dictionary?["Type"]?.name == "Page" }?.dictionary
  }

  // MARK: Decoding

  private static func decoded(_ object: PDFObject?, objects: [Int: PDFObject]) -> [UInt8]? {
    guard case .stream(let dictionary, let raw)? = object else { return nil }
    let filter = resolve(dictionary["Filter"], in: objects)
    let filters = filter?.array?.compactMap { resolve($0, in: objects)?.name } ?? [filter?.name].compactMap { $0 }
    let parameter = resolve(dictionary["DecodeParms"], in: objects)
    let parameters = parameter?.array?.map { resolve($0, in: objects)?.dictionary } ?? [parameter?.dictionary]
    var data = Array(raw)
    for (place, name) in filters.enumerated() {
      switch name {
      case "FlateDecode", "Fl":
        guard let inflated = inflate(data) else { return nil }
        data = unpredicted(inflated, place < parameters.count ? parameters[place] : nil)
      case "ASCIIHexDecode", "AHx":
        var lexer = PDFLexer(([UInt8(ascii: "<")] + data)[...])
        guard case .string(let bytes)? = lexer.next() else { return nil }
        data = bytes
      default: return nil
      }
    }
    return data
  }

  /// zlib's data, whatever they grow to up to a bound.
  private static func inflate(_ data: [UInt8]) -> [UInt8]? {
    guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
    defer { libdeflate_free_decompressor(decompressor) }
    var room = max(4096, data.count * 6)
    while room <= largestStream {
      var result = LIBDEFLATE_SUCCESS
      let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        var written = 0
        result = libdeflate_zlib_decompress(decompressor, data, data.count, buffer.baseAddress, room, &written)
        count = result == LIBDEFLATE_SUCCESS ? written : 0
      }
      if result == LIBDEFLATE_SUCCESS { return output }
      guard result == LIBDEFLATE_INSUFFICIENT_SPACE else { return nil }
      room *= 4
    }
    return nil
  }

  /// Undoes PNG's predictors.
  private static func unpredicted(_ data: [UInt8], _ parameters: [String: PDFObject]?) -> [UInt8] {
    guard let parameters, let predictor = parameters["Predictor"]?.integer, predictor >= 10 else { return data }
    let colors = parameters["Colors"]?.integer ?? 1
    let bits = parameters["BitsPerComponent"]?.integer ?? 8
    let columns = parameters["Columns"]?.integer ?? 1
    guard (1...64).contains(colors), (1...16).contains(bits), (1...1_000_000).contains(columns) else { return data }
    let step = max(1, colors * bits / 8)
    let length = (colors * bits * columns + 7) / 8
    var output: [UInt8] = []
    var above = [UInt8](repeating: 0, count: length)
    var start = 0
    while start + length < data.count {
      var line = Array(data[start + 1...start + length])
      for place in 0..<length {
        let left = place >= step ? Int(line[place - step]) : 0
        let up = Int(above[place])
        let corner = place >= step ? Int(above[place - step]) : 0
        let added: Int
        switch data[start] {
        case 1: added = left
        case 2: added = up
        case 3: added = (left + up) / 2
        case 4:
          let estimate = left + up - corner
          let (a, b, c) = ((estimate - left).magnitude, (estimate - up).magnitude, (estimate - corner).magnitude)
          added = a <= b && a <= c ? left : b <= c ? up : corner
        default: added = 0
        }
        line[place] = line[place] &+ UInt8(truncatingIfNeeded: added)
      }
      output += line
      above = line
      start += length + 1
    }
    return output
  }
}
