import Activations
import Torch

/// Measures analyses of features on a store of independent normal numbers.
public struct FeatureBenchmark: Sendable {
  /// Images in the store.
  public var images = 2048
  /// Taps, each with one token.
  public var taps = 26
  /// Channels of the token.
  public var columns = 768
  /// The images have these many labels in turn; 0 for none.
  public var classes = 0
  /// How many runs are measured, after one that is not.
  public var runs = 3
  /// Where the store is written and removed again; nil for the system's temporary folder.
  public var scratch: String?

  public init() {}

  /// Makes the store and runs `analyze` on it again and again.
  ///
  /// - Parameters:
  ///   - work: what is measured; `details` is said behind the shape of the store.
  ///   - analyze: gets the path of the store and a folder for scratch files.
  /// - Throws: ``BadInput`` for sizes that cannot be; what `analyze` throws; ``Interrupted`` where it was cancelled.
  public func run(
    _ work: String, _ details: String, threads: Int, _ reporter: JobReporter = .silent,
    analyze: (_ store: String, _ scratch: String) throws -> Void
  ) throws -> BenchSummary {
    guard images >= 4, taps >= 1, columns >= 1, runs >= 1 else {
      throw BadInput("--images must be at least 4, --taps, --columns and --runs at least 1")
    }
    let folder = try Scratch(parent: scratch)
    let path = folder.url.appendingPathComponent("bench.h5").path
    try writeStore(path)
    let seconds = try BenchSummary.seconds(runs: runs, reporter) { try analyze(path, folder.url.path) }
    return BenchSummary(
      work: "\(work) of \(images) images × \(taps) taps × \(columns) columns, \(details)", seconds: seconds,
      images: images, bytes: images * taps * columns * 4, threads: threads)
  }

  private func writeStore(_ path: String) throws {
    let plan = StorePlan(
      header: BenchmarkStore.header,
      images: (0..<images).map { StoreImage(path: "\($0)", label: classes > 0 ? Int32($0 % classes) : -1) },
      classes: (0..<classes).map { "\($0)" },
      taps: (0..<taps).map { StoreTap(name: "tap.\($0)", tokens: 1, channels: columns) },
      blockSize: max(1, min(images, 64, (64 << 20) / (columns * 4))))
    let writer = try FeatureStoreWriter.open(at: path, plan: plan)
    let generator = try Generator(seed: 0)
    for number in 0..<plan.blockCount {
      let rows = plan.rows(ofBlock: number).count
      let values = try (0..<taps).map { _ in try Tensor.randomNormal([rows, columns], generator: generator) }
      try BenchmarkStore.write(values, to: writer, condition: 0, block: number, outcomes: rows, height: 1, width: 1)
    }
    try writer.close()
  }
}

/// What the stores of benchmarks share.
enum BenchmarkStore {
  static var header: StoreHeader {
    StoreHeader(
      model: "random", family: "other", checkpointSHA256: "", configuration: "{}", preprocessing: "{}",
      createdBy: Version.text, createdAt: Host.timestamp, seed: 0)
  }

  /// Writes a block of rows of one condition.
  ///
  /// - Parameters:
  ///   - features: `[rows, columns]` of each tap.
  ///   - outcomes: how many rows; every file was read, with `height` and `width`.
  ///   - input: `[rows, H, W, 3]` bytes; `reconstructions` the same of each tap that has one.
  static func write(
    _ features: [Tensor], to writer: FeatureStoreWriter, condition: Int, block: Int, outcomes: Int, height: Int,
    width: Int, input: Tensor? = nil, reconstructions: [Tensor] = []
  ) throws {
    // The buffers are valid while their tensors are.
    try withExtendedLifetime((features, input, reconstructions)) {
      try writer.write(
        FeatureBlock(
          condition: condition, block: block,
          outcomes: Array(repeating: .read(height: height, width: width), count: outcomes),
          taps: try features.map { try $0.borrowedBytes() }, inputs: try input?.borrowedBytes(),
          reconstructions: try reconstructions.map { try $0.borrowedBytes() }))
    }
  }
}
