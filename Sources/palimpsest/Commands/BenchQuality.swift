import Analysis
import ArgumentParser
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
    _ = try compute.prepare()
    var options = try QualityOptions.parse([])
    options.metrics = metrics
    let threads = compute.threads ?? Host.cores
    let chosen = try options.settings(threads: threads).metrics.filter { !$0.needsModel }
    let pairs = BenchQuality.pairs(min(images, 16), width: width, height: height)
    var rates: [String: Double] = [:]
    var seconds: [String: [Double]] = [:]
    for metric in chosen {
      guard min(width, height) >= metric.leastSide else {
        output.note("\(metric.rawValue) is left out: it needs \(metric.leastSide) pixels a side")
        continue
      }
      var taken: [Double] = []
      for number in 0...runs {
        let clock = Progress("quality", total: 1, unit: "", isShown: false)
        _ = try Quality.values(of: metric, pairs: pairs, repeated: images, threads: threads)
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
