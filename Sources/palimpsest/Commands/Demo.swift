import ArgumentParser
import Foundation
import Imaging
import Torch

/// `palimpsest demo`: everything there is, on the models the repository carries.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the whole pipeline on the models the repository carries, to reports/demo/index.html.",
    discussion: """
      Draws images, puts them through a small ViT, DeiT III, Swin and DETR, \
      compares all layers, and makes the report. A second run goes on with what \
      is there.

        palimpsest demo
      """)

  @Option(name: .long, help: ArgumentHelp("The folder of the report.", valueName: "dir"))
  var out = "reports/demo"

  @Option(name: .long, help: "How many images to draw.")
  var count = 256

  @Option(name: .long, help: "Draws other images.")
  var seed: UInt64 = 20_241_206

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  private static let models = ["vit", "deit", "swin", "detr"]
  /// The families' names as papers write them.
  private static let names = ["ViT", "DeiT III", "Swin", "DETR"]

  private struct Summary: Encodable {
    let report: String
    let images: Int
    let models: [String]
    let values: Int
    let seconds: Double
  }

  func run() throws {
    guard count >= 4 else { throw BadInput("--count is \(count); similarity needs at least 4 images") }
    let device = try compute.prepare()
    let clock = Progress("demo", total: 1, unit: "", isShown: false)
    let zoo = try Places.zoo()
    let work = URL(fileURLWithPath: out).deletingLastPathComponent().appendingPathComponent(
      ".\(URL(fileURLWithPath: out).lastPathComponent)-work")
    try OutputPath.makeFolder(work.path)

    step(1, "drawing \(count) scenes in which every object, mask and colour is known")
    let scenes = work.appendingPathComponent("scenes-\(seed)-\(count)")
    _ = try Scenes.draw(
      SceneGenerator(count: count, seed: seed, width: 160, height: 160), to: scenes, output: output)

    var stores: [String] = []
    for (index, name) in Demo.models.enumerated() {
      step(2 + index, "putting them through the \(Demo.names[index]) of notebooks-data/zoo, every activation into HDF5")
      stores.append(work.appendingPathComponent("\(name)-\(seed)-\(count).h5").path)
      try extract(zoo.appendingPathComponent(name), scenes: scenes, to: stores[index], device: device)
    }

    step(6, "comparing all layers of all models by CKA: which depths of one model see what another sees")
    let results = work.appendingPathComponent("results").path
    let similarity = try SimilarityRun(
      stores: Demo.named(stores, in: work), out: results, options: Demo.similarityOptions(), output: output,
      command: CommandLine.arguments
    ).run()

    step(7, "drawing the figures and the report")
    let report = try Report.build(
      results: results, out: out, style: "tmlr", title: "Palimpsest demo: four small models on drawn scenes",
      templates: nil, command: CommandLine.arguments)
    output.say(
      "done in \(Numbers.fixed(clock.seconds, 1)) s; open file://\(URL(fileURLWithPath: report.index).standardizedFileURL.path)"
    )
    try output.summarize(
      Summary(
        report: report.index, images: count, models: Demo.models, values: similarity.rows, seconds: clock.seconds))
  }

  private func step(_ number: Int, _ text: String) {
    output.say("[\(number)/7] \(text)")
  }

  private func extract(_ model: URL, scenes: URL, to store: String, device: Device) throws {
    // The same options as on the command line, so that the demo shows what a user can type.
    let command = try Extract.parse([
      "--model", model.path, "--images", scenes.appendingPathComponent("images").path, "--labels",
      scenes.appendingPathComponent("labels.csv").path, "--out", store,
    ])
    let request = ExtractionRequest(
      model: command.model, images: command.images, store: command.store, device: device, out: store,
      command: CommandLine.arguments)
    _ = try ExtractionRunner(setup: request.settle(), out: store, output: output, recheck: false).run()
  }

  private static func similarityOptions() throws -> SimilarityOptions {
    try AnalyzeSimilarity.parse(["x.h5", "--out", "x", "--tokens", "mean"]).options
  }

  /// Links with plain names, so that the report calls the stores `vit`, `deit`, `swin` and `detr`.
  private static func named(_ stores: [String], in folder: URL) throws -> [String] {
    try zip(models, stores).map { name, store in
      let link = folder.appendingPathComponent("\(name).h5")
      try? FileManager.default.removeItem(at: link)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: URL(fileURLWithPath: store))
      return link.path
    }
  }
}
