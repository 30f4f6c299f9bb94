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
  /// Those inside blocks, which `--taps` takes by name.
  public let insideTaps: [InspectedTap]
  /// What was left out of the checkpoint, and what it says that is not followed.
  public let notes: [String]
  private let preprocessingSource: String

  private enum CodingKeys: String, CodingKey {
    case path, name, family, dialect, sha256, source, parameters, inputSize, preprocessing, taps, insideTaps, notes
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
      InspectedTap(name: $0.name, shape: [$0.tokens, $0.channels], grid: $0.grid, prefixTokens: $0.prefixTokens)
    }
    insideTaps = try model.insideTaps(height: size.height, width: size.width).map {
      InspectedTap(
        name: $0.name, shape: [$0.tokens, $0.channels], grid: $0.grid,
        prefixTokens: $0.role == .weights ? 0 : $0.prefixTokens, axes: $0.axes,
        definition: BlockPart.split($0.name)?.part.definition)
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
    ] + (insideTaps.isEmpty ? [] : [insideTable])
  }

  /// One row for each part of neighbouring blocks that have it in one shape.
  private var insideTable: InspectionTable {
    var rows: [(part: BlockPart, kind: String, first: InspectedTap, last: InspectedTap)] = []
    for tap in insideTaps {
      guard let (block, part) = BlockPart.split(tap.name) else { continue }
      let kind = String(block.reversed().drop(while: \.isNumber).reversed())
      if let known = rows.firstIndex(where: {
        $0.part == part && $0.kind == kind && $0.first.axisLengths == tap.axisLengths
      }) {
        rows[known].last = tap
      } else {
        rows.append((part, kind, tap, tap))
      }
    }
    return InspectionTable(
      header: ["inside blocks, by name", "of each image", "what"],
      rows: rows.map { row in
        let name = row.first.name == row.last.name ? row.first.name : "\(row.first.name) … \(row.last.name)"
        return [name, row.first.unfolded, row.first.definition ?? ""]
      })
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
