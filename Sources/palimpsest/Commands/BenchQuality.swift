import Analysis
import ArgumentParser
import Formats
import Foundation
import Torch

/// `palimpsest bench quality`: the speed of each measure of quality.
struct BenchQuality: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quality",
    abstract: "Measure each metric of analyze quality on images in memory.",
    discussion: """
      One half of each pair is noise, the other the same with other noise on it. \
      scripts/bench/quality_python.py times scikit-image on such pairs, and with \
      --palimpsest both in turns.

        palimpsest bench quality --images 128 --size 224x224
      """)

  @Option(name: .long, help: ArgumentHelp("Pairs of images a run.", valueName: "n"))
  var images = 128

  @Option(name: .long, help: ArgumentHelp("Width and height of the images.", valueName: "WxH"))
  var size = "224x224"

  @Option(
    name: .long, help: ArgumentHelp("Which metrics, separated by commas (default: all).", valueName: "list"))
  var metrics = "all"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Weights of LPIPS, as scripts/lpips_weights.py writes them, to measure it too.", valueName: "file"))
  var lpips: String?

  @Option(name: .long, help: "How many runs are measured, after one that is not.")
  var runs = 3

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let imagesPerSecond: [String: Double]
    let seconds: [String: [Double]]
    let images: Int
    let width: Int
    let height: Int
    let threads: Int
  }

  func run() throws {
    guard images >= 1, runs >= 1 else { throw BadInput("--images and --runs must be at least 1") }
    let sides = size.split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, let width = sides.first, let height = sides.last, (1...65_536).contains(width),
      (1...65_536).contains(height)
    else {
      throw BadInput("--size is '\(size)'; give WxH, such as 224x224")
    }
    let device = try compute.prepare()
    var options = try QualityOptions.parse([])
    options.metrics = metrics
    options.lpips = lpips
    let threads = compute.threads ?? Host.cores
    let wanted = try options.settings(threads: threads).metrics
    let networks = try lpips.map { try LPIPSWeights.networks($0, for: wanted, device: device) } ?? [:]
    let chosen = wanted.filter { $0.origin == .pixels || networks[$0] != nil }
    let pairs = BenchQuality.pairs(min(images, 16), width: width, height: height)
    var rates: [String: Double] = [:]
    var seconds: [String: [Double]] = [:]
    for metric in chosen {
      let network = networks[metric]
      let least = network?.leastSide ?? metric.leastSide
      guard min(width, height) >= least else {
        output.note("\(metric.rawValue) is left out: it needs \(least) pixels a side")
        continue
      }
      var taken: [Double] = []
      for number in 0...runs {
        let clock = Progress("quality", total: 1, unit: "", isShown: false)
        if let network {
          try compare(pairs, by: network, width: width, height: height)
        } else {
          _ = try Quality.values(of: metric, pairs: pairs, repeated: images, threads: threads)
        }
        if number > 0 { taken.append(clock.seconds) }
        try Interruption.check()
      }
      let summary = BenchSummary(
        work: "\(metric.rawValue) of \(images) images of \(width)×\(height)", seconds: taken, images: images,
        bytes: images * width * height * 6, threads: threads)
      rates[metric.rawValue] = summary.imagesPerSecond
      seconds[metric.rawValue] = taken
      output.say(summary.text)
    }
    try output.summarize(
      Summary(
        imagesPerSecond: rates, seconds: seconds, images: images, width: width, height: height, threads: threads))
  }

  /// As many pairs as a run has, each with features of its own.
  private func compare(
    _ pairs: [(RGBPixels, RGBPixels)], by network: any PerceptualDistance, width: Int, height: Int
  ) throws {
    let batch = network.batch(height: height, width: width)
    for first in stride(from: 0, to: images, by: batch) {
      let some = (first..<min(images, first + batch)).map { pairs[$0 % pairs.count] }
      let shape = [some.count, height, width, 3]
      let features = try network.features(of: Tensor(some.flatMap(\.1.bytes), shape: shape))
      _ = try network.distances(of: Tensor(some.flatMap(\.0.bytes), shape: shape), to: features)
    }
  }

  /// Pairs of different noise.
  private static func pairs(_ count: Int, width: Int, height: Int) -> [(RGBPixels, RGBPixels)] {
    var stream = RandomStream(seed: 0)
    return (0..<count).map { _ in
      let first = (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
      let second = first.map { UInt8(max(0, min(255, Int($0) + stream.below(81) - 40))) }
      return (
        RGBPixels(height: height, width: width, bytes: first), RGBPixels(height: height, width: width, bytes: second)
      )
    }
  }
}
