import Analysis
import ArgumentParser
import Pipelines
import Results

extension DetailAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeDetail.self }
  package static var benchmark: (any ParsableCommand.Type)? { BenchDetail.self }
}

/// `palimpsest analyze detail`: up to which frequency reconstructions follow their inputs.
struct AnalyzeDetail: ParsableCommand {
  static let configuration = AnalysisDefinition.detail.configuration(
    discussion: """
      Takes stores of palimpsest reconstruct, and any store of the schema with \
      /inputs and /reconstructions. Writes detail.csv (cut-off frequencies and \
      energy on the patch lattice), detail_spectrum.csv (power and coherence by \
      frequency) and provenance.json. docs/definitions.md says what every number \
      means.

        palimpsest analyze detail vit-back.h5 swin-back.h5 --out results/
      """)

  @OptionGroup(title: "Files") var files: AnalysisFiles

  @Option(
    help: AnalysisDefinition.detail.help(
      "patch", valueName: "pixels", more: "Without it the cells of each tap's own grid."))
  var patch: Int?

  @OptionGroup(title: "What is measured") var measure: MeasureOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try CountOptions.require([("patch", patch)], of: AnalysisDefinition.detail.options)
  }

  func run() throws {
    _ = try compute.prepare()
    var settings = Detail.Settings()
    measure.fill(&settings.selection, threads: compute.workers)
    settings.patch = patch
    try output.run(DetailJob(files.folder(), settings: settings))
  }
}
