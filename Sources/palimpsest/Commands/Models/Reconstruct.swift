import ArgumentParser
import Formats
import Pipelines

/// `palimpsest reconstruct`: images back from every depth.
struct Reconstruct: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reconstruct images from the activations of every cut.",
    discussion: """
      Each image goes through the model; from each cut that train made, the chain of \
      inverses reconstructs pixels from its activations, which the store keeps beside \
      the activations and the pixels the model saw. Size and preprocessing are those \
      of the training: they need not be given again. With --features the activations \
      come from a store, also one of your own, and the model is not needed; \
      --conditions then picks from the conditions of that store. \
      Interrupted at any instant, the same command goes on where it stopped.

        palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\
            --images photos/ --out vit-back.h5
        palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\
            --images photos/ --conditions red,gray --out vit-colors.h5
        palimpsest reconstruct --features vit.h5 --inverse vit-inverse/ \\
            --intermediate --teacher-forced --out vit-inside.h5
      """)

  @OptionGroup(title: "Model and images") var source: ReconstructionSource
  @OptionGroup(title: "Reconstruction") var options: ReconstructionOptions
  @OptionGroup(title: "Cluster") var cluster: ClusterOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(help: ArgumentHelp("What train wrote for this model.", valueName: "dir"), completion: .directory)
  var inverse: String

  @Option(help: ArgumentHelp("The store to write.", valueName: "store.h5"), completion: .file(extensions: ["h5"]))
  var out: String

  /// What the options ask for, on the CPU.
  func job() throws -> ReconstructionJob {
    var job = ReconstructionJob(try source.source, inverse: inverse, out: out)
    options.fill(&job)
    job.givesProfile = source.preprocess != nil
    job.shards = try cluster.work
    job.decoders = cluster.decoders
    return job
  }

  var work: StepWork {
    get throws { .reconstruct(try job()) }
  }

  func run() throws {
    let device = try compute.prepare()
    var job = try job()
    job.device = device
    job.threads = compute.workers
    job.task = try cluster.task
    let summary = try cluster.requeueing(output) { try job.run(output.reporter) }
    for joints in summary.joints ?? [] { output.say("\n" + joints.table) }
    try output.summarize(summary)
  }
}
