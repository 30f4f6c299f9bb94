import ArgumentParser
import Formats
import Imaging
import Pipelines
import Results

/// `palimpsest index`: a folder of images as a list.
struct IndexImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "List a folder of images once, so that later commands need not.",
    discussion: """
      Writes a CSV with a row an image: path, bytes, height, width, label, sha256 \
      (and folder, where the paths begin). Every --images takes it in place of the \
      folder: nothing is listed, asked for its size or hashed at the start then, and \
      a file that has become another is noticed when it is read. Interrupted, the \
      same command goes on. A CSV of your own that has the column path is taken too.

        palimpsest index imagenet/val --labels folder --out val.csv
        palimpsest extract --model vit-base/ --images val.csv --out vit.h5
      """)

  @Argument(help: ArgumentHelp("A folder of pictures.", valueName: "dir"))
  var folder: String

  @Option(help: ArgumentHelp("The list to write (.csv).", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "Fills the column label: from a CSV with the columns path,label, or folder: the first folder of an image's path.",
      valueName: "file|folder"))
  var labels: String?

  @Flag(inversion: .prefixedNo, help: "Take the SHA-256 of every file; without it only headers are read.")
  var hash = true

  @Option(help: "How many files are read at once (default: every core).")
  var threads: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws { try CountOptions.require("--threads", threads, in: CountRange.threads) }

  func run() throws {
    var job = IndexJob(folder, out: out)
    job.labels = labels.map(LabelSource.init)
    job.hashes = hash
    if let threads { job.threads = threads }
    let summary = try job.run(output.reporter)
    output.say(
      "\(out): \(summary.images) images, \(NumberText.bytes(summary.bytes)), in \(NumberText.duration(summary.seconds))"
    )
    try output.summarize(summary)
  }
}
