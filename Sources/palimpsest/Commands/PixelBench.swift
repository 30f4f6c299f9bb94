import Activations
import Analysis
import ArgumentParser
import Foundation
import Torch

/// A store of drawn images and blurred copies of them, for measuring the analyses of pixels.
struct PixelBenchOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Images in the store.", valueName: "n"))
  var images = 256

  @Option(name: .long, help: ArgumentHelp("Width and height of the images.", valueName: "WxH"))
  var size = "224x224"

  @Option(name: .long, help: ArgumentHelp("Taps, each with a reconstruction.", valueName: "n"))
  var taps = 2

  @Option(name: .long, help: ArgumentHelp("Channels of a tap, one token each.", valueName: "n"))
  var columns = 768

  @Option(name: .long, help: "Replicates of the bootstrap; 0 for none.")
  var bootstrap = 200

  @Option(name: .long, help: "How many runs are measured, after one that is not.")
  var runs = 3

  @Option(name: .long, help: ArgumentHelp("Where the store is written and removed again.", valueName: "dir"))
  var scratch: String?

  /// Width and height.
  func sides() throws -> (width: Int, height: Int) {
    let sides = size.split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, let width = sides.first, let height = sides.last, (16...16_384).contains(width),
      (16...16_384).contains(height)
    else { throw BadInput("--size is '\(size)'; give WxH of at least 16, such as 224x224") }
    guard images >= 4, taps >= 1, columns >= 1, runs >= 1 else {
      throw BadInput("--images must be at least 4, --taps, --columns and --runs at least 1")
    }
    return (width, height)
  }

  /// Makes the store, runs `analyze` on it again and again and says what it took.
  func measure(
    _ work: String, conditions: [String], threads: Int, output: OutputOptions, analyze: (PixelStore) throws -> Void
  ) throws {
    let (width, height) = try sides()
    let folder = try Scratch(parent: scratch)
    let path = folder.url.appendingPathComponent("bench.h5").path
    let all = ["original"] + conditions
    try write(path, width: width, height: height, conditions: all)
    let store = PixelStore(
      name: "bench", store: try FeatureStore(path: path),
      objects: { row in PixelBenchOptions.objects(row: row, width: width, height: height) })
    let seconds = try BenchSummary.seconds(of: work, runs: runs, output: output) { try analyze(store) }
    let summary = BenchSummary(
      work: "\(work) of \(images) images of \(width)×\(height), \(taps) taps, \(all.count) conditions, "
        + "\(bootstrap) replicates",
      seconds: seconds, images: images,
      bytes: images * all.count * (width * height * 3 * (1 + taps) + taps * columns * 4), threads: threads)
    output.say(summary.text)
    try output.summarize(summary)
  }

  /// Two boxes an image, at places that differ.
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

  private func write(_ path: String, width: Int, height: Int, conditions: [String]) throws {
    let names = (0..<taps).map { "tap.\($0)" }
    let plan = StorePlan(
      header: StoreHeader(
        model: "random", family: "other", checkpointSHA256: "", configuration: "{}", preprocessing: "{}",
        createdBy: Version.text, createdAt: Host.timestamp, seed: 0),
      images: (0..<images).map { StoreImage(path: "\($0)") }, conditions: conditions,
      taps: names.map { StoreTap(name: $0, tokens: 1, channels: columns) }, inputSize: [height, width],
      reconstructions: names, blockSize: min(images, 16))
    let writer = try FeatureStoreWriter.open(at: path, plan: plan)
    let generator = try Generator(seed: 0)
    for number in 0..<plan.blockCount {
      let rows = plan.rows(ofBlock: number).count
      for condition in conditions.indices {
        let features = try names.map { _ in try Tensor.randomNormal([rows, columns], generator: generator) }
        let noise = try Tensor.randomUniform([rows, height, width, 3], generator: generator)
        let input = try (noise * 255).to(.uint8).contiguous()
        let back = try (0..<taps).map { tap in
          try (noise * (200 / Double(tap + 1)) + 20).to(.uint8).contiguous()
        }
        try withExtendedLifetime((features, input, back)) {
          try writer.write(
            FeatureBlock(
              condition: condition, block: number,
              outcomes: Array(repeating: .read(height: height, width: width), count: rows),
              taps: try features.map { try $0.withUnsafeBytes { $0 } }, inputs: try input.withUnsafeBytes { $0 },
              reconstructions: try back.map { try $0.withUnsafeBytes { $0 } }))
        }
      }
    }
    try writer.close()
  }
}

/// `palimpsest bench color`: the speed of the analysis of colour.
struct BenchColor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "color",
    abstract: "Measure analyze color on a store of noise.",
    discussion: """
        palimpsest bench color --images 1024 --taps 4 --columns 768
      """)

  @Option(name: .long, help: ArgumentHelp("Conditions beside original.", valueName: "n"))
  var conditions = 3

  @OptionGroup var options: PixelBenchOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard (1...180).contains(conditions) else { throw BadInput("--conditions is \(conditions); give 1 to 180") }
    _ = try compute.prepare()
    let threads = compute.threads ?? Host.cores
    var settings = ColorResponse.Settings()
    settings.selection.threads = threads
    settings.selection.bootstrap = options.bootstrap
    let names = (1...conditions).map { "hue+\($0 * 360 / (conditions + 1))" }
    try options.measure("color", conditions: names, threads: threads, output: output) {
      _ = try ColorResponse.analyze([$0], settings: settings)
    }
  }
}

/// `palimpsest bench detail`: the speed of the analysis of detail.
struct BenchDetail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detail",
    abstract: "Measure analyze detail on a store of noise.",
    discussion: """
        palimpsest bench detail --images 1024 --taps 4
      """)

  @OptionGroup var options: PixelBenchOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try compute.prepare()
    let threads = compute.threads ?? Host.cores
    var settings = Detail.Settings()
    settings.selection.threads = threads
    settings.selection.bootstrap = options.bootstrap
    try options.measure("detail", conditions: [], threads: threads, output: output) {
      _ = try Detail.analyze([$0], settings: settings)
    }
  }
}

/// `palimpsest bench shape`: the speed of the analysis of shape.
struct BenchShape: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shape",
    abstract: "Measure analyze shape on a store of noise with two objects an image.",
    discussion: """
        palimpsest bench shape --images 256 --taps 2
      """)

  @OptionGroup var options: PixelBenchOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try compute.prepare()
    let threads = compute.threads ?? Host.cores
    var settings = Shape.Settings()
    settings.selection.threads = threads
    settings.selection.bootstrap = options.bootstrap
    try options.measure("shape", conditions: [], threads: threads, output: output) {
      _ = try Shape.analyze([$0], settings: settings)
    }
  }
}
