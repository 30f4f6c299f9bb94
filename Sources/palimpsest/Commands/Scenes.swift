import ArgumentParser
import Foundation
import Imaging
import Scenes

/// `palimpsest scenes`: images in which everything is known.
struct Scenes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw images with COCO annotations, in which classes, colours, places and masks are known.",
    discussion: """
      Same seed and size, same bytes; a larger --count continues a folder. Written \
      are images/, annotations.json (COCO instances), labels.csv (the dominant \
      object), splits.csv and classes.json.

        palimpsest scenes --count 1000 --seed 7 --out scenes/
        palimpsest extract --model vit/ --images scenes/images --out vit.h5 \\
            --annotations scenes/annotations.json --region objects --conditions red
      """)

  @Option(name: .long, help: "How many images.")
  var count: Int

  @Option(name: .long, help: "Draws other images.")
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Width and height in pixels.", valueName: "WxH"))
  var size = "256x256"

  @Option(name: .long, help: "How often an object is shown in the surrounding of its class, 0 to 1.")
  var context = 0.8

  @Option(name: .long, help: ArgumentHelp("The folder to write.", valueName: "dir"))
  var out: String

  @Option(name: .long, help: "How many threads draw (default: every core).")
  var threads: Int?

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard case .fixed(let width, let height)? = try? Preprocessing.InputSize(parsing: size) else {
      throw BadInput("--size is '\(size)'; give width and height in pixels, as in 256x256")
    }
    let summary = try Scenes.draw(
      SceneGenerator(count: count, seed: seed, width: width, height: height, contextProbability: context),
      to: URL(fileURLWithPath: out), threads: threads, output: output)
    output.say(
      "\(out): \(summary.images) images with \(summary.objects) objects, \(Numbers.bytes(summary.bytes))"
        + (summary.drawn < summary.images ? " (\(summary.drawn) of them new)" : ""))
    try output.summarize(summary)
  }

  /// Draws into a folder with progress; a signal stops it between images.
  static func draw(
    _ generator: SceneGenerator, to folder: URL, threads: Int? = nil, output: OutputOptions
  ) throws -> SceneSummary {
    let progress = Progress("draw", total: generator.count, unit: "images", isShown: !output.quiet)
    defer { progress.finish() }
    return try generator.write(to: folder, threads: threads) { done, _ in
      progress.update(done)
      try Interruption.check()
    }
  }
}
