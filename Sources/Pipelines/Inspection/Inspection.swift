import Formats

/// What a file or folder holds: typed values, and the same in lines and tables for people.
public protocol Inspection: Encodable, Sendable {
  /// What it is, such as `feature store, 3.1 MiB`.
  var title: String { get }
  /// Names and values, such as `parameters` and their number.
  var facts: [InspectionFact] { get }
  var tables: [InspectionTable] { get }
}

/// A named value.
public struct InspectionFact: Sendable, Equatable {
  public let name: String
  /// Empty where the name says everything.
  public let value: String

  init(_ name: String, _ value: String = "") {
    self.name = name
    self.value = value
  }
}

/// Cells in rows under a header, all of as many columns; without rows a sentence stands in their place.
public struct InspectionTable: Sendable, Equatable {
  public let header: [String]
  public let rows: [[String]]
  public let placeholder: String

  init(header: [String], rows: [[String]], placeholder: String = "") {
    self.header = header
    self.rows = rows
    self.placeholder = placeholder
  }
}

/// A tap as an inspection lists it.
public struct InspectedTap: Encodable, Sendable {
  public let name: String
  /// `[images, tokens, channels]` of a store, `[tokens, channels]` of a model.
  public let shape: [Int]
  /// Height and width; empty where the tokens lie on none.
  public let grid: [Int]
  public let prefixTokens: Int
  /// Of taps inside blocks: how a row unfolds, slowest axis first, and what it is.
  public var axes: [String]?
  public var axisLengths: [Int]?
  public var definition: String?
}

extension InspectedTap {
  /// - Parameters:
  ///   - axes: empty where the tap is not inside a block.
  init(
    name: String, shape: [Int], grid: ImageSize?, prefixTokens: Int, axes: [TapAxis] = [], definition: String? = nil
  ) {
    self.init(name: name, shape: shape, grid: grid?.shape ?? [], prefixTokens: prefixTokens)
    self.axes = axes.isEmpty ? nil : axes.map(\.name)
    axisLengths = axes.isEmpty ? nil : axes.map(\.length)
    self.definition = definition
  }

  /// `12 head × 197 query × 197 key`; empty where the tap is not inside a block.
  var unfolded: String { zip(axes ?? [], axisLengths ?? []).map { TapAxis($0, $1) }.text }
}

/// `[2, 3]` as `2×3`.
func crossed(_ sides: [Int]) -> String { sides.map(String.init).joined(separator: "×") }

/// Inspects whatever a path holds.
///
/// - Parameter architecture: of a bare `.safetensors` file.
/// - Throws: ``BadInput`` where Palimpsest reads nothing of the kind; the errors of stores, checkpoints and bundles.
public func inspect(_ path: String, architecture: String? = nil) throws -> any Inspection {
  switch try FileKind(of: path) {
  case .store: try StoreInspection(path)
  case .checkpoint: try CheckpointInspection(path, architecture: architecture)
  case .inverse: try TrainingInspection.inspect(path)
  case .results, .report, .unpackedBundle: try ResultsInspection(path)
  case .bundle: try BundleInspection(path)
  }
}
