import Formats
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct DecodingTests {
  struct Case: Decodable {
    let file: String
    let expected: Place
  }

  static func bytes(_ file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: fixtures.appendingPathComponent("decode/\(file)")))
  }

  @Test func everyKindOfFileDecodesToPillowsPixels() throws {
    let (cases, raw) = try Fixture<Case>.load("decode")
    #expect(cases.count >= 40)
    for item in cases {
      let url = fixtures.appendingPathComponent("decode/\(item.file)")
      let difference = largestDifference(try PixelImage(contentsOf: url), item.expected.image(raw))
      #expect(difference == 0, "\(item.file)")
      let size = try PixelImage.size(of: url)
      #expect(size == ImageSize(height: item.expected.height, width: item.expected.width), "\(item.file)")
    }
  }

  @Test func aFileCutAnywhereIsAnErrorAndNeverAnImage() throws {
    for file in ["420.jpg", "progressive.JPEG", "cmyk.jpg", "rgb-8.png", "rgba-16-interlaced.png"] {
      let bytes = try DecodingTests.bytes(file)
      // The last chunk of a PNG and its checksum before it hold no pixels.
      let end = file.hasSuffix("png") ? bytes.count - 16 : bytes.count
      for count in stride(from: 0, to: end, by: 3) {
        #expect(message { _ = try PixelImage(decoding: Array(bytes.prefix(count))) } != nil, "\(file) cut to \(count)")
      }
    }
  }

  @Test func errorsNameFileAndReason() throws {
    let folder = try TemporaryFolder()
    let gif = try folder.write(Array("GIF89a;;;;".utf8), to: "not really.png")
    #expect(
      message { _ = try PixelImage(contentsOf: gif) }
        == "\(gif.path): is not JPEG, PNG, WebP, BMP or TIFF by its content (it looks like GIF); convert it to one of them"
    )
    let pointer = try folder.write(Array("version https://git-lfs.github.com/spec/v1\n".utf8), to: "pointer.png")
    #expect(
      message { _ = try PixelImage(contentsOf: pointer) }
        == "\(pointer.path): is a pointer of Git LFS and not the file itself; run git lfs pull where it was cloned")
    let empty = try folder.write([], to: "empty.jpg")
    #expect(message { _ = try PixelImage(contentsOf: empty) } == "\(empty.path): is empty")
    let cut = try folder.write(DecodingTests.bytes("420.jpg").dropLast(40), to: "cut.jpg")
    #expect(
      message { _ = try PixelImage(contentsOf: cut) }
        == "\(cut.path): truncated JPEG: the file ends before the image does")
    let absent = folder.url.appendingPathComponent("absent.png")
    #expect(message { _ = try PixelImage.size(of: absent) } == "\(absent.path): no such file or folder")
    #expect(message { _ = try PixelImage(contentsOf: folder.url) } == "\(folder.url.path): is a folder, not a file")
  }

  @Test func anEnormousSizeIsRefusedBeforeMemoryIsTaken() throws {
    var bytes = try DecodingTests.bytes("rgb-8.png")
    bytes.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(message { _ = try PixelImage(decoding: bytes) }?.contains("more than 178956970 pixels") == true)
    bytes.replaceSubrange(16..<24, with: [0, 0, 0, 0, 0, 0, 0, 1])
    #expect(message { _ = try PixelImage(decoding: bytes) } == "the header gives a size of 0x1")
  }

  @Test func damageNeverCrashesADecoder() throws {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var decoded = 0
    var refused = 0
    let files = try Fixture<Case>.load("decode").cases.map(\.file)
    for round in 0..<1500 {
      var bytes = try DecodingTests.bytes(files[round % files.count])
      for _ in 0...next(6) { bytes[next(bytes.count)] = UInt8(next(256)) }
      if message({ _ = try PixelImage(decoding: bytes) }) == nil { decoded += 1 } else { refused += 1 }
    }
    #expect(decoded > 50)
    #expect(refused > 200)
  }
}
