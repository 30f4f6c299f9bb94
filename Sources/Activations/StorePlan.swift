import Formats
import HDF5
import Results

/// What was done to make a store: root attributes of the schema.
public struct StoreHeader: Sendable, Equatable {
  /// Name of the model, as in `vit_base_patch16_224`.
  public var model: String
  /// `vit`, `deit`, `swin`, `detr` or `other`.
  public var family: String
  /// SHA-256 of the checkpoint, in hexadecimal.
  public var checkpointSHA256: String
  /// The model's configuration, as JSON.
  public var configuration: String
  /// How images became tensors, as JSON.
  public var preprocessing: String
  /// Program and version.
  public var createdBy: String
  /// Date and time in ISO 8601; the only clock in a store.
  public var createdAt: String
  public var seed: Int
  /// Further settings that decide what the features are (token mode, control, region), recorded as string
  /// attributes of the root and compared when a store is taken up again.
  public var settings: [StoreSetting]
  /// What a reader should know, recorded as string attributes of the root and not compared.
  public var remarks: [StoreSetting] = []

  /// The remark that says where the model was fetched, as `ORG/NAME@COMMIT`; absent where it came from no cache of the Hub.
  public static let modelSource = "model_source"
  /// The remark that says which task of a job made the store, where a launcher started several; see `docs/cluster.md`.
  public static let launch = "launch"

  public init(
    model: String, family: String, checkpointSHA256: String, configuration: String, preprocessing: String,
    createdBy: String, createdAt: String, seed: Int, settings: [StoreSetting] = []
  ) {
    self.model = model
    self.family = family
    self.checkpointSHA256 = checkpointSHA256
    self.configuration = configuration
    self.preprocessing = preprocessing
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.seed = seed
    self.settings = settings
  }
}

/// A setting by name.
public struct StoreSetting: Sendable, Equatable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// An image of a store: its path relative to the folder, and its class.
public struct StoreImage: Sendable, Equatable {
  public var path: String
  /// Index into the classes, -1 where unknown.
  public var label: Int32

  public init(path: String, label: Int32 = -1) {
    self.path = path
    self.label = label
  }
}

/// A tap of a store: rows of `[tokens, channels]`.
public struct StoreTap: Sendable, Equatable {
  public var name: String
  public var tokens: Int
  public var channels: Int
  /// The token grid in raster order behind the prefix tokens; nil where there is none.
  public var grid: ImageSize?
  /// Class and distillation tokens before the grid.
  public var prefixTokens: Int
  /// The deepest tap of the store that its value is computed from; nil where there is none, or it is not known.
  public var parent: String?
  /// nil where it is not known.
  public var role: TapRole?
  /// Of a tap inside a block, what a row is when it is unfolded, slowest axis first; else empty.
  public var axes: [TapAxis]

  public init(
    name: String, tokens: Int, channels: Int, grid: ImageSize? = nil, prefixTokens: Int = 0, parent: String? = nil,
    role: TapRole? = nil, axes: [TapAxis] = []
  ) {
    self.axes = axes
    self.parent = parent
    self.role = role
    self.name = name
    self.tokens = tokens
    self.channels = channels
    self.grid = grid
    self.prefixTokens = prefixTokens
  }

  /// Numbers in one row.
  public var columns: Int { tokens * channels }
}

/// Chains that were started at several cuts, and the joints they passed: what a matrix of errors says of.
public struct StoreJoints: Sendable, Equatable {
  /// The cuts at which chains were started, one a row.
  public var starts: [String]
  /// `image` and the cuts below which a module ends, one a column.
  public var joints: [String]

  public init(starts: [String], joints: [String]) {
    self.starts = starts
    self.joints = joints
  }

  /// Of one image's matrix.
  public var shape: [Int] { [starts.count, joints.count] }
}

/// Precision of the features in a store.
public enum StorePrecision: String, Sendable, CaseIterable {
  case float32, float16

  public var scalar: HDF5ScalarType { self == .float32 ? .float32 : .float16 }
}

/// How the chunks of a store are kept.
public enum StoreCompression: Sendable, Equatable, CustomStringConvertible {
  case none
  /// HDF5's shuffle and deflate filters at a level from 1 (fast) to 9 (small).
  case deflate(level: Int)

  /// Every compression by its description, and `deflate` for level 4.
  public static let names = ["none", "deflate"] + (1...9).map { "deflate:\($0)" }

  /// Reads ``names``; nil for other texts.
  public init?(_ name: String) {
    switch name {
    case "none": self = .none
    case "deflate": self = .deflate(level: 4)
    default:
      guard name.hasPrefix("deflate:"), let level = Int(name.dropFirst("deflate:".count)), (1...9).contains(level)
      else { return nil }
      self = .deflate(level: level)
    }
  }

