import Activations

/// The variables that launchers set, and how they are read. The one list of them; `docs/cluster.md` shows it.
struct LaunchVariables {
  /// Variables that say a place among processes started together, and how many they are; the first that is set counts. `SLURM_PROCID`
  /// stands before those of MPI, which `srun` sets too.
  static let ranks: [(index: String, counts: [String])] = [
    ("RANK", ["WORLD_SIZE"]),
    ("SLURM_PROCID", ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"]),
    ("OMPI_COMM_WORLD_RANK", ["OMPI_COMM_WORLD_SIZE"]),
    ("MV2_COMM_WORLD_RANK", ["MV2_COMM_WORLD_SIZE"]),
    ("PMI_RANK", ["PMI_SIZE"]),
    ("PMIX_RANK", []),
    ("PALS_RANKID", []),
    ("FLUX_TASK_RANK", ["FLUX_JOB_SIZE"]),
  ]

  /// Variables that say the number of a task of an array.
  static let arrays: [(number: String, first: String?, last: String?, step: String?, count: String?)] = [
    (
      "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP",
      "SLURM_ARRAY_TASK_COUNT"
    ),
    ("SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", nil),
    ("PBS_ARRAY_INDEX", nil, nil, nil, nil),
    ("PBS_ARRAYID", nil, nil, nil, nil),
    ("LSB_JOBINDEX", nil, "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP", nil),
    ("JOB_COMPLETION_INDEX", nil, nil, nil, nil),
  ]

  /// Variables that name the job.
  private static let jobs: [(variable: String, name: String)] = [
    ("SLURM_ARRAY_JOB_ID", "Slurm job"), ("SLURM_JOB_ID", "Slurm job"), ("TORCHELASTIC_RUN_ID", "torchrun"),
    ("LSB_JOBID", "LSF job"), ("PBS_JOBID", "PBS job"), ("JOB_ID", "SGE job"), ("FLUX_JOB_ID", "Flux job"),
  ]

  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// A number; nil where the variable is not set, empty, or `undefined`, as SGE has it of a job that is no array.
  private func number(_ name: String?) throws -> Int? {
    guard let name, let text = environment[name], !text.isEmpty, text != "undefined" else { return nil }
    guard let number = Int(text), number >= 0, number <= 1 << 31 else {
      throw BadInput("the environment variable \(name) is '\(text)', expected a number; unset it, or give --shard I")
    }
    return number
  }

  func rank() throws -> LaunchedTask.Rank? {
    for (name, counts) in LaunchVariables.ranks {
      guard let index = try number(name) else { continue }
      // The shell of sbatch is one process, whatever the number of tasks that srun would start.
      if name == "SLURM_PROCID", index == 0, environment["SLURM_JOB_ID"] != nil, environment["SLURM_STEP_ID"] == nil {
        return nil
      }
      let count = try counts.lazy.compactMap { try number($0) }.first { _ in true }
      return LaunchedTask.Rank(index: index, count: count, text: "\(name) \(index)" + (count.map { " of \($0)" } ?? ""))
    }
    return nil
  }

  func arrayTask() throws -> LaunchedTask.ArrayTask? {
    for names in LaunchVariables.arrays {
      guard let number = try number(names.number) else { continue }
      // LSF counts from 1, and has 0 of a job that is no array.
      if names.number == "LSB_JOBINDEX", number == 0 { continue }
      let first = try self.number(names.first) ?? (names.number == "LSB_JOBINDEX" ? 1 : nil)
      let last = try self.number(names.last)
      let step = max(1, try self.number(names.step) ?? 1)
      let count = try self.number(names.count)
      guard let first, let last, last >= first else {
        return LaunchedTask.ArrayTask(number: number, array: nil, hasGaps: false, text: "\(names.number) \(number)")
      }
      let regular = (last - first) / step + 1
      let tasks = count ?? regular
      let hasGaps = tasks != regular || (number - first) % step != 0
      return LaunchedTask.ArrayTask(
        number: number, array: TaskArray(first: first, step: step, count: tasks), hasGaps: hasGaps,
        text: "\(names.number) \(number) of an array of \(tasks) from \(first)\(step > 1 ? " in steps of \(step)" : "")"
          + (hasGaps ? " with gaps" : ""))
    }
    return nil
  }

  var job: String? {
    for (variable, name) in LaunchVariables.jobs {
      if let value = environment[variable], !value.isEmpty, value != "none" { return "\(name) \(value)" }
    }
    return nil
  }
}
