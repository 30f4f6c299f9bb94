import Analysis
import Formats
import Results
import Torch

/// Measures each metric of quality on pairs of images in memory: noise, and the same with other noise on it.
public struct QualityBenchmark: Sendable {
  /// Pairs a run.
  public var images = 128
  /// In pixels.
  public var width = 224
  public var height = 224
  public var metrics = Quality.Metric.allCases
  /// Weights of LPIPS, to measure it too.
  public var lpips: String?
  /// How many runs are measured, after one that is not.
  public var runs = 3
  public var threads = Host.cores
  /// Where networks compute.
  public var device = Device.cpu

  public init() {}

  /// What the runs of every metric took.
  public struct Summary: Encodable, Sendable {
    public let imagesPerSecond: [String: Double]
    public let seconds: [String: [Double]]
    public let images: Int
    public let width: Int
    public let height: Int
    public let threads: Int
  }

  /// - Parameter measured: takes what the runs of a metric took, as soon as they are done.
  /// - Throws: ``BadInput`` for numbers that cannot be; ``Interrupted`` where it was cancelled.
  public func run(_ reporter: JobReporter = .silent, measured: (BenchSummary) -> Void = { _ in }) throws -> Summary {
    guard images >= 1, runs >= 1 else { throw BadInput("--images and --runs must be at least 1") }
    let networks = try lpips.map { try LPIPSWeights.networks($0, for: metrics, device: device) } ?? [:]
    let pairs = pairs(min(images, 16))
    var rates: [String: Double] = [:]
    var seconds: [String: [Double]] = [:]
    for metric in metrics where metric.origin == .pixels || networks[metric] != nil {
      let network = networks[metric]
      let least = network?.leastSide ?? metric.leastSide
      guard min(width, height) >= least else {
        reporter.note("\(metric.rawValue) is left out: it needs \(least) pixels a side")
        continue
      }
      let quiet = JobReporter(isCancelled: reporter.isCancelled)
      let taken = try BenchSummary.seconds(runs: runs, quiet) {
        if let network {
          try compare(pairs, by: network)
        } else {
          _ = try Quality.values(of: metric, pairs: pairs, repeated: images, threads: threads)
        }
      }
      let summary = BenchSummary(
        work: "\(metric.rawValue) of \(images) images of \(width)×\(height)", seconds: taken, images: images,
        bytes: images * width * height * 6, threads: threads)
      rates[metric.rawValue] = summary.imagesPerSecond
      seconds[metric.rawValue] = taken
      measured(summary)
    }
    return Summary(
      imagesPerSecond: rates, seconds: seconds, images: images, width: width, height: height, threads: threads)
  }

  /// As many pairs as a run has, each with features of its own.
  private func compare(_ pairs: [(RGBPixels, RGBPixels)], by network: any PerceptualDistance) throws {
    let batch = network.batch(height: height, width: width)
    for first in stride(from: 0, to: images, by: batch) {
      let part = (first..<min(images, first + batch)).map { pairs[$0 % pairs.count] }
      let shape = [part.count, height, width, 3]
      let features = try network.features(of: Tensor(part.flatMap(\.1.bytes), shape: shape))
      _ = try network.distances(of: Tensor(part.flatMap(\.0.bytes), shape: shape), to: features)
    }
  }

  /// Pairs of different noise.
  private func pairs(_ count: Int) -> [(RGBPixels, RGBPixels)] {
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
