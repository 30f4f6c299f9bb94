import Activations
import Foundation

/// The mean errors at the joints of chains under one condition.
struct JointSummary: Encodable {
  let condition: String
  let starts: [String]
  let joints: [String]
  /// `[starts][joints]`; nil where a joint is not below a start.
  let means: [[Double?]]

  /// Of every condition that has them, in the order of the store.
  static func all(of store: FeatureStore) throws -> [JointSummary] {
    try store.conditions.compactMap { condition in
      guard let names = try store.joints(of: condition) else { return nil }
      return JointSummary(
        condition: condition, starts: names.starts, joints: names.joints,
        means: try store.meanJoints(condition: condition).map { $0.map { $0.isFinite ? $0 : nil } })
    }
  }

  /// For people.
  var table: String {
    "mean squared error at each joint, \(condition); the last in a row is the module's own\n"
      + Table.text(
        header: ["start"] + joints,
        rows: zip(starts, means).map { start, row in [start] + row.map { $0.map(Numbers.significant) ?? "" } })
  }
}

extension Numbers {
  /// With four significant digits, at most nine decimals.
  static func significant(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "\(value)" }
    return fixed(value, max(0, min(9, 3 - Int(log10(value).rounded(.down)))))
  }
}
