import Analysis
import ArgumentParser

import struct Torch.Device

/// What every analysis of stores reads and where it writes.
struct AnalysisFiles: ParsableArguments {
  @Argument(help: "Stores (.h5).")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  /// Checks that there are stores and sets libtorch up.
  func prepare(_ compute: ComputeOptions) throws -> Device {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    return try compute.prepare()
  }

  /// - Parameter annotations: a COCO instances file, where one is given.
  func folder(annotations: String? = nil) -> PixelAnalysisFolder {
    PixelAnalysisFolder(stores: stores, out: out, annotations: annotations, command: CommandLine.arguments)
  }
}

/// Which part of its stores an analysis of conditions or pictures takes, and how often it is drawn again.
struct MeasureOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Which colour conditions of the stores (default: all).", valueName: "list"))
  var conditions: String?

  @Option(name: .long, help: ArgumentHelp("Which taps (default: all).", valueName: "list"))
  var taps: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none (default: 1000, of color 200).",
      valueName: "n"))
  var bootstrap: Int?

  @Option(name: .long, help: "Draws the bootstrap, and what else is drawn.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  /// As an analysis takes them.
  ///
  /// - Parameter selection: the analysis' own, for what was not given.
  func selection(or selection: MeasureSelection, threads: Int) -> MeasureSelection {
    MeasureSelection(
      conditions: conditions.map(NameList.names), taps: taps.map(NameList.names), limit: limit,
      bootstrap: bootstrap ?? selection.bootstrap, seed: seed, threads: threads)
  }

  /// As provenance records them.
  ///
  /// - Parameter selection: made of these.
  func recorded(_ selection: MeasureSelection) -> [(name: String, value: String)] {
    [
      ("conditions", conditions ?? "all"), ("taps", taps ?? "all"), ("bootstrap", "\(selection.bootstrap)"),
      ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}

/// Where the objects of a store's images are.
struct ObjectOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("A COCO instances JSON: where the objects are.", valueName: "file"))
  var annotations: String?

  /// As provenance records it.
  var recorded: [(name: String, value: String)] { [("annotations", annotations ?? "none")] }
}

/// Names separated by commas.
enum NameList {
  static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
