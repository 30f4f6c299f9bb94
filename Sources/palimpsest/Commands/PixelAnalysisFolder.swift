import Activations
import Analysis
import Foundation
import Imaging
import Pipelines
import Reports
import Results

/// What the analyses of pixels share: opening stores with their objects, and a results folder with its provenance.
struct PixelAnalysisFolder {
  let stores: [String]
  let out: String
  /// A COCO instances file; nil where none is given.
  let annotations: String?
  private let run: RunRecord

  init(stores: [String], out: String, annotations: String?, command: [String]) {
    self.stores = stores
    self.out = out
    self.annotations = annotations
    run = RunRecord(command: ["palimpsest"] + (Invocation.step ?? Array(command.dropFirst())))
  }

  /// Opens the stores, reads the annotations and makes the folder.
  func open(_ output: OutputOptions) throws -> [PixelStore] {
    let named = try read(output)
    try OutputPath.makeFolder(out)
    return named
  }

  /// The same without making the folder.
  func read(_ output: OutputOptions) throws -> [PixelStore] {
    let opened = try stores.map { try FeatureStore(path: $0) }
    let objects = try annotations.map { try COCOAnnotations(contentsOf: URL(fileURLWithPath: $0)) }
    return try zip(NamedSource.names(of: stores), opened).map { name, store in
      try PixelStore(store, name: name, annotations: objects, file: annotations, note: { output.note($0) })
    }
  }

  func path(_ name: String) -> String { URL(fileURLWithPath: out).appendingPathComponent(name).path }

  func stream(_ table: TableDefinition) throws -> TableStream { try TableStream(table, in: out) }

  /// Writes `provenance.json`.
  ///
  /// - Parameter inputs: files that were read beside stores and annotations.
  func record(
    _ opened: [PixelStore], images: [Int], seed: UInt64, settings: [(name: String, value: String)], outputs: [String],
    inputs: [Provenance.File] = []
  ) throws {
    var read = stores.map { FileHash.record($0, role: "store") }
    if let annotations { read.append(FileHash.record(annotations, role: "annotations")) }
    try run.write(
      to: URL(fileURLWithPath: out), seed: seed, settings: settings, inputs: read + inputs, outputs: outputs,
      stores: zip(opened, images).map { store, images in
        try RunRecord.describe(
          store.store, name: store.name, condition: store.store.conditions.first ?? "original", images: images,
          tokens: store.store.attribute("tokens") ?? "all")
      })
  }

  /// Says what a reader of the tables should know.
  func tell(_ notes: [String], _ leftOut: [LeftOutImage], _ output: OutputOptions) {
    for note in notes { output.note(note) }
    guard let first = leftOut.first else { return }
    let count = leftOut.count == 1 ? "1 image is" : "\(leftOut.count) images are"
    output.note("\(count) left out, the first: \(first.path) of \(first.store): \(first.reason)")
  }
}
