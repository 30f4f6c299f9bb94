import Activations
import Analysis
import ArgumentParser
import Foundation
import Reports

/// `palimpsest analyze detail`: up to which frequency reconstructions follow their inputs.
struct AnalyzeDetail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detail",
    abstract: "Compare the spectra of reconstructions and inputs by radial frequency.",
    discussion: """
      Takes stores of palimpsest reconstruct, and any store of the schema with \
      /inputs and /reconstructions. Writes detail.csv (cut-off frequencies and \
      energy on the patch lattice), detail_spectrum.csv (power and coherence by \
      frequency) and provenance.json. docs/definitions.md says what every number \
      means.

        palimpsest analyze detail vit-back.h5 swin-back.h5 --out results/
      """)

  @Argument(help: "Stores with reconstructions (.h5).")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var options: DetailOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    _ = try compute.prepare()
    let run = DetailRun(
      stores: stores, out: out, options: options, threads: compute.threads ?? Host.cores, output: output)
    try output.summarize(run.run())
  }
}

/// What `analyze detail` computes.
struct DetailOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Which colour conditions of the stores (default: all).", valueName: "list"))
  var conditions: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Reconstructions from which taps (default: all).", valueName: "list"))
  var taps: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Side of a patch in pixels (default: the cells of each tap's own grid).", valueName: "pixels"))
  var patch: Int?

  @Option(name: .long, help: "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none.")
  var bootstrap = 1000

  @Option(name: .long, help: "Draws the bootstrap.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  /// As the analysis takes them.
  func settings(threads: Int) -> Detail.Settings {
    var settings = Detail.Settings()
    settings.conditions = conditions.map(NameList.names)
    settings.taps = taps.map(NameList.names)
    settings.patch = patch
    settings.bootstrap = bootstrap
    settings.seed = seed
    settings.limit = limit
    settings.threads = threads
    return settings
  }

  /// As provenance records them.
  var recorded: [(name: String, value: String)] {
    [
      ("conditions", conditions ?? "all"), ("taps", taps ?? "all"),
      ("patch", patch.map(String.init) ?? "grid of the tap"), ("bootstrap", "\(bootstrap)"),
      ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}

/// One run of the analysis, from store files to a results folder.
struct DetailRun {
  let stores: [String]
  let out: String
  let options: DetailOptions
  let threads: Int
  let output: OutputOptions
  var command = CommandLine.arguments

  struct Summary: Encodable {
    let out: String
    let rows: Int
    let frequencies: Int
    let images: Int
    let leftOut: Int
    let notes: [String]
    let seconds: Double
    let peakResidentBytes: Int
  }

  func run() throws -> Summary {
    let folder = PixelAnalysisFolder(stores: stores, out: out, annotations: nil, command: command)
    let opened = try folder.open(output)
    var progress = Progress("detail", total: 1, unit: "images", isShown: false)
    var isStarted = false
    let result = try Detail.analyze(opened, settings: options.settings(threads: threads)) {
      if !isStarted {
        progress = Progress("detail", total: $1, unit: "images", isShown: !output.quiet)
        isStarted = true
      }
      progress.update($0)
      try Interruption.check()
    }
    progress.finish()
    try result.table.write(to: folder.path("detail.csv"))
    try result.spectrumTable.write(to: folder.path("detail_spectrum.csv"))
    try folder.record(
      opened, images: result.images, seed: options.seed, settings: options.recorded,
      outputs: ["detail.csv", "detail_spectrum.csv"])
    folder.tell(result.notes, result.leftOut, output)
    let images = result.images.reduce(0, +)
    output.say(
      "\(out)/detail.csv: \(result.rows.count) values from \(images) images in \(Numbers.fixed(progress.seconds, 1)) s")
    return Summary(
      out: out, rows: result.rows.count, frequencies: result.spectra.count, images: images,
      leftOut: result.leftOut.count, notes: result.notes, seconds: progress.seconds,
      peakResidentBytes: Host.peakResidentBytes)
  }
}
