import Activations
import Analysis
import ArgumentParser
import Foundation
import Torch

/// `palimpsest bench similarity`: the speed of its measures, reading the store included.
struct BenchSimilarity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Measure analyze similarity on a store of random features.",
    discussion: """
        palimpsest bench similarity --images 2048 --taps 26 --columns 768
        palimpsest bench similarity --measures rsa,mutual_knn --permutations 20
      """)

  @Option(name: .long, help: ArgumentHelp("Images in the store.", valueName: "n"))
  var images = 2048

  @Option(name: .long, help: ArgumentHelp("Taps in the store.", valueName: "n"))
  var taps = 26

  @Option(name: .long, help: ArgumentHelp("Columns of a tap.", valueName: "n"))
  var columns = 768

  @Option(name: .long, help: "Replicates of the bootstrap; 0 for none.")
  var bootstrap = 0

  @Option(name: .long, help: ArgumentHelp("Which measures, separated by commas; or all.", valueName: "list"))
  var measures = "cka_linear"

  @Option(name: .long, help: "Random pairings behind a null band; 0 for none.")
  var permutations = 0

  @Option(name: .long, help: "How many runs are measured, after one that is not.")
  var runs = 3

  @Option(name: .long, help: ArgumentHelp("Where the store is written and removed again.", valueName: "dir"))
  var scratch: String?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard images >= 4, taps >= 1, columns >= 1, runs >= 1 else {
      throw BadInput("--images must be at least 4, --taps, --columns and --runs at least 1")
    }
    _ = try compute.prepare()
    let measures = try SimilarityOptions.measures(measures)
    let folder = try Scratch(parent: scratch)
    let path = folder.url.appendingPathComponent("bench.h5").path
    try write(path)
    var settings = Similarity.Settings()
    settings.measures = measures
    settings.permutations = permutations
    settings.bootstrap = bootstrap
    settings.scratchFolder = folder.url.path
    var seconds: [Double] = []
    for number in 0...runs {
      let clock = Progress("similarity", total: 1, unit: "", isShown: false)
      let source = NamedSource(name: "bench", source: try StoreSource(FeatureStore(path: path), threads: Host.cores))
      _ = try Similarity.analyze([source], settings: settings) { _ in try Interruption.check() }
      if number > 0 { seconds.append(clock.seconds) }
      output.note("run \(number) of \(runs): \(Numbers.fixed(clock.seconds, 2)) s" + (number == 0 ? " (warm-up)" : ""))
    }
    let summary = BenchSummary(
      work: "similarity of \(images) images × \(taps) taps × \(columns) columns, \(taps * (taps + 1) / 2) pairs, "
        + measures.map(\.rawValue).joined(separator: ", ") + ", \(bootstrap) replicates, \(permutations) pairings",
      seconds: seconds, images: images, bytes: images * taps * columns * 4, threads: Runtime.threads)
    output.say(summary.text)
    try output.summarize(summary)
  }

  /// A store of independent normal numbers.
  private func write(_ path: String) throws {
    let block = min(images, 64)
    let plan = StorePlan(
      header: StoreHeader(
        model: "random", family: "other", checkpointSHA256: "", configuration: "{}", preprocessing: "{}",
        createdBy: Version.text, createdAt: Host.timestamp, seed: 0),
      images: (0..<images).map { StoreImage(path: "\($0)") },
      taps: (0..<taps).map { StoreTap(name: "tap.\($0)", tokens: 1, channels: columns) }, blockSize: block)
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
