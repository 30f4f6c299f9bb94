import Formats
import Foundation
import TestSupport
import Testing

@Suite struct ContentDigestTests {
  /// FIPS 180-2, appendix B.1.
  private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func theDigestIsThatOfTheStandard() {
    #expect(ContentDigest("abc").hexadecimal == abc)
    #expect(ContentDigest(Data("abc".utf8)).hexadecimal == abc)
    #expect(ContentDigest("abc").base64 == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
  }

  @Test func piecesGiveTheDigestOfTheWhole() {
    var digest = ContentDigest()
    digest.update(Data("a".utf8))
    Array("bc".utf8).withUnsafeBytes { digest.update($0) }
    #expect(digest.hexadecimal == abc)
  }

  @Test func filesAreReadInPieces() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let bytes = Data((0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let file = try folder.write(bytes, to: "bytes")
    #expect(try ContentDigest(contentsOfFile: file.path).hexadecimal == ContentDigest(bytes).hexadecimal)
    #expect(throws: (any Error).self) { try ContentDigest(contentsOfFile: file.path + ".missing") }
  }

  @Test func digitsAreLowerCaseAndTwoAByte() {
    #expect(Hexadecimal.text([0, 10, 255]) == "000aff")
  }
}
