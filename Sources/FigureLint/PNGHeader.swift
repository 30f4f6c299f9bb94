import Figures

/// Size and resolution of a PNG file.
struct PNGHeader {
  let columns: Int
  let rows: Int
  /// nil where the file does not say.
  let dotsPerInch: Double?

  /// - Throws: `LintError` if it is no PNG.
  init(_ bytes: [UInt8], file: String) throws(LintError) {
    guard bytes.count > 33, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw LintError("\(file) is no PNG")
    }
    func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    columns = number(16)
    rows = number(20)
    var resolution: Double?
    var place = 8
    while place + 12 <= bytes.count {
      let length = number(place)
      guard length >= 0, place + 12 + length <= bytes.count else { break }
      let type = String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
      if type == "pHYs", length == 9, bytes[place + 16] == 1 { resolution = Double(number(place + 8)) * 0.0254 }
      if type == "IDAT" { break }
      place += 12 + length
    }
    dotsPerInch = resolution
  }
}
