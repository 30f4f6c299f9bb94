import Foundation

/// A table that an analysis writes: its file, its columns, and what becomes of it.
public struct TableDefinition: Sendable, Equatable {
  public enum Role: Sendable, Equatable {
    /// The table that makes a folder one of this analysis.
    case main
    case secondary
  }

  /// The file's name; ``modePlaceholder`` in it stands for a token mode, see ``name(mode:)``.
  public let file: String
  /// What a row is, as the end of "a row for …".
  public let row: String
  public let columns: [Column]
  public let role: Role
  /// Whether its rows are of single images (or pictures) rather than of all of them.
  public let isPerImage: Bool
  /// Why a report does not show it; nil for tables that a report reads.
  public let exportReason: String?
  /// What can stand in its column `metric` (of `hue.csv`: `statistic`); shuffled baselines are not listed.
  public let metrics: [MetricDefinition]
  /// Whether each metric can also stand there as a shuffled baseline, see ``MetricDefinition/shuffledSuffix``.
  public let hasShuffled: Bool

  public init(
    _ file: String, row: String, columns: [Column], role: Role = .secondary, isPerImage: Bool = false,
    exportReason: String? = nil, metrics: [MetricDefinition] = [], hasShuffled: Bool = false
  ) {
    self.file = file
    self.row = row
    self.columns = columns
    self.role = role
    self.isPerImage = isPerImage
    self.exportReason = exportReason
    self.metrics = metrics
    self.hasShuffled = hasShuffled
  }

  /// Whether a report leaves it to be read by other programs.
  public var isExportOnly: Bool { exportReason != nil }

  /// The names of its columns, in order.
  public var header: [String] { columns.map(\.name) }

  /// The index of a column; nil where the table has none of that name.
  public func index(of column: Column) -> Int? { columns.firstIndex { $0.name == column.name } }

  // MARK: Files of several token modes

  /// What stands for a token mode in the name of a file of which there is one for each.
  public static let modePlaceholder = "MODE"

  /// Whether there is a file of it for each token mode but the first.
  public var isPerMode: Bool { file.contains(TableDefinition.modePlaceholder) }

  /// The file's name for a token mode, such as `grid:7`; the file itself where it is not per mode.
  public func name(mode: String) -> String {
    file.replacing(TableDefinition.modePlaceholder, with: mode.replacing(":", with: "-"))
  }

  /// The token mode of a file of this table; nil where it is not one, and where the table is not per mode.
  public func mode(of name: String) -> String? {
    let parts = file.components(separatedBy: TableDefinition.modePlaceholder)
    guard parts.count == 2, name.count > parts[0].count + parts[1].count, name.hasPrefix(parts[0]),
      name.hasSuffix(parts[1])
    else { return nil }
    let mode = String(name.dropFirst(parts[0].count).dropLast(parts[1].count)).replacing("-", with: ":")
    return TokenModes.forms.contains { $0.matches(mode) } ? mode : nil
  }

  /// Whether a file of this name is this table.
  public func matches(_ name: String) -> Bool { isPerMode ? mode(of: name) != nil : name == file }
}

/// Names of the ways in which the tokens of a tap become one vector per image.
public enum TokenModes {
  public static let forms: [ValueForm] = [
    "flatten", "mean", "prefix", ValueForm("grid", number: "G", in: 1...1024), "object",
  ]
}

extension TableDefinition {
  /// Why a report leaves out the table of every image's values.
  static func perImage(_ means: TableDefinition) -> String { "every image's values; \(means.file) has their means" }
}
