import Formats
import HDF5

/// Names and sizes of the schema, version 1. `docs/store.md` explains them.
public enum StoreSchema {
  public static let format = "palimpsest.features"
  public static let version = 1
  /// Bytes of `/images/error`.
  static let errorBytes = 256

  static let imagePath = "/images/path"
  static let imageSize = "/images/size"
  static let imageLabel = "/images/label"
  static let imageError = "/images/error"
  /// What the image files' bytes are known by, where the store records it.
  static let imageContent = "/images/sha256"
  /// Names of the classes, an attribute of the labels; and what it was called before, which is still written and read.
  static let classNames = "names"
  static let classes = "classes"
  /// For each of the group's `taps` the tap it is computed from and its ``TapRole``, attributes of `/features/<condition>`.
  static let parents = "parents"
  static let roles = "roles"
  /// Of taps inside blocks: how a row unfolds, and what it is; attributes of their datasets.
  static let axes = "axes"
  static let axisLengths = "axis_lengths"
  static let definition = "definition"
  static let checksums = "/checksums"
  static let finished = "/checksums/finished"
  static let imageChecksums = "/checksums/images"
  /// Which datasets of `/images` those checksums are over, an attribute of them; size and error text where it is missing.
  static let covers = "covers"

  public static func features(_ condition: String, _ tap: String) -> String { "/features/\(condition)/\(tap)" }
  public static func inputs(_ condition: String) -> String { "/inputs/\(condition)" }
  public static func reconstructions(_ condition: String, _ tap: String) -> String {
    "/reconstructions/\(condition)/\(tap)"
  }
  public static func joints(_ condition: String) -> String { "/joints/\(condition)" }
  public static func progress(_ condition: String) -> String { "/progress/\(condition)" }
  /// The checksums of a dataset stand at the dataset's own path under `/checksums`.
  public static func checksum(of dataset: String) -> String { checksums + dataset }

  static let blockSize = "block_size"
  static let precision = "dtype"
  static let compression = "compression"

  /// Root attributes of a shard: which it is, as in `3 of 50`, and the plan that all shards of the store have in common.
  static let shard = "shard"
  static let shardPlan = "shards_plan"
  /// How many shards a store has, an attribute of the store that the folder stands for.
  static let shards = "shards"
}

/// One dataset with a row for each image, as it is planned.
struct PlannedDataset: Sendable {
  let path: String
  let scalar: HDF5ScalarType
  /// Shape of a row.
  let rowShape: [Int]
  let condition: Int
  /// Index into the plan's taps, nil for pixels.
  let tap: Int?
  /// Images in a chunk.
  let chunkRows: Int
  /// Index into the plan's reconstructions, nil for anything else.
  var reconstruction: Int?
  /// Whether a row is the matrix of errors at the joints.
  var isJoints = false

  var rowElements: Int { rowShape.reduce(1, *) }
  var rowBytes: Int { rowElements * scalar.size }
}

extension StorePlan {
  /// The most bytes of a chunk that holds more than one image.
  private static let chunkTarget = 1 << 20

  /// All datasets with a row for each image: by condition, pixels first, then taps and reconstructions in order of depth,
  /// then the errors at the joints.
  var datasets: [PlannedDataset] {
    conditions.indices.flatMap { condition in
      var all: [PlannedDataset] = []
      if let inputSize {
        let row = inputSize.shape + [3]
        all.append(
          PlannedDataset(
            path: StoreSchema.inputs(conditions[condition]), scalar: .uint8, rowShape: row, condition: condition,
            tap: nil, chunkRows: chunkRows(rowBytes: row.reduce(1, *))))
      }
      for (index, tap) in taps.enumerated() {
        all.append(
          PlannedDataset(
            path: StoreSchema.features(conditions[condition], tap.name), scalar: precision.scalar,
            rowShape: [tap.tokens, tap.channels], condition: condition, tap: index,
            chunkRows: chunkRows(rowBytes: tap.columns * precision.scalar.size)))
      }
      for (index, name) in reconstructions.enumerated() {
        let row = (reconstructionSize?.shape ?? []) + [3]
        all.append(
          PlannedDataset(
            path: StoreSchema.reconstructions(conditions[condition], name), scalar: .uint8, rowShape: row,
            condition: condition, tap: nil, chunkRows: chunkRows(rowBytes: row.reduce(1, *)), reconstruction: index))
      }
      if let joints {
        all.append(
          PlannedDataset(
            path: StoreSchema.joints(conditions[condition]), scalar: .float32, rowShape: joints.shape,
            condition: condition, tap: nil, chunkRows: chunkRows(rowBytes: joints.shape.reduce(4, *)), isJoints: true))
      }
      return all
    }
  }

  /// Images in a chunk: as many as fit into 1 MiB, at least one. A compressed chunk must not reach over the end of a
  /// block, because it is written once, as a whole.
  private func chunkRows(rowBytes: Int) -> Int {
    let fitting = min(images.count, max(1, StorePlan.chunkTarget / max(1, rowBytes)))
    if compression == .none { return fitting }
    return (1...blockSize).last { blockSize % $0 == 0 && $0 <= fitting } ?? 1
  }

  /// Bytes the store takes on disk. With compression it is what the store would take if nothing could be saved;
  /// while a compressed store is put together its journal takes the space of the compressed chunks once more.
  public var estimatedBytes: Int {
    var bytes = 64 << 10
    for dataset in datasets {
      let chunks = (images.count + dataset.chunkRows - 1) / dataset.chunkRows
      bytes += chunks * dataset.chunkRows * dataset.rowBytes
      // Object headers and attributes, checksums of rows, and the index of compressed chunks.
      bytes += 1024 + images.count * 4 + (compression == .none ? 0 : chunks * 20)
    }
    let pathBytes = images.map(\.path.utf8.count).max() ?? 1
    bytes +=
      images.count
      * (pathBytes + 4 + 8 + StoreSchema.errorBytes + 4 + conditions.count
        + (recordsContents ? ContentIdentity.digitCount : 0))
    bytes += classes.reduce(0) { $0 + $1.utf8.count + 48 }
    bytes += header.configuration.utf8.count + header.preprocessing.utf8.count
    return bytes
  }
}
