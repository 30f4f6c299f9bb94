import Activations
import ArgumentParser
import Backbones
import Foundation
import Imaging
import Torch

/// `palimpsest extract`: images through a model, activations into a feature store.
struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put images through a model and its activations into a feature store.",
    discussion: """
      Interrupted at any instant, the same command goes on where it stopped and \
      ends with the same features.

        palimpsest extract --model vit-base/ --images photos/ --out vit.h5
        palimpsest extract --model detr-resnet-50/ --images coco/ \\
            --annotations instances.json --region "class:stop sign" \\
            --conditions red,hue+120 --taps stages --dtype float16 --out detr.h5
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var images: ImageOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("The feature store to write.", valueName: "store.h5"))
  var out: String

  func run() throws {
    let device = try compute.prepare()
    let request = ExtractionRequest(
      model: model, images: images, store: store, device: device, out: out, command: CommandLine.arguments)
    let setup = try request.settle()
    let result = try ExtractionRunner(setup: setup, out: out, output: output, recheck: store.recheck).run()
    try output.summarize(result)
    if store.strict, let first = result.failures.first {
      throw BadInput(
        "\(result.failures.count) of \(result.images) images could not be read (--strict); mend or remove them, the first is \(first)"
      )
    }
  }
}

/// What the store keeps and how.
struct StoreOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("all, stages, or names separated by commas.", valueName: "taps"))
  var taps = "all"

  @Option(name: .long, help: "all, mean (of the tokens that are no prefix tokens) or prefix (class and distillation).")
  var tokens = "all"

  @Option(name: .long, help: "float32 or float16.")
  var dtype = "float32"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Colour conditions beside original, separated by commas: red, green, blue, hue+DEG, gray, saturation*F, "
        + "brightness*F, permute-gbr and the other orders.", valueName: "list"))
  var conditions: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where conditions act: objects or class:NAME of the annotations.", valueName: "region"))
  var region: String?

  @Option(name: .long, help: "none, deflate or deflate:LEVEL (shuffle and deflate, which every HDF5 reads).")
  var compression = "none"

  @Option(name: .long, help: "How many images go through the model at once.")
  var batchSize = 8

  @Option(name: .long, help: "Recorded in the store; draws the weights of --control random-weights.")
  var seed = 0

  @Flag(name: .long, help: "Make an image that cannot be read an error.")
  var strict = false

  @Flag(name: .long, help: "Of a store that exists, check every row again and redo what does not fit its checksum.")
  var recheck = false

  func validate() throws {
    if batchSize < 1 || batchSize > 65_536 {
      throw ValidationError("--batch-size is \(batchSize); give 1 to 65536")
    }
  }

  var precision: StorePrecision {
    get throws {
      guard let precision = StorePrecision(rawValue: dtype) else {
        throw BadInput("--dtype is '\(dtype)'; give float32 or float16")
      }
      return precision
    }
  }

  var tokenSelection: TokenSelection {
    get throws {
      guard let selection = TokenSelection(rawValue: tokens) else {
        throw BadInput("--tokens is '\(tokens)'; give all, mean or prefix")
      }
      return selection
    }
  }

  var storeCompression: StoreCompression {
    get throws {
      switch compression {
      case "none": return .none
      case "deflate": return .deflate(level: 4)
      default:
        guard compression.hasPrefix("deflate:"), let level = Int(compression.dropFirst("deflate:".count)),
          (1...9).contains(level)
        else { throw BadInput("--compression is '\(compression)'; give none, deflate, or deflate:1 to deflate:9") }
        return .deflate(level: level)
      }
    }
  }

  /// `original` and what was asked for, each once.
  var colorConditions: [ColorCondition] {
    get throws {
      var all = [ColorCondition.original]
      for name in (conditions ?? "").split(separator: ",") {
        let condition = try ColorCondition(parsing: name.trimmingCharacters(in: .whitespaces))
        if !all.contains(condition) { all.append(condition) }
      }
      return all
    }
  }
}
