import Analysis
import ArgumentParser
import Results

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

  @OptionGroup var files: AnalysisFiles
  @OptionGroup var options: DetailOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try files.prepare(compute)
    let folder = files.folder()
    let opened = try folder.open(output)
    let settings = options.settings(threads: compute.threads ?? Host.cores)
    let progress = CountedProgress("detail", unit: "images", isShown: !output.quiet)
    let result = try Detail.analyze(opened, settings: settings) { try progress.update($0, of: $1) }
    progress.finish()
    try result.table.write(to: folder.path(TableDefinition.detail.file))
    try result.spectrumTable.write(to: folder.path(TableDefinition.detailSpectrum.file))
    var finished = FinishedAnalysis(
      table: TableDefinition.detail.file, outputs: [TableDefinition.detail.file, TableDefinition.detailSpectrum.file],
      rows: result.rows.count,
      images: result.images, leftOut: result.leftOut, notes: result.notes, seconds: progress.seconds)
    finished.counts = ["frequencies": result.spectra.count]
    try folder.finish(
      finished, opened, seed: options.measure.seed,
      settings: options.measure.recorded(settings.selection) + options.recorded,
      output)
  }
}

/// What `analyze detail` computes.
struct DetailOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Side of a patch in pixels (default: the cells of each tap's own grid).", valueName: "pixels"))
  var patch: Int?

  @OptionGroup var measure: MeasureOptions

  /// As the analysis takes them.
  func settings(threads: Int) -> Detail.Settings {
    var settings = Detail.Settings()
    settings.selection = measure.selection(or: settings.selection, threads: threads)
    settings.patch = patch
    return settings
  }

  /// As provenance records its own.
  var recorded: [(name: String, value: String)] { [("patch", patch.map(String.init) ?? "grid of the tap")] }
}
