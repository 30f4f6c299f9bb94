import ArgumentParser
import Backbones
import Foundation
import Imaging
import Inversion

/// `palimpsest import`: inverse networks that were trained with the paper's code.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take over inverse networks that were trained with the paper's code (inverse-tvm).",
    discussion: """
      Each file holds the state_dict of one module, or of several with a prefix \
      each, saved as safetensors. Which component a module inverts is told by its \
      names and shapes, or by CUT=FILE. The folder is as train writes it: inspect, \
      verify and reconstruct take it.

        palimpsest import --model detr-resnet-50/ --out detr-inverse/ \\
            --modules inv_bb.safetensors,inv_enc.safetensors,inv_dec.safetensors
        palimpsest import --model vit-base/ --out vit-inverse/ --modules \\
            embed=bb.safetensors,block.5=first.safetensors,block.11=second.safetensors
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The model that the modules invert: a folder with config.json and model.safetensors, or a bare .safetensors file.",
      valueName: "model"))
  var model: String

  @Option(name: .long, help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Files with the modules; CUT=FILE says which one a file holds.", valueName: "file,…"))
  var modules: [String]

  @Option(
    name: .long, help: "How the modules' images became inputs: paper (stretched, as the paper's code does) or native.")
  var preprocess = "paper"

  @Option(name: .long, help: ArgumentHelp("Another input size, such as 640x480.", valueName: "WxH"))
  var size: String?

  @Option(name: .long, help: ArgumentHelp("The folder for plan and weights.", valueName: "dir"))
  var out: String

  @OptionGroup var output: OutputOptions

  /// What was taken over, for --json.
  private struct Result: Encodable {
    let out: String
    let profile: InverseProfile
    let modules: [ReferenceImport.Origin]
  }

  func run() throws {
    let files = try sources()
    try OutputPath.makeFolder(out)
    var options = try ModelOptions.parse(["--model", model])
    options.architecture = architecture
    options.preprocess = preprocess
    options.size = size
    let loaded = try options.load(device: .cpu, seed: 0)
    let preprocessing = try options.preprocessing(of: loaded)
    guard let input = preprocessing.inputSize else {
      throw BadInput("--size \(size ?? "native") gives images no common size, which the modules need; give --size WxH")
    }
    _ = try loaded.backbone.taps(height: input.height, width: input.width)
    let reference = try ReferenceImport(files, for: loaded.backbone)
    var plan = TrainingPlan(
      importing: reference.chain, model: loaded.name, family: loaded.backbone.family.rawValue,
      checkpointSHA256: loaded.checkpointSHA256, preprocessing: try ModelOptions.text(of: preprocessing),
      scale: PixelScale(
        rescaleFactor: preprocessing.rescaleFactor, mean: preprocessing.mean, deviation: preprocessing.std),
      height: input.height, width: input.width)
    plan.architecture = BackboneArchitecture(of: loaded.backbone)
    try InverseFolder(URL(fileURLWithPath: out)).save(reference, plan: plan)
    report(reference, plan)
    try output.summarize(Result(out: out, profile: reference.chain.profile, modules: reference.origins))
  }

  /// The files, with the cut before `=` where no file is called so as a whole.
  private func sources() throws -> [ReferenceImport.Source] {
    let parts = modules.flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) }
    return try parts.map { part in
      if FileManager.default.fileExists(atPath: part) { return ReferenceImport.Source(URL(fileURLWithPath: part)) }
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, FileManager.default.fileExists(atPath: pair[1]) else {
        throw BadInput("--modules \(part): no such file; check the path")
      }
      return ReferenceImport.Source(URL(fileURLWithPath: pair[1]), cut: pair[0])
    }
  }

  private func report(_ reference: ReferenceImport, _ plan: TrainingPlan) {
    output.say("\(plan.model) (\(plan.family)) at \(plan.width)×\(plan.height), profile \(plan.profile.rawValue)")
    output.say("")
    output.say(Import.table(reference.origins))
    output.say("\(out): \(reference.origins.count) modules; reconstruct takes the same --preprocess and --size")
  }

  /// Where each module came from.
  static func table(_ origins: [ReferenceImport.Origin]) -> String {
    Table.text(
      header: ["module", "leads to", "parameters", "class", "file"],
      rows: origins.map { origin in
        let place = origin.prefix.isEmpty ? origin.file : "\(origin.file) (\(origin.prefix))"
        return [origin.module, origin.target, "\(origin.parameters)", origin.referenceClass, place]
      })
  }
}
