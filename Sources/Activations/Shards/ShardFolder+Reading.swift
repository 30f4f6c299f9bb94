import Formats
import Foundation
import HDF5

extension ShardFolder {
  /// Opens the shards as one store. Each is opened once to be checked; afterwards few are open at a time.
  ///
  /// - Throws: `StoreError` that names the shard that is missing, not finished, or of another store; `HDF5Error`.
  func open() throws -> (StoreContents, StoreParts) {
    let manifest = try manifest()
    let layout = manifest.layout
    try requireAll(layout)
    var contents: StoreContents?
    var first: StoreFile?
    for shard in layout.filled {
      let path = path(of: shard, layout)
      let file = try HDF5File.open(path)
      let reading = StoreReading(file: file)
      let own = try StoreContents(reading)
      try requireShard(shard, own, manifest)
      try requireFinished(shard, file, own, layout)
      if let known = contents {
        guard own.taps == known.taps, own.conditions == known.conditions, own.classes == known.classes else {
          throw StoreError(
            .badStore, "\(path): its conditions, taps or classes are not those of the other shards; make it again")
        }
        contents?.append(own)
      } else {
        contents = own
        first = StoreFile(file, reading)
      }
    }
    guard var whole = contents, let first else { throw StoreError(.badStore, "\(path): it holds no images") }
    // Of each shard for itself.
    whole.attributes.removeAll { [StoreSchema.shard, StoreHeader.launch].contains($0.name) }
    whole.attributes.append(StoreSetting(StoreSchema.shards, "\(manifest.shards)"))
    let parts = layout.filled.map { StoreParts.Part(path: path(of: $0, layout), rows: layout.rows(of: $0)) }
    return (whole, StoreParts(parts, first: first))
  }

  /// The files of the shards that have images, whether they are there or not.
  ///
  /// - Throws: `StoreError` where the folder holds no plan.
  public func files() throws -> [String] {
    let layout = try manifest().layout
    return layout.filled.map { path(of: $0, layout) }
  }

  /// What tells the store from every other: SHA-256 over the plan and the checksums of all rows, in hexadecimal.
  ///
  /// - Throws: `StoreError` where a shard is missing, `HDF5Error` where one cannot be read.
  public func digest() throws -> String {
    let manifest = try manifest()
    try requireAll(manifest.layout)
    var digest = ContentDigest(manifest.plan)
    for path in try files() {
      let file = try HDF5File.open(path)
      for dataset in try MetadataChecksum.coveredDatasets(of: file) {
        let sums = try file.dataset(StoreSchema.checksum(of: dataset)).read(UInt32.self)
        digest.update(Data("\(dataset)\n".utf8))
        sums.withUnsafeBytes { digest.update($0) }
      }
    }
    return digest.hexadecimal
  }

  /// Refuses a folder that lacks a shard or holds one of another division.
  private func requireAll(_ layout: ShardLayout) throws {
    let missing = layout.filled.filter { !FileManager.default.fileExists(atPath: path(of: $0, layout)) }
    if let shard = missing.first {
      let others = missing.count == 1 ? "" : ", and \(missing.count - 1) more (palimpsest status \(path) lists them)"
      throw StoreError(
        .badStore,
        "\(path): shard \(shard) of \(layout.count) is missing (\(layout.fileName(of: shard)), images "
          + "\(StoreText.range(layout.rows(of: shard))))\(others); run the command that makes the store again with "
          + "--shards \(layout.count) --shard \(shard)")
    }
    let known = Set(layout.filled.map(layout.fileName(of:)))
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if let foreign = names.sorted().first(where: { $0.hasSuffix(".h5") && !known.contains($0) }) {
      throw StoreError(
        .badStore, "\(path): \(foreign) is none of the \(layout.count) shards of this store; move it away")
    }
  }

  private func requireShard(_ shard: Int, _ own: StoreContents, _ manifest: ShardManifest) throws {
    let path = path(of: shard, manifest.layout)
    guard own.attribute(StoreSchema.shardPlan) == manifest.plan else {
      let names = ["model", "checkpoint_sha256", "seed", "tokens", "control", StoreSchema.precision]
      let differing = names.first { own.attribute($0) != manifest.settings[$0] }
      let what =
        differing.map {
          ": its \($0) is \(StoreText.short(own.attribute($0) ?? "none")), that of the others "
            + StoreText.short(manifest.settings[$0] ?? "none")
        } ?? ""
      throw StoreError(
        .badStore,
        "\(path) is no shard of this store, but was made by another plan\(what); put the right file there, or make it again"
      )
    }
    let expected = "\(shard) of \(manifest.shards)"
    guard own.attribute(StoreSchema.shard) == expected,
      own.imagePaths.count == manifest.layout.rows(of: shard).count
    else {
      throw StoreError(
        .badStore,
        "\(path) holds shard \(own.attribute(StoreSchema.shard) ?? "unknown") with \(own.imagePaths.count) images, expected "
          + "shard \(expected) with \(manifest.layout.rows(of: shard).count); put the right file there, or make it again"
      )
    }
  }

  private func requireFinished(_ shard: Int, _ file: HDF5File, _ own: StoreContents, _ layout: ShardLayout) throws {
    guard try file.dataset(StoreSchema.finished).read(UInt8.self).first != 1 else { return }
    let done = try own.conditions.reduce(0) { sum, condition in
      sum + (try file.dataset(StoreSchema.progress(condition)).read(UInt8.self).count { $0 == 1 })
    }
    throw StoreError(
      .badStore,
      "\(path): shard \(shard) of \(layout.count) (\(layout.fileName(of: shard))) is not finished: \(done) of "
        + "\(own.imagePaths.count * own.conditions.count) rows are done; run the command that makes it again with --shards "
        + "\(layout.count) --shard \(shard)")
  }
}
