import Activations
import Analysis
import ArgumentParser
import Foundation
import Reports

import struct Torch.Device

/// `palimpsest analyze quality`: how much of each image its reconstructions show.
struct AnalyzeQuality: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quality",
    abstract: "Measure reconstructions against the inputs they were led back to.",
    discussion: """
      Takes stores of palimpsest reconstruct, and any store of the schema with \
      /inputs and /reconstructions. Writes quality.csv, quality_images.csv (every \
      image's values) and provenance.json; of two or more stores of the same images \
      also quality_differences.csv: paired differences with intervals and p-values. \
      docs/definitions.md says what every number means.

        palimpsest analyze quality vit-back.h5 swin-back.h5 --out results/
        palimpsest analyze quality vit-back.h5 --model vit-base/ --out results/

      With --model the reconstructions are shown to the model again: \
      top1_agreement and feature_cosine say what it makes of them.
      """)

  @Argument(help: "Stores with reconstructions (.h5).")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var options: QualityOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    let device = try compute.prepare()
    let run = QualityRun(
      stores: stores, out: out, options: options, threads: compute.threads ?? Host.cores, device: device, output: output
    )
    try output.summarize(run.run())
  }
}

/// What `analyze quality` computes.
struct QualityOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Which metrics, separated by commas: mse, mae, psnr, ssim, ms_ssim, gmsd, haarpsi, ciede2000, top1_agreement, \
      feature_cosine.
      """, valueName: "list"))
  var metrics = "all"

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
    help: ArgumentHelp(
      "The model of a store, which looks at its reconstructions; once for each store's model.", valueName: "model"))
  var model: [String] = []

  @Option(name: .long, help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(name: .long, help: "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none.")
  var bootstrap = 1000

  @Option(name: .long, help: "percentile, or bca (bias-corrected and accelerated).")
  var interval = IntervalMethod.percentile.rawValue

  @Option(
    name: .long,
    help: ArgumentHelp("Random flips of signs behind the p-values of differences between stores.", valueName: "n"))
  var permutations = 9999

  @Option(name: .long, help: "How p-values are raised for their number: holm, or benjamini-hochberg.")
  var correction = MultipleComparisons.holm.rawValue

  @Option(name: .long, help: "Draws the bootstrap and the flips.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  /// As the analysis takes them.
  func settings(threads: Int) throws -> Quality.Settings {
    var settings = Quality.Settings()
    if metrics != "all" {
      let names = QualityOptions.names(metrics)
      for name in names where Quality.Metric(rawValue: name) == nil {
        throw BadInput(
          "--metrics: '\(name)' is unknown; give \(Quality.Metric.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      settings.metrics = Quality.Metric.allCases.filter { names.contains($0.rawValue) }
    }
    guard let interval = IntervalMethod(rawValue: interval) else {
      throw BadInput("--interval is '\(interval)'; give percentile or bca")
    }
    settings.interval = interval
    guard let correction = MultipleComparisons(rawValue: correction) else {
      throw BadInput("--correction is '\(correction)'; give holm or benjamini-hochberg")
    }
    settings.correction = correction
    settings.permutations = permutations
    settings.conditions = conditions.map(QualityOptions.names)
    settings.taps = taps.map(QualityOptions.names)
    settings.bootstrap = bootstrap
    settings.seed = seed
    settings.limit = limit
    settings.threads = threads
    return settings
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// As provenance records them.
  var recorded: [(name: String, value: String)] {
    [
      ("metrics", metrics), ("conditions", conditions ?? "all"), ("taps", taps ?? "all"),
      ("model", model.isEmpty ? "none" : model.joined(separator: ",")), ("bootstrap", "\(bootstrap)"),
      ("interval", interval), ("permutations", "\(permutations)"), ("correction", correction),
      ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}

/// One run of the analysis, from store files to a results folder.
struct QualityRun {
  let stores: [String]
  let out: String
  let options: QualityOptions
  let threads: Int
  let device: Device
  let output: OutputOptions
  var command = CommandLine.arguments

  struct Summary: Encodable {
    let out: String
    let rows: Int
    let differences: Int
    let figures: Int
    let images: Int
    let leftOut: Int
    let notes: [String]
    let seconds: Double
    let peakResidentBytes: Int
  }

  func run() throws -> Summary {
    let record = RunRecord(command: command)
    let folder = URL(fileURLWithPath: out)
    let settings = try options.settings(threads: threads)
    let names = NamedSource.names(of: stores)
    let opened = try stores.map { try FeatureStore(path: $0) }
    let models = try StoreModels(options.model, architecture: options.architecture, device: device)
    let measured = try zip(names, opened).map { name, store in
      let recipe = StoreRecipe(store)
      return QualityStore(
        name: name, store: store, validSize: recipe?.validSize, model: try models.model(of: store, recipe: recipe))
    }
    try models.requireUse()
    try OutputPath.makeFolder(out)
    let figures = try TableStream(
      path: folder.appendingPathComponent("quality_images.csv").path, header: Quality.Figure.header)
    var progress = Progress("quality", total: 1, unit: "reconstructions", isShown: false)
    var isStarted = false
    let result = try Quality.analyze(measured, settings: settings, visit: { try figures.append($0.fields) }) {
      if !isStarted {
        progress = Progress("quality", total: $1, unit: "reconstructions", isShown: !output.quiet)
        isStarted = true
      }
      progress.update($0)
      try Interruption.check()
    }
    progress.finish()
    try figures.finish()
    try result.table.write(to: folder.appendingPathComponent("quality.csv").path)
    let differences = folder.appendingPathComponent("quality_differences.csv")
    if result.differences.isEmpty {
      // What an earlier run left there belongs to other numbers.
      try? FileManager.default.removeItem(at: differences)
    } else {
      try Quality.table(of: result.differences).write(to: differences.path)
    }
    try record.write(
      to: folder, seed: options.seed, settings: options.recorded,
      inputs: stores.map { FileHash.record($0, role: "store") },
      outputs: ["quality.csv", "quality_images.csv"]
        + (result.differences.isEmpty ? [] : ["quality_differences.csv"]),
      stores: zip(zip(names, opened), result.images).map { store, images in
        try RunRecord.describe(
          store.1, name: store.0, condition: store.1.conditions.first ?? "original", images: images,
          tokens: store.1.attribute("tokens") ?? "all")
      })
    for note in result.notes { output.note(note) }
    if let first = result.leftOut.first {
      let count = result.leftOut.count == 1 ? "1 image is" : "\(result.leftOut.count) images are"
      output.note("\(count) left out, the first: \(first.path) of \(first.store): \(first.reason)")
    }
    let images = result.images.reduce(0, +)
    output.say(
      "\(out)/quality.csv: \(result.rows.count) values from \(images) images in \(Numbers.fixed(progress.seconds, 1)) s"
    )
    return Summary(
      out: out, rows: result.rows.count, differences: result.differences.count, figures: figures.count, images: images,
      leftOut: result.leftOut.count,
      notes: result.notes, seconds: progress.seconds, peakResidentBytes: Host.peakResidentBytes)
  }
}
