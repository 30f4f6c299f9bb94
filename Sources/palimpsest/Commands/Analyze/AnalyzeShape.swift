import Analysis
import ArgumentParser
import Pipelines
import Results

extension ShapeAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeShape.self }
  package static var benchmark: (any ParsableCommand.Type)? { BenchShape.self }
}

/// `palimpsest analyze shape`: what of the structure of objects comes back.
struct AnalyzeShape: ParsableCommand {
  static let configuration = AnalysisDefinition.shape.configuration(
    discussion: """
      Takes stores of palimpsest reconstruct, and any store of the schema with \
      /inputs and /reconstructions, and COCO annotations of the same images. Writes \
      shape.csv (by region, size and class of the objects), shape_images.csv (every \
      image's values) and provenance.json. docs/definitions.md says what every \
      number means.

        palimpsest analyze shape vit-back.h5 --annotations coco.json --out results/
      """)

  @OptionGroup(title: "Files") var files: AnalysisFiles
  @OptionGroup(title: "Objects") var objects: ObjectOptions
  @OptionGroup(title: "What is measured") var measure: MeasureOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    _ = try compute.prepare()
    var settings = Shape.Settings()
    measure.fill(&settings.selection, threads: compute.workers)
    try output.run(ShapeJob(files.folder(annotations: objects.annotations), settings: settings))
  }
}
