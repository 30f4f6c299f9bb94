import ArgumentParser
import Foundation
import Reports

/// `palimpsest replay`: the figures of a bundle once more, from the data in it.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Redraw every figure of a bundle from the data in it, and compare byte for byte.",
    discussion: """
      Needs no model, no image and no store. The bundle is verified first; a \
      report's folder is taken as it is. Where the results are in the bundle, the \
      data of the figures are made from them once more as well. Says which figures \
      differ, and where fonts, Cairo, Pango or Palimpsest are of another version \
      than those that drew them. Ends with status 1 where a figure differs.

        palimpsest replay mine.zip
        palimpsest replay mine.zip --keep redrawn/
        palimpsest replay reports/mine
      """)

  @Argument(help: "A bundle (.zip), an unpacked one, or the folder of a report.")
  var bundle: String

  @Option(name: .long, help: ArgumentHelp("A folder in which the redrawn figures are kept.", valueName: "dir"))
  var keep: String?

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let path: String
    let passes: Bool
    let figures: [FigureReplay.Outcome]
    let toolDifferences: [String]
    /// Figures whose data were made from the results once more; absent where there are no results.
    let fromResults: Int?
    let notFromResults: [String]
    let seconds: Double
  }

  func run() throws {
    let clock = Progress("replay", total: 1, unit: "figures", isShown: false)
    if let keep { try OutputPath.makeFolder(keep, flag: "--keep") }
    let (report, results, scratch) = try open()
    let replay = try FigureReplay(report: report, toolVersion: Version.number)
    let total = replay.record.figures.count
    let progress = Progress("replay", total: total, unit: "figures", isShown: !output.quiet)
    var done = 0
    let ((outcomes, differences), data) = try withExtendedLifetime(scratch) {
      let drawn = try replay.run(keepingIn: keep.map { URL(fileURLWithPath: $0) }) { outcome in
        try Interruption.check()
        done += 1
        progress.update(done)
        switch outcome.status {
        case .same: break
        case .differs: output.note("\(outcome.name): differs (\(outcome.differing.joined(separator: ", ")))")
        case .failed: output.note("\(outcome.name): cannot be redrawn: \(outcome.reason ?? "unknown")")
        }
      }
      return (drawn, try results.map { try replay.compareData(withResults: $0) })
    }
    progress.finish()
    for difference in differences { output.note(difference) }
    for name in data?.differing ?? [] { output.note("\(name): its data are not those the results give") }
    let other = outcomes.filter { $0.status != .same }.map(\.name)
    let passes = other.isEmpty && data?.differing.isEmpty ?? true
    try output.summarize(
      Summary(
        path: bundle, passes: passes, figures: outcomes, toolDifferences: differences, fromResults: data?.count,
        notFromResults: data?.differing ?? [], seconds: clock.seconds))
    guard other.isEmpty else {
      throw WorkFailed(
        "\(bundle): \(other.count) of \(total) figures differ from those redrawn from their data; "
          + (differences.isEmpty
            ? "the versions are the same, so they or their data were changed after they were drawn"
            : "other versions drew them (\(differences[0])), which may be why"))
    }
    guard passes else {
      throw WorkFailed(
        "\(bundle): the data of \(data?.differing.count ?? 0) figures are not those that the results give"
          + (differences.isEmpty ? "" : "; other versions made them (\(differences[0])), which may be why"))
    }
    if let count = data?.count { output.say("the data of \(count) figures are those that the results give") }
    output.say("\(bundle): all \(total) figures are the same byte for byte, in \(Numbers.fixed(clock.seconds, 1)) s")
  }

  /// The folder of the report, that of the results where they are there, and what keeps both.
  private func open() throws -> (report: URL, results: URL?, scratch: Scratch?) {
    let url = URL(fileURLWithPath: bundle)
    switch try FileKind(of: bundle) {
    case .report: return (url, nil, nil)
    case .unpackedBundle: return (url.appendingPathComponent("report"), Replay.results(in: url), nil)
    case .bundle:
      let file = try BundleFile(bundle)
      let check = try BundleCheck(file) { _ in try Interruption.check() }
      if let problem = check.problems.first {
        throw BadInput("\(bundle) is not whole: \(problem) (see palimpsest verify \(bundle))")
      }
      let scratch = try Scratch()
      // The page is how a folder is known as a report.
      try file.extract(to: scratch.url) { name in
        name.hasPrefix("report/data/") || name.hasPrefix("report/figures/") || name.hasPrefix("results/")
          || name == "report/index.html"
      }
      return (scratch.url.appendingPathComponent("report"), Replay.results(in: scratch.url), scratch)
    case .store, .checkpoint, .inverse, .results:
      throw BadInput("\(bundle) is no bundle; give the zip that palimpsest bundle wrote, or the folder of a report")
    }
  }

  private static func results(in folder: URL) -> URL? {
    let place = folder.appendingPathComponent("results")
    return FileManager.default.fileExists(atPath: place.path) ? place : nil
  }
}
