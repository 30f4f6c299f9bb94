import Analysis
import ArgumentParser
import Pipelines
import Results

extension ColorAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeColor.self }
  package static var benchmark: (any ParsableCommand.Type)? { BenchColor.self }
}

/// `palimpsest analyze color`: what a change of colour does to features, and what of it comes back.
struct AnalyzeColor: ParsableCommand {
  static let configuration = AnalysisDefinition.color.configuration(
    discussion: """
      Takes stores of extract and of reconstruct with --conditions, and any store \
      of the schema that has conditions beside original. Writes color.csv and \
      color_images.csv; hue.csv where hue is turned in steps; recovery.csv and \
      recovery_images.csv where there are reconstructions; and provenance.json. \
      docs/definitions.md says what every number means.

        palimpsest analyze color vit.h5 swin.h5 --out results/
        palimpsest analyze color vit-back.h5 --annotations coco.json --out results/

      With --annotations the colour that comes back is measured inside objects, in \
      a ring around them and in the background.
      """)

  @OptionGroup(title: "Files") var files: AnalysisFiles
  @OptionGroup(title: "Objects") var objects: ObjectOptions
  @OptionGroup(title: "What is measured") var measure: MeasureOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    _ = try compute.prepare()
    var settings = ColorResponse.Settings()
    measure.fill(&settings.selection, threads: compute.workers)
    try output.run(ColorJob(files.folder(annotations: objects.annotations), settings: settings)) {
      ", \($0.counts["recoveryRows"] ?? 0) of the colour that comes back,"
    }
  }
}
