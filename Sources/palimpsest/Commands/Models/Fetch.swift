import ArgumentParser
import Pipelines

/// `palimpsest fetch`: models and data sets of the Hub into its cache.
struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch models or data sets from the Hugging Face Hub into its cache.",
    discussion: """
      --model ORG/NAME fetches what is missing by itself; this is for machines \
      without a network: fetch where there is one, then work with \
      HF_HUB_OFFLINE=1. The cache is that of Python's huggingface_hub, and both \
      read what the other wrote. Of a model only config.json, the preprocessing \
      and safetensors weights come. Interrupted, the same command goes on where \
      it stopped. docs/hub.md has the rest: cache, gated models, tokens, mirrors.

        palimpsest fetch facebook/detr-resnet-50 google/vit-base-patch16-224
        palimpsest fetch timm/vit_base_patch16_224.augreg_in21k@main
        palimpsest fetch --dataset ORG/NAME --only "validation/*"
      """)

  @Argument(help: ArgumentHelp("Models, or data sets with --dataset.", valueName: "org/name[@revision]"))
  var names: [String]

  @Flag(help: "The names are of data sets.")
  var dataset = false

  @Option(
    help: ArgumentHelp("Only these files of a data set, as shells write them; may be repeated.", valueName: "pattern"))
  var only: [String] = []

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if !dataset, !only.isEmpty {
      throw ValidationError("--only goes with --dataset: of models, what is read is fetched")
    }
  }

  func run() throws {
    let job = try FetchJob(names, kind: dataset ? .dataset : .model, only: only)
    try output.summarize(try job.run(output.reporter))
  }
}
