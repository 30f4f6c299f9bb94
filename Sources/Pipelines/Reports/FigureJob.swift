import Figures
import FiguresCairo
import Formats
import Foundation
import Reports

/// One figure of results, drawn alone.
public struct FigureJob {
  /// The width of a figure.
  public enum Width: Sendable, Equatable {
    /// Of the style's page.
    case text, column
    case inches(Double)

    /// From `text`, `column` or a number of inches.
    ///
    /// - Throws: ``BadInput`` for anything else.
    public init(parsing text: String) throws {
      switch text {
      case "text": self = .text
      case "column": self = .column
      default:
        guard let inches = Double(text), inches >= 0.5, inches <= 100 else {
          throw BadInput("--width is '\(text)'; give text, column, or 0.5 to 100 inches")
        }
        self = .inches(inches)
      }
    }

    func points(_ style: FigureStyle) -> Double {
      switch self {
      case .text: style.textWidth
      case .column: style.columnWidth
      case .inches(let inches): inches * 72
      }
    }
  }

  /// The files of a figure, and what its reader should know.
  public struct Summary: Encodable, Sendable {
    public let files: [String]
    public let warnings: [String]
  }

  private let results: String
  private let style: FigureStyle
  private let content: ReportContent
  private let settings: FigureSettings

  /// Reads the results.
  ///
  /// - Parameters:
  ///   - results: a folder that an analysis wrote, or a folder of such.
  ///   - settings: what is set of the figure.
  /// - Throws: `ReportError`.
  public init(results: String, style: FigureStyle, settings: FigureSettings = FigureSettings()) throws {
    self.results = results
    self.style = settings.applied(to: style)
    self.settings = settings
    content = try ReportContent(
      results: URL(fileURLWithPath: results), style: self.style, openStore: { try StorePictures(path: $0) },
      settings: settings)
  }

  /// What could not be read.
  public var warnings: [String] { content.warnings }

  /// Names of the figures that the results have, and the sort of each.
  public var figures: [(name: String, sort: String)] { content.figures.map { ($0.name, $0.kind) } }

  /// Draws a figure.
  ///
  /// - Parameters:
  ///   - kind: its name, or its sort.
  ///   - metric: of several of a sort, the one whose name holds this: a metric, a store.
  ///   - out: the file; its ending chooses PDF, SVG or PNG, without one all three are written. nil for its name as PDF.
  ///   - exports: programs that draw it again from the table of its numbers, which is written beside it.
  /// - Throws: ``BadInput`` where the results have no such figure; `FigureError`.
  public func draw(
    _ kind: String, metric: String? = nil, width: Width = .text, out: String? = nil, exports: [FigureExport] = []
  ) throws -> Summary {
    let chosen = try choose(kind, metric)
    let unused = settings.withoutEffect(on: chosen.kind).map {
      "--set \($0) changes nothing of a figure of the sort '\(chosen.kind)'"
    }
    let written = try Self.write(
      chosen, style: style, width: width.points(style), to: out ?? "\(chosen.name).pdf", exports: exports)
    return Summary(files: written.files, warnings: unused + written.warnings)
  }

  /// Writes a figure, its description, its numbers and what draws them again.
  ///
  /// - Parameter path: the file; its ending chooses the format, without one all three are written.
  static func write(
    _ chosen: ReportFigure, style: FigureStyle, width: Double, to path: String, exports: [FigureExport]
  ) throws -> Summary {
    let renderer = try FigureRenderer(style: style, keepsExactPictures: true)
    let figure = try chosen.laidOut(style: style, measurer: renderer.typesetter, width: width)
    let typesetter = renderer.typesetter
    let target = URL(fileURLWithPath: path)
    let folder = URL(fileURLWithPath: FilePath.folder(of: target.path))
    let format = FigureFormat(rawValue: target.pathExtension.lowercased())
    let lock = try OutputLock(beside: target.path)
    defer { lock.release() }
    let name = format == nil ? target.lastPathComponent : target.deletingPathExtension().lastPathComponent
    var names = try renderer.write(
      figure, named: name, to: folder, formats: format.map { [$0] } ?? FigureFormat.allCases)
    for (file, data) in try chosen.exported(as: name, exports, style: style) {
      let place = folder.appendingPathComponent(file)
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try AtomicFile.write(data, to: place.path)
      names.append(file)
    }
    return Summary(
      files: names.map { folder.appendingPathComponent($0).path },
      warnings: [typesetter.warning, typesetter.missingCharacters, figure.shortened].compactMap { $0 } + figure.warnings
    )
  }

  /// - Throws: ``BadInput`` where a figure cannot be written to `path`.
  public static func checkOutput(_ path: String) throws {
    try OutputPath.requireFile(path)
    let ending = URL(fileURLWithPath: path).pathExtension
    guard ending.isEmpty || FigureFormat(rawValue: ending.lowercased()) != nil else {
      throw BadInput(
        "--out \(path): '.\(ending)' is not a format of figures; give .pdf, .svg or .png, or no ending for all three")
    }
  }

  func choose(_ kind: String, _ metric: String?) throws -> ReportFigure {
    let figures = content.figures
    if let exact = figures.first(where: { $0.name == kind }) { return exact }
    let sort = figures.filter { $0.kind == kind }
    guard !sort.isEmpty else {
      let sorts = figures.map(\.kind).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      throw BadInput(
        "\(results) has no figure '\(kind)'; it has \(sorts.joined(separator: ", ")) (see palimpsest figure list \(results))"
      )
    }
    guard let metric else {
      return settings.metrics(ofKind: kind).flatMap { first in sort.first { $0.name.hasSuffix("-" + first) } }
        ?? sort[0]
    }
    // The whole of the last part, before any name that merely holds it.
    if let found = sort.first(where: { $0.name.hasSuffix("-" + metric) })
      ?? sort.first(where: { $0.name.contains(metric) })
    {
      return found
    }
    throw BadInput(
      "\(results) has no figure of the sort '\(kind)' with '\(metric)' in its name; it has \(sort.map(\.name).joined(separator: ", "))"
    )
  }
}
