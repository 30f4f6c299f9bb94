import Figures
import FiguresCairo
import Foundation
import TestSupport
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

  private func render(_ format: FigureFormat, exactly: Bool = true) throws -> [UInt8] {
    let renderer = try FigureRenderer(
      style: try FigureStyle.named("tmlr", templates: templates), keepsExactPictures: exactly)
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

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pdfimages")))
  func picturesOfAPDFAreExactAndInOrder() throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    try Data(render(.pdf)).write(to: folder.appendingPathComponent("grid.pdf"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/pdfimages")
    process.arguments = [
      "-png", folder.appendingPathComponent("grid.pdf").path, folder.appendingPathComponent("i").path,
    ]
    let complaints = Pipe()
    process.standardError = complaints
    try process.run()
    let said = complaints.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(said.isEmpty, "\(String(decoding: said, as: UTF8.self))")
    let pictures = try grid().panels[0].rows[0].tiles.compactMap(\.picture)
    for (name, picture) in [("i-000.png", pictures[0]), ("i-001.png", pictures[1])] {
      let (pixels, width) = try decodePNG(Array(Data(contentsOf: folder.appendingPathComponent(name))))
      #expect(width == 96)
      #expect(pixels == picture.pixels.enumerated().filter { $0.offset % 4 != 3 }.map(\.element))
    }
  }

  /// Colours that run smoothly, with a little noise.
  private func smooth() throws -> Picture {
    try Picture(
      width: 128, height: 128,
      rgb: (0..<128 * 128).flatMap { place -> [UInt8] in
        let (x, y) = (place % 128, place / 128)
        return [UInt8(x + y / 2), UInt8(y), UInt8((x * y) / 128 + (x ^ y) % 3)]
      })
  }

  private func figure(of picture: Picture) -> ImageGridFigure {
    ImageGridFigure(
      panels: [.init(columns: ["a"], rows: [.init(label: "x", tiles: [.init(picture)])])],
      description: FigureDescription(kind: "image grid", title: "grid", caption: "", alternativeText: "a picture"))
  }

  @Test func compactPicturesAreJPEGOfTheSameSize() throws {
    let renderer = try FigureRenderer(style: try FigureStyle.named("tmlr", templates: templates))
    let laidOut = try figure(of: smooth()).laidOut(style: renderer.style, measurer: renderer.typesetter)
    let pdf = String(decoding: try renderer.render(laidOut, as: .pdf), as: UTF8.self)
    #expect(pdf.contains("/Filter /DCTDecode") && pdf.contains("/Width 128") && pdf.contains("/Interpolate false"))
    let svg = String(decoding: try renderer.render(laidOut, as: .svg), as: UTF8.self)
    #expect(svg.contains("data:image/jpeg;base64,/9j/"))
    #expect(!svg.contains("data:image/png"))
    // Small ones stay exact.
    let small = try figure(of: Picture(width: 8, height: 8, rgb: Array(repeating: 9, count: 192)))
      .laidOut(style: renderer.style, measurer: renderer.typesetter)
    #expect(String(decoding: try renderer.render(small, as: .svg), as: UTF8.self).contains("data:image/png"))
    #expect(String(decoding: try renderer.render(small, as: .pdf), as: UTF8.self).contains("/Predictor 15"))
  }

  @Test func largerPixelsOfAPNGKeepTheirColoursExactly() throws {
    let picture = try smooth()
    let renderer = try FigureRenderer(
      style: try FigureStyle.named("poster", templates: templates), keepsExactPictures: true)
    let laidOut = try figure(of: picture).laidOut(style: renderer.style, measurer: renderer.typesetter)
    let (pixels, _) = try decodePNG(renderer.render(laidOut, as: .png))
    let colors = Set((0..<128 * 128).map { Array(picture.pixels[$0 * 4..<$0 * 4 + 3]) })
    var found: Set<[UInt8]> = []
    for place in stride(from: 0, to: pixels.count, by: 3) {
      let color = Array(pixels[place..<place + 3])
      if colors.contains(color) { found.insert(color) }
    }
    #expect(found.count > colors.count * 95 / 100)
  }

  @Test func smoothPicturesAreCompressedByTheirDifferences() throws {
    let renderer = try FigureRenderer(
      style: try FigureStyle.named("tmlr", templates: templates), keepsExactPictures: true)
    let pdf = try renderer.render(
      figure(of: smooth()).laidOut(style: renderer.style, measurer: renderer.typesetter), as: .pdf)
    let stream = String(decoding: pdf, as: UTF8.self).firstMatch(of: /\/Predictor 15[^>]*>>\s*\/Length (\d+)/)
    let bytes = try #require(stream.flatMap { Int($0.1) })
    #expect(bytes < 128 * 128 * 3 / 4)
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
