import Formats

/// One thing that a check has to say of a figure.
public struct LintFinding: Codable, Sendable, Equatable {
  public enum Severity: String, Codable, Sendable, CaseIterable {
    /// A paper with it would be sent back, or misread.
    case error
    /// A reader would stumble.
    case warning
    /// A part of the file could not be read, so nothing is known of it.
    case unread
    /// Worth knowing.
    case note
  }

  public let severity: Severity
  /// What was checked: `fonts`, `size`, `width`, `clipping`, `overlap`, `contrast`, `colours`, `resolution`, `lines`, `bars`,
  /// `reading`.
  public let check: String
  /// A sentence: what, where, how to correct it.
  public let text: String

  public init(_ severity: Severity, _ check: String, _ text: String) {
    self.severity = severity
    self.check = check
    self.text = text
  }
}

/// What the findings of a file come to.
public enum LintVerdict: String, Codable, Sendable, CaseIterable {
  /// All of it was read, and nothing but notes was found.
  case passes
  /// An error or a warning was found.
  case fails
  /// Nothing was found, but a part of the file could not be read.
  case unknown
}

/// What was found in one file.
public struct LintReport: Codable, Sendable, Equatable {
  public let file: String
  /// `pdf`, `svg` or `png`.
  public let format: String
  /// Of the page, in inches.
  public let width: Double
  public let height: Double
  public let findings: [LintFinding]
  public let verdict: LintVerdict

  init(file: String, format: String, width: Double, height: Double, findings: [LintFinding]) {
    self.file = file
    self.format = format
    self.width = width
    self.height = height
    self.findings = findings
    let severities = findings.map(\.severity)
    verdict =
      severities.contains { $0 == .error || $0 == .warning }
      ? .fails : severities.contains(.unread) ? .unknown : .passes
  }

  /// Whether all of the file was read and nothing but notes was found.
  public var passes: Bool { verdict == .passes }
}

/// Why a figure could not be checked: one sentence for people.
public struct LintError: ExitStatusError, Sendable, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 2 }
}
