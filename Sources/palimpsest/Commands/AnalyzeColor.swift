import Activations
import Analysis
import ArgumentParser
import Results

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

  @OptionGroup var files: AnalysisFiles
  @OptionGroup var options: ColorOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try files.prepare(compute)
    let folder = files.folder(annotations: options.objects.annotations)
    let opened = try folder.open(output)
    let settings = options.settings(threads: compute.threads ?? Host.cores)
    let images = try folder.stream(.colorImages)
    let hasReconstructions = try opened.contains { try !$0.store.reconstructions(of: "original").isEmpty }
    let recovered =
      hasReconstructions ? try folder.stream(.recoveryImages) : nil
    var visitor = ColorResponse.Visitor()
    visitor.feature = { try images.append($0.fields) }
    visitor.recovery = { try recovered?.append($0.fields) }
    let progress = Progress("color", total: 1000, unit: Progress.percent, isShown: !output.quiet)
    let result = try ColorResponse.analyze(opened, settings: settings, visit: visitor) {
      progress.update(Int($0 * 1000), note: $1)
      try Interruption.check()
    }
    progress.finish()
    try images.finish()
    var outputs = [TableDefinition.color.file, TableDefinition.colorImages.file]
    try result.colorTable.write(to: folder.path(TableDefinition.color.file))
    if !result.hue.isEmpty {
      try result.hueTable.write(to: folder.path(TableDefinition.hue.file))
      outputs.append(TableDefinition.hue.file)
    }
    if let recovered {
      try recovered.finish()
      try result.recoveryTable.write(to: folder.path(TableDefinition.recovery.file))
      outputs += [TableDefinition.recovery.file, TableDefinition.recoveryImages.file]
    }
    var finished = FinishedAnalysis(
      table: TableDefinition.color.file, outputs: outputs, rows: result.color.count, images: result.images,
      leftOut: result.leftOut,
      notes: result.notes, seconds: progress.seconds)
    finished.counts = ["hueRows": result.hue.count, "recoveryRows": result.recovery.count]
    finished.remark = ", \(result.recovery.count) of the colour that comes back,"
    try folder.finish(
      finished, opened, seed: options.measure.seed,
      settings: options.measure.recorded(settings.selection) + options.objects.recorded, output)
  }
}

/// What `analyze color` computes.
struct ColorOptions: ParsableArguments {
  @OptionGroup var objects: ObjectOptions
  @OptionGroup var measure: MeasureOptions

  /// As the analysis takes them.
  func settings(threads: Int) -> ColorResponse.Settings {
    var settings = ColorResponse.Settings()
    settings.selection = measure.selection(or: settings.selection, threads: threads)
    return settings
  }
}
