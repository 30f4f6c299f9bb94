import HDF5
import Results

extension StoreJoints: CustomStringConvertible {
  /// `embed, block.2 at image, embed`.
  public var description: String { "\(starts.joined(separator: ", ")) at \(joints.joined(separator: ", "))" }
}

extension FeatureStore {
  /// The starts and joints whose errors the store holds under a condition; nil where it holds none.
  public func joints(of condition: String = ConditionName.original.text) throws -> StoreJoints? {
    let dataset = StoreSchema.joints(condition)
    return try reporting {
      guard try file.entry(at: "/joints") == .group, try file.entry(at: dataset) == .dataset else { return nil }
      guard let starts = try file.attribute("starts", of: dataset)?.strings,
        let joints = try file.attribute("joints", of: dataset)?.strings
      else {
        throw StoreError(.badStore, "\(path): \(dataset) lacks the attributes starts and joints (names of its axes)")
      }
      let opened = try file.dataset(dataset)
      let shape = opened.shape
      guard case .scalar(let scalar, _) = opened.elementType, scalar.isFloat else {
        throw StoreError(.badStore, "\(path): \(dataset) holds \(opened.elementType), expected float32")
      }
      guard shape == [parts.firstCount, starts.count, joints.count] else {
        throw StoreError(
          .badStore,
          "\(path): \(dataset) has shape \(shape), expected \([parts.firstCount, starts.count, joints.count]) as its attributes say"
        )
      }
      return StoreJoints(starts: starts, joints: joints)
    }
  }

  /// The errors of one row, `[starts, joints]` in row-major order; NaN where a joint is not below a start.
  ///
  /// An error is the mean squared difference between what the chain, started with the true activation at the start,
  /// has at the joint and the true activation there; at `image` in the units of the model's normalised input.
  public func readJoints(condition: String = ConditionName.original.text, row: Int) throws -> [Float] {
    guard let names = try joints(of: condition) else {
      throw StoreError(.badRequest, "\(path) has no errors at joints under \(condition)")
    }
    let reader = try reader(StoreSchema.joints(condition))
    var values = [Float](repeating: 0, count: names.shape.reduce(1, *))
    try withUnsafeTemporaryAllocation(byteCount: reader.rowBytes, alignment: 16) { bytes in
      try readBytes(StoreSchema.joints(condition), rows: row..<row + 1, into: bytes)
      values.withUnsafeMutableBufferPointer { reader.convert(UnsafeRawBufferPointer(bytes), into: $0) }
    }
    return values
  }

  /// The mean of the errors over the rows that are complete and could be read, `[starts][joints]`; NaN where a joint is
  /// not below a start, or where there is no such row.
  public func meanJoints(condition: String = ConditionName.original.text) throws -> [[Double]] {
    guard let names = try joints(of: condition) else { return [] }
    let rows = try completeRows(condition: condition)
    var sums = [Double](repeating: 0, count: names.shape.reduce(1, *))
    for row in rows {
      for (place, value) in try readJoints(condition: condition, row: row).enumerated() { sums[place] += Double(value) }
    }
    let means = sums.map { $0 / Double(rows.count) }
    return names.starts.indices.map { Array(means[$0 * names.joints.count..<($0 + 1) * names.joints.count]) }
  }
}
