import HDF5

extension FeatureStore {
  /// Names of what images were led back from under a condition, in order of depth; empty where the store has none.
  public func reconstructions(of condition: String) throws -> [String] {
    let group = "/reconstructions/\(condition)"
    return try reporting {
      guard try file.entry(at: "/reconstructions") == .group, try file.entry(at: group) == .group else { return [] }
      let present = try file.children(of: group).filter { $0.kind == .dataset }.map(\.name)
      let recorded = try file.attribute("taps", of: group)?.strings ?? TapOrder.sorted(present)
      let names = recorded + present.filter { !recorded.contains($0) }
      guard let size = try inputSize(condition: condition) else {
        throw StoreError(.badStore, "\(path): it holds reconstructions of \(condition), but not its inputs")
      }
      for name in names {
        let dataset = StoreSchema.reconstructions(condition, name)
        guard try file.entry(at: dataset) == .dataset else {
          throw StoreError(.badStore, "\(path): the dataset \(dataset) is missing")
        }
        let shape = try file.dataset(dataset).shape
        guard shape == [count] + size + [3] else {
          throw StoreError(.badStore, "\(path): \(dataset) has shape \(shape), expected \([count] + size + [3])")
        }
      }
      return names
    }
  }

  /// Pixels that one row was led back to from a tap, `[height, width, 3]`.
  public func readReconstruction(condition: String = "original", tap: String, row: Int) throws -> [UInt8] {
    let names = try reconstructions(of: condition)
    guard names.contains(tap), let size = try inputSize(condition: condition) else {
      throw StoreError(
        .badRequest,
        "\(path) has no reconstruction from '\(tap)' under \(condition); it has "
          + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    }
    try check(rows: row..<row + 1)
    let bytes = size[0] * size[1] * 3
    let reader = try reader(StoreSchema.reconstructions(condition, tap))
    return try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, initialized in
      try reporting {
        try reader.readBytes(
          rows: row..<row + 1,
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[0..<bytes]))
      }
      initialized = bytes
    }
  }
}
