import Activations
import ArgumentParser
import Backbones
import Foundation
import NeuralNet
import Pipelines

/// `palimpsest inspect`: what a file holds.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what a checkpoint, a store, a training or a bundle holds.",
    discussion: """
      Of a checkpoint: the family, the dialect of its names, its parameters and \
      its taps. Of a store: the model, the images, the conditions and the taps \
      with their shapes. Of a training: the plan, and each inverse with its loss. Of a \
      bundle: its files.

        palimpsest inspect vit-base-patch16-224/
        palimpsest inspect vit.h5
        palimpsest inspect vit-inverse/
      """)

  @Argument(help: "A feature store (.h5), a checkpoint's folder, a .safetensors file, a folder of train, or a bundle.")
  var file: String

  @Option(name: .long, help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Flag(name: .long, help: "List every tensor of a checkpoint.")
  var tensors = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    switch try FileKind(of: file) {
    case .store: try inspectStore()
    case .checkpoint: try inspectCheckpoint()
    case .inverse: try inspectInverse()
    case .results, .report, .unpackedBundle: try inspectResults()
    case .bundle: try inspectBundle()
    }
  }

  private struct TapLine: Encodable {
    let name: String
    let shape: [Int]
    let grid: [Int]
    let prefixTokens: Int
  }

  // MARK: Store

  private struct StoreLines: Encodable {
    let path: String
    let bytes: Int
    let attributes: [String: String]
    let images: Int
    let unreadableImages: Int
    let completeRows: [String: Int]
    let taps: [TapLine]
    let reconstructions: [DatasetLine]
    let joints: [JointLine]
  }

  private struct DatasetLine: Encodable {
    let path: String
    let shape: [Int]
  }

  private struct JointLine: Encodable {
    let path: String
    let shape: [Int]
    let starts: [String]
    let joints: [String]
  }

  private func inspectStore() throws {
    let store = try FeatureStore(path: file)
    let summary = try store.summary()
    output.say("\(file): feature store, \(Numbers.bytes(summary.fileBytes))")
    for attribute in summary.attributes {
      let value = attribute.value.count > 100 ? attribute.value.prefix(97) + "…" : attribute.value[...]
      output.say("  \(Table.padded(attribute.name, 20)) \(value)")
    }
    output.say("  \(Table.padded("images", 20)) \(summary.images), \(summary.unreadableImages) could not be read")
    for condition in summary.conditions {
      let size = condition.inputSize.map { ", inputs \($0[1])×\($0[0])" } ?? ""
      output.say(
        "  \(Table.padded("condition", 20)) \(condition.name): \(condition.completeRows) of \(summary.images) complete\(size)"
      )
    }
    if let bytes = summary.journalBytes {
      output.say(
        "  \(Table.padded("journal", 20)) \(Numbers.bytes(bytes)) beside it: the same extract goes on with them")
    }
    let first = summary.conditions.first?.name
    let taps = summary.taps.filter { $0.condition == first }
    output.say("")
    output.say(
      Table.text(
        header: ["tap", "shape", "type", "grid", "prefix", "size"],
        rows: taps.map {
          [
            $0.name, $0.shape.map(String.init).joined(separator: "×"), "\($0.scalar)",
            $0.grid.map(String.init).joined(separator: "×"), "\($0.prefixTokens)", Numbers.bytes($0.bytes),
          ]
        }))
    let others = (summary.reconstructions + summary.joints).filter { $0.condition == first }
    if !others.isEmpty {
      output.say("")
      output.say(
        Table.text(
          header: ["dataset", "shape", "size"],
          rows: others.map {
            [$0.path, $0.shape.map(String.init).joined(separator: "×"), Numbers.bytes($0.bytes)]
          }))
    }
    let joints = try summary.joints.map { dataset in
      let names = try store.joints(of: dataset.condition)
      return JointLine(
        path: dataset.path, shape: dataset.shape, starts: names?.starts ?? [], joints: names?.joints ?? [])
    }
    try output.summarize(
      StoreLines(
        path: file, bytes: summary.fileBytes,
        attributes: Dictionary(summary.attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
        images: summary.images, unreadableImages: summary.unreadableImages,
        completeRows: Dictionary(uniqueKeysWithValues: summary.conditions.map { ($0.name, $0.completeRows) }),
        taps: taps.map { TapLine(name: $0.name, shape: $0.shape, grid: $0.grid, prefixTokens: $0.prefixTokens) },
        reconstructions: summary.reconstructions.map { DatasetLine(path: $0.path, shape: $0.shape) }, joints: joints))
  }

  // MARK: Checkpoint

  private struct CheckpointLines: Encodable {
    let path: String
    let name: String
    let family: String
    let dialect: String
    let sha256: String
    let parameters: Int
    let inputSize: [Int]
    let preprocessing: String
    let taps: [TapLine]
  }

  private func inspectCheckpoint() throws {
    let url = URL(fileURLWithPath: file)
    if tensors {
      let checkpoint = try Checkpoint(at: url)
      let rows = checkpoint.files.flatMap(\.entries).map {
        [$0.name, $0.type, $0.shape.map(String.init).joined(separator: "×"), Numbers.bytes($0.range.count)]
      }
      output.say(Table.text(header: ["tensor", "type", "shape", "size"], rows: rows))
      output.say("")
    }
    let model = try ModelRegistry.load(at: url, architecture: architecture)
    let preprocessing = try model.preprocessing().resolved()
    let size = preprocessing.inputSize ?? (width: 640, height: 480)
    let taps = try model.backbone.taps(height: size.height, width: size.width)
    output.say("\(file): \(model.backbone.family.rawValue) checkpoint \(model.name), named as \(model.dialect)")
    output.say("  \(Table.padded("SHA-256", 20)) \(model.checkpointSHA256)")
    output.say("  \(Table.padded("parameters", 20)) \(model.backbone.learnedCount)")
    output.say("  \(Table.padded("input", 20)) \(size.width)×\(size.height), \(preprocessing.source)")
    output.say("")
    output.say(
      Table.text(
        header: ["tap", "tokens", "channels", "grid", "prefix"],
        rows: taps.map {
          [
            $0.name, "\($0.tokens)", "\($0.channels)", $0.grid.map(String.init).joined(separator: "×"),
            "\($0.prefixTokens)",
          ]
        }))
    try output.summarize(
      CheckpointLines(
        path: file, name: model.name, family: model.backbone.family.rawValue, dialect: model.dialect,
        sha256: model.checkpointSHA256, parameters: model.backbone.learnedCount, inputSize: [size.height, size.width],
        preprocessing: try preprocessing.recorded(),
        taps: taps.map {
          TapLine(name: $0.name, shape: [$0.tokens, $0.channels], grid: $0.grid, prefixTokens: $0.prefixTokens)
        }))
  }

  // MARK: Results

  private func inspectResults() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: file).sorted()
    output.say("\(file): results of an analysis")
    for name in names { output.say("  \(name)") }
    try output.summarize(["path": [file], "files": names])
  }
}
