import Foundation
import Reports

/// The figures of a bundle or report drawn again from the data in it, and compared byte for byte.
public struct ReplayJob: Sendable {
  /// A bundle (.zip), an unpacked one, or the folder of a report.
  public var path: String
  /// A folder in which the redrawn figures are kept.
  public var keep: String?

  public init(_ path: String, keep: String? = nil) {
    self.path = path
    self.keep = keep
  }

  /// Verifies a bundle first, then redraws.
  ///
  /// - Throws: ``BadInput`` where it is not a bundle or not whole; `BundleError`, `ReportError`; what the reporter throws.
  public func run(_ reporter: JobReporter = .silent) throws -> ReplaySummary {
    let clock = Stopwatch()
    let lock = try keep.map { try OutputPath.lockFolder($0, flag: "--keep") }
    defer { lock?.release() }
    let (report, results, scratch) = try open(reporter)
    return try withExtendedLifetime(scratch) {
      let replay = try FigureReplay(report: report, toolVersion: Version.number)
      let total = replay.record.figures.count
      var done = 0
      let (outcomes, differences) = try replay.run(keepingIn: keep.map { URL(fileURLWithPath: $0) }) { outcome in
        done += 1
        try reporter.progress(JobProgress("replay", done, of: total, unit: "figures"))
        switch outcome.status {
        case .same: break
        case .differs: reporter.note("\(outcome.name): differs (\(outcome.differing.joined(separator: ", ")))")
        case .failed: reporter.note("\(outcome.name): cannot be redrawn: \(outcome.reason ?? "unknown")")
        }
      }
      let data = try results.map { try replay.compareData(withResults: $0) }
      for difference in differences { reporter.note(difference) }
      for name in data?.differing ?? [] { reporter.note("\(name): its data are not those the results give") }
      return ReplaySummary(
        path: path, figures: outcomes, toolDifferences: differences, fromResults: data?.count,
        notFromResults: data?.differing ?? [], seconds: clock.seconds)
    }
  }

  /// The folder of the report, that of the results where the bundle has them, and what keeps both.
  private func open(_ reporter: JobReporter) throws -> (report: URL, results: URL?, scratch: Scratch?) {
    let url = URL(fileURLWithPath: path)
    switch try FileKind(of: path) {
    case .report: return (url, nil, nil)
    case .unpackedBundle: return (url.appendingPathComponent("report"), ReplayJob.results(in: url), nil)
    case .bundle:
      let file = try BundleFile(path)
      let check = try BundleCheck(file) { _ in if reporter.isCancelled() { throw Interrupted.startingAgain } }
      if let problem = check.problems.first {
        throw BadInput("\(path) is not whole: \(problem) (see palimpsest verify \(path))")
      }
      let scratch = try Scratch()
      // The page is how a folder is known as a report.
      try file.extract(to: scratch.url) { name in
        name.hasPrefix("report/data/") || name.hasPrefix("report/figures/") || name.hasPrefix("results/")
          || name == "report/index.html"
      }
      return (scratch.url.appendingPathComponent("report"), ReplayJob.results(in: scratch.url), scratch)
    case .store, .checkpoint, .inverse, .results:
      throw BadInput("\(path) is not a bundle; give the zip that palimpsest bundle wrote, or the folder of a report")
    }
  }

  private static func results(in folder: URL) -> URL? {
    let results = folder.appendingPathComponent("results")
    return FileManager.default.fileExists(atPath: results.path) ? results : nil
  }
}

/// What became of the figures of a bundle.
public struct ReplaySummary: Encodable, Sendable {
  public let path: String
  public let passes: Bool
  public let figures: [FigureReplay.Outcome]
  /// Programs of other versions than those that drew the figures.
  public let toolDifferences: [String]
  /// Figures whose data were made from the results once more; nil where there are no results.
  public let fromResults: Int?
  public let notFromResults: [String]
  public let seconds: Double

  init(
    path: String, figures: [FigureReplay.Outcome], toolDifferences: [String], fromResults: Int?,
    notFromResults: [String], seconds: Double
  ) {
    self.path = path
    self.figures = figures
    self.toolDifferences = toolDifferences
    self.fromResults = fromResults
    self.notFromResults = notFromResults
    self.seconds = seconds
    passes = figures.allSatisfy { $0.status == .same } && notFromResults.isEmpty
  }

  /// - Throws: ``WorkFailed`` where a figure or its data differ, and why that may be.
  public func requireSuccess() throws {
    let other = figures.count { $0.status != .same }
    guard other == 0 else {
      throw WorkFailed(
        "\(path): \(other) of \(figures.count) figures differ from those redrawn from their data; "
          + (toolDifferences.isEmpty
            ? "the versions are the same, so they or their data were changed after they were drawn"
            : "other versions drew them (\(toolDifferences[0])), which may be why"))
    }
    guard notFromResults.isEmpty else {
      throw WorkFailed(
        "\(path): the data of \(notFromResults.count) figures are not those that the results give"
          + (toolDifferences.isEmpty ? "" : "; other versions made them (\(toolDifferences[0])), which may be why"))
    }
  }
}
