import ArgumentParser
import Pipelines

/// `palimpsest setup`: libtorch, with which everything computes.
struct Setup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Get libtorch, with which everything computes, without root.",
    discussion: """
      The program comes without libtorch, which is 480 MB for the CPU and 5 GB \
      for CUDA. This gets it from PyTorch's wheels with Python's pip, once, into \
      ~/.local/share/palimpsest/libtorch, or into another folder. CUDA is taken \
      where the machine has NVIDIA's driver. Where PyTorch is installed already, \
      LIBTORCH=DIR takes that of its torch folder instead, of the same version.

        palimpsest setup
        palimpsest setup --cuda --to /scratch/$USER/libtorch
      """)

  @Option(
    help: ArgumentHelp("The folder for it, which is found from then on.", valueName: "dir"), completion: .directory)
  var to: String?
  @Flag(help: "For the CPU alone.") var cpu = false
  @Flag(help: "For NVIDIA's GPUs too.") var cuda = false
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if cpu, cuda { throw ValidationError("--cpu and --cuda exclude each other: with CUDA the CPU is there too") }
  }

  func run() throws {
    let summary = try SetupJob(folder: to, kind: cpu ? .cpu : cuda ? .cuda : nil).run(output.reporter)
    output.say("libtorch \(summary.version) (\(summary.kind)) is in \(summary.folder)")
    try output.summarize(summary)
  }
}
