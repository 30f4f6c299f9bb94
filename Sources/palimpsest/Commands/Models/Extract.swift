import ArgumentParser
import Pipelines

/// `palimpsest extract`: images through a model, activations into a feature store.
struct Extract: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put images through a model and its activations into a feature store.",
    discussion: """
      Interrupted at any instant, the same command goes on where it stopped and \
      ends with the same features.

        palimpsest extract --model vit-base/ --images photos/ --out vit.h5
        palimpsest extract --model detr-resnet-50/ --images coco/ \\
            --annotations instances.json --region "class:stop sign" \\
            --conditions red,hue+120 --taps stages --dtype float16 --out detr.h5
        palimpsest extract --model vit-base/ --images imagenet/ --shards 50 \\
            --shard 3 --out vit.h5
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Store") var store: StoreOptions

  @Flag(help: "Make an image that cannot be read an error.")
  var strict = false

  @OptionGroup(title: "Cluster") var cluster: ClusterOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(
    help: ArgumentHelp("The feature store to write.", valueName: "store.h5"), completion: .file(extensions: ["h5"]))
  var out: String

  /// What the options ask for, on the CPU.
  func job() throws -> ExtractionJob {
    var job = ExtractionJob(model: try model.source, images: images.files(seed: store.seed), out: out)
    try store.fill(&job)
    job.shards = try cluster.work
    job.decoders = cluster.decoders
    return job
  }

  var work: StepWork {
    get throws { .extract(try job()) }
  }

  func run() throws {
    let device = try compute.prepare()
    var job = try job()
    job.device = device
    job.threads = compute.workers
    job.task = try cluster.task
    let summary = try cluster.requeueing(output) { try job.run(output.reporter) }
    try output.summarize(summary)
    if strict, let first = summary.failures.first {
      throw BadInput(
        "\(summary.failures.count) of \(summary.images) images could not be read (--strict); repair or remove them, the first "
          + "is \(first)")
    }
  }
}
