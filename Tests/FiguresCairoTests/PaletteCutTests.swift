import FiguresCairo
import Testing

/// PNG of pages with pictures in 256 colours.
@Suite struct PaletteCutTests {
  /// 64 × 64 colours that all differ, on a white ground: every channel moves by less than the boxes of 254 colours are wide.
  @Test func everyColourGoesToOneNearItAndTheGroundStays() throws {
    let side = 66
    var colors = [UInt32](repeating: 0xFF_FFFF, count: side * side)
    for y in 1..<side - 1 {
      for x in 1..<side - 1 { colors[y * side + x] = UInt32((x - 1) * 4) << 16 | UInt32((y - 1) * 4) << 8 | 128 }
    }
    let page = PNGPage(width: side, height: side, pixels: colors)
    let read = try decodePNG(page.encoded(dotsPerInch: 300, mayBlend: false, mayReduce: true))
    #expect(read.width == side && read.pixels.count == side * side * 3)
    var seen: Set<[UInt8]> = []
    for (place, color) in colors.enumerated() {
      let found = Array(read.pixels[place * 3..<place * 3 + 3])
      seen.insert(found)
      let wanted = [UInt8(color >> 16 & 255), UInt8(color >> 8 & 255), UInt8(color & 255)]
      if color == 0xFF_FFFF {
        #expect(found == wanted)
      } else {
        // 32 × 32 bins in at most 255 boxes: boxes of 2 × 2 bins, 16 values a side, and their means in the middle.
        #expect(zip(found, wanted).allSatisfy { abs(Int($0) - Int($1)) <= 16 }, "\(found) for \(wanted)")
      }
    }
    #expect(seen.count > 128 && seen.count <= 256)
    let exact = try decodePNG(page.encoded(dotsPerInch: 300, mayBlend: false))
    #expect(Array(exact.pixels[(side + 1) * 3..<(side + 1) * 3 + 3]) == [0, 0, 128])
  }

  /// A map of few colours is the same in a smaller file.
  @Test func fewColoursAreKeptExactly() throws {
    let side = 64
    let rgba = (0..<side * side).flatMap { place -> [UInt8] in [UInt8(place % 200), UInt8(place % 200 / 2), 7, 255] }
    let file = try PNGWriter.encode(rgba: rgba, width: side, height: side)
    // Colour type 3, indexed, behind the signature, the chunk's length and name, both sides and the depth.
    #expect(file[25] == 3)
    let read = try decodePNG(file)
    #expect(read.pixels == rgba.indices.filter { $0 % 4 != 3 }.map { rgba[$0] })
  }
}
