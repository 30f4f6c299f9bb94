import Formats
import HDF5
import Results

extension FeatureStore {
  /// Names of what images were reconstructed from under a condition, in the order of the store; empty where it has none.
  public func reconstructions(of condition: String) throws -> [String] {
    let group = "/reconstructions/\(condition)"
    return try reporting {
      guard try file.entry(at: "/reconstructions") == .group, try file.entry(at: group) == .group else { return [] }
      let present = try file.children(of: group).filter { $0.kind == .dataset }.map(\.name)
      let recorded = try file.attribute("taps", of: group)?.strings ?? TapOrder.sorted(present)
      let names = recorded + present.filter { !recorded.contains($0) }
      // Where the pixels of the inputs are kept they have the same size; else all have the size of the first.
      var size = try inputSize(condition: condition)
      for name in names {
        let dataset = StoreSchema.reconstructions(condition, name)
        guard try file.entry(at: dataset) == .dataset else {
          throw StoreError(.badStore, "\(path): the dataset \(dataset) is missing")
        }
        let shape = try file.dataset(dataset).shape
        let expected = [parts.firstCount] + (size?.shape ?? Array(shape.dropFirst().prefix(2))) + [3]
        guard shape == expected, shape.count == 4 else {
          throw StoreError(
            .badStore,
            "\(path): \(dataset) has shape \(shape), expected \(shape.count == 4 ? "\(expected)" : "[\(parts.firstCount), height, width, 3]")"
          )
        }
        _ = try file.dataset(dataset).rowBytes()
        size = ImageSize(height: shape[1], width: shape[2])
      }
      return names
    }
  }

  /// Height and width of the reconstructions under a condition; nil where there are none.
  public func reconstructionSize(of condition: String = ConditionName.original.text) throws -> ImageSize? {
    guard let first = try reconstructions(of: condition).first else { return nil }
    let shape = try reporting { try file.dataset(StoreSchema.reconstructions(condition, first)).shape }
    return ImageSize(height: shape[1], width: shape[2])
  }

  /// Pixels that were reconstructed for one row from a tap, `[height, width, 3]`.
  public func readReconstruction(condition: String = ConditionName.original.text, tap: String, row: Int) throws
    -> [UInt8]
  {
    let names = try reconstructions(of: condition)
    guard names.contains(tap) else {
      throw StoreError(
        .badRequest,
        "\(path) has no reconstruction from '\(tap)' under \(condition); it has "
          + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    }
    let size = try reconstructionSize(of: condition) ?? ImageSize(side: 0)
    return try readPixels(StoreSchema.reconstructions(condition, tap), row: row, bytes: size.area * 3)
  }
}
