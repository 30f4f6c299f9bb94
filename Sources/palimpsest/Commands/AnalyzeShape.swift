import Analysis
import ArgumentParser
import Results

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

  @OptionGroup var files: AnalysisFiles
  @OptionGroup var options: ShapeOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try files.prepare(compute)
    let folder = files.folder(annotations: options.objects.annotations)
    let opened = try folder.open(output)
    let settings = options.settings(threads: compute.threads ?? Host.cores)
    let values = try folder.stream(.shapeImages)
    let progress = CountedProgress("shape", unit: "reconstructions", isShown: !output.quiet)
    let result = try Shape.analyze(opened, settings: settings, visit: { try values.append($0.fields) }) {
      try progress.update($0, of: $1)
    }
    progress.finish()
    try values.finish()
    try result.table.write(to: folder.path(TableDefinition.shape.file))
    var finished = FinishedAnalysis(
      table: TableDefinition.shape.file, outputs: [TableDefinition.shape.file, TableDefinition.shapeImages.file],
      rows: result.rows.count, images: result.images,
      leftOut: result.leftOut, notes: result.notes, seconds: progress.seconds)
    finished.counts = ["imageValues": values.count]
    try folder.finish(
      finished, opened, seed: options.measure.seed,
      settings: options.measure.recorded(settings.selection) + options.objects.recorded, output)
  }
}

/// What `analyze shape` computes.
struct ShapeOptions: ParsableArguments {
  @OptionGroup var objects: ObjectOptions
  @OptionGroup var measure: MeasureOptions

  /// As the analysis takes them.
  func settings(threads: Int) -> Shape.Settings {
    var settings = Shape.Settings()
    settings.selection = measure.selection(or: settings.selection, threads: threads)
    return settings
  }
}
