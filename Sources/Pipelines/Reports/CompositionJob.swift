import Experiments
import Figures
import FiguresCairo
import Formats
import Foundation
import Reports

/// Figures of several kinds on one page, as a layout file says.
public struct CompositionJob {
  private let layout: CompositionLayout
  private let style: FigureStyle
  private let width: Double
  private let content: ComposedFigure
  private let notes: [String]

  /// Reads the layout and the results that it names.
  ///
  /// - Parameters:
  ///   - file: the layout.
  ///   - style: of the figure, by the name that the layout gives, or nil where it gives none.
  ///   - width: as the layout gives it, where it does.
  ///   - settings: what is set of all its figures, before what the layout sets.
  /// - Throws: ``BadInput``, `ExperimentError` with every problem of the layout, `ReportError`.
  public init(
    file: String, style: (String?) throws -> FigureStyle, width: FigureJob.Width?, settings: FigureSettings
  ) throws {
    guard let text = FileManager.default.contents(atPath: file).flatMap({ String(data: $0, encoding: .utf8) }) else {
      throw BadInput("\(file): cannot be read; give a layout, as docs/papers.md shows one")
    }
    let layout = try CompositionLayout(parsing: text, file: file)
    let base = try style(layout.style)
    let folder = FilePath.folder(of: file)
    var notes: [String] = []
    var jobs: [String: FigureJob] = [:]
    var figures: [ReportFigure] = []
    var rows: [ComposedFigure.Row] = []
    for row in layout.rows {
      var parts: [ComposedFigure.Part] = []
      for part in row.parts {
        let pairs = settings.values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let own = try FigureSettings(pairs + part.settings.map { ($0.name, $0.value) })
        let results = part.results.hasPrefix("/") ? part.results : folder + "/" + part.results
        // Results are read once for all parts with the same settings.
        let key =
          results + "\u{1F}"
          + own.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\u{1F}")
        let job = try jobs[key] ?? FigureJob(results: results, style: base, settings: own)
        if jobs[key] == nil { notes += job.warnings }
        jobs[key] = job
        let figure: ReportFigure
        do { figure = try job.choose(part.kind, part.metric) } catch let error as BadInput {
          throw BadInput("\(file), line \(part.line): \(error)")
        }
        figures.append(figure)
        parts.append(figure.part(share: part.width, title: part.title))
      }
      rows.append(ComposedFigure.Row(parts, height: row.height))
    }
    let shared = try FigureSettings(
      settings.values.map { ($0.key, $0.value) }
        + (layout.rows.first?.parts.first?.settings ?? []).map { ($0.name, $0.value) })
    self.layout = layout
    self.style = shared.applied(to: base)
    self.width = try (width ?? layout.width.map(FigureJob.Width.init(parsing:)) ?? .text).points(self.style)
    self.notes = notes
    content = ComposedFigure(
      rows: rows, letters: layout.letters, legend: ComposedFigure.LegendPlace(rawValue: layout.legend) ?? .above,
      description: ReportFigure.composed(
        figures, title: layout.title, caption: layout.caption, letters: layout.letters, style: self.style.name))
  }

  /// The page as a figure of a report, whose style it takes.
  ///
  /// - Parameter style: of the report.
  public func figure(ofReportIn style: FigureStyle) -> (figure: ReportFigure, notes: [String]) {
    var content = content
    content.width = width / 72
    var notes = notes
    if let own = layout.style, own != style.name {
      notes.append("\(layout.file): its style is '\(own)'; in the report it has that of all figures, '\(style.name)'")
    }
    return (ReportFigure.composed(content, name: name), notes)
  }

  /// The layout's file without its ending.
  private var name: String { URL(fileURLWithPath: layout.file).deletingPathExtension().lastPathComponent }

  /// What is written beside the figure's numbers.
  public var warnings: [String] { notes }

  /// Draws the page.
  ///
  /// - Parameters:
  ///   - out: the file; its ending chooses PDF, SVG or PNG, without one all three are written. nil for the layout's name as PDF.
  ///   - exports: programs that draw the parts again from the table of their numbers, which is written beside it.
  public func draw(out: String? = nil, exports: [FigureExport] = []) throws -> FigureJob.Summary {
    let figure = ReportFigure.composed(content, name: name)
    let written = try FigureJob.write(
      figure, style: style, width: width, to: out ?? "\(name).pdf", exports: exports)
    return FigureJob.Summary(files: written.files, warnings: notes + written.warnings)
  }
}
