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
      the activations and the pixels the model saw. With --features the activations \
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

  @OptionGroup var source: ReconstructionSource
  @OptionGroup var options: ReconstructionOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("What train wrote for this model.", valueName: "dir"))
  var inverse: String

  @Option(name: .long, help: ArgumentHelp("The store to write.", valueName: "store.h5"))
  var out: String

  /// What the options ask for, on the CPU.
  func job() throws -> ReconstructionJob {
    var job = ReconstructionJob(try source.source, inverse: inverse, out: out)
    job.preparesAsTrained = source.preprocess == nil && source.size == nil
    options.fill(&job)
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
    let summary = try job.run(output.reporter)
    for joints in summary.joints ?? [] { output.say("\n" + joints.table) }
    try output.summarize(summary)
  }
}

extension JointSummary {
  /// For people.
  fileprivate var table: String {
    "mean squared error at each joint, \(condition); the last in a row is the module's own\n"
      + TextTable.text(
        header: ["start"] + joints,
        rows: zip(starts, means).map { start, row in [start] + row.map { $0.map(NumberText.significant) ?? "" } })
  }
}
