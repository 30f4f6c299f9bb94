import ArgumentParser
import Formats
import Pipelines
import Results
import Scenes

/// `palimpsest scenes`: images in which everything is known.
struct Scenes: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw images with COCO annotations, in which classes, colours, places and masks are known.",
    discussion: """
      Same seed and size, same bytes; a larger --count continues a folder. Written \
      are images/, annotations.json (COCO instances), labels.csv (the dominant \
      object), splits.csv and classes.json.

        palimpsest scenes --count 1000 --seed 7 --out scenes/
        palimpsest extract --model vit/ --images scenes/images --out vit.h5 \\
            --annotations scenes/annotations.json --region objects --conditions red
      """)

  @Option(help: "How many images.")
  var count: Int

  @Option(help: "Random seed.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Width and height in pixels.", valueName: "WxH"))
  var size = "256x256"

  @Option(help: "How often an object is shown in the surrounding of its class, 0 to 1.")
  var context = 0.8

  @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"), completion: .directory)
  var out: String

  @Option(help: "How many threads draw (default: every core).")
  var threads: Int?

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws { try CountOptions.require("--threads", threads, in: CountRange.threads) }

  private var job: SceneJob {
    get throws {
      let size = try ImageSize(option: size)
      var job = SceneJob(
        count: count, seed: seed, width: size.width, height: size.height, contextProbability: context, out: out)
      job.threads = threads
      return job
    }
  }

  var work: StepWork {
    get throws { .draw(try job) }
  }

  func run() throws {
    let summary = try job.run(output.reporter)
    output.say(
      "\(out): \(summary.images) images with \(summary.objects) objects, \(NumberText.bytes(summary.bytes))"
        + (summary.drawn < summary.images ? " (\(summary.drawn) of them new)" : ""))
    try output.summarize(summary)
  }
}
