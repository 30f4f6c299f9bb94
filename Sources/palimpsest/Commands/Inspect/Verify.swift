import ArgumentParser
import Pipelines
import Results

/// `palimpsest verify`: is a file whole, and does it hold what it says.
struct Verify: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check whether a store, a checkpoint or a bundle is whole and holds what it says.",
    discussion: """
      Of a store every row is read and compared with its checksum; of a checkpoint \
      the header is checked against the file; of a bundle names, kinds and sizes \
      are looked at before anything is unpacked, then every file is compared with \
      its SHA-256.

        palimpsest verify vit.h5
        palimpsest verify mine.zip
      """)

  @Argument(
    help: "A feature store (.h5), a checkpoint (.safetensors) or its folder or name in the Hub, a bundle (.zip).",
    completion: .file())
  var file: String

  @Option(help: "How many threads check the rows of a store (default: every core).")
  var threads: Int?

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws { try CountOptions.require("--threads", threads, in: CountRange.threads) }

  func run() throws {
    let reporter = output.reporter
    let found = try Verification.verify(
      ModelSource(file).localPath(reporter), threads: threads ?? Host.cores, reporter)
    for remark in found.remarks { reporter.say(remark) }
    // The conclusion tells the first itself.
    let problems = found.listsProblems ? found.problems.filter { !found.conclusion.contains($0) } : []
    for problem in problems.prefix(20) { reporter.note("  \(problem)") }
    if problems.count > 20 { reporter.note("  … and \(problems.count - 20) more") }
    try output.summarize(found)
    guard found.passes else { throw WorkFailed("\(file): \(found.conclusion)") }
    reporter.say("\(file): \(found.conclusion)")
  }
}
