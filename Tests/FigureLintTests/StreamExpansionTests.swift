import CDeflate
import FigureLint
import Foundation
import Testing

/// A small file whose page decodes to more than memory should hold is not read, and is not said to pass.
@Suite struct StreamExpansionTests {
  /// A page whose content is blanks, compressed.
  private func page(blanks: Int) throws -> [UInt8] {
    let compressor = try #require(libdeflate_alloc_compressor(6))
    defer { libdeflate_free_compressor(compressor) }
    let content = [UInt8](repeating: 0x20, count: blanks)
    var packed = [UInt8](repeating: 0, count: libdeflate_zlib_compress_bound(compressor, blanks))
    let count = libdeflate_zlib_compress(compressor, content, blanks, &packed, packed.count)
    try #require(count > 0)
    let head = """
      %PDF-1.4
      1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
      2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 200 100] >> endobj
      3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << >> >> endobj
      4 0 obj << /Length \(count) /Filter /FlateDecode >> stream

      """
    return Array(head.utf8) + packed[..<count] + Array("\nendstream endobj\ntrailer << /Root 1 0 R >>\n".utf8)
  }

  private func isDecoded(_ bytes: [UInt8]) throws -> Bool {
    try !FigureLinter(style: nil).check(bytes, file: "other.pdf").findings.contains {
      $0.text.contains("a content stream could not be decoded, so what it draws is not checked")
    }
  }

  @Test func whatDecodesToMoreThanTheLimitIsNotRead() throws {
    let bomb = try page(blanks: 300 << 20)
    #expect(bomb.count < 1 << 20)
    #expect(try !isDecoded(bomb))
  }

  /// Just as suspicious by its ratio, but small enough: the data are looked at, not their size in the file alone.
  @Test func whatOnlyMightIsLookedAt() throws {
    let large = try page(blanks: 255 << 20)
    #expect(large.count * 1032 > 256 << 20)
    #expect(try isDecoded(large))
  }
}
