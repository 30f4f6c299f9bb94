import Formats

/// One thing that a check has to say of a figure.
public struct LintFinding: Codable, Sendable, Equatable {
  public enum Severity: String, Codable, Sendable, CaseIterable {
    /// A paper with it would be sent back, or misread.
    case error
    /// A reader would stumble.
    case warning
    /// Worth knowing.
    case note
  }

  public let severity: Severity
  /// What was checked: `fonts`, `size`, `width`, `clipping`, `overlap`, `contrast`, `colours`, `resolution`, `lines`, `bars`.
  public let check: String
  /// A sentence: what, where, how to mend it.
  public let text: String

  public init(_ severity: Severity, _ check: String, _ text: String) {
    self.severity = severity
    self.check = check
    self.text = text
  }
}

/// What was found in one file.
public struct LintReport: Codable, Sendable, Equatable {
  public let file: String
  /// `pdf`, `svg` or `png`.
  public let format: String
  /// Of the page, in inches.
  public let width: Double
  public let height: Double
  public internal(set) var findings: [LintFinding]

  /// Whether nothing but notes was found.
  public var passes: Bool { findings.allSatisfy { $0.severity == .note } }
}

/// Why a figure could not be checked: one sentence for people.
public struct LintError: ExitStatusError, Sendable, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 2 }
}
