import Activations
import Analysis
import ArgumentParser
import Foundation
import Pipelines
import Results

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
      top1_agreement and feature_cosine say what it makes of them, and of a detector \
      box_agreement, box_iou and box_class_agreement whether it finds the same \
      objects. LPIPS takes the weights of its networks from a file, which \
      scripts/lpips_weights.py writes once:

        palimpsest analyze quality vit-back.h5 --lpips lpips.safetensors \\
            --out results/
      """)

  @OptionGroup var files: AnalysisFiles
  @OptionGroup var options: QualityOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let device = try files.prepare(compute)
    let folder = files.folder()
    let settings = try options.settings(threads: compute.threads ?? Host.cores)
    let opened = try folder.read(output)
    let measured = try stores(opened, settings, device)
    try OutputPath.makeFolder(files.out)
    let values = try folder.stream(.qualityImages)
    let progress = CountedProgress("quality", unit: "reconstructions", isShown: !output.quiet)
    let result = try Quality.analyze(measured, settings: settings, visit: { try values.append($0.fields) }) {
      try progress.update($0, of: $1)
    }
    progress.finish()
    try values.finish()
    try result.table.write(to: folder.path(TableDefinition.quality.file))
    var outputs = [TableDefinition.quality.file, TableDefinition.qualityImages.file]
    if result.differences.isEmpty {
      // What an earlier run left there belongs to other numbers.
      try? FileManager.default.removeItem(atPath: folder.path(TableDefinition.qualityDifferences.file))
    } else {
      try Quality.table(of: result.differences).write(to: folder.path(TableDefinition.qualityDifferences.file))
      outputs.append(TableDefinition.qualityDifferences.file)
    }
    var finished = FinishedAnalysis(
      table: TableDefinition.quality.file, outputs: outputs, rows: result.rows.count, images: result.images,
      leftOut: result.leftOut,
      notes: result.notes, seconds: progress.seconds)
    finished.counts = ["differences": result.differences.count, "imageValues": values.count]
    try folder.finish(
      finished, opened, seed: options.measure.seed,
      settings: options.measure.recorded(settings.selection) + options.recorded,
      inputs: options.lpips.map { [FileHash.record($0, role: "lpips")] } ?? [], output)
  }

  /// The stores with the model of each and the networks of LPIPS.
  private func stores(
    _ opened: [PixelStore], _ settings: Quality.Settings, _ device: Device
  ) throws -> [QualityStore] {
    let networks = try options.lpips.map { try LPIPSWeights.networks($0, for: settings.metrics, device: device) } ?? [:]
    let models = try StoreModels(options.model, architecture: options.architecture, device: device)
    let measured = try opened.map { one in
      QualityStore(
        name: one.name, store: one.store, validSize: one.validSize,
        model: try models.model(of: one.store, recipe: StoreRecipe(one.store)), networks: networks)
    }
    try models.requireUse()
    return measured
  }
}

/// What `analyze quality` computes.
struct QualityOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Which metrics, separated by commas: mse, mae, psnr, ssim, ms_ssim, gmsd, haarpsi, ciede2000, lpips, lpips_vgg, \
      top1_agreement, feature_cosine, box_agreement, box_iou, box_class_agreement.
      """, valueName: "list"))
  var metrics = "all"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The model of a store, which looks at its reconstructions; once for each store's model.", valueName: "model"))
  var model: [String] = []

  @Option(name: .long, help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Weights of LPIPS, with AlexNet, VGG16 or both, as scripts/lpips_weights.py writes them.", valueName: "file"))
  var lpips: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The probability above which a detector's query counts as an object it found.", valueName: "probability"))
  var confidence = Detection.defaultConfidence

  @Option(name: .long, help: "percentile, or bca (bias-corrected and accelerated).")
  var interval = IntervalMethod.percentile.rawValue

  @Option(
    name: .long,
    help: ArgumentHelp("Random flips of signs behind the p-values of differences between stores.", valueName: "n"))
  var permutations = 9999

  @Option(name: .long, help: "How p-values are raised for their number: holm, or benjamini-hochberg.")
  var correction = MultipleComparisons.holm.rawValue

  @OptionGroup var measure: MeasureOptions

  /// As the analysis takes them.
  func settings(threads: Int) throws -> Quality.Settings {
    var settings = Quality.Settings()
    settings.selection = measure.selection(or: settings.selection, threads: threads)
    if metrics != "all" {
      let names = NameList.names(metrics)
      for name in names where Quality.Metric(rawValue: name) == nil {
        throw BadInput(
          "--metrics: '\(name)' is unknown; give \(Quality.Metric.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      settings.metrics = Quality.Metric.allCases.filter { names.contains($0.rawValue) }
      if lpips == nil, let wanted = settings.metrics.first(where: { $0.origin == .network }) {
        throw BadInput(
          "--metrics: '\(wanted.rawValue)' needs the weights of a network; give them with --lpips FILE, which "
            + "scripts/lpips_weights.py --out FILE writes")
      }
    }
    settings.confidence = confidence
    guard let interval = IntervalMethod(rawValue: interval) else {
      throw BadInput("--interval is '\(interval)'; give percentile or bca")
    }
    settings.interval = interval
    guard let correction = MultipleComparisons(rawValue: correction) else {
      throw BadInput("--correction is '\(correction)'; give holm or benjamini-hochberg")
    }
    settings.correction = correction
    settings.permutations = permutations
    return settings
  }

  /// As provenance records its own.
  var recorded: [(name: String, value: String)] {
    [
      ("metrics", metrics), ("model", model.isEmpty ? "none" : model.joined(separator: ",")),
      ("lpips", lpips ?? "none"), ("confidence", "\(confidence)"), ("interval", interval),
      ("permutations", "\(permutations)"), ("correction", correction),
    ]
  }
}
