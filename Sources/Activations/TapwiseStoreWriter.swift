import Formats
import Foundation
import HDF5
import Results

/// Writes a store of activations that no image made, one tap after the other: class means, a class a row, or predictions made by
/// hand. Whatever reads stores reads it; it has neither inputs nor progress marks nor checksums.
///
/// Until ``finish()`` it lies under another name, which is removed where it is never called.
public final class TapwiseStoreWriter {
  private let path: String
  private let partial: String
  private let file: HDF5File
  private let rows: Int

  /// - Parameters:
  ///   - path: of the store to write; one that is there already is replaced by ``finish()``.
  ///   - store: whose model, weights, preprocessing and seed are taken over.
  ///   - rows: their names and classes.
  ///   - classes: names.
  ///   - createdBy: program and version.
  /// - Throws: `StoreError` of kind `inputOutput` where the file cannot be written.
  public init(_ path: String, from store: FeatureStore, rows: [StoreImage], classes: [String], createdBy: String) throws
  {
    self.path = AtomicFile.target(of: path)
    partial = self.path + ".partial"
    self.rows = rows.count
    try? FileManager.default.removeItem(atPath: partial)
    file = try TapwiseStoreWriter.reporting { [partial] in try HDF5File.create(partial) }
    let attributes: [(String, HDF5Attribute)] =
      [
        ("format", .string(StoreSchema.format)), ("version", .integer(StoreSchema.version)),
        ("created_by", .string(createdBy)),
        ("prototypes_of", .string(URL(fileURLWithPath: store.path).lastPathComponent)),
      ]
      + ["model", "family", "checkpoint_sha256", "config", "preprocessing", "control", StoreHeader.modelSource]
      .compactMap { name in
        store.attribute(name).map { (name, .string($0)) }
      } + (store.attribute("seed").flatMap(Int.init).map { [("seed", .integer($0))] } ?? [])
    try TapwiseStoreWriter.reporting {
      for (name, value) in attributes { try file.setAttribute(name, of: "/", to: value) }
      try file.createDataset(StoreSchema.imagePath, .variableString, shape: [rows.count])
        .writeStrings(rows.map(\.path))
      try file.createDataset(StoreSchema.imageLabel, .scalar(.int32), shape: [rows.count]).write(rows.map(\.label))
      try file.setAttribute(StoreSchema.classNames, of: StoreSchema.imageLabel, to: .strings(classes))
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: partial) }

  /// Adds a tap under the condition `original`.
  ///
  /// - Parameter values: `[rows, tokens · channels]`.
  /// - Throws: `StoreError` of kind `inputOutput`.
  public func append(_ tap: StoreTap, _ values: [Float]) throws {
    precondition(values.count == rows * tap.columns, "a value for each row and column")
    let dataset = StoreSchema.features(ConditionName.original.text, tap.name)
    try TapwiseStoreWriter.reporting {
      try file.createDataset(
        dataset, .scalar(.float32), shape: [rows, tap.tokens, tap.channels],
        options: HDF5Dataset.Options(layout: .chunked([1, tap.tokens, tap.channels]))
      ).write(values)
      try file.setAttribute("grid", of: dataset, to: .integers(tap.grid?.shape ?? []))
      try file.setAttribute("prefix_tokens", of: dataset, to: .integer(tap.prefixTokens))
    }
  }

  /// Puts the store in place.
  ///
  /// - Throws: `StoreError` of kind `inputOutput`.
  public func finish() throws {
    try TapwiseStoreWriter.reporting { try file.flush() }
    guard rename(partial, path) == 0 else {
      throw StoreError(.inputOutput, "cannot write \(path): \(String(cString: strerror(errno))); choose another --out")
    }
  }

  private static func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as HDF5Error { throw StoreError(.inputOutput, error.description) }
  }
}
