import Analysis
import ArgumentParser
import Formats
import Pipelines
import Results
import Terminal

extension PrototypesAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzePrototypes.self }
  package static var benchmark: (any ParsableCommand.Type)? { BenchPrototypes.self }
}

/// `palimpsest analyze prototypes`: what the mean activation of a class says of its images.
struct AnalyzePrototypes: ParsableCommand {
  static let configuration = AnalysisDefinition.prototypes.configuration(
    discussion: """
      Takes stores with labels (extract --labels). Writes prototypes.csv, \
      prototypes_classes.csv, medoids.csv, prototypes_images.csv (every image's \
      values), for each store prototypes-NAME.h5 (the class means, a store of its \
      own, a class a row) and provenance.json. docs/definitions.md says what every \
      number means.

        palimpsest analyze prototypes vit.h5 swin.h5 --out results/
        palimpsest analyze prototypes vit.h5 --inverse vit-inverse/ --out results/

      With --inverse images are reconstructed from the class means: \
      prototypes-NAME-back.h5, and a PNG a class in prototypes-NAME/TAP/. \
      Of a detector they are also asked for pictures of one class at a place, class by \
      class and place by place: places-NAME-back.h5, a PNG each in places-NAME/, \
      places.csv and places_images.csv. With --model it is asked what it finds in them.

        palimpsest analyze prototypes detr.h5 --inverse detr-inverse/ \\
            --places 4x4 --place-size 0.25x0.4 --model detr/ --out results/

      How alike the prototypes of two models are:

        palimpsest analyze similarity results/prototypes-vit.h5 \\
            results/prototypes-swin.h5 --out alike/
      """)

  @OptionGroup(title: "Files") var files: AnalysisFiles
  @OptionGroup(title: "What is measured") var measure: OneConditionOptions
  @OptionGroup var options: PrototypesOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let device = try compute.prepare()
    var job = try options.job(files.folder(), measure.selection(threads: compute.workers))
    job.device = device
    let summary = try job.run(output.reporter)
    let pictures = summary.counts["pictures"] ?? 0
    let placed = summary.counts["placed"] ?? 0
    output.say(
      "\(files.out)/prototypes.csv: \(summary.rows) values from \(summary.images.reduce(0, +)) images"
        + (pictures > 0 ? ", \(pictures) prototypes as pictures" : "")
        + (placed > 0 ? ", \(placed) pictures of classes at places" : "")
        + " in \(NumberText.fixed(summary.seconds, 1)) s")
    try output.summarize(summary)
  }
}

/// What `analyze prototypes` computes.
struct PrototypesOptions: ParsableArguments {
  private static let definition = AnalysisDefinition.prototypes

  @Option(
    help: ArgumentHelp(
      "What train wrote for a store's model, to reconstruct images from the prototypes; once for each store's model.",
      valueName: "dir"), completion: .directory)
  var inverse: [String] = []

  @Option(
    help: ArgumentHelp(
      "A detector, which is shown its classes at places again; once for each store's model.", valueName: "model"),
    completion: .directory)
  var model: [String] = []

  @Option(help: "The architecture of a bare .safetensors file, for example detr_resnet50.")
  var architecture: String?

  @Option(help: definition.help("places", valueName: "RxC", more: "Without it 3x3."))
  var places: String?

  @Option(help: definition.help("place-size", valueName: "WxH"))
  var placeSize = "0.3x0.3"

  @Option(
    help: definition.help(
      "classes", valueName: "list", more: "By name or number; without it the ten most often found."))
  var classes: String?

  @Option(help: definition.help("permutations", valueName: "n"))
  var permutations = 100

  func validate() throws {
    try CountOptions.require([("permutations", permutations)], of: Self.definition.options)
    _ = try placeSettings
  }

  /// What is shown of a detector; nil where it is not wanted.
  var placeSettings: ClassPlaces.Settings? {
    get throws {
      guard places != "none" else { return nil }
      var settings = ClassPlaces.Settings()
      let counts = (places ?? "3x3").split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard counts.count == 2, counts.allSatisfy({ (1...32).contains($0) }) else {
        throw ValidationError(
          "--places is '\(places ?? "")'; give rows and columns from 1 to 32, such as 3x3, or none")
      }
      let sides = placeSize.split(separator: "x", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
      guard sides.count == 2, sides.allSatisfy({ $0 > 0 && $0 <= 1 }) else {
        throw ValidationError(
          "--place-size is '\(placeSize)'; give two shares of the picture above 0, at most 1, such as 0.3x0.3")
      }
      (settings.rows, settings.columns) = (counts[0], counts[1])
      (settings.width, settings.height) = (sides[0], sides[1])
      settings.classes = classes.map { NameList($0).names }
      return settings
    }
  }

  /// What the options ask for, on the CPU.
  func job(_ folder: AnalysisFolder, _ selection: MeasureSelection) throws -> PrototypeJob {
    var job = PrototypeJob(folder)
    job.settings.selection = selection
    job.settings.permutations = permutations
    job.inverses = inverse
    job.placement = try placeSettings
    job.placementOption = places != nil ? "--places" : classes != nil ? "--classes" : nil
    job.models = model
    job.architecture = architecture
    return job
  }
}
