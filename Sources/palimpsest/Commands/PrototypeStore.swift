import Activations
import Analysis
import Foundation
import HDF5

/// Activations that no image made, as a store of the schema: class means, a class a row, or made by hand. `reconstruct --features`
/// and every analysis read it.
///
/// Until ``finish()`` it lies under another name.
final class PrototypeStore {
  private let path: String
  private let partial: String
  private let file: HDF5File
  private let rows: Int

  /// - Parameters:
  ///   - store: whose model, weights and preprocessing are taken over.
  ///   - rows: their names and classes.
  ///   - classes: names.
  init(_ path: String, of store: FeatureStore, rows: [StoreImage], classes: [String]) throws {
    self.path = path
    partial = path + ".partial"
    self.rows = rows.count
    try? FileManager.default.removeItem(atPath: partial)
    file = try HDF5File.create(partial)
    let attributes: [(String, HDF5Attribute)] =
      [
        ("format", .string(StoreSchema.format)), ("version", .integer(StoreSchema.version)),
        ("created_by", .string(Version.text)),
        ("prototypes_of", .string(URL(fileURLWithPath: store.path).lastPathComponent)),
      ]
      + ["model", "family", "checkpoint_sha256", "config", "preprocessing", "control"].compactMap { name in
        store.attribute(name).map { (name, .string($0)) }
      } + (store.attribute("seed").flatMap(Int.init).map { [("seed", .integer($0))] } ?? [])
    for (name, value) in attributes { try file.setAttribute(name, of: "/", to: value) }
    try file.createDataset("/images/path", .variableString, shape: [rows.count]).writeStrings(rows.map(\.path))
    try file.createDataset("/images/label", .scalar(.int32), shape: [rows.count]).write(rows.map(\.label))
    try file.setAttribute("names", of: "/images/label", to: .strings(classes))
  }

  deinit { try? FileManager.default.removeItem(atPath: partial) }

  /// Adds a tap.
  ///
  /// - Parameter values: `[rows, tokens · channels]`.
  func append(_ tap: TapShape, _ values: [Float]) throws {
    let dataset = "/features/original/\(tap.name)"
    try file.createDataset(
      dataset, .scalar(.float32), shape: [rows, tap.tokens, tap.channels],
      options: HDF5Dataset.Options(layout: .chunked([1, tap.tokens, tap.channels]))
    ).write(values)
    try file.setAttribute("grid", of: dataset, to: .integers(tap.grid.map { [$0.height, $0.width] } ?? []))
    try file.setAttribute("prefix_tokens", of: dataset, to: .integer(tap.prefixTokens))
  }

  /// Puts the store in place.
  func finish() throws {
    try file.flush()
    guard rename(partial, path) == 0 else {
      throw WorkFailed("cannot write \(path): \(String(cString: strerror(errno))); choose another --out")
    }
  }
}
