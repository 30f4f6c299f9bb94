import Activations
import ArgumentParser
import Torch

/// A store of random features, for measuring the analyses of features.
struct FeatureBenchOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Images in the store.", valueName: "n"))
  var images = 2048

  @Option(name: .long, help: ArgumentHelp("Taps in the store.", valueName: "n"))
  var taps = 26

  @Option(name: .long, help: ArgumentHelp("Columns of a tap.", valueName: "n"))
  var columns = 768

  @Option(name: .long, help: "How many runs are measured, after one that is not.")
  var runs = 3

  @Option(name: .long, help: ArgumentHelp("Where the store is written and removed again.", valueName: "dir"))
  var scratch: String?

  /// Makes the store, runs `analyze` on it again and again and says what it took.
  ///
  /// - Parameters:
  ///   - label: what is measured; `details` is said behind the shape of the store.
  ///   - classes: as ``BenchStore`` takes them.
  ///   - analyze: gets the path of the store and a folder for scratch files.
  func measure(
    _ label: String, _ details: String, classes: Int = 0, threads: Int, output: OutputOptions,
    analyze: (_ store: String, _ scratch: String) throws -> Void
  ) throws {
    guard images >= 4, taps >= 1, columns >= 1, runs >= 1 else {
      throw BadInput("--images must be at least 4, --taps, --columns and --runs at least 1")
    }
    let folder = try Scratch(parent: scratch)
    let path = folder.url.appendingPathComponent("bench.h5").path
    try BenchStore.write(path, images: images, taps: taps, columns: columns, classes: classes)
    let seconds = try BenchSummary.seconds(of: label, runs: runs, output: output) {
      try analyze(path, folder.url.path)
    }
    let summary = BenchSummary(
      work: "\(label) of \(images) images × \(taps) taps × \(columns) columns, \(details)", seconds: seconds,
      images: images, bytes: images * taps * columns * 4, threads: threads)
    output.say(summary.text)
    try output.summarize(summary)
  }
}

/// A store of independent normal numbers, for measuring the analyses of features.
enum BenchStore {
  /// - Parameters:
  ///   - taps: how many; each has one token of `columns` channels.
  ///   - classes: the images have these labels in turn; 0 for none.
  static func write(_ path: String, images: Int, taps: Int, columns: Int, classes: Int = 0) throws {
    let plan = StorePlan(
      header: StoreHeader(
        model: "random", family: "other", checkpointSHA256: "", configuration: "{}", preprocessing: "{}",
        createdBy: Version.text, createdAt: Host.timestamp, seed: 0),
      images: (0..<images).map { StoreImage(path: "\($0)", label: classes > 0 ? Int32($0 % classes) : -1) },
      classes: (0..<classes).map { "\($0)" },
      taps: (0..<taps).map { StoreTap(name: "tap.\($0)", tokens: 1, channels: columns) },
      blockSize: max(1, min(images, 64, (64 << 20) / (columns * 4))))
    let writer = try FeatureStoreWriter.open(at: path, plan: plan)
    let generator = try Generator(seed: 0)
    for number in 0..<plan.blockCount {
      let rows = plan.rows(ofBlock: number).count
      let values = try (0..<taps).map { _ in try Tensor.randomNormal([rows, columns], generator: generator) }
      let buffers = try values.map { try $0.withUnsafeBytes { $0 } }
      try withExtendedLifetime(values) {
        try writer.write(
          FeatureBlock(
            condition: 0, block: number, outcomes: Array(repeating: .read(height: 1, width: 1), count: rows),
            taps: buffers, inputs: nil))
      }
    }
    try writer.close()
  }
}
