import Figures
import FiguresCairo
import Formats
import Foundation
import Imaging

/// How much of the pictures of images a bundle shows.
public enum BundlePixels: String, Sendable, CaseIterable, Codable {
  /// None: figures have empty tiles, and only names and hashes tell which images they were.
  case idsOnly = "ids-only"
  /// At most `BundlePictures.side` pixels a side.
  case thumbnails
  /// As in the report.
  case full
}

/// The pictures of a report, and what becomes of them in its bundle.
struct BundlePictures {
  /// The longer side of thumbnails.
  static let side = 32

  let report: URL
  let record: ReportRecord
  let pixels: BundlePixels
  let toolVersion: String

  /// Which image every picture of a figure is of, and the hash of its pixels.
  private(set) var table = CommaSeparatedValues.line([
    "figure", "panel", "row", "column", "width", "height", "sha256_rgb",
  ])
  /// What figures are drawn from in the bundle, where that is not all of the report: their data and their pictures.
  private(set) var files: Set<String> = []
  /// How many tiles have a picture.
  private(set) var count = 0

  init(report: URL, record: ReportRecord, pixels: BundlePixels, toolVersion: String) {
    self.report = report
    self.record = record
    self.pixels = pixels
    self.toolVersion = toolVersion
  }

  /// Checks that every figure has its files and its data, lists the pictures, and puts thumbnails or empty tiles in their place.
  mutating func apply(to contents: inout BundleContents) throws {
    var renderer: FigureRenderer?
    var figures: [FigureRecord] = []
    for name in record.figures {
      for file in ["figures/\(name).pdf", "figures/\(name).svg", "figures/\(name).png", "figures/\(name).json"]
      where contents.sources["report/\(file)"] == nil {
        throw BundleError(.badInput, "\(report.path) has no \(file); make the report again with palimpsest report")
      }
      let figure = try FigureRecord(name, of: report)
      guard figure.hasPictures else { continue }
      list(figure)
      figures.append(figure)
    }
    guard pixels != .full else { return }
    // Figures share pictures, and a small one is its own thumbnail: all go before the first comes back.
    for file in figures.flatMap(\.files.keys) { contents.remove("report/\(file)") }
    for figure in figures {
      let current = try renderer ?? FigureRenderer(style: figure.style)
      renderer = current
      try replace(figure, in: &contents, renderer: current)
    }
    if let renderer { try requireSameTools(DrawingTools(typesetter: renderer.typesetter)) }
    for sheet in record.sheets {
      let file = report.appendingPathComponent(sheet.path)
      let image = try PixelImage(contentsOf: file)
      contents.replace("report/\(sheet.path)", with: Data(try reduced(image, sheet)))
    }
  }

  /// Figures that are redrawn now must look like those that are not.
  private func requireSameTools(_ here: DrawingTools) throws {
    let known = record.drawnWith
    let isSame =
      record.tool.version == toolVersion && here.cairo == known.cairo && here.pango == known.pango
      && here.fonts.allSatisfy { font in known.fonts.contains(font) }
    guard isSame else {
      throw BundleError(
        .badInput,
        "\(report.path) was drawn with other versions (Palimpsest \(record.tool.version), Cairo \(known.cairo), Pango "
          + "\(known.pango)) than there are here; make the report again with palimpsest report")
    }
  }

  private mutating func list(_ figure: FigureRecord) {
    for (place, panel) in figure.figure.grids.flatMap(\.panels).enumerated() {
      for row in panel.rows {
        for (column, tile) in zip(panel.columns, row.tiles) {
          guard let picture = tile.picture else { continue }
          count += 1
          let rgb = Self.rgb(picture)
          table += CommaSeparatedValues.line([
            figure.name, panel.title ?? "\(place + 1)", row.label, column, "\(picture.width)", "\(picture.height)",
            ContentDigest(rgb).hexadecimal,
          ])
        }
      }
    }
  }

  private mutating func replace(
    _ figure: FigureRecord, in contents: inout BundleContents, renderer: FigureRenderer
  ) throws {
    let reduced = try figure.replacingPictures { picture in
      guard pixels == .thumbnails else { return nil }
      let image = PixelImage(width: picture.width, height: picture.height, pixels: Self.rgb(picture))
      let small = try Self.thumbnail(image)
      return try Picture(width: small.width, height: small.height, rgb: small.pixels)
    }
    for (file, data) in try reduced.encodedFiles() {
      contents.replace("report/\(file)", with: data)
      files.insert("report/\(file)")
    }
    for (ending, data) in try reduced.draw(with: renderer) {
      contents.replace("report/figures/\(figure.name).\(ending)", with: data)
    }
  }

  private static func rgb(_ picture: Picture) -> [UInt8] {
    var rgb: [UInt8] = []
    rgb.reserveCapacity(picture.width * picture.height * 3)
    for pixel in 0..<picture.width * picture.height { rgb += picture.pixels[pixel * 4..<pixel * 4 + 3] }
    return rgb
  }

  private static func thumbnail(_ image: PixelImage) throws -> PixelImage {
    let longest = max(image.width, image.height)
    guard longest > side else { return image }
    func scaled(_ length: Int) -> Int { max(1, (length * side + longest / 2) / longest) }
    return image.resized(width: scaled(image.width), height: scaled(image.height), interpolation: .box)
  }

  /// A sheet of the explorer of the same size, so that the page finds its tiles: grey, or each tile coarse.
  private func reduced(_ image: PixelImage, _ sheet: ReportRecord.Sheet) throws -> [UInt8] {
    var pixels = [UInt8](repeating: 212, count: image.width * image.height * 3)
    if self.pixels == .thumbnails {
      for top in stride(from: 0, to: image.height, by: sheet.tileHeight) {
        for left in stride(from: 0, to: image.width, by: sheet.tileWidth) {
          let (width, height) = (min(sheet.tileWidth, image.width - left), min(sheet.tileHeight, image.height - top))
          let tile = image.cropped(to: .init(left: left, top: top, width: width, height: height))
          let coarse = try Self.thumbnail(tile).resized(width: width, height: height, interpolation: .nearest)
          for row in 0..<height {
            let start = ((top + row) * image.width + left) * 3
            pixels.replaceSubrange(
              start..<start + width * 3, with: coarse.pixels[row * width * 3..<(row + 1) * width * 3])
          }
        }
      }
    }
    return try JPEGWriter.encode(rgb: pixels, width: image.width, height: image.height, quality: 90)
  }
}
