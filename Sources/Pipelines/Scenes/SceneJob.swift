import Foundation
import Scenes

/// Images in which everything is known, drawn into a folder with their annotations.
public struct SceneJob: Sendable {
  public var count: Int
  public var seed: UInt64
  /// In pixels.
  public var width: Int
  public var height: Int
  /// How often an object is shown in the surrounding of its class, 0 to 1.
  public var contextProbability: Double
  /// The folder to write.
  public var out: String
  /// How many threads draw; nil for every core.
  public var threads: Int?

  public init(
    count: Int, seed: UInt64 = 0, width: Int = 256, height: Int = 256, contextProbability: Double = 0.8, out: String
  ) {
    self.count = count
    self.seed = seed
    self.width = width
    self.height = height
    self.contextProbability = contextProbability
    self.out = out
  }

  /// - Throws: `SceneError` where no such scenes can be drawn.
  public func generator() throws -> SceneGenerator {
    try SceneGenerator(
      count: count, seed: seed, width: width, height: height, contextProbability: contextProbability)
  }

  /// About what the images take: scenes take some 1.3 bytes a pixel as PNG.
  public var estimatedBytes: Int { count * width * height * 13 / 10 }

  /// Draws what the folder lacks; an interruption stops it between images.
  ///
  /// - Throws: `SceneError`; what the reporter throws.
  public func run(_ reporter: JobReporter = .silent) throws -> SceneSummary {
    try generator().write(to: URL(fileURLWithPath: out), threads: threads) { done, _ in
      if reporter.isCancelled() { throw Interrupted() }
      try reporter.progress(JobProgress("draw", done, of: count, unit: "images"))
    }
  }
}
