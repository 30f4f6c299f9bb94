import Activations
import Analysis
import Backbones
import Figures
import FiguresCairo
import Foundation
import Imaging
import Pipelines
import Scenes
import Torch

/// Drawn pictures through a model, their activations in a store, CKA between its taps, and a figure of it.
///
/// usage: example MODEL TEMPLATES OUT
@main
enum Example {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else {
      print("usage: example MODEL TEMPLATES OUT")
      exit(2)
    }
    let model = ModelSource(arguments[1])
    let out = URL(fileURLWithPath: arguments[3])
    let pictures = out.appendingPathComponent("pictures")
    _ = try SceneGenerator(count: 16, seed: 1, width: 64, height: 64).write(to: pictures)

    // A job is a value: set what it shall do, then run it. Its reporter takes what it says and how far it is.
    var extraction = ExtractionJob(
      model: model, images: ImageFiles(pictures.appendingPathComponent("images").path),
      out: out.appendingPathComponent("features.h5").path)
    extraction.taps = "stages"
    extraction.storage.batchSize = 4
    let summary = try extraction.run(JobReporter(note: { print($0) }, say: { print($0) }))
    print("\(summary.images) pictures, \(summary.taps) taps")

    // A store opens by its path; rows are float32, `[tokens, channels]` each.
    let store = try FeatureStore(path: extraction.out)
    for tap in try store.taps() { print("\(tap.name): \(tap.tokens) tokens of \(tap.channels) channels") }
    try compare(store, with: model)

    let figure = try drawing(
      of: store, style: FigureStyle.named("neurips", templates: URL(fileURLWithPath: arguments[2])))
    print(try figure.renderer.write(figure.figure, named: "cka", to: out).joined(separator: ", "))
  }

  /// Runs the backbone itself on the first picture, and compares what it gives with the store.
  private static func compare(_ store: FeatureStore, with source: ModelSource) throws {
    let model = try source.load(device: .cpu, seed: 0)
    guard let size = try store.inputSize(), let tap = try store.taps().last else { return }
    let input = ModelInput(try source.preprocessing(of: model), size: size)
    let batch = try input.batch(
      Tensor(store.readInput(row: 0), shape: [1] + size.shape + [3]), validSizes: nil, device: .cpu)
    let features = try model.backbone.features(of: batch, taps: [tap.name])
    let computed = try features[tap.name]?.values(as: Float.self) ?? []
    let stored = try store.readRows(tap: tap.name, rows: [0])
    let difference = zip(computed, stored).reduce(0) { max($0, abs($1.0 - $1.1)) }
    print("\(tap.name) of the first picture: computed again, the largest difference is \(difference)")
  }

  /// Linear CKA between all taps as a heat map.
  private static func drawing(of store: FeatureStore, style: FigureStyle) throws -> (
    figure: Figure, renderer: FigureRenderer
  ) {
    var settings = Similarity.Settings()
    settings.measures = [.ckaLinear]
    settings.selection.bootstrap = 0
    let result = try Similarity.analyze(
      [NamedSource(name: store.model, source: StoreSource(store))], settings: settings)
    let taps = try store.taps().map(\.name)
    var values = [Double?](repeating: nil, count: taps.count * taps.count)
    for row in result.rows {
      guard let first = taps.firstIndex(of: row.a.tap), let second = taps.firstIndex(of: row.b.tap) else { continue }
      values[first * taps.count + second] = row.value
      values[second * taps.count + first] = row.value
    }
    let block = HeatMapBlock(name: store.model, labels: taps)
    let maps = HeatMapFigure(
      maps: [HeatMap(rows: [block], columns: [block], values: values)], colorMap: .viridis, valueLabel: "Linear CKA",
      description: FigureDescription(
        kind: "heat map", title: "CKA of \(store.model)", caption: "Debiased linear CKA between the taps.",
        alternativeText: "A matrix of \(taps.count) × \(taps.count) similarities."))
    let renderer = try FigureRenderer(style: style)
    return (try maps.laidOut(style: style, measurer: renderer.typesetter), renderer)
  }
}
