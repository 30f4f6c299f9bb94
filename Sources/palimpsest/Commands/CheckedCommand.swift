/// A command that can check its options before its inputs are there, as `run` does before any work.
protocol CheckedCommand {
  /// - Throws: what the command itself would throw.
  func checkOptions() throws
}

extension AnalyzeSimilarity: CheckedCommand {
  func checkOptions() throws { _ = try options.settings(scratch: files.out) }
}

extension AnalyzeQuality: CheckedCommand {
  func checkOptions() throws { _ = try options.settings(threads: 1) }
}
