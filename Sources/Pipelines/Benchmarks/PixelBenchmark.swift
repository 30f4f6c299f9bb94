import Activations
import Analysis
import Formats
import Results
import Torch

/// Measures analyses of pixels on a store of noise and fainter copies of it, with two objects an image.
public struct PixelBenchmark: Sendable {
  /// Images in the store.
  public var images = 256
  /// In pixels, at least 16 each.
  public var width = 224
  public var height = 224
  /// Taps, each with a reconstruction and one token.
  public var taps = 2
  /// Channels of the token.
  public var columns = 768
  /// Conditions beside `original`.
  public var conditions: [String] = []
  /// How many runs are measured, after one that is not.
  public var runs = 3
  /// Where the store is written and removed again; nil for the system's temporary folder.
  public var scratch: String?

  public init() {}

  /// Makes the store and runs `analyze` on it again and again.
  ///
  /// - Parameter details: said behind the shape of the store.
  /// - Throws: ``BadInput`` for sizes that cannot be; what `analyze` throws; ``Interrupted`` where it was cancelled.
  public func run(
    _ work: String, _ details: String, threads: Int, _ reporter: JobReporter = .silent,
    analyze: (PixelStore) throws -> Void
  ) throws -> BenchSummary {
    guard images >= 4, taps >= 1, columns >= 1, runs >= 1 else {
      throw BadInput("--images must be at least 4, --taps, --columns and --runs at least 1")
    }
    let folder = try Scratch(parent: scratch)
    let path = folder.url.appendingPathComponent("bench.h5").path
    let all = [ConditionName.original.text] + conditions
    try writeStore(path, conditions: all)
    let store = PixelStore(
      name: "bench", store: try FeatureStore(path: path),
      objects: { [width, height] row in PixelBenchmark.objects(row: row, width: width, height: height) })
    let seconds = try BenchSummary.seconds(runs: runs, reporter) { try analyze(store) }
    return BenchSummary(
      work: "\(work) of \(images) images of \(width)×\(height), \(taps) taps, \(all.count) conditions, \(details)",
      seconds: seconds, images: images,
      bytes: images * all.count * (width * height * 3 * (1 + taps) + taps * columns * 4), threads: threads)
  }

  /// Two boxes an image, where they differ between images.
  private static func objects(row: Int, width: Int, height: Int) -> [ObjectMask] {
    (0..<2).map { number in
      var pixels = [UInt8](repeating: 0, count: width * height)
      let side = min(width, height) / (3 + 2 * number)
      let (left, top) = ((row * 7 + number * width / 2) % (width - side), (row * 5) % (height - side))
      for line in top..<top + side {
        for column in left..<left + side { pixels[line * width + column] = 1 }
      }
      return ObjectMask(category: number == 0 ? "large" : "small", pixels: pixels)
    }
  }

  private func writeStore(_ path: String, conditions: [String]) throws {
    let names = (0..<taps).map { "tap.\($0)" }
    let plan = StorePlan(
      header: BenchmarkStore.header, images: (0..<images).map { StoreImage(path: "\($0)") }, conditions: conditions,
      taps: names.map { StoreTap(name: $0, tokens: 1, channels: columns) },
      inputSize: ImageSize(height: height, width: width),
      reconstructions: names, blockSize: min(images, 16))
    let writer = try FeatureStoreWriter.open(at: path, plan: plan)
    let generator = try Generator(seed: 0)
    for number in 0..<plan.blockCount {
      let rows = plan.rows(ofBlock: number).count
      for condition in conditions.indices {
        let features = try names.map { _ in try Tensor.randomNormal([rows, columns], generator: generator) }
        let noise = try Tensor.randomUniform([rows, height, width, 3], generator: generator)
        try BenchmarkStore.write(
          features, to: writer, condition: condition, block: number, outcomes: rows, height: height, width: width,
          input: try (noise * 255).to(.uint8).contiguous(),
          reconstructions: try (0..<taps).map { try (noise * (200 / Double($0 + 1)) + 20).to(.uint8).contiguous() })
      }
    }
    try writer.close()
  }
}
