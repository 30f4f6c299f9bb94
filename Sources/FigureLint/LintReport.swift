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
  /// What was checked: `fonts`, `size`, `width`, `clipping`, `overlap`, `shortened`, `hidden`, `meaning`, `contrast`, `colours`, `resolution`, `lines`, `bars`,
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

/// What was found in several files, alone and together.
public struct LintSummary: Encodable, Sendable {
  public let figures: [LintReport]
  /// Of the figures as a set: colour bars that differ.
  public let together: [LintFinding]
  public let passes: Bool

  public init(_ figures: [LintReport], together: [LintFinding]) {
    self.figures = figures
    self.together = together
    passes = together.isEmpty && figures.allSatisfy(\.passes)
  }

  /// For people: a line for each file and each finding.
  public var lines: [String] {
    figures.flatMap { report in
      let size = "\(NumberText.fixed(report.width, 2)) × \(NumberText.fixed(report.height, 2)) in"
      return ["\(report.file): \(size), \(LintSummary.words(report.verdict))"]
        + report.findings.map { "  \($0.severity.rawValue) (\($0.check)): \($0.text)" }
    } + together.map { "\($0.severity.rawValue) (\($0.check)): \($0.text)" }
  }

  /// Why the figures do not pass, in a sentence; nil where they do.
  public var failure: String? {
    guard !passes else { return nil }
    let failing = figures.count { $0.verdict == .fails }
    if failing > 0 { return "\(failing) of \(figures.count) figures \(failing == 1 ? "has" : "have") something to fix" }
    let unknown = figures.count { $0.verdict == .unknown }
    return unknown > 0
      ? "\(unknown) of \(figures.count) figures could not be read to the end, so nothing is known of the rest"
      : "colour bars differ between figures of the same measure"
  }

  private static func words(_ verdict: LintVerdict) -> String {
    switch verdict {
    case .passes: "passes"
    case .fails: "has something to fix"
    case .unknown: "unknown, as not all of it could be read"
    }
  }
}

/// Why a figure could not be checked: one sentence for people.
public struct LintError: ExitStatusError, Sendable, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 2 }
}
