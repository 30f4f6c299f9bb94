/// A font of a PDF as far as its text can be measured and read.
struct PDFFont {
  let description: DrawnPage.Font
  /// Bytes of a code: 2 for composite fonts.
  private let codeLength: Int
  private let widths: [Int: Double]
  private let defaultWidth: Double
  private let characters: [Int: String]
  /// From glyph space to a size of 1: a thousandth, but for Type 3.
  private let unit: Double

  init(_ object: PDFObject?, in document: PDFDocument) {
    let dictionary = document.resolve(object)?.dictionary ?? [:]
    let subtype = document.resolve(dictionary["Subtype"])?.name ?? "unknown"
    let descendant = document.resolve(document.resolve(dictionary["DescendantFonts"])?.array?.first)?.dictionary
    let inner = descendant ?? dictionary
    let descriptor = document.resolve(inner["FontDescriptor"])?.dictionary ?? [:]
    let innerType = document.resolve(inner["Subtype"])?.name ?? subtype
    let file3 = document.resolve(descriptor["FontFile3"])?.dictionary
    let type =
      switch innerType {
      case "TrueType", "CIDFontType2": "TrueType"
      case "Type1", "MMType1", "CIDFontType0": file3 == nil ? "Type 1" : "Type 1 (CFF)"
      case "Type3": "Type 3"
      default: innerType
      }
    let name = document.resolve(dictionary["BaseFont"])?.name ?? document.resolve(inner["FontName"])?.name ?? "unnamed"
    let isEmbedded =
      innerType == "Type3" || descriptor["FontFile"] != nil || descriptor["FontFile2"] != nil || file3 != nil
    // A subset's name has six letters and a plus in front.
    let plain = name.dropFirst(6).first == "+" ? String(name.dropFirst(7)) : name
    description = DrawnPage.Font(name: plain, type: type, isEmbedded: isEmbedded)
    codeLength = descendant == nil ? 1 : 2
    characters = Self.characters(document.data(of: dictionary["ToUnicode"]))
    var widths: [Int: Double] = [:]
    if descendant != nil {
      Self.readComposite(document.resolve(inner["W"])?.array ?? [], document, into: &widths)
      defaultWidth = document.resolve(inner["DW"])?.number ?? 1000
    } else {
      let first = document.resolve(dictionary["FirstChar"])?.integer ?? 0
      for (place, width) in (document.resolve(dictionary["Widths"])?.array ?? []).enumerated() {
        widths[first + place] = document.resolve(width)?.number
      }
      defaultWidth = document.resolve(descriptor["MissingWidth"])?.number ?? (widths.isEmpty ? 550 : 0)
    }
    self.widths = widths
    unit = innerType == "Type3" ? document.resolve(dictionary["FontMatrix"])?.array?.first?.number ?? 0.001 : 0.001
  }

  /// Groups of `first [w …]` and `first last w`.
  private static func readComposite(_ array: [PDFObject], _ document: PDFDocument, into widths: inout [Int: Double]) {
    var place = 0
    while place + 1 < array.count {
      guard let first = document.resolve(array[place])?.integer else { return }
      if let list = document.resolve(array[place + 1])?.array {
        for (offset, width) in list.enumerated() { widths[first + offset] = document.resolve(width)?.number }
        place += 2
      } else {
        guard place + 2 < array.count, let last = document.resolve(array[place + 1])?.integer,
          let width = document.resolve(array[place + 2])?.number, last >= first, last - first < 65_536
        else { return }
        for code in first...last { widths[code] = width }
        place += 3
      }
    }
  }

  /// The text of a string and its width at size 1, with the number of codes and of single-byte spaces.
  func read(_ bytes: [UInt8]) -> (text: String, width: Double, codes: Int, spaces: Int) {
    var text = ""
    var width = 0.0
    var codes = 0
    var spaces = 0
    for start in stride(from: 0, to: bytes.count - codeLength + 1, by: codeLength) {
      let code = codeLength == 1 ? Int(bytes[start]) : Int(bytes[start]) << 8 | Int(bytes[start + 1])
      width += (widths[code] ?? defaultWidth) * unit
      codes += 1
      if codeLength == 1, code == 32 { spaces += 1 }
      text += characters[code] ?? (codeLength == 1 && code >= 32 ? String(UnicodeScalar(UInt8(code))) : "\u{FFFD}")
    }
    return (text, width, codes, spaces)
  }

  /// A ToUnicode map: `bfchar` and `bfrange`.
  private static func characters(_ map: [UInt8]?) -> [Int: String] {
    guard let map else { return [:] }
    var characters: [Int: String] = [:]
    var lexer = PDFLexer(map[...])
    var values: [PDFObject] = []
    func code(_ object: PDFObject) -> Int? {
      guard case .string(let bytes) = object, bytes.count <= 4 else { return nil }
      return bytes.reduce(0) { $0 << 8 | Int($1) }
    }
    func units(_ object: PDFObject) -> [UInt16] {
      guard case .string(let bytes) = object else { return [] }
      return stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }
    while let token = lexer.next() {
      guard case .word(let word) = token else {
        values.append(token)
        continue
      }
      if word == "endbfchar" {
        for place in stride(from: 0, to: values.count - 1, by: 2) {
          if let from = code(values[place]) {
            characters[from] = String(decoding: units(values[place + 1]), as: UTF16.self)
          }
        }
      } else if word == "endbfrange" {
        for place in stride(from: 0, to: values.count - 2, by: 3) {
          guard let from = code(values[place]), let to = code(values[place + 1]), to >= from, to - from < 65_536
          else { continue }
          if let list = values[place + 2].array {
            for (offset, value) in list.enumerated() where from + offset <= to {
              characters[from + offset] = String(decoding: units(value), as: UTF16.self)
            }
          } else {
            let start = units(values[place + 2])
            guard let last = start.last else { continue }
            for code in from...to {
              let unit = last &+ UInt16(truncatingIfNeeded: code - from)
              characters[code] = String(decoding: start.dropLast() + [unit], as: UTF16.self)
            }
          }
        }
      }
      values = []
    }
    return characters
  }
}
