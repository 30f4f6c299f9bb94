import Figures

/// The physical resolution of a PNG, which Cairo does not write.
enum PNGMetadata {
  /// `png` with a `pHYs` chunk after its header.
  static func adding(dotsPerInch: Double, to png: [UInt8]) throws -> [UInt8] {
    // Signature (8), then IHDR: length, type, 13 bytes, check sum.
    let headerEnd = 8 + 4 + 4 + 13 + 4
    guard png.count > headerEnd else { throw FigureError("Cairo wrote a PNG without a header") }
    let perMetre = UInt32((dotsPerInch / 0.0254).rounded())
    let body = Array("pHYs".utf8) + bigEndian(perMetre) + bigEndian(perMetre) + [1]
    let chunk = bigEndian(9) + body + bigEndian(checkSum(body))
    return png[..<headerEnd] + chunk + png[headerEnd...]
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
  }

  /// CRC-32 as PNG uses it.
  private static func checkSum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}
