import Activations
import Analysis
import ArgumentParser
import Foundation
import Reports

import struct Torch.Device

/// `palimpsest analyze prototypes`: what the mean activation of a class says of its images.
struct AnalyzePrototypes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prototypes",
    abstract: "Take the mean activation of every class at every tap, and measure how well it stands for its images.",
    discussion: """
      Takes stores with labels (extract --labels). Writes prototypes.csv, \
      prototypes_classes.csv, medoids.csv, prototypes_images.csv (every image's \
      values), for each store prototypes-NAME.h5 (the class means, a store of its \
      own, a class a row) and provenance.json. docs/definitions.md says what every \
      number means.

        palimpsest analyze prototypes vit.h5 swin.h5 --out results/
        palimpsest analyze prototypes vit.h5 --inverse vit-inverse/ --out results/

      With --inverse the class means are led back to images: \
      prototypes-NAME-back.h5, and a PNG a class in prototypes-NAME/TAP/. \
      How alike the prototypes of two models are:

        palimpsest analyze similarity results/prototypes-vit.h5 \\
            results/prototypes-swin.h5 --out alike/
      """)

  @Argument(help: "Stores with labels (.h5).")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var options: PrototypesOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    let device = try compute.prepare()
    let run = PrototypesRun(
      stores: stores, out: out, options: options, threads: compute.threads ?? Host.cores, device: device, output: output
    )
    try output.summarize(run.run())
  }
}

/// What `analyze prototypes` computes.
struct PrototypesOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Which taps (default: all).", valueName: "list"))
  var taps: String?

  @Option(name: .long, help: "Which colour condition of the stores.")
  var condition = "original"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What train wrote for a store's model, to lead the prototypes back to images; once for each store's model.",
      valueName: "dir"))
  var inverse: [String] = []

  @Option(name: .long, help: "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none.")
  var bootstrap = 1000

  @Option(name: .long, help: "Shufflings of the labels behind the null; 0 for none.")
  var permutations = 100

  @Option(name: .long, help: "Draws the bootstrap and the shufflings.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  func validate() throws {
    for (flag, value) in [("--bootstrap", bootstrap), ("--permutations", permutations)] where value < 0 {
      throw ValidationError("\(flag) is \(value); give 0 or more")
    }
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give at least 1") }
  }

  /// As the analysis takes them.
  func settings(threads: Int) -> Prototypes.Settings {
    var settings = Prototypes.Settings()
    settings.taps = taps.map(NameList.names)
    settings.condition = condition
    settings.bootstrap = bootstrap
    settings.permutations = permutations
    settings.seed = seed
    settings.limit = limit
    settings.threads = threads
    return settings
  }

  /// As provenance records them.
  var recorded: [(name: String, value: String)] {
    [
      ("taps", taps ?? "all"), ("condition", condition),
      ("inverse", inverse.isEmpty ? "none" : inverse.joined(separator: ",")), ("bootstrap", "\(bootstrap)"),
      ("permutations", "\(permutations)"), ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}
