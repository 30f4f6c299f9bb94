import Figures
import FiguresCairo
import Foundation
import Testing

@Suite struct PictureTests {
  /// The same picture three times and another one, each 96×96 of noise that does not compress.
  private func grid() throws -> ImageGridFigure {
    var state: UInt64 = 5
    func noise() throws -> Picture {
      try Picture(
        width: 96, height: 96,
        rgb: (0..<96 * 96 * 3).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: state >> 40)
        })
    }
    let (first, second) = (try noise(), try noise())
    return ImageGridFigure(
      panels: [
        .init(
          columns: ["original", "a", "b", "c"],
          rows: [.init(label: "x.png", tiles: [.init(first), .init(second), .init(first), .init(first)])])
      ],
      description: FigureDescription(kind: "image grid", title: "grid", caption: "", alternativeText: "four pictures"))
  }

  private func render(_ format: FigureFormat) throws -> [UInt8] {
    let renderer = try FigureRenderer(style: try FigureStyle.named("tmlr", templates: templates))
    return try renderer.render(
      try grid().laidOut(style: renderer.style, measurer: renderer.typesetter), as: format)
  }

  @Test(arguments: FigureFormat.allCases)
  func samePicturesAreTheSameBytes(format: FigureFormat) throws {
    #expect(try render(format) == render(format))
  }

  @Test func aVectorPageKeepsEqualPicturesOnceAndUnsmoothed() throws {
    let pdf = String(decoding: try render(.pdf), as: UTF8.self)
    #expect(pdf.matches(of: /\/Subtype \/Image/).count == 2)
    #expect(!pdf.contains("/Interpolate true"))
    let svg = String(decoding: try render(.svg), as: UTF8.self)
    #expect(svg.matches(of: #/<image /#).count == 2)
    #expect(svg.matches(of: #/<use /#).count == 2)
    #expect(try render(.pdf).count < 2 * 96 * 96 * 3 + 40_000)
  }

  @Test func picturesOfAPNGKeepTheirColours() throws {
    // A 2×1 picture, red and blue, as large as a page of pixels: the halves are pure but for their border.
    let picture = try Picture(width: 2, height: 1, rgb: [255, 0, 0, 0, 0, 255])
    let figure = Figure(
      scene: Scene(
        size: Size(20, 10), background: .white,
        nodes: [
          .image(
            ImageShape(
              frame: Rectangle(x: 0, y: 0, width: 20, height: 10), columns: 2, rows: 1, pixels: picture.pixels,
              content: .picture))
        ], fontFamilies: []),
      description: FigureDescription(kind: "t", title: "t", caption: "", alternativeText: ""), regions: [], warnings: []
    )
    let renderer = try FigureRenderer(style: try FigureStyle.named("tmlr", templates: templates))
    let png = try renderer.render(figure, as: .png)
    let (pixels, width) = try decodePNG(png)
    #expect(Array(pixels[0..<3]) == [255, 0, 0])
    // The last column of the page is only partly covered.
    #expect(Array(pixels[(width - 3) * 3..<(width - 2) * 3]) == [0, 0, 255])
    #expect(Array(pixels[(width / 2 - 4) * 3..<(width / 2 - 3) * 3]) == [255, 0, 0])
  }

  @Test func pngWriterIsLossless() throws {
    let rgba = (0..<7 * 5).flatMap { place -> [UInt8] in
      [UInt8(truncatingIfNeeded: place * 71), UInt8(truncatingIfNeeded: place * place), 9, 255]
    }
    let (pixels, width) = try decodePNG(PNGWriter.encode(rgba: rgba, width: 7, height: 5))
    #expect(width == 7)
    #expect(pixels == rgba.enumerated().filter { $0.offset % 4 != 3 }.map(\.element))
    #expect(throws: FigureError("a PNG of 2×2 needs 16 bytes, got 3")) {
      try PNGWriter.encode(rgba: [1, 2, 3], width: 2, height: 2)
    }
  }
}
