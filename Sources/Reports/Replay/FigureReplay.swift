import Figures
import FiguresCairo
import Formats
import Foundation

/// Redraws every figure of a report from the data beside it, without results, stores, models or images, and compares the bytes.
public struct FigureReplay {
  /// What became of one figure.
  public struct Outcome: Codable, Sendable, Equatable {
    public enum Status: String, Codable, Sendable {
      case same, differs
      /// It could not be redrawn.
      case failed
    }

    public let name: String
    public let status: Status
    /// Files that differ or are missing, by their names in the report.
    public let differing: [String]
    /// Why it could not be redrawn.
    public var reason: String?
  }

  public let record: ReportRecord
  private let report: URL
  private let toolVersion: String

  /// - Parameters:
  ///   - report: the folder of a report.
  ///   - toolVersion: of Palimpsest, here.
  /// - Throws: `ReportError` where there is no report.
  public init(report: URL, toolVersion: String) throws {
    record = try ReportRecord(of: report)
    self.report = report
    self.toolVersion = toolVersion
  }

  /// Redraws all figures, in the order of the page.
  /// - Parameters:
  ///   - folder: where what was redrawn is kept; nil for nowhere.
  ///   - each: gets every figure as soon as it is compared.
  /// - Returns: what became of them, and how the tools here differ from those that drew the report, one sentence each.
  public func run(
    keepingIn folder: URL? = nil, each: (Outcome) throws -> Void = { _ in }
  ) throws -> (outcomes: [Outcome], differences: [String]) {
    var outcomes: [Outcome] = []
    var renderer: FigureRenderer?
    for name in record.figures {
      let outcome: Outcome
      do {
        let figure = try FigureRecord(name, of: report)
        let current =
          if let renderer, renderer.style == figure.style { renderer } else {
            try FigureRenderer(style: figure.style)
          }
        renderer = current
        outcome = try compare(figure, name: name, drawn: figure.draw(with: current), keepingIn: folder)
      } catch let error as FileWritingError {
        throw error
      } catch {
        outcome = Outcome(name: name, status: .failed, differing: [], reason: "\(error)")
      }
      outcomes.append(outcome)
      try each(outcome)
    }
    return (outcomes, differences(renderer))
  }

  /// Makes the data of the figures once more from the tables of the analyses. Figures with pictures are passed over: stores, which
  /// these are of, are not at hand.
  /// - Parameter results: as `results/` of a bundle.
  /// - Returns: how many were made, and the names of those that are not what lies in the report.
  /// - Throws: `ReportError` where the results cannot be read.
  public func compareData(withResults results: URL) throws -> (count: Int, differing: [String]) {
    guard let first = record.figures.first else { return (0, []) }
    let style = try FigureRecord(first, of: report).style
    let known = Set(record.figures)
    var count = 0
    var differing: [String] = []
    for figure in try ReportContent(
      results: results, style: style, openStore: nil, settings: record.settings ?? FigureSettings()
    ).figures
    where known.contains(figure.name) && figure.content.grids.isEmpty {
      count += 1
      for (file, data) in try figure.record(style: style).encodedFiles()
      where FileManager.default.contents(atPath: report.appendingPathComponent(file).path) != data {
        differing.append(figure.name)
      }
    }
    return (count, differing)
  }

  private func compare(
    _ figure: FigureRecord, name: String, drawn: [(ending: String, data: Data)], keepingIn folder: URL?
  ) throws -> Outcome {
    var differing: [String] = []
    for (ending, data) in drawn {
      let file = "figures/\(name).\(ending)"
      if FileManager.default.contents(atPath: report.appendingPathComponent(file).path) != data {
        differing.append(file)
      }
      guard let folder else { continue }
      try AtomicFile.write(data, to: folder.appendingPathComponent("\(name).\(ending)").path)
    }
    return Outcome(name: name, status: differing.isEmpty ? .same : .differs, differing: differing)
  }

  private func differences(_ renderer: FigureRenderer?) -> [String] {
    var sentences: [String] = []
    if record.tool.version != toolVersion {
      sentences.append("drawn with Palimpsest \(record.tool.version), here it is \(toolVersion)")
    }
    if let renderer {
      sentences += DrawingTools(typesetter: renderer.typesetter).differences(from: record.drawnWith)
    }
    return sentences
  }
}
