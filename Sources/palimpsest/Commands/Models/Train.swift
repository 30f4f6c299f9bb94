import ArgumentParser
import Formats
import Inversion
import Pipelines

/// `palimpsest train`: inverse networks of a frozen model.
struct Train: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train inverse networks that reconstruct images from activations.",
    discussion: """
      One inverse for each component of the model, all from one forward pass, or \
      with --mode end-to-end a chain for each depth. Interrupted at any instant, \
      the same command goes on and ends with the same weights. What the training \
      cost is in efficiency.csv, how well the images come back in curves.csv.

        palimpsest train --model vit-base/ --images photos/ --out vit-inverse/
        palimpsest train --model vit-base/ --features vit.h5 --epochs 30 \\
            --schedule cosine --modules embed,block.3,block.11 --out finer/
        palimpsest train --model vit-base/ --images photos/ --inverse ridge \\
            --out vit-ridge/
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(
    help: ArgumentHelp("The folder for plan, history, state and weights.", valueName: "dir"), completion: .directory)
  var out: String

  /// What was done, for --json.
  private struct Result: Encodable {
    let out: String
    let mode: TrainingMode
    let inverse: InverseKind
    let modules: [TrainingSummary.Module]
    let steps: Int
    let seconds: Double
    let unreadableImages: [String]
    let peakResidentBytes: Int
  }

  /// What the options ask for, on the CPU.
  func job() throws -> TrainingJob { try training.job(model.source, out: out) }

  var work: StepWork {
    get throws { .train(try job()) }
  }

  func run() throws {
    let device = try compute.prepare()
    var job = try job()
    job.device = device
    let result = try job.run(output.reporter)
    say(result)
    try output.summarize(
      Result(
        out: out, mode: result.plan.mode, inverse: result.plan.inverse, modules: result.summary.modules,
        steps: result.summary.steps, seconds: result.summary.seconds, unreadableImages: result.unreadableImages,
        peakResidentBytes: Host.peakResidentBytes))
  }

  private func say(_ result: TrainingResult) {
    for note in result.notes { output.say("\(note.module): \(note.text)") }
    output.say("")
    output.say(result.overview)
    output.say(
      "\(out): best and last weights of every module, history.csv, curves.csv, efficiency.csv; "
        + "\(NumberText.fixed(result.summary.seconds, 1)) s in all")
  }
}
