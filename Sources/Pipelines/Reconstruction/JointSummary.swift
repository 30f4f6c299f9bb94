import Activations
import Formats

/// The mean errors at the joints of chains under one condition.
public struct JointSummary: Encodable, Sendable {
  public let condition: String
  public let starts: [String]
  public let joints: [String]
  /// `[starts][joints]`; nil where a joint is not below a start.
  public let means: [[Double?]]

  /// Of every condition that has them, in the order of the store.
  public static func all(of store: FeatureStore) throws -> [JointSummary] {
    try store.conditions.compactMap { condition in
      guard let names = try store.joints(of: condition) else { return nil }
      return JointSummary(
        condition: condition, starts: names.starts, joints: names.joints,
        means: try store.meanJoints(condition: condition).map { $0.map { $0.isFinite ? $0 : nil } })
    }
  }
}

extension JointSummary {
  /// For people.
  public var table: String {
    "mean squared error at each joint, \(condition); the last in a row is the module's own\n"
      + TextTable.text(
        header: ["start"] + joints,
        rows: zip(starts, means).map { start, row in [start] + row.map { $0.map(NumberText.significant) ?? "" } })
  }
}
