import FiguresCairo
import Foundation

/// What a report is, for programs: `data/report.json`.
public struct ReportRecord: Codable, Sendable {
  /// A picture of the explorer: tiles of one size in rows and columns.
  struct Sheet: Codable, Sendable {
    let path: String
    let tileWidth: Int
    let tileHeight: Int
  }

  static let formatName = "palimpsest.report"
  static let place = "data/report.json"

  private(set) var format = Self.formatName
  private(set) var version = 1
  public let title: String
  public let tool: Provenance.Tool
  let command: [String]
  /// Names of the figures in the order of the page; each has its files and its record.
  public let figures: [String]
  let sheets: [Sheet]
  public let drawnWith: DrawingTools
  /// Where the results lay, from the report's folder.
  let results: String
  /// Where the experiment's file lay, from the report's folder; nil where the report is of none.
  let experiment: String?
  /// What the author says, as it was typed; nil for nothing.
  public let text: AuthoredText?

  enum CodingKeys: String, CodingKey {
    case format, version, title, tool, command, figures, sheets, results, experiment, text
    case drawnWith = "drawn_with"
  }

  init(
    title: String, tool: Provenance.Tool, command: [String], figures: [String], sheets: [Sheet],
    drawnWith: DrawingTools, results: String, experiment: String?, text: AuthoredText? = nil
  ) {
    self.title = title
    self.tool = tool
    self.command = command
    self.figures = figures
    self.sheets = sheets
    self.drawnWith = drawnWith
    self.results = results
    self.experiment = experiment
    self.text = text
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads it from a report's folder.
  /// - Throws: `ReportError` where the folder is not a report, or one without the data of its figures.
  public init(of report: URL) throws {
    let page = FileManager.default.contents(atPath: report.appendingPathComponent("index.html").path)
    guard let page, String(decoding: page.prefix(2000), as: UTF8.self).contains(ReportFolder.mark) else {
      throw ReportError(
        "\(report.path) is not a report: it has no index.html of palimpsest report; give the folder of one")
    }
    let file = report.appendingPathComponent(Self.place)
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ReportError(
        "\(report.path) has no \(Self.place): it is a report of --single-file or of an older version, without the data of its "
          + "figures; make it again with palimpsest report")
    }
    do {
      self = try JSONDecoder().decode(ReportRecord.self, from: data)
    } catch let error as DecodingError {
      throw ReportError("\(file.path): not what palimpsest report writes: \(Provenance.explain(error))")
    }
    guard format == Self.formatName, version == 1 else {
      throw ReportError("\(file.path): format is '\(format)' \(version), expected '\(Self.formatName)' 1")
    }
    for name in figures where name.contains("/") || EntryName.problem(name) != nil {
      throw ReportError("\(file.path): '\(name)' is not a name of a figure")
    }
    for sheet in sheets where EntryName.problem(sheet.path) != nil || sheet.tileWidth < 1 || sheet.tileHeight < 1 {
      throw ReportError("\(file.path): '\(sheet.path)' is not a picture of the explorer")
    }
  }

  /// The way from a folder to a place, by their names alone.
  static func way(to place: URL, from folder: URL) -> String {
    let target = place.standardizedFileURL.pathComponents
    let start = folder.standardizedFileURL.pathComponents
    let common = zip(target, start).prefix { $0 == $1 }.count
    let way = start.dropFirst(common).map { _ in ".." } + target.dropFirst(common)
    return way.isEmpty ? "." : way.joined(separator: "/")
  }
}