  public var description: String {
    switch self {
    case .none: "none"
    case .deflate(let level): "deflate:\(level)"
    }
  }
}

/// Everything that decides what a store will hold. Two runs with equal plans end with byte-equal datasets.
public struct StorePlan: Sendable {
  public var header: StoreHeader
  public var images: [StoreImage]
  /// Names of the classes that labels count in; empty where there are none.
  public var classes: [String]
  /// `original` and others.
  public var conditions: [String]
  /// Taps in order of depth, the same for every condition.
  public var taps: [StoreTap]
  public var precision: StorePrecision
  public var compression: StoreCompression
  /// Height and width of the pixels the model sees; nil leaves `/inputs` out.
  public var inputSize: ImageSize?
  /// Names of what images are reconstructed from; each gets pixels of `reconstructionSize` for every condition.
  public var reconstructions: [String]
  /// Height and width of the reconstructions: the input's size, where that is known.
  public var reconstructionSize: ImageSize? {
    get { inputSize ?? ownReconstructionSize }
    set { ownReconstructionSize = newValue }
  }
  private var ownReconstructionSize: ImageSize?
  /// The errors at the joints of chains, for every condition; nil leaves `/joints` out.
  public var joints: StoreJoints?
  /// Rows are made in blocks of this many images; a block is made again as a whole.
  public var blockSize: Int
  /// Whether the store records what the image files' bytes are known by. A store of an earlier version that does not is
  /// continued as it is.
  public var recordsContents = true

  public init(
    header: StoreHeader, images: [StoreImage], classes: [String] = [],
    conditions: [String] = [ConditionName.original.text],
    taps: [StoreTap], precision: StorePrecision = .float32, compression: StoreCompression = .none,
    inputSize: ImageSize? = nil, reconstructions: [String] = [], joints: StoreJoints? = nil, blockSize: Int
  ) {
    self.header = header
    self.images = images
    self.classes = classes
    self.conditions = conditions
    self.taps = taps
    self.precision = precision
    self.compression = compression
    self.inputSize = inputSize
    self.reconstructions = reconstructions
    self.joints = joints
    self.blockSize = blockSize
  }

  /// Blocks of rows, the last of which may be short.
  public var blockCount: Int { (images.count + blockSize - 1) / blockSize }

  /// Rows of a block.
  public func rows(ofBlock block: Int) -> Range<Int> {
    block * blockSize..<min(images.count, (block + 1) * blockSize)
  }

  /// Checks names and sizes.
  func validate() throws {
    func bad(_ text: String) -> StoreError { StoreError(.badRequest, "cannot plan a feature store: \(text)") }
    guard !images.isEmpty else { throw bad("there are no images") }
    guard !conditions.isEmpty, !taps.isEmpty else { throw bad("there are no conditions or no taps") }
    guard blockSize > 0 else { throw bad("the batch size is \(blockSize), expected at least 1") }
    guard reconstructionSize != nil || reconstructions.isEmpty else { throw bad("reconstructions need a size") }
    for names in [conditions, taps.map(\.name), reconstructions, joints?.starts ?? [], joints?.joints ?? []] {
      var seen = Set<String>()
      for name in names {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", !name.utf8.contains(0) else {
          throw bad("'\(name)' cannot name a dataset")
        }
        guard seen.insert(name).inserted else { throw bad("the name '\(name)' occurs twice") }
      }
    }
    for tap in taps {
      guard tap.tokens > 0, tap.channels > 0 else {
        throw bad("tap \(tap.name) has \(tap.tokens) tokens of \(tap.channels) channels")
      }
      if let grid = tap.grid, grid.area + tap.prefixTokens != tap.tokens {
        throw bad(
          "tap \(tap.name): the grid \(grid.shape) and \(tap.prefixTokens) prefix tokens are not \(tap.tokens) tokens")
      }
      guard tap.columns * precision.scalar.size < 1 << 32 else {
        throw bad("a row of tap \(tap.name) has 4 GiB or more, which no chunk can hold")
      }
    }
    guard joints.map({ !$0.shape.contains(0) }) ?? true else { throw bad("there are no starts or no joints") }
    if let size = reconstructionSize {
      guard size.height > 0, size.width > 0 else { throw bad("the images are \(size)") }
    }
    if case .deflate(let level) = compression, !(1...9).contains(level) {
      throw bad("the compression level is \(level), expected 1 to 9")
    }
  }
}
