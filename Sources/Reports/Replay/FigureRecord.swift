import Figures
import FiguresCairo
import Formats
import Foundation
import Imaging

/// Everything that a figure of a report is drawn from: `data/NAME.json`, and its pictures as PNG in `data/pictures/`, which all figures of
/// the report share. Reading and drawing it gives the same bytes as when it was written, with the same fonts and versions.
struct FigureRecord: Codable {
  static let formatName = "palimpsest.figure"
  /// Where records and pictures lie in a report.
  static let folder = "data"
  private static let pictureFolder = "\(folder)/pictures"

  private(set) var format = Self.formatName
  private(set) var version = 1
  /// Of the figure's files, without an ending.
  let name: String
  let style: FigureStyle
  /// For image grids: the file of each tile's picture, from left to right and from top to bottom, panel after panel; nil for none.
  private(set) var pictures: [String?]?
  private(set) var content: FigureContent
  /// What programs that know no kinds of figures need beside the table of its numbers; nil in records of earlier versions.
  let numbers: FigureNumbers.Facts?

  /// Pictures of `figure` by the name of their files.
  private(set) var files: [String: Picture] = [:]

  enum CodingKeys: String, CodingKey { case format, version, name, style, pictures, content, numbers }

  init(name: String, style: FigureStyle, figure: any LaidOutFigure) {
    self.name = name
    self.style = style
    content = FigureContent(figure)
    numbers = figure.numbers(pictures: [], style: style).facts
    if !figure.grids.isEmpty { setPictures(figure.grids) }
  }

  /// Equal pictures are one file, whatever figure they are in: it is named by the digest of width and pixels.
  private mutating func setPictures(_ grids: [ImageGridFigure]) {
    var names: [Key: String] = [:]
    files = [:]
    pictures = grids.flatMap(\.panels).flatMap(\.rows).flatMap(\.tiles).map { tile in
      guard let picture = tile.picture else { return nil }
      let key = Key(width: picture.width, pixels: picture.pixels)
      if let known = names[key] { return known }
      let digest = ContentDigest("\(picture.width) ".utf8 + picture.pixels).hexadecimal
      let file = "\(Self.pictureFolder)/\(digest.prefix(20)).png"
      names[key] = file
      files[file] = picture
      return file
    }
  }

  private struct Key: Hashable {
    let width: Int
    let pixels: [UInt8]
  }

  /// The same figure with other pictures, or without.
  func replacingPictures(_ change: (Picture) throws -> Picture?) rethrows -> FigureRecord {
    var figure = content.figure
    guard !figure.grids.isEmpty else { return self }
    figure.grids = try figure.grids.map { grid in try Self.changed(grid) { try $0.flatMap(change) } }
    return FigureRecord(name: name, style: style, figure: figure)
  }

  /// A grid with another picture in each tile, which are asked for from left to right and from top to bottom.
  private static func changed(_ grid: ImageGridFigure, _ picture: (Picture?) throws -> Picture?) rethrows
    -> ImageGridFigure
  {
    var grid = grid
    for panel in grid.panels.indices {
      for row in grid.panels[panel].rows.indices {
        for tile in grid.panels[panel].rows[row].tiles.indices {
          grid.panels[panel].rows[row].tiles[tile].picture = try picture(
            grid.panels[panel].rows[row].tiles[tile].picture)
        }
      }
    }
    return grid
  }

  var figure: any LaidOutFigure { content.figure }

  /// The numbers that the figure shows, as they lie beside it; pictures by their files in the report.
  var table: String { content.figure.numbers(pictures: pictures ?? [], style: style).commaSeparated }
  var hasPictures: Bool { pictures?.contains { $0 != nil } ?? false }

  // MARK: Files

  /// The record and its pictures, by their names within the report.
  func encodedFiles() throws -> [(name: String, data: Data)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let record = ("\(Self.folder)/\(name).json", try encoder.encode(self) + Data("\n".utf8))
    return try [record]
      + files.sorted { EntryName.precedes($0.key, $1.key) }.map { file, picture in
        (file, Data(try PNGWriter.encode(rgba: picture.pixels, width: picture.width, height: picture.height)))
      }
  }

  /// Reads the record `name` of the report in a folder, with its pictures.
  /// - Throws: `ReportError` naming the file and what is wrong with it.
  init(_ name: String, of report: URL) throws {
    let file = report.appendingPathComponent("\(Self.folder)/\(name).json")
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ReportError("\(file.path) is missing, so figure '\(name)' cannot be redrawn; make the report again")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      self = try decoder.decode(FigureRecord.self, from: data)
    } catch let error as DecodingError {
      throw ReportError("\(file.path): not the data of a figure: \(Provenance.explain(error))")
    }
    guard format == Self.formatName, version == 1 else {
      throw ReportError("\(file.path): format is '\(format)' \(version), expected '\(Self.formatName)' 1")
    }
    guard self.name == name else { throw ReportError("\(file.path): is the figure '\(self.name)', expected '\(name)'") }
    try readPictures(of: report, file: file.path)
  }

  private mutating func readPictures(of report: URL, file: String) throws {
    guard !content.figure.grids.isEmpty else { return }
    let places = pictures ?? []
    guard places.count == content.figure.grids.flatMap(\.panels).flatMap(\.rows).flatMap(\.tiles).count else {
      throw ReportError("\(file): lists \(places.count) pictures, which is not one for each tile")
    }
    for case let place? in places where files[place] == nil {
      // Reports of earlier versions have a folder for each figure.
      guard place.hasPrefix("\(Self.pictureFolder)/") || place.hasPrefix("\(Self.folder)/\(name)/"),
        EntryName.problem(place) == nil
      else {
        throw ReportError("\(file): the picture '\(place)' does not lie beside it")
      }
      let image = try PixelImage(contentsOf: report.appendingPathComponent(place))
      files[place] = try Picture(width: image.width, height: image.height, rgb: image.pixels)
    }
    var rest = places[...]
    var figure = content.figure
    figure.grids = figure.grids.map { grid in
      Self.changed(grid) { _ in rest.removeFirst().flatMap { files[$0] } }
    }
    content = FigureContent(figure)
  }

  /// Its files as a report has them: by ending, the description and the numbers last.
  func draw(with renderer: FigureRenderer) throws -> [(ending: String, data: Data)] {
    let figure = try content.figure.laidOut(style: style, measurer: renderer.typesetter, width: nil)
    return try FigureFormat.allCases.map { ($0.rawValue, Data(try renderer.render(figure, as: $0))) }
      + [("json", try FigureRenderer.encoded(figure.description))]
      // Reports of earlier versions have no table beside their figures.
      + (numbers == nil ? [] : [("csv", Data(table.utf8))])
  }
}
