import Activations
import Analysis
import ArgumentParser
import Foundation
import Reports

/// `palimpsest analyze shape`: what of the structure of objects comes back.
struct AnalyzeShape: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shape",
    abstract: "Measure structure inside objects, along their boundaries and in the background.",
    discussion: """
      Takes stores of palimpsest reconstruct, and any store of the schema with \
      /inputs and /reconstructions, and COCO annotations of the same images. Writes \
      shape.csv (by region, size and class of the objects), shape_images.csv (every \
      image's values) and provenance.json. docs/definitions.md says what every \
      number means.

        palimpsest analyze shape vit-back.h5 --annotations coco.json --out results/
      """)

  @Argument(help: "Stores with reconstructions (.h5).")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var options: ShapeOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    _ = try compute.prepare()
    let run = ShapeRun(
      stores: stores, out: out, options: options, threads: compute.threads ?? Host.cores, output: output)
    try output.summarize(run.run())
  }
}

/// What `analyze shape` computes.
struct ShapeOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("A COCO instances JSON: where the objects are.", valueName: "file"))
  var annotations: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Which colour conditions of the stores (default: all).", valueName: "list"))
  var conditions: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Reconstructions from which taps (default: all).", valueName: "list"))
  var taps: String?

  @Option(name: .long, help: "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none.")
  var bootstrap = 1000

  @Option(name: .long, help: "Draws the bootstrap.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  /// As the analysis takes them.
  func settings(threads: Int) -> Shape.Settings {
    var settings = Shape.Settings()
    settings.conditions = conditions.map(NameList.names)
    settings.taps = taps.map(NameList.names)
    settings.bootstrap = bootstrap
    settings.seed = seed
    settings.limit = limit
    settings.threads = threads
    return settings
  }

  /// As provenance records them.
  var recorded: [(name: String, value: String)] {
    [
      ("annotations", annotations ?? "none"), ("conditions", conditions ?? "all"), ("taps", taps ?? "all"),
      ("bootstrap", "\(bootstrap)"), ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}

/// One run of the analysis, from store files to a results folder.
struct ShapeRun {
  let stores: [String]
  let out: String
  let options: ShapeOptions
  let threads: Int
  let output: OutputOptions
  var command = CommandLine.arguments

  struct Summary: Encodable {
    let out: String
    let rows: Int
    let figures: Int
    let images: Int
    let leftOut: Int
    let notes: [String]
    let seconds: Double
    let peakResidentBytes: Int
  }

  func run() throws -> Summary {
    let folder = PixelAnalysisFolder(stores: stores, out: out, annotations: options.annotations, command: command)
    let opened = try folder.open(output)
    let figures = try folder.stream("shape_images.csv", Shape.imageHeader)
    var progress = Progress("shape", total: 1, unit: "reconstructions", isShown: false)
    var isStarted = false
    let settings = options.settings(threads: threads)
    let result = try Shape.analyze(opened, settings: settings, visit: { try figures.append($0.fields) }) {
      if !isStarted {
        progress = Progress("shape", total: $1, unit: "reconstructions", isShown: !output.quiet)
        isStarted = true
      }
      progress.update($0)
      try Interruption.check()
    }
    progress.finish()
    try figures.finish()
    try result.table.write(to: folder.path("shape.csv"))
    try folder.record(
      opened, images: result.images, seed: options.seed, settings: options.recorded,
      outputs: ["shape.csv", "shape_images.csv"])
    folder.tell(result.notes, result.leftOut, output)
    let images = result.images.reduce(0, +)
    output.say(
      "\(out)/shape.csv: \(result.rows.count) values from \(images) images in \(Numbers.fixed(progress.seconds, 1)) s")
    return Summary(
      out: out, rows: result.rows.count, figures: figures.count, images: images, leftOut: result.leftOut.count,
      notes: result.notes, seconds: progress.seconds, peakResidentBytes: Host.peakResidentBytes)
  }
}
