import ArgumentParser
import Pipelines

/// `palimpsest merge`: one file of a store's shards.
struct Merge: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make one file of a store that was made in shards.",
    discussion: """
      Every command reads the folder itself; this is for h5py and other programs. \
      The file is a view: virtual datasets that show the rows of the shards, by \
      relative names. With --copy it holds all rows, as if one process had made it.

        palimpsest merge vit.h5.shards/ --out vit.h5
        palimpsest merge vit.h5.shards/ --out vit.h5 --copy
      """)

  @Argument(help: ArgumentHelp("The folder of the shards.", valueName: "store.h5.shards"))
  var shards: String

  @Option(help: ArgumentHelp("The file to write.", valueName: "store.h5"))
  var out: String

  @Flag(help: "Copy all rows.")
  var copy = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.summarize(try MergeJob(shards, out: out, copies: copy).run(output.reporter))
  }
}
