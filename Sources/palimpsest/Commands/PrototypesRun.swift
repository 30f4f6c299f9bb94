import Activations
import Analysis
import Foundation
import Inversion
import Reports
import Results

import struct Torch.Device

/// One run of `analyze prototypes`, from store files to a results folder.
struct PrototypesRun {
  let stores: [String]
  let out: String
  let options: PrototypesOptions
  let threads: Int
  let device: Device
  let output: OutputOptions
  var command = CommandLine.arguments

  struct Summary: Encodable {
    let out: String
    let rows: Int
    let figures: Int
    let images: Int
    let leftOut: Int
    let pictures: Int
    /// Of classes at places.
    let placed: Int
    let notes: [String]
    let seconds: Double
    let peakResidentBytes: Int
  }

  func run() throws -> Summary {
    let folder = PixelAnalysisFolder(stores: stores, out: out, annotations: nil, command: command)
    let opened = try folder.open(output)
    let inverses = try PrototypeInverses(options.inverse)
    let leading = try opened.map { try inverses.folder(for: $0.store) }
    try inverses.requireUse(stores)
    let settings = options.settings(threads: threads)
    let sweep = try PlacesRun(zip(opened, leading).map { (name: $0.name, store: $0.store, inverse: $1) }, options)
    let named = opened.map { (name: $0.name, store: $0.store) }
    let names = opened.map { PrototypeFiles.name(.prototypes, of: $0.name) }
    let kept = try zip(opened, names).map { store, name in
      let classes = try Prototypes.classes(of: store.store, settings: settings)
      return try PrototypeStore(
        folder.path("\(name).h5"), of: store.store,
        rows: classes.enumerated().map { StoreImage(path: $0.element, label: Int32($0.offset)) }, classes: classes)
    }
    let figures = try folder.stream(.prototypeImages)
    let progress = CountedProgress("prototypes", unit: "taps", isShown: !output.quiet)
    let result = try Prototypes.analyze(
      named, settings: settings, visit: { try figures.append($0.fields) },
      keep: { try kept[$0].append($1, $2) }
    ) { try progress.update($0, of: $1) }
    progress.finish()
    try figures.finish()
    for store in kept { try store.finish() }
    try result.table.write(to: folder.path(TableDefinition.prototypes.file))
    try result.classTable.write(to: folder.path(TableDefinition.prototypeClasses.file))
    try result.medoidTable.write(to: folder.path(TableDefinition.medoids.file))
    var outputs = [
      TableDefinition.prototypes.file, TableDefinition.prototypeClasses.file, TableDefinition.medoids.file,
      TableDefinition.prototypeImages.file,
    ]
    outputs += names.map { "\($0).h5" }
    var pictures = 0
    let back = LeadBack(threads: threads, device: device)
    for (name, inverse) in zip(names, leading) {
      guard let inverse else { continue }
      pictures += try back.pictures(folder.path(name), inverse)
      outputs.append("\(name)-back.h5")
    }
    let placed = try sweep.run(folder, back, progress: !output.quiet)
    outputs += placed.outputs
    try folder.record(
      opened, images: result.images, seed: options.seed, settings: options.recorded, outputs: outputs)
    folder.tell(result.notes + sweep.notes, result.leftOut, output)
    let images = result.images.reduce(0, +)
    output.say(
      "\(out)/prototypes.csv: \(result.rows.count) values from \(images) images"
        + (pictures > 0 ? ", \(pictures) prototypes as pictures" : "")
        + (placed.pictures > 0 ? ", \(placed.pictures) pictures of classes at places" : "")
        + " in \(Numbers.fixed(progress.seconds, 1)) s")
    return Summary(
      out: out, rows: result.rows.count, figures: figures.count, images: images, leftOut: result.leftOut.count,
      pictures: pictures, placed: placed.pictures, notes: result.notes + sweep.notes, seconds: progress.seconds,
      peakResidentBytes: Host.peakResidentBytes)
  }
}

/// Leads stores of activations that no image made back to pictures.
struct LeadBack {
  let threads: Int
  let device: Device

  /// Leads `PATH.h5` back to `PATH-back.h5`, and writes each picture as a PNG into the folder `PATH`.
  ///
  /// - Parameter path: without the ending.
  /// - Returns: how many pictures there are.
  func pictures(_ path: String, _ inverse: String) throws -> Int {
    let back = "\(path)-back.h5"
    try? FileManager.default.removeItem(atPath: back)
    let quiet = try Reconstruct.parse([
      "--features", "\(path).h5", "--inverse", inverse, "--out", back, "--quiet", "--threads", "\(threads)",
    ])
    let folder = InverseFolder(URL(fileURLWithPath: inverse))
    guard let plan = try folder.plan() else {
      throw BadInput("--inverse \(inverse): no inverse networks are here (no plan.json); give what train wrote")
    }
    _ = try StoreReconstruction(
      features: "\(path).h5", inverse: inverse, folder: folder, plan: plan, source: quiet.source,
      options: quiet.options, device: device, out: back, output: quiet.output
    ).run()
    return try PrototypePictures.write(FeatureStore(path: back), to: URL(fileURLWithPath: path))
  }
}

/// The inverses that were given, found by the checksum of the model they invert.
private struct PrototypeInverses {
  private let given: [(path: String, sha256: String)]

  init(_ paths: [String]) throws {
    given = try paths.map { path in
      guard let plan = try InverseFolder(URL(fileURLWithPath: path)).plan() else {
        throw BadInput(
          "--inverse \(path): no inverse networks are here (no plan.json); give what palimpsest train wrote")
      }
      return (path, plan.checkpointSHA256)
    }
  }

  func folder(for store: FeatureStore) throws -> String? {
    let sum = store.attribute("checkpoint_sha256")
    guard let found = given.first(where: { $0.sha256 == sum }) else { return nil }
    guard store.attribute("tokens") ?? "all" == "all" else {
      throw BadInput(
        "--inverse \(found.path): \(store.path) keeps \(store.attribute("tokens") ?? "some") tokens only, from which no image"
          + " comes back; extract with --tokens all")
    }
    return found.path
  }

  /// Every inverse belongs to some store.
  func requireUse(_ stores: [String]) throws {
    for inverse in given {
      let isUsed = try stores.contains {
        try FeatureStore(path: $0).attribute("checkpoint_sha256") == inverse.sha256
      }
      guard isUsed else {
        throw BadInput(
          "--inverse \(inverse.path) inverts another model than those of \(stores.joined(separator: ", "));"
            + " give the inverses of a store's model")
      }
    }
  }
}
