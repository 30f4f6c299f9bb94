import ArgumentParser

/// `palimpsest bench`: how fast this machine does the work.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure images per second, bytes per second and peak memory on this machine.",
    discussion: """
      The files it makes are removed afterwards. scripts/bench/compare.py runs the \
      same work with timm, transformers, torch and h5py beside it, in turns; \
      docs/performance.md has its results.

        palimpsest bench extract --model vit-base/ --limit 64
        palimpsest bench similarity --images 2048 --taps 26 --columns 768
        palimpsest bench quality --images 128 --size 224x224
        palimpsest bench color --images 1024 --taps 4
        palimpsest bench detail --images 1024 --taps 4
        palimpsest bench shape --images 256 --taps 2
        palimpsest bench prototypes --images 2048 --taps 4 --columns 9216
      """,
    subcommands: [
      BenchExtract.self, BenchSimilarity.self, BenchQuality.self, BenchColor.self, BenchDetail.self, BenchShape.self,
      BenchPrototypes.self,
    ])
}

/// What repeated runs of one work took.
struct BenchSummary: Encodable {
  let work: String
  /// Seconds of each run.
  let seconds: [Double]
  let imagesPerSecond: Double
  let bytesPerSecond: Double
  let bytes: Int
  let peakResidentBytes: Int
  let threads: Int

  /// - Parameters:
  ///   - images: how many a run works on.
  ///   - bytes: how many a run reads or writes.
  init(work: String, seconds: [Double], images: Int, bytes: Int, threads: Int) {
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
  static func seconds(
    of work: String, runs: Int, output: OutputOptions, body: () throws -> Void
  ) throws -> [Double] {
    var seconds: [Double] = []
    for number in 0...runs {
      let clock = Progress(work, total: 1, unit: "", isShown: false)
      try body()
      try Interruption.check()
      if number > 0 { seconds.append(clock.seconds) }
      output.note("run \(number) of \(runs): \(Numbers.fixed(clock.seconds, 2)) s" + (number == 0 ? " (warm-up)" : ""))
    }
    return seconds
  }

  var text: String {
    "\(work): \(Numbers.fixed(imagesPerSecond, 2)) images/s, \(Numbers.bytes(Int(bytesPerSecond)))/s, peak memory "
      + "\(Numbers.bytes(peakResidentBytes)) (median of \(seconds.count) runs: "
      + seconds.map { Numbers.fixed($0, 2) + " s" }.joined(separator: ", ") + "; \(threads) threads)"
  }
}
