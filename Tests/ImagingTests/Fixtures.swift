import Foundation
import Imaging

/// Pixels and cases written by `scripts/fixtures/imaging.py`.
struct Fixture<Case: Decodable>: Decodable {
  let cases: [Case]

  static func load(_ name: String) throws -> (cases: [Case], raw: [UInt8]) {
    let fixture = try JSONDecoder().decode(
      Fixture<Case>.self, from: Data(contentsOf: fixtures.appendingPathComponent("\(name).json")))
    return (fixture.cases, [UInt8](try Data(contentsOf: fixtures.appendingPathComponent("\(name).raw"))))
  }
}

/// Where in the raw file an image stands.
struct Place: Decodable {
  let width: Int, height: Int, offset: Int

  func image(_ raw: [UInt8]) -> PixelImage {
    PixelImage(width: width, height: height, pixels: Array(raw[offset..<offset + width * height * 3]))
  }

  func mask(_ raw: [UInt8]) -> Mask {
    Mask(width: width, height: height, values: Array(raw[offset..<offset + width * height]))
  }
}

let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

/// The largest difference of any channel of any pixel; 256 where the sizes differ.
func largestDifference(_ first: PixelImage, _ second: PixelImage) -> Int {
  guard first.width == second.width, first.height == second.height else { return 256 }
  return zip(first.pixels, second.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}

/// A picture without repetition, so that a shift or a swapped channel shows.
func gradient(width: Int, height: Int) -> PixelImage {
  var pixels: [UInt8] = []
  for pixel in 0..<width * height {
    pixels.append(UInt8(pixel % 251))
    pixels.append(UInt8(pixel * 7 % 253))
    pixels.append(UInt8(pixel / width * 5 % 255))
  }
  return PixelImage(width: width, height: height, pixels: pixels)
}
