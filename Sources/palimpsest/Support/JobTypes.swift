import Pipelines

// What almost every command uses of the jobs' library, so that not every file has to import it.

typealias BadInput = Pipelines.BadInput
typealias WorkFailed = Pipelines.WorkFailed
typealias Interrupted = Pipelines.Interrupted
typealias Host = Pipelines.Host
typealias FileHash = Pipelines.FileHash
typealias OutputPath = Pipelines.OutputPath
typealias Scratch = Pipelines.Scratch
typealias Version = Pipelines.Version
typealias RunRecord = Pipelines.RunRecord
