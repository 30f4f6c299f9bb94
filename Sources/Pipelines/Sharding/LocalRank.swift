/// Which of the processes on this machine this one is, for its share of the machine's devices.
public enum LocalRank {
  /// The first that is set counts.
  private static let variables = [
    "LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MV2_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID",
  ]

  /// From 0; nil where no launcher says.
  public static func index(_ environment: [String: String]) -> Int? {
    variables.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first { $0 >= 0 }
  }

  /// The device of a process where there are so many: the processes of a machine take them in turn.
  ///
  /// - Returns: nil where no launcher says, or there is none or one.
  public static func device(of count: Int, _ environment: [String: String]) -> Int? {
    guard count > 1 else { return nil }
    return index(environment).map { $0 % count }
  }
}
