import Formats
import Foundation

/// What the shards of a store have in common: the file `shards.json` beside them, written before the first of them.
public struct ShardManifest: Codable, Sendable, Equatable {
  static let format = "palimpsest.shards"
  static let version = 1
  /// The most bytes of such a file: its texts are a model's configuration and names of taps.
  private static let largest = 16 << 20

  let format: String
  let version: Int
  /// SHA-256 of the settings: every shard records it.
  public let plan: String
  /// Of the whole store.
  public let images: Int
  public let blockSize: Int
  public let shards: Int
  /// Everything that decides what the store will hold, by name; of what is long its SHA-256.
  public let settings: [String: String]
  /// The array of tasks that was started to make the shards; nil where it was none. A part of it that is started again finds its
  /// shards by it.
  public var array: TaskArray?

  private enum CodingKeys: String, CodingKey {
    case format, version, plan, images, shards, settings, array
    case blockSize = "block_size"
  }

  public var layout: ShardLayout { ShardLayout(images: images, blockSize: blockSize, count: shards) }

  init(_ plan: StorePlan, shards: Int, array: TaskArray?) {
    let identity = plan.identity(shards: shards)
    format = ShardManifest.format
    version = ShardManifest.version
    self.plan = ShardManifest.digest(of: identity)
    images = plan.images.count
    blockSize = plan.blockSize
    self.shards = shards
    settings = Dictionary(identity.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    self.array = array
  }

  private static func digest(of identity: [StoreSetting]) -> String {
    ContentDigest(identity.map { "\($0.name)=\($0.value)\n" }.joined()).hexadecimal
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `StoreError` where it is none of these files, or not whole.
  init(contentsOf path: String) throws {
    func bad(_ reason: String) -> StoreError { StoreError(.badStore, "\(path): \(reason)") }
    do {
      self = try JSONDecoder().decode(
        ShardManifest.self, from: try SmallFile.data(path, largest: ShardManifest.largest))
    } catch let error as FileReadingError {
      throw StoreError(.badStore, error.description)
    } catch {
      throw bad("it is not the plan of a store's shards, or is damaged; run the command that makes the store again")
    }
    guard format == ShardManifest.format else {
      throw bad("its format is '\(format)', expected \(ShardManifest.format)")
    }
    guard version <= ShardManifest.version else {
      throw bad("it has version \(version), this program reads up to \(ShardManifest.version); take a newer palimpsest")
    }
    guard images > 0, blockSize > 0, shards > 0, images <= 1 << 40, shards <= ShardManifest.most else {
      throw bad("it plans \(shards) shards of \(images) images in blocks of \(blockSize)")
    }
  }

  /// The most shards of a store: names have five digits.
  public static let most = 99_999

  /// As it lies in the file.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

extension StorePlan {
  /// Everything that decides what a store will hold: what two shards of one store agree in. Dates and notes are left out.
  func identity(shards: Int) -> [StoreSetting] {
    func digest(_ texts: [String]) -> String { ContentDigest(texts.joined(separator: "\n")).hexadecimal }
    func size(_ size: ImageSize?) -> String { size.map { "\($0)" } ?? "none" }
    return [
      StoreSetting("model", header.model), StoreSetting("checkpoint_sha256", header.checkpointSHA256),
      StoreSetting("family", header.family), StoreSetting("config", digest([header.configuration])),
      StoreSetting("preprocessing", header.preprocessing), StoreSetting("seed", "\(header.seed)"),
    ] + header.settings + [
      StoreSetting("number of images", "\(images.count)"),
      StoreSetting("images", digest(images.map { "\($0.label) \($0.path)" })),
      StoreSetting("classes", digest(classes)), StoreSetting("conditions", conditions.joined(separator: ", ")),
      StoreSetting("taps", taps.map(\.name).joined(separator: ", ")),
      StoreSetting(
        "shapes of taps",
        taps.map { "\($0.tokens)×\($0.channels) \($0.grid?.shape ?? []) \($0.prefixTokens)" }.joined(separator: ", ")),
      StoreSetting(StoreSchema.precision, precision.rawValue),
      StoreSetting(StoreSchema.compression, compression.description), StoreSetting("batch size", "\(blockSize)"),
      StoreSetting("input size", size(inputSize)),
      StoreSetting("reconstructions", reconstructions.joined(separator: ", ")),
      StoreSetting("size of reconstructions", size(reconstructionSize)),
      StoreSetting("joints", joints?.description ?? "none"), StoreSetting("shards", "\(shards)"),
    ]
  }

  /// The plan of one shard: a store of some of the rows.
  ///
  /// - Parameter manifest: that of the whole plan.
  public func shard(_ shard: Int, of manifest: ShardManifest) -> StorePlan {
    var part = self
    part.images = Array(images[manifest.layout.rows(of: shard)])
    part.header.settings += [
      StoreSetting(StoreSchema.shard, "\(shard) of \(manifest.shards)"),
      StoreSetting(StoreSchema.shardPlan, manifest.plan),
    ]
    return part
  }
}
