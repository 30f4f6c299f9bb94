import Backbones
import Formats
import Foundation
import Imaging
import NeuralNet

/// What a checkpoint holds.
public struct CheckpointInspection: Inspection {
  public let path: String
  public let name: String
  public let family: String
  /// Whose names its tensors have: timm's or transformers'.
  public let dialect: String
  public let sha256: String
  /// `ORG/NAME@COMMIT` of a model of the Hub's cache.
  public let source: String?
  public let parameters: Int
  /// Height and width.
  public let inputSize: ImageSize
  /// The recipe as stores record it.
  public let preprocessing: String
  public let taps: [InspectedTap]
  /// What was left out of the checkpoint, and what it says that is not followed.
  public let notes: [String]
  private let preprocessingSource: String

  private enum CodingKeys: String, CodingKey {
    case path, name, family, dialect, sha256, source, parameters, inputSize, preprocessing, taps, notes
  }

  /// - Parameter architecture: of a bare `.safetensors` file.
  /// - Throws: `BackboneError` and `CheckpointError`.
  public init(_ path: String, architecture: String? = nil) throws {
    let model = try ModelRegistry.load(at: URL(fileURLWithPath: path), architecture: architecture)
    let recipe = try model.preprocessing().resolved()
    let size = recipe.inputSize ?? Preprocessing.detectorSize
    self.path = path
    name = model.name
    family = model.backbone.family.rawValue
    dialect = model.dialect
    sha256 = model.checkpointSHA256
    source = model.origin
    parameters = model.backbone.learnedCount
    inputSize = size
    preprocessing = try recipe.recorded()
    preprocessingSource = recipe.source
    notes = model.notes
    taps = try model.taps(height: size.height, width: size.width).map {
      InspectedTap(
        name: $0.name, shape: [$0.tokens, $0.channels], grid: $0.grid?.shape ?? [], prefixTokens: $0.prefixTokens)
    }
  }

  public var title: String { "\(family) checkpoint \(name), named as \(dialect)" }

  public var facts: [InspectionFact] {
    [
      InspectionFact("SHA-256", sha256), InspectionFact("parameters", "\(parameters)"),
      InspectionFact("input", "\(inputSize.width)×\(inputSize.height), \(preprocessingSource)"),
    ] + (source.map { [InspectionFact("from the Hub", $0)] } ?? []) + notes.map { InspectionFact("note", $0) }
  }

  public var tables: [InspectionTable] {
    [
      InspectionTable(
        header: ["tap", "tokens", "channels", "grid", "prefix"],
        rows: taps.map { ["\($0.name)", "\($0.shape[0])", "\($0.shape[1])", crossed($0.grid), "\($0.prefixTokens)"] })
    ]
  }

  /// Every tensor of a checkpoint, without building the model.
  ///
  /// - Throws: `CheckpointError`.
  public static func tensors(of path: String) throws -> InspectionTable {
    InspectionTable(
      header: ["tensor", "type", "shape", "size"],
      rows: try Checkpoint(at: URL(fileURLWithPath: path)).files.flatMap(\.entries).map {
        [$0.name, $0.type, crossed($0.shape), NumberText.bytes($0.range.count)]
      })
  }
}
