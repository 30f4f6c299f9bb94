import Formats
import Foundation
import HDF5

/// What a store holds, for `palimpsest inspect`.
public struct StoreSummary: Sendable {
  /// One tap under one condition.
  public struct Tap: Sendable, Equatable {
    public let condition: String
    public let name: String
    /// `[images, tokens, channels]`.
    public let shape: [Int]
    public let scalar: HDF5ScalarType
    /// nil where its tokens lie on none.
    public let grid: ImageSize?
    public let prefixTokens: Int
    /// Bytes before compression.
    public let bytes: Int
    /// How a row unfolds, and what it is, of a tap inside a block; empty and nil of others.
    public let axes: [TapAxis]
    public let definition: String?
  }

  /// A dataset beside the taps: pixels reconstructed from a tap, or the errors at the joints.
  public struct Other: Sendable, Equatable {
    public let condition: String
    /// `/reconstructions/original/embed`.
    public let path: String
    public let shape: [Int]
    /// Bytes before compression.
    public let bytes: Int
  }

  /// One condition.
  public struct Condition: Sendable, Equatable {
    public let name: String
    public let completeRows: Int
    /// `[height, width]` of the pixels; nil where they are not kept.
    public let inputSize: ImageSize?
  }

  public let path: String
  public let fileBytes: Int
  public let attributes: [StoreSetting]
  public let images: Int
  public let unreadableImages: Int
  public let classes: Int
  public let conditions: [Condition]
  public let taps: [Tap]
  /// By condition, in the order of the store.
  public let reconstructions: [Other]
  public let joints: [Other]
  /// What a reader should know of the file, in sentences.
  public let notes: [String]
  /// Bytes of a journal beside the store, whose chunks are not yet in it; nil where there is none.
  public let journalBytes: Int?
}

extension FeatureStore {
  /// Describes the store without reading features.
  public func summary() throws -> StoreSummary {
    func bytes(of path: String) -> Int? {
      (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue
    }
    return StoreSummary(
      path: path, fileBytes: parts.parts.reduce(0) { $0 + (bytes(of: $1.path) ?? 0) }, attributes: attributes,
      images: count,
      unreadableImages: errors.count { !$0.isEmpty }, classes: classes.count,
      conditions: try conditions.map { condition in
        StoreSummary.Condition(
          name: condition, completeRows: try progress(of: condition).count { $0 == 1 },
          inputSize: try inputSize(condition: condition))
      },
      taps: try conditions.flatMap { condition in
        try taps(condition: condition).map {
          StoreSummary.Tap(
            condition: condition, name: $0.name, shape: [count, $0.tokens, $0.channels], scalar: $0.scalar,
            grid: $0.grid, prefixTokens: $0.prefixTokens, bytes: DeclaredSize.clampedProduct([count, $0.rowBytes]),
            axes: $0.axes, definition: $0.definition)
        }
      },
      reconstructions: try conditions.flatMap { condition in
        try reconstructions(of: condition).map { try other(StoreSchema.reconstructions(condition, $0), condition) }
      },
      joints: try conditions.filter { try joints(of: $0) != nil }.map { try other(StoreSchema.joints($0), $0) },
      notes: notes, journalBytes: bytes(of: path + ".journal"))
  }

  private func other(_ dataset: String, _ condition: String) throws -> StoreSummary.Other {
    let reader = try reader(dataset)
    return StoreSummary.Other(
      condition: condition, path: dataset, shape: [count] + reader.dataset.shape.dropFirst(),
      bytes: DeclaredSize.clampedProduct([count, reader.rowBytes]))
  }
}
