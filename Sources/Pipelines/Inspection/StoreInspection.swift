import Activations
import Formats

/// What a feature store holds.
public struct StoreInspection: Inspection {
  public struct Dataset: Encodable, Sendable {
    public let path: String
    public let shape: [Int]
  }

  public struct Joints: Encodable, Sendable {
    public let path: String
    public let shape: [Int]
    public let starts: [String]
    public let joints: [String]
  }

  public let path: String
  public let bytes: Int
  public let attributes: [String: String]
  public let images: Int
  public let unreadableImages: Int
  /// By condition.
  public let completeRows: [String: Int]
  /// Those of the first condition, which the others share.
  public let taps: [InspectedTap]
  public let reconstructions: [Dataset]
  public let joints: [Joints]
  private let summary: StoreSummary

  private enum CodingKeys: String, CodingKey {
    case path, bytes, attributes, images, unreadableImages, completeRows, taps, reconstructions, joints
  }

  /// - Throws: `StoreError`.
  public init(_ path: String) throws {
    let store = try FeatureStore(path: path)
    let summary = try store.summary()
    self.path = path
    self.summary = summary
    bytes = summary.fileBytes
    attributes = Dictionary(summary.attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    images = summary.images
    unreadableImages = summary.unreadableImages
    completeRows = Dictionary(uniqueKeysWithValues: summary.conditions.map { ($0.name, $0.completeRows) })
    let first = summary.conditions.first?.name
    taps = summary.taps.filter { $0.condition == first }.map {
      InspectedTap(
        name: $0.name, shape: $0.shape, grid: $0.grid, prefixTokens: $0.prefixTokens, axes: $0.axes,
        definition: $0.definition)
    }
    reconstructions = summary.reconstructions.map { Dataset(path: $0.path, shape: $0.shape) }
    joints = try summary.joints.map { dataset in
      let names = try store.joints(of: dataset.condition)
      return Joints(
        path: dataset.path, shape: dataset.shape, starts: names?.starts ?? [], joints: names?.joints ?? [])
    }
  }

  public var title: String { "feature store, \(NumberText.bytes(bytes))" }

  public var facts: [InspectionFact] {
    var facts = summary.attributes.map { attribute in
      InspectionFact(
        attribute.name, attribute.value.count > 100 ? attribute.value.prefix(97) + "…" : attribute.value)
    }
    facts.append(InspectionFact("images", "\(images), \(unreadableImages) could not be read"))
    for condition in summary.conditions {
      let size = condition.inputSize.map { ", inputs \($0.width)×\($0.height)" } ?? ""
      facts.append(
        InspectionFact("condition", "\(condition.name): \(condition.completeRows) of \(images) complete\(size)"))
    }
    facts += summary.notes.map { InspectionFact("note", $0) }
    if let journal = summary.journalBytes {
      facts.append(
        InspectionFact("journal", "\(NumberText.bytes(journal)) beside it: the same extract goes on with them"))
    }
    return facts
  }

  public var tables: [InspectionTable] {
    let first = summary.conditions.first?.name
    let taps = InspectionTable(
      header: ["tap", "shape", "type", "grid", "prefix", "size"],
      rows: summary.taps.filter { $0.condition == first }.map {
        [
          $0.name, crossed($0.shape), "\($0.scalar)", crossed($0.grid?.shape ?? []), "\($0.prefixTokens)",
          NumberText.bytes($0.bytes),
        ]
      })
    let inside = self.taps.filter { $0.definition != nil }.map { [$0.name, $0.unfolded, $0.definition ?? ""] }
    let others = (summary.reconstructions + summary.joints).filter { $0.condition == first }
    return [taps]
      + (inside.isEmpty ? [] : [InspectionTable(header: ["inside a block", "of each image", "what"], rows: inside)])
      + (others.isEmpty
        ? []
        : [
          InspectionTable(
            header: ["dataset", "shape", "size"],
            rows: others.map { [$0.path, crossed($0.shape), NumberText.bytes($0.bytes)] })
        ])
  }
}
