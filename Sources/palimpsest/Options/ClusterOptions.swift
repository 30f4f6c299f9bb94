import ArgumentParser
import Foundation
import Pipelines
import Results
import Terminal

extension ShardChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// How a store is made by several processes, and what a process does whose time is up.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Make the store in n files in the folder STORE.h5.shards, which is read as one store (docs/cluster.md).",
      valueName: "n"))
  var shards: Int?

  @Option(
    help: ArgumentHelp(
      "With --shards: which of them this process makes, from 0; auto: as torchrun, Slurm or MPI say (default).",
      valueName: "i|auto"))
  var shard: ShardChoice?

  @Option(
    help: ArgumentHelp(
      "Under Slurm: at SIGTERM, SIGUSR1 or SIGUSR2 put the job into its queue again, at most n times.", valueName: "n"))
  var requeue: Int?

  @Option(
    help: ArgumentHelp("How many threads decode images (default: half of --threads, at least 2).", valueName: "n"))
  var decoders: Int?

  func validate() throws {
    try CountOptions.require("--decoders", decoders, in: CountRange.threads)
    try CountOptions.require("--requeue", requeue, in: CountRange.steps)
    if shards == nil, shard != nil { throw ValidationError("--shard goes with --shards N; give both") }
  }

  /// The shards to make; nil where the store is one file.
  var work: ShardWork? {
    get throws { try shards.map { try ShardWork(count: $0, choice: shard ?? .automatic) } }
  }

  /// Which task of a job this process is.
  var task: LaunchedTask? {
    get throws { try LaunchedTask(ProcessInfo.processInfo.environment) }
  }

  /// Does the work, and has Slurm start the job again where a signal ended it before it was done.
  func requeueing<Value>(_ output: OutputOptions, _ work: () throws -> Value) throws -> Value {
    do { return try work() } catch let error as Interrupted where Interruption.endsSoon {
      if let requeue {
        output.note(SlurmRequeue(most: requeue, environment: ProcessInfo.processInfo.environment).request())
      }
      throw error
    }
  }
}
