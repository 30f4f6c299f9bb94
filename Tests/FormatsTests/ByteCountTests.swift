import Formats
import Testing

@Suite struct ByteCountTests {
  @Test(arguments: [
    ("8G", 8 << 30), ("512M", 512 << 20), ("1.5 GiB", 3 << 29), ("64k", 65_536), ("2tb", 2 << 40),
    ("1073741824", 1 << 30),
    ("7B", 7),
  ])
  func sizesAreRead(text: String, bytes: Int) { #expect(ByteCount.parse(text) == bytes) }

  @Test(arguments: ["", "G", "lots", "-1G", "0", "0.1", "1e3", "8GG", "8 P", "99999999T", "1.2.3M", "NaN"])
  func otherTextsAreNot(text: String) { #expect(ByteCount.parse(text) == nil) }
}
