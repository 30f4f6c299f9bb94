import Formats
import Foundation
import Imaging
import TestSupport
import Testing

/// WebP, BMP, TIFF and other endings against Pillow, as `scripts/fixtures/files.py` read them.
@Suite struct FormatTests {
  struct Case: Decodable {
    let file: String
    let frames: Int
    let orientation: Int
    let expected: Place
  }

  private static func url(_ file: String) -> URL { fixtures.appendingPathComponent("formats/\(file)") }

  @Test func everyKindOfFileDecodesToPillowsPixels() throws {
    let (cases, raw) = try Fixture<Case>.load("formats")
    #expect(cases.count >= 55)
    for item in cases {
      let url = FormatTests.url(item.file)
      let picture = try PixelImage.picture(contentsOf: url)
      #expect(largestDifference(picture.image, item.expected.image(raw)) == 0, "\(item.file)")
      #expect(picture.facts.frames == item.frames, "\(item.file)")
      #expect(picture.facts.orientation == item.orientation, "\(item.file)")
      // Pillow turns TIFF alone.
      #expect(
        picture.facts.ignoresOrientation == (item.orientation != 1 && !item.file.hasSuffix("tif")), "\(item.file)")
      #expect(try PixelImage.size(of: url) == picture.image.size, "\(item.file)")
    }
  }

  /// An animated PNG has its number of frames in a chunk of its own (PNG, third edition, 11.3.6.1): put behind the header by hand.
  @Test func framesOfAnAnimatedPNGAreCounted() throws {
    let still = fixtures.appendingPathComponent("decode/grey-8.png")
    let first = try PixelImage.picture(contentsOf: still)
    #expect(first.facts.frames == 1)
    var bytes = [UInt8](try Data(contentsOf: still))
    let chunk = [0, 0, 0, 8] + Array("acTL".utf8) + [0, 0, 0, 3, 0, 0, 0, 0, 206, 237, 186, 192]
    bytes.insert(contentsOf: chunk, at: 33)
    let folder = try TemporaryFolder()
    let moving = folder.url.appendingPathComponent("moving.png")
    try Data(bytes).write(to: moving)
    let picture = try PixelImage.picture(contentsOf: moving)
    #expect(picture.facts.frames == 3 && picture.image == first.image)
  }

  @Test func aFileCutAnywhereIsAnErrorAndNeverACrash() throws {
    for file in [
      "lossy.webp", "lossless-alpha.webp", "rgb-tiff_lzw.tif", "rgb.bmp", "runs-8.bmp", "tiles.tif", "planes.tif",
    ] {
      let bytes = [UInt8](try Data(contentsOf: FormatTests.url(file)))
      var refused = 0
      let counts = Array(stride(from: 0, to: bytes.count - 4, by: 1 + bytes.count / 150))
      for count in counts where message({ _ = try PixelImage(decoding: Array(bytes.prefix(count))) }) != nil {
        refused += 1
      }
      // libwebp and libtiff may have all pixels before the last bytes.
      #expect(refused >= counts.count * 9 / 10, "\(file): \(refused) of \(counts.count)")
    }
  }

  @Test func damageNeverCrashesADecoder() throws {
    var state: UInt64 = 11
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let files = try Fixture<Case>.load("formats").cases.map(\.file)
    var (decoded, refused) = (0, 0)
    for round in 0..<1200 {
      var bytes = [UInt8](try Data(contentsOf: FormatTests.url(files[round % files.count])))
      // Half of the changes fall where headers are.
      for _ in 0...next(6) { bytes[next(next(2) == 0 ? min(200, bytes.count) : bytes.count)] = UInt8(next(256)) }
      if message({ _ = try PixelImage(decoding: bytes) }) == nil { decoded += 1 } else { refused += 1 }
    }
    #expect(decoded > 50 && refused > 200)
  }

  @Test func whatIsNotSupportedIsRefusedWithItsReason() throws {
    var bytes = [UInt8](try Data(contentsOf: FormatTests.url("grey-16-little.tif")))
    // The photometric interpretation, tag 262, becomes CIELab.
    let tag = try #require(bytes.firstRange(of: [0x06, 0x01, 0x03, 0x00, 0x01, 0, 0, 0]))
    bytes[tag.upperBound] = 8
    #expect(
      message { _ = try PixelImage(decoding: bytes) }
        == "TIFF that cannot be read: its colours (photometric interpretation 8) are not supported")
    let bitmap = [UInt8](try Data(contentsOf: FormatTests.url("rgb.bmp")))
    var jpeg = bitmap
    jpeg[30] = 4
    #expect(message { _ = try PixelImage(decoding: jpeg) } == "BMP of compression 4, which is not supported")
    var huge = bitmap
    huge.replaceSubrange(18..<22, with: [0xFF, 0xFF, 0xFF, 0x7F])
    #expect(message { _ = try PixelImage(decoding: huge) }?.contains("more than 178956970 pixels") == true)
  }

  @Test func whatIsLeftOutOfAFolderIsCountedAndNamed() throws {
    let folder = try TemporaryFolder()
    for name in [
      "a.png", "b.JFIF", "c.jpe", "d.webp", "e.BMP", "f.tif", "g.tiff", "1.gif", "2.GIF", "x.heic", "notes.txt",
    ] {
      try folder.write([1], to: name)
    }
    try folder.write([0xFF, 0xD8, 0xFF, 0xE0], to: "sub/picture")
    try folder.write([1, 2, 3], to: "sub/other")
    let listing = try ImageFolder.listing(folder.url)
    #expect(listing.entries.map(\.relativePath) == ["a.png", "b.JFIF", "c.jpe", "d.webp", "e.BMP", "f.tif", "g.tiff"])
    #expect(
      listing.sentences == [
        "2 pictures are left out because JPEG, PNG, WebP, BMP and TIFF are read and not GIF, the first: 1.gif",
        "1 picture is left out because JPEG, PNG, WebP, BMP and TIFF are read and not HEIC, the first: x.heic",
        "1 picture is left out because JPEG, PNG, WebP, BMP and TIFF are read and not JPEG without an ending such as .jpg, "
          + "the first: sub/picture",
        "among the pictures are 1 WebP, 1 BMP, 2 TIFF, which versions before 0.2.0 left out",
      ])
    let animations = try TemporaryFolder()
    let classes = try TemporaryFolder()
    for name in ["cat/0.png", "cat/1.png", "dog/0.png", "emu/0.png"] { try classes.write([1], to: name) }
    #expect(
      try ImageFolder.listing(classes.url, taking: .first(3)).sentences == [
        "the limit takes the first 3 of 4 pictures in the order of their paths: they come from 2 of 3 folders, so that classes in "
          + "folders of their own are left out; --sample 3 in place of --limit draws them from all"
      ])
    #expect(try ImageFolder.listing(classes.url, taking: .first(4)).sentences == [])
    #expect(try ImageFolder.listing(folder.url, taking: .first(1)).sentences.count == 3)
    // The SHA-256 of 1/0/emu/0.png and 1/0/cat/1.png begin with 0d and c61a, of the others with c792 and f8 (sha256sum).
    let drawn = try ImageFolder.listing(classes.url, taking: .random(2, seed: 1))
    #expect(drawn.entries.map(\.relativePath) == ["cat/1.png", "emu/0.png"])
    #expect(drawn.sentences == ["a random sample of 2 of 4 pictures is taken (--sample 2:1)"])
    try animations.write([1], to: "a.gif")
    #expect(
      message { _ = try ImageFolder.list(animations.url) }?.hasSuffix(
        "by their endings at any depth; there are 1 of GIF, which are not read: convert them)") == true)
  }
}
