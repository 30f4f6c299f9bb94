import Analysis
import ArgumentParser
import Pipelines
import Results
import Terminal

extension QualityAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeQuality.self }
  package static var benchmark: (any ParsableCommand.Type)? { BenchQuality.self }
}

/// `palimpsest analyze quality`: how much of each image its reconstructions show.
struct AnalyzeQuality: ParsableCommand {
  private static let definition = AnalysisDefinition.quality

  static let configuration = definition.configuration(
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

  @OptionGroup(title: "Files") var files: AnalysisFiles

  @Option(help: definition.help("metrics", valueName: "list"))
  var metrics = CommaSeparatedList<Quality.Metric>.all

  @Option(
    help: ArgumentHelp(
      "The model of a store, which looks at its reconstructions; once for each store's model.", valueName: "model"),
    completion: .directory)
  var model: [String] = []

  @Option(help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(
    help: definition.help("lpips", valueName: "file", more: "With AlexNet, VGG16 or both."),
    completion: .file())
  var lpips: String?

  @Option(
    help: "Inverses that made a store: where errors lie at the joints of their chains (joints.csv).",
    completion: .directory)
  var joints: [String] = []

  @Option(help: definition.help("confidence", valueName: "probability"))
  var confidence = Detection.defaultConfidence

  @Option(help: definition.help("interval"))
  var interval = IntervalMethod.hall

  @Option(help: definition.help("permutations", valueName: "n"))
  var permutations = 9999

  @Option(help: definition.help("correction"))
  var correction = MultipleComparisons.holm

  @OptionGroup(title: "What is measured") var measure: MeasureOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try CountOptions.require([("permutations", permutations)], of: Self.definition.options)
    guard !metrics.isAll, lpips == nil, let wanted = metrics.chosen.first(where: { $0.origin == .network }) else {
      return
    }
    throw ValidationError(
      "--metrics: '\(wanted.rawValue)' needs the weights of a network; give them with --lpips FILE, which "
        + "scripts/lpips_weights.py --out FILE writes")
  }

  func run() throws {
    let device = try compute.prepare()
    var settings = Quality.Settings()
    measure.fill(&settings.selection, threads: compute.workers)
    settings.metrics = metrics.chosen
    settings.confidence = confidence
    settings.interval = interval
    settings.correction = correction
    settings.permutations = permutations
    var job = QualityJob(files.folder(), settings: settings)
    job.models = model
    job.architecture = architecture
    job.lpips = lpips
    job.joints = joints
    job.device = device
    try output.run(job)
  }
}
