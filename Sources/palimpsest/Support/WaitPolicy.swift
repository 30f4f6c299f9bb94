import Foundation

/// How libtorch's threads wait for each other.
///
/// Those of GNU OpenMP spin, which on a machine with other work on it takes the very core that the thread waited for needs: a
/// training beside a compilation was measured eight times as fast with sleeping threads. The runtime reads that from the
/// environment when it is loaded, before `main`, so that the program starts itself once more with it.
enum WaitPolicy {
  private static let own = "OMP_WAIT_POLICY"

  /// Starts the program again where nothing is said in the environment; a user's own choice stays.
  static func settle() {
    #if os(Linux)
      guard !DrawingCommand.isGiven, getenv(own) == nil, getenv("GOMP_SPINCOUNT") == nil else { return }
      setenv(own, "PASSIVE", 1)
      // By its own path, so that it keeps its name. Where that cannot be done, it goes on as it is.
      guard let path = realpath("/proc/self/exe", nil) else { return }
      defer { free(path) }
      _ = execv(path, CommandLine.unsafeArgv)
    #endif
  }
}

/// Commands that only read and draw. Loading libtorch takes most of their time, so that they are spared a second start and, once
/// everything is written, libtorch's orderly end.
enum DrawingCommand {
  private static let names = ["figure", "lint", "report", "replay", "help", "--help", "-h", "--version"]

  /// Whether this process was started for one.
  static let isGiven = CommandLine.arguments.dropFirst().first.map(names.contains) ?? false

  /// Ends the process at once if it was: its files are closed and its output is written.
  static func finish() {
    guard isGiven else { return }
    fflush(nil)
    _exit(0)
  }
}
