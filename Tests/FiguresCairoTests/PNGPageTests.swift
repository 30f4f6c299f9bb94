import Figures
import FiguresCairo
import Foundation
import Testing

@Suite struct PNGPageTests {
  private func bytes(_ pixels: [UInt32]) -> [UInt8] {
    pixels.flatMap { [UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)] }
  }

  /// Depth and kind of a PNG, as its header says.
  private func format(_ png: [UInt8]) -> [UInt8] { Array(png[24..<26]) }

  /// Stripes of `count` colours, four pixels wide and high, and between them single columns of blends of all kinds.
  private func drawing(areas count: Int, blends: Bool) -> (pixels: [UInt32], width: Int, isArea: [Bool]) {
    let width = count * 5
    var state: UInt64 = 9
    var pixels: [UInt32] = []
    var isArea: [Bool] = []
    for _ in 0..<40 {
      for x in 0..<width {
        let stripe = UInt32(x / 5)
        if x % 5 == 4, blends {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let level = UInt32(state >> 40) % 97
          pixels.append((60 + level) << 16 | (80 + level) << 8 | (100 + level + stripe % 9))
          isArea.append(false)
        } else {
          pixels.append((stripe * 3 % 256) << 16 | (stripe % 251) << 8 | (255 - stripe % 200))
          isArea.append(true)
        }
      }
    }
    return (pixels, width, isArea)
  }

  @Test(arguments: [(2, 1), (4, 2), (16, 4), (17, 8), (200, 8)])
  func fewColoursAreIndexedExactly(count: Int, depth: Int) throws {
    let (pixels, width, _) = drawing(areas: count, blends: false)
    for mayBlend in [true, false] {
      let png = try PNGPage(width: width, height: 40, pixels: pixels).encoded(dotsPerInch: 300, mayBlend: mayBlend)
      #expect(format(png) == [UInt8(depth), 3])
      #expect(try decodePNG(png).pixels == bytes(pixels))
    }
  }

  @Test func areasKeepTheirColourAndBlendsStayNear() throws {
    let (pixels, width, isArea) = drawing(areas: 60, blends: true)
    #expect(Set(pixels).count > 256)
    let page = PNGPage(width: width, height: 40, pixels: pixels)
    let png = try page.encoded(dotsPerInch: 300, mayBlend: true)
    #expect(format(png) == [8, 3])
    let found = try decodePNG(png).pixels
    let expected = bytes(pixels)
    var changes = 0
    for (place, value) in expected.enumerated() {
      let change = Int(found[place]) - Int(value)
      if isArea[place / 3] { #expect(change == 0) }
      #expect(change.magnitude <= PNGPage.mostChange)
      changes += change == 0 ? 0 : 1
    }
    #expect(changes > 0)
    let exact = try page.encoded(dotsPerInch: 300, mayBlend: false)
    #expect(format(exact) == [8, 2])
    #expect(try decodePNG(exact).pixels == expected)
    #expect(png.count < exact.count)
  }

  @Test func manyAreasAndPhotographsAreLossless() throws {
    let (areas, width, _) = drawing(areas: 300, blends: false)
    var state: UInt64 = 3
    let noise = (0..<300 * 300).map { _ -> UInt32 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt32(truncatingIfNeeded: state >> 40)
    }
    for (pixels, width) in [(areas, width), (noise, 300)] {
      let page = PNGPage(width: width, height: pixels.count / width, pixels: pixels)
      let png = try page.encoded(dotsPerInch: 300, mayBlend: true)
      #expect(format(png) == [8, 2])
      #expect(try decodePNG(png).pixels == bytes(pixels))
    }
  }

  @Test func edgesBetweenManyAreasAreOffByLittle() throws {
    let (pixels, width, isArea) = drawing(areas: 300, blends: true)
    let page = PNGPage(width: width, height: 40, pixels: pixels)
    let png = try page.encoded(dotsPerInch: 300, mayBlend: true)
    #expect(format(png) == [8, 2])
    for (place, (found, value)) in zip(try decodePNG(png).pixels, bytes(pixels)).enumerated() {
      let change = (Int(found) - Int(value)).magnitude
      #expect(change <= (isArea[place / 3] ? 0 : 8))
    }
    #expect(try decodePNG(page.encoded(dotsPerInch: 300, mayBlend: false)).pixels == bytes(pixels))
    #expect(try png.count < page.encoded(dotsPerInch: 300, mayBlend: false).count)
  }

  @Test func aLineFigureIsIndexed() throws {
    let renderer = try FigureRenderer(style: try FigureStyle.named("tmlr", templates: templates))
    let values: [Double?] = [0.1, 0.5, nil, 0.9]
    let figure = LineFigure(
      panels: [
        .init(
          title: "ViT", labels: ["embed", "block.0", "block.1", "norm"],
          series: [.init(name: "a", values: values, low: values.map { $0.map { $0 - 0.1 } }, high: values)])
      ], valueLabel: "CKA", range: 0...1,
      description: FigureDescription(kind: "lines", title: "t", caption: "", alternativeText: ""))
    let png = try renderer.render(figure.laidOut(style: renderer.style, measurer: renderer.typesetter), as: .png)
    #expect(format(png) == [8, 3])
  }
}
