import Formats

/// What repeated runs of the same work took.
public struct BenchSummary: Encodable, Sendable {
  public let work: String
  /// Seconds of each run.
  public let seconds: [Double]
  /// Of the median run.
  public let imagesPerSecond: Double
  public let bytesPerSecond: Double
  public let bytes: Int
  public let peakResidentBytes: Int
  public let threads: Int

  /// - Parameters:
  ///   - images: how many a run works on.
  ///   - bytes: how many a run reads or writes.
  public init(work: String, seconds: [Double], images: Int, bytes: Int, threads: Int) {
    let sorted = seconds.sorted()
    let median = sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    self.work = work
    self.seconds = seconds
    imagesPerSecond = Double(images) / max(median, 1e-9)
    bytesPerSecond = Double(bytes) / max(median, 1e-9)
    self.bytes = bytes
    peakResidentBytes = Host.peakResidentBytes
    self.threads = threads
  }

  /// Carries a work out once to warm up, then again and again.
  ///
  /// - Returns: the seconds of every run but the first.
  /// - Throws: what the work throws; ``Interrupted`` where it was cancelled.
  public static func seconds(runs: Int, _ reporter: JobReporter, body: () throws -> Void) throws -> [Double] {
    var measured: [Double] = []
    for number in 0...runs {
      let clock = Stopwatch()
      try body()
      let seconds = clock.seconds
      if reporter.isCancelled() { throw Interrupted.startingAgain }
      if number > 0 { measured.append(seconds) }
      reporter.note("run \(number) of \(runs): \(NumberText.fixed(seconds, 2)) s" + (number == 0 ? " (warm-up)" : ""))
    }
    return measured
  }

  /// For people.
  public var text: String {
    "\(work): \(NumberText.fixed(imagesPerSecond, 2)) images/s, \(NumberText.bytes(Int(saturating: bytesPerSecond)))/s, peak memory "
      + "\(NumberText.bytes(peakResidentBytes)) (median of \(seconds.count) runs: "
      + seconds.map { NumberText.fixed($0, 2) + " s" }.joined(separator: ", ") + "; \(threads) threads)"
  }
}
