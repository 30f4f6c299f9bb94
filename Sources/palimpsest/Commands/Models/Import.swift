import ArgumentParser
import Formats
import Foundation
import Imaging
import Inversion
import Pipelines

/// `palimpsest import`: inverse networks that were trained with the paper's code.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take over inverse networks that were trained with the paper's code (inverse-tvm).",
    discussion: """
      Each file holds the state_dict of one module, or of several with a prefix \
      each, saved as safetensors. Which component a module inverts is found by its \
      names and shapes, or by CUT=FILE. The folder is as train writes it: inspect, \
      verify and reconstruct take it.

        palimpsest import --model detr-resnet-50/ --out detr-inverse/ \\
            --modules inv_bb.safetensors,inv_enc.safetensors,inv_dec.safetensors
        palimpsest import --model vit-base/ --out vit-inverse/ --modules \\
            embed=bb.safetensors,block.5=first.safetensors,block.11=second.safetensors
      """)

  @Option(
    help: ArgumentHelp(
      "The model that the modules invert: a folder with config.json and model.safetensors, a bare .safetensors file, or "
        + "ORG/NAME[@REVISION] of the Hub.",
      valueName: "model"), completion: .directory)
  var model: String

  @Option(help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(
    help: ArgumentHelp("Files with the modules; CUT=FILE says which one a file holds.", valueName: "file,…"),
    completion: .file(extensions: ["safetensors"]))
  var modules: [String]

  @Option(help: "How the modules' images became inputs; paper stretches them, as the paper's code does.")
  var preprocess = Preprocessing.Profile.paper

  @Option(help: ArgumentHelp("Another input size, such as 640x480.", valueName: "WxH"))
  var size: String?

  @Option(help: ArgumentHelp("The folder for plan and weights.", valueName: "dir"), completion: .directory)
  var out: String

  @OptionGroup(title: "Output") var output: OutputOptions

  /// What was taken over, for --json.
  private struct Result: Encodable {
    let out: String
    let profile: InverseProfile
    let modules: [ReferenceImport.Origin]
  }

  func run() throws {
    let source = try ModelSource(
      model, architecture: architecture, profile: preprocess, size: Preprocessing.InputSize(option: size))
    let (plan, origins) = try ImportJob(model: source, modules: ImportJob.sources(modules), out: out).run(
      output.reporter)
    output.say("\(plan.model) (\(plan.family)) at \(plan.width)×\(plan.height), profile \(plan.profile.rawValue)")
    output.say("")
    let table = ImportInspection.table(origins)
    output.say(TextTable.text(header: table.header, rows: table.rows))
    output.say("\(out): \(origins.count) modules; reconstruct takes its preprocessing and size from there")
    try output.summarize(Result(out: out, profile: plan.profile, modules: origins))
  }
}
