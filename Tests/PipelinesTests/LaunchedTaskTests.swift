import Activations
import Pipelines
import Testing

/// Which shards a process makes, from the environments that launchers give: as their manuals have them, those of Slurm as
/// Slurm 22.05 gave them here.
@Suite struct LaunchedTaskTests {
  /// A launcher's environment, how many shards the store has, and those that the process makes.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let environment: [String: String]
    let shards: Int
    let expected: [Int]
    var known: TaskArray?
    var text: String?
  }

  private static func array(_ id: Int, _ first: Int, _ last: Int, count: Int, step: Int = 1) -> [String: String] {
    [
      "SLURM_JOB_ID": "\(900 + id)", "SLURM_ARRAY_JOB_ID": "900", "SLURM_ARRAY_TASK_ID": "\(id)",
      "SLURM_ARRAY_TASK_MIN": "\(first)", "SLURM_ARRAY_TASK_MAX": "\(last)", "SLURM_ARRAY_TASK_STEP": "\(step)",
      "SLURM_ARRAY_TASK_COUNT": "\(count)", "SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_LOCALID": "0",
    ]
  }

  private static func step(_ rank: Int, of count: Int) -> [String: String] {
    [
      "SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_PROCID": "\(rank)", "SLURM_NTASKS": "\(count)",
      "SLURM_STEP_NUM_TASKS": "\(count)", "SLURM_LOCALID": "\(rank)",
    ]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "torchrun --nproc-per-node 4",
      environment: ["RANK": "2", "WORLD_SIZE": "4", "LOCAL_RANK": "2", "TORCHELASTIC_RUN_ID": "none"], shards: 4,
      expected: [2], text: "RANK 2 of 4"),
    Case(
      testDescription: "torchrun, fewer processes than shards", environment: ["RANK": "1", "WORLD_SIZE": "3"],
      shards: 8,
      expected: [1, 4, 7]),
    Case(
      testDescription: "torchrun, more processes than shards", environment: ["RANK": "5", "WORLD_SIZE": "8"], shards: 4,
      expected: []),
    Case(
      testDescription: "srun --ntasks 4", environment: step(3, of: 4), shards: 4, expected: [3],
      text: "SLURM_PROCID 3 of 4"),
    Case(testDescription: "srun --ntasks 1", environment: step(0, of: 1), shards: 3, expected: [0, 1, 2]),
    Case(testDescription: "sbatch --array 0-49", environment: array(7, 0, 49, count: 50), shards: 50, expected: [7]),
    Case(
      testDescription: "sbatch --array 1-50", environment: array(50, 1, 50, count: 50), shards: 50, expected: [49],
      text: "SLURM_ARRAY_TASK_ID 50 of an array of 50 from 1"),
    Case(
      testDescription: "sbatch --array 0-90:10", environment: array(30, 0, 90, count: 10, step: 10), shards: 10,
      expected: [3]),
    Case(
      testDescription: "sbatch --array 0-9, 50 shards", environment: array(3, 0, 9, count: 10), shards: 50,
      expected: [3, 13, 23, 33, 43]),
    Case(
      testDescription: "sbatch --array 1-4 with srun --ntasks 2",
      environment: array(3, 1, 4, count: 4).merging(step(1, of: 2)) { _, new in new }, shards: 8, expected: [5]),
    Case(
      testDescription: "sbatch --array 0-1 with srun --ntasks 2, 8 shards",
      environment: array(1, 0, 1, count: 2).merging(step(0, of: 2)) { _, new in new }, shards: 8, expected: [2, 6]),
    Case(
      testDescription: "sbatch --array 3,7 after --array 0-49", environment: array(7, 3, 7, count: 2), shards: 50,
      expected: [7], known: TaskArray(first: 0, step: 1, count: 50)),
    Case(
      testDescription: "sbatch --array 4 after --array 1-50", environment: array(4, 4, 4, count: 1), shards: 50,
      expected: [3], known: TaskArray(first: 1, step: 1, count: 50)),
    Case(
      testDescription: "sbatch --array 12-16:2 after --array 0-18:2", environment: array(14, 12, 16, count: 3, step: 2),
      shards: 10, expected: [7], known: TaskArray(first: 0, step: 2, count: 10)),
    Case(
      testDescription: "sbatch --array 3,7 with nothing before", environment: array(7, 3, 7, count: 2), shards: 50,
      expected: [7]),
    Case(
      testDescription: "sbatch --array 2 after an array of 10 tasks for 50 shards",
      environment: array(2, 2, 2, count: 1),
      shards: 50, expected: [2, 12, 22, 32, 42], known: TaskArray(first: 0, step: 1, count: 10)),
    Case(
      testDescription: "torchrun within sbatch --array 0-1",
      environment: array(1, 0, 1, count: 2).merging([
        "RANK": "1", "WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "x",
      ]) { _, new in new }, shards: 4, expected: [3]),
    Case(
      testDescription: "RANK set by hand within an array",
      environment: array(1, 0, 1, count: 2).merging(["RANK": "0", "WORLD_SIZE": "2"]) { _, new in new }, shards: 4,
      expected: [0, 2]),
    Case(
      testDescription: "OpenMPI mpirun", environment: ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"],
      shards: 2,
      expected: [1]),
    Case(
      testDescription: "MPICH and Intel MPI", environment: ["PMI_RANK": "2", "PMI_SIZE": "3"], shards: 6,
      expected: [2, 5]),
    Case(
      testDescription: "MVAPICH", environment: ["MV2_COMM_WORLD_RANK": "0", "MV2_COMM_WORLD_SIZE": "2"], shards: 2,
      expected: [0]),
    Case(testDescription: "PMIx, without a size", environment: ["PMIX_RANK": "4"], shards: 6, expected: [4]),
    Case(
      testDescription: "Flux", environment: ["FLUX_TASK_RANK": "1", "FLUX_JOB_SIZE": "2"], shards: 2, expected: [1]),
    Case(
      testDescription: "Grid Engine -t 1-8",
      environment: ["SGE_TASK_ID": "8", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "8", "SGE_TASK_STEPSIZE": "1"],
      shards: 8,
      expected: [7]),
    Case(testDescription: "PBS Professional -J 0-3", environment: ["PBS_ARRAY_INDEX": "3"], shards: 4, expected: [3]),
    Case(
      testDescription: "LSF -J name[1-4]",
      environment: ["LSB_JOBINDEX": "4", "LSB_JOBINDEX_STEP": "1", "LSB_JOBINDEX_END": "4"], shards: 4, expected: [3]),
    Case(
      testDescription: "Kubernetes, an indexed job", environment: ["JOB_COMPLETION_INDEX": "2"], shards: 4,
      expected: [2]),
  ]

  @Test(arguments: cases) func everyLauncherIsUnderstood(example: Case) throws {
    let task = try #require(try LaunchedTask(example.environment))
    #expect(try task.shards(of: example.shards, known: example.known) == example.expected)
    if let text = example.text { #expect(task.text == text) }
  }

  @Test func allTasksTogetherMakeEveryShardOnce() throws {
    for (tasks, ranks, shards) in [(5, 2, 23), (50, 1, 50), (3, 4, 7), (1, 1, 4)] {
      var made: [Int] = []
      for task in 0..<tasks {
        for rank in 0..<ranks {
          let environment = LaunchedTaskTests.array(task + 1, 1, tasks, count: tasks)
            .merging(LaunchedTaskTests.step(rank, of: ranks)) { _, new in new }
          made += try #require(try LaunchedTask(environment)).shards(of: shards)
        }
      }
      #expect(made.sorted() == Array(0..<shards))
    }
  }

  @Test(arguments: [
    [:], ["SLURM_JOB_ID": "5"], ["SLURM_JOB_ID": "5", "SLURM_PROCID": "0", "SLURM_NTASKS": "8"],
    ["SGE_TASK_ID": "undefined"],
    ["LSB_JOBINDEX": "0"], ["RANK": ""],
  ]) func withoutALauncherThereIsNoTask(environment: [String: String]) throws {
    #expect(try LaunchedTask(environment) == nil)
  }

  @Test func whatCannotBeIsRefused() throws {
    let error = #expect(throws: BadInput.self) { try LaunchedTask(["RANK": "two", "WORLD_SIZE": "4"]) }
    #expect(
      error?.description == "the environment variable RANK is 'two', expected a number; unset it, or give --shard I")
    let beyond = try #require(try LaunchedTask(["RANK": "4", "WORLD_SIZE": "4"]))
    #expect(throws: BadInput.self) { try beyond.shards(of: 4) }
    let gaps = try #require(try LaunchedTask(LaunchedTaskTests.array(70, 3, 70, count: 2)))
    #expect(throws: BadInput.self) { try gaps.shards(of: 50) }
  }

  @Test func aJobIsPutIntoItsQueueAgainSoOften() {
    func decision(_ most: Int, _ environment: [String: String]) -> SlurmRequeue.Decision {
      SlurmRequeue(most: most, environment: environment).decision
    }
    #expect(decision(3, LaunchedTaskTests.array(7, 0, 9, count: 10)) == .requeue(job: "900_7"))
    #expect(decision(3, LaunchedTaskTests.step(0, of: 4)) == .requeue(job: "77"))
    #expect(decision(3, LaunchedTaskTests.step(1, of: 4)) == .leave("--requeue: left to task 0 of the job"))
    #expect(decision(3, ["SLURM_JOB_ID": "5", "SLURM_RESTART_COUNT": "2"]) == .requeue(job: "5"))
    #expect(
      decision(3, ["SLURM_JOB_ID": "5", "SLURM_RESTART_COUNT": "3"])
        == .leave("--requeue 3: the job was started again 3 times already; submit it again"))
    #expect(decision(3, [:]) != .requeue(job: ""))
  }

  @Test func coresAreThoseThatAreGranted() {
    func cores(_ environment: [String: String] = [:], present: Int = 16, _ files: [String: String] = [:]) -> Int {
      GrantedCores.count(environment, present: present) { files[$0] }
    }
    #expect(cores() == 16)
    #expect(cores(["SLURM_CPUS_PER_TASK": "4"]) == 4)
    #expect(cores(["LOCAL_WORLD_SIZE": "4"]) == 4)
    #expect(cores(["LOCAL_WORLD_SIZE": "64"]) == 1)
    // A limit of version 2 above the process's own group, half a core rounded up.
    let unified = ["/proc/self/cgroup": "0::/job/step\n", "/sys/fs/cgroup/job/cpu.max": "250000 100000\n"]
    #expect(cores(present: 16, unified) == 3)
    #expect(cores(present: 2, unified) == 2)
    #expect(cores(present: 64, ["/proc/self/status": "Name:\tx\nCpus_allowed_list:\t0-3,8,10-11\n"]) == 7)
    #expect(cores(present: 16, ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n"]) == 16)
    let first = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/docker\n", "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "800000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ]
    #expect(cores(present: 16, first) == 8)
  }

  @Test func processesOfAMachineTakeItsDevicesInTurn() {
    #expect(LocalRank.device(of: 8, ["LOCAL_RANK": "3"]) == 3)
    #expect(LocalRank.device(of: 2, ["SLURM_LOCALID": "3"]) == 1)
    #expect(LocalRank.device(of: 1, ["SLURM_LOCALID": "3"]) == nil)
    #expect(LocalRank.device(of: 8, [:]) == nil)
  }
}
