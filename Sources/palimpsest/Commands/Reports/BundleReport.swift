import ArgumentParser
import Formats
import Foundation
import Pipelines
import Reports
import Terminal

/// `palimpsest bundle`: a report and everything it rests on as one file.
struct BundleReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Put a report, its data and its provenance into one zip that a reviewer can check and redo.",
    discussion: """
      Report, figures, tables, the data of every figure, results of the analyses, \
      experiment, definitions, CITATION.cff, an RO-Crate (Process Run Crate) and \
      SHA256SUMS. The same run gives the same bytes. Stores and checkpoints stay \
      out; their hashes are in the provenance.

        palimpsest bundle reports/mine --out mine.zip
        palimpsest bundle reports/mine --out mine.zip --pixels ids-only \\
            --author "Curie, Marie" --license CC-BY-4.0
        palimpsest bundle reports/mine --out blind.zip --anonymous
        palimpsest verify mine.zip
        palimpsest replay mine.zip
      """)

  @Argument(help: "The folder of a report.", completion: .directory)
  var report: String

  @Option(help: ArgumentHelp("The zip to write; replaced as a whole.", valueName: "file"), completion: .file())
  var out: String

  @Option(
    help: ArgumentHelp(
      "How much of the images: full as in the report, thumbnails of 32 pixels, ids-only for names and hashes.",
      valueName: "pixels"))
  var pixels = BundlePixels.full

  @Option(
    help: ArgumentHelp("The results, where they are no longer those the report was made of.", valueName: "dir"),
    completion: .directory)
  var results: String?

  @Option(
    help: ArgumentHelp("The experiment's file, where the report is not one of run.", valueName: "file"),
    completion: .file())
  var experiment: String?

  @Option(help: ArgumentHelp("\"Family, Given\" or a group; may be repeated.", valueName: "name"))
  var author: [String] = []

  @Flag(
    help: "For a blind review: no author, and paths without the folders that tell whose machine it was.")
  var anonymous = false

  @Option(help: ArgumentHelp("Terms of use, such as CC-BY-4.0 (SPDX).", valueName: "licence"))
  var license: String?

  @Option(
    help: ArgumentHelp("The day in the metadata (default: that of the last analysis).", valueName: "day"))
  var date: String?

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try OutputPath.requireFile(out, example: "bundle.zip")
    let folder = URL(fileURLWithPath: report).resolvingSymlinksInPath().path + "/"
    guard !URL(fileURLWithPath: out).resolvingSymlinksInPath().path.hasPrefix(folder) else {
      throw BadInput("--out \(out) lies in the report and would be part of it; choose another place")
    }
    guard !anonymous || author.isEmpty else {
      throw BadInput("--anonymous names nobody; leave out --author")
    }
    var builder = try BundleBuilder(
      report: URL(fileURLWithPath: report), output: URL(fileURLWithPath: out),
      definitions: ShippedResources.definitions(),
      results: results.map { URL(fileURLWithPath: $0) }, experiment: experiment.map { URL(fileURLWithPath: $0) },
      pixels: pixels, authors: author.map(BundleAuthor.init), license: BundleLicense(license), date: date,
      toolVersion: Version.number)
    builder.isAnonymous = anonymous
    let summary = try builder.build(check: Interruption.check)
    for note in summary.notes { output.note(note) }
    output.say("\(out): \(summary.files) files, \(summary.figures) figures, \(NumberText.bytes(summary.bytes))")
    if summary.pictures > 0, pixels == .full {
      output.say("its figures show \(summary.pictures) pictures of images; --pixels ids-only leaves them out")
    }
    output.say("SHA-256 \(summary.sha256)")
    try output.summarize(summary)
  }
}

extension BundlePixels: ExpressibleByArgument {}
