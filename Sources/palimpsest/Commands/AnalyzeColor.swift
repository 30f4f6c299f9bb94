import Activations
import Analysis
import ArgumentParser
import Foundation
import Imaging
import Reports

/// `palimpsest analyze color`: what a change of colour does to features, and what of it comes back.
struct AnalyzeColor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "color",
    abstract: "Compare features and reconstructions under colour conditions with the original's.",
    discussion: """
      Takes stores of extract and of reconstruct with --conditions, and any store \
      of the schema that has some beside original. Writes color.csv and \
      color_images.csv; hue.csv where hue is turned in steps; recovery.csv and \
      recovery_images.csv where there are reconstructions; and provenance.json. \
      docs/definitions.md says what every number means.

        palimpsest analyze color vit.h5 swin.h5 --out results/
        palimpsest analyze color vit-back.h5 --annotations coco.json --out results/

      With --annotations the colour that comes back is told apart inside objects, \
      in a ring around them and in the background.
      """)

  @Argument(help: "Stores with conditions beside original (.h5).")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var options: ColorOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    _ = try compute.prepare()
    let run = ColorRun(
      stores: stores, out: out, options: options, threads: compute.threads ?? Host.cores, output: output)
    try output.summarize(run.run())
  }
}

/// What `analyze color` computes.
struct ColorOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Which colour conditions of the stores (default: all).", valueName: "list"))
  var conditions: String?

  @Option(name: .long, help: ArgumentHelp("Which taps (default: all).", valueName: "list"))
  var taps: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A COCO instances JSON: where the objects are.", valueName: "file"))
  var annotations: String?

  @Option(name: .long, help: "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none.")
  var bootstrap = 200

  @Option(name: .long, help: "Draws the bootstrap and the shuffled pairing.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  /// As the analysis takes them.
  func settings(threads: Int) -> ColorResponse.Settings {
    var settings = ColorResponse.Settings()
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
      ("conditions", conditions ?? "all"), ("taps", taps ?? "all"), ("annotations", annotations ?? "none"),
      ("bootstrap", "\(bootstrap)"), ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}

/// Names separated by commas.
enum NameList {
  static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

/// One run of the analysis, from store files to a results folder.
struct ColorRun {
  let stores: [String]
  let out: String
  let options: ColorOptions
  let threads: Int
  let output: OutputOptions
  var command = CommandLine.arguments

  struct Summary: Encodable {
    let out: String
    let rows: Int
    let hueRows: Int
    let recoveryRows: Int
    let images: Int
    let leftOut: Int
    let notes: [String]
    let seconds: Double
    let peakResidentBytes: Int
  }

  func run() throws -> Summary {
    let folder = PixelAnalysisFolder(stores: stores, out: out, annotations: options.annotations, command: command)
    let opened = try folder.open(output)
    let images = try folder.stream("color_images.csv", ColorResponse.imageHeader)
    let hasReconstructions = try opened.contains { try !$0.store.reconstructions(of: "original").isEmpty }
    let recovered =
      hasReconstructions ? try folder.stream("recovery_images.csv", ColorResponse.recoveryImageHeader) : nil
    var visitor = ColorResponse.Visitor()
    visitor.feature = { try images.append($0.fields) }
    visitor.recovery = { try recovered?.append($0.fields) }
    let progress = Progress("color", total: 1000, unit: Progress.percent, isShown: !output.quiet)
    let result = try ColorResponse.analyze(opened, settings: options.settings(threads: threads), visit: visitor) {
      progress.update(Int($0 * 1000), note: $1)
      try Interruption.check()
    }
    progress.finish()
    try images.finish()
    var outputs = ["color.csv", "color_images.csv"]
    try result.colorTable.write(to: folder.path("color.csv"))
    if !result.hue.isEmpty {
      try result.hueTable.write(to: folder.path("hue.csv"))
      outputs.append("hue.csv")
    }
    if let recovered {
      try recovered.finish()
      try result.recoveryTable.write(to: folder.path("recovery.csv"))
      outputs += ["recovery.csv", "recovery_images.csv"]
    }
    try folder.record(
      opened, images: result.images, seed: options.seed, settings: options.recorded, outputs: outputs)
    folder.tell(result.notes, result.leftOut, output)
    let count = result.images.reduce(0, +)
    output.say(
      "\(out)/color.csv: \(result.color.count) values, \(result.recovery.count) of the colour that comes back, from"
        + " \(count) images in \(Numbers.fixed(progress.seconds, 1)) s")
    return Summary(
      out: out, rows: result.color.count, hueRows: result.hue.count, recoveryRows: result.recovery.count,
      images: count, leftOut: result.leftOut.count, notes: result.notes, seconds: progress.seconds,
      peakResidentBytes: Host.peakResidentBytes)
  }
}
