import Activations
import Formats

/// Which of the tasks of a job this process is, as the launcher that started it says in the environment.
public struct LaunchedTask: Sendable, Equatable {
  /// A place among processes that were started together.
  struct Rank: Sendable, Equatable {
    let index: Int
    /// How many they are; nil where the launcher does not tell.
    let count: Int?
    /// As in `SLURM_PROCID 1 of 4`.
    let text: String
  }

  /// A task of an array, which is started for itself.
  struct ArrayTask: Sendable, Equatable {
    let number: Int
    /// nil where the launcher tells no more than the number.
    let array: TaskArray?
    /// Whether the array leaves numbers out, so that the places of its tasks cannot be told.
    let hasGaps: Bool
    let text: String
  }

  let arrayTask: ArrayTask?
  let rank: Rank?
  /// What all tasks of the job have in common, such as `SLURM job 4711`; nil where the launcher names none.
  let job: String?

  /// Reads the environment of a process; nil where no launcher left its variables there.
  ///
  /// - Throws: ``BadInput`` that names a variable that holds no number.
  public init?(_ environment: [String: String]) throws {
    let variables = LaunchVariables(environment)
    let array = try variables.arrayTask()
    var rank = try variables.rank()
    // Ranks of torchrun lie within the task of an array; one that was set by hand is the place among all.
    if array != nil, rank?.text.hasPrefix("RANK") == true, environment["TORCHELASTIC_RUN_ID"] == nil {
      arrayTask = nil
    } else {
      arrayTask = array
      if array != nil, rank?.count == 1 { rank = nil }
    }
    self.rank = rank
    job = variables.job
    guard arrayTask != nil || rank != nil else { return nil }
  }

  /// As in `SLURM_ARRAY_TASK_ID 7 of an array of 50 from 1, SLURM_PROCID 1 of 4`.
  public var text: String { [arrayTask?.text, rank?.text].compactMap { $0 }.joined(separator: ", ") }

  /// The same with the job, so that two tasks of one job have different texts and other jobs too.
  public var record: String { (job.map { "\($0): " } ?? "") + text }

  /// Which shards of a store are this task's: where there are fewer tasks than shards, every n-th of n tasks.
  ///
  /// - Parameters:
  ///   - shards: how many the store has.
  ///   - known: the array that was started for the store before. A part of it that is started again has its places in that one.
  /// - Throws: ``BadInput`` where the environment does not say enough.
  public func shards(of shards: Int, known: TaskArray? = nil) throws -> [Int] {
    var place = 0
    var tasks: Int? = 1
    if let arrayTask { (place, tasks) = try LaunchedTask.place(arrayTask, shards: shards, known: known) }
    if let rank {
      if let count = rank.count {
        guard rank.index < count else { throw BadInput("--shard auto: \(text): there is no such task") }
        place = place * count + rank.index
        tasks = tasks.map { $0 * count }
      } else {
        guard arrayTask == nil else {
          throw BadInput(
            "--shard auto: \(text) does not say how many processes a task of the array has; give --shard I")
        }
        (place, tasks) = (rank.index, nil)
      }
    }
    guard let tasks else { return place < shards ? [place] : [] }
    return Array(stride(from: place, to: shards, by: max(1, tasks)))
  }

  private static func place(_ task: ArrayTask, shards: Int, known: TaskArray?) throws -> (place: Int, tasks: Int?) {
    if let known, known.count > task.array?.count ?? 0 || task.hasGaps, let place = known.place(of: task.number) {
      return (place, known.count)
    }
    guard let array = task.array, !task.hasGaps, let place = array.place(of: task.number) else {
      guard (0..<shards).contains(task.number) else {
        throw BadInput(
          "--shard auto: \(task.text) does not say which of the \(shards) shards is meant; start an array without gaps, or "
            + "give --shard I")
      }
      return (task.number, nil)
    }
    return (place, array.count)
  }

  /// The array that was started, to be written down beside the shards; nil where it was none, or has gaps.
  public var array: TaskArray? { arrayTask.flatMap { $0.hasGaps ? nil : $0.array } }

  /// Whether the launcher started the same command several times at once: ranks share their command line, tasks of an array need not.
  public var isOneOfManyRanks: Bool { (rank?.count ?? 2) > 1 && rank != nil }
  /// Whether the job has several tasks.
  public var isOneOfMany: Bool { isOneOfManyRanks || (arrayTask.map { ($0.array?.count ?? 2) > 1 } ?? false) }

  /// Whether a path names this rank, as `part-3.h5` does: then every rank has a file of its own.
  public func isNamed(in path: String) -> Bool {
    guard let rank else { return false }
    return path.split(whereSeparator: { !$0.isNumber }).contains { Int($0) == rank.index }
  }
}
