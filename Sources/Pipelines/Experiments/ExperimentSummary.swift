import Experiments
import Formats
import Foundation

/// What became of an experiment's steps, for people and for --json.
public struct ExperimentSummary: Encodable, Sendable {
  public enum Status: String, Encodable, Sendable {
    case done
    case upToDate = "up-to-date"
    case failed, skipped
    case toDo = "to-do"
    case toGoOn = "to-go-on"
    case depends
  }

  public struct Entry: Encodable, Sendable {
    public let name: String
    public let kind: String
    public let status: Status
    /// As it can be typed.
    public let command: String
    public let output: String
    public var seconds: Double?
    public var bytes: Int?
    /// Why it is to do.
    public var reason: String?
    public var error: String?

    init(
      _ step: Step, _ status: Status, seconds: Double? = nil, bytes: Int? = nil, reason: String? = nil,
      error: String? = nil
    ) {
      name = step.name
      kind = step.kind.rawValue
      self.status = status
      command = step.commandLine
      output = step.output
      self.seconds = seconds
      self.bytes = bytes
      self.reason = reason
      self.error = error
    }
  }

  public let experiment: String
  public let output: String
  public let report: String?
  public let steps: [Entry]
  public let seconds: Double

  private func names(_ status: Status) -> [String] { steps.filter { $0.status == status }.map(\.name) }

  /// How it ended; nil where something failed, which is reported otherwise.
  public var line: String? {
    guard names(.failed).isEmpty else { return nil }
    let (done, kept) = (names(.done).count, names(.upToDate).count)
    let what = done == 0 ? "nothing to do: \(kept) steps are up to date" : "\(done) steps done, \(kept) up to date"
    let page = report.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    return "\(what), in \(NumberText.fixed(seconds, 1)) s"
      + (page.map { "; open file://\(URL(fileURLWithPath: $0).standardizedFileURL.path)" } ?? "")
  }

  /// - Throws: ``WorkFailed`` where a step failed.
  public func requireSuccess() throws {
    let (failed, skipped) = (names(.failed), names(.skipped))
    guard !failed.isEmpty else { return }
    throw WorkFailed(
      "\(failed.count) of \(steps.count) steps failed (\(failed.joined(separator: ", ")))"
        + (skipped.isEmpty ? "" : ", \(skipped.count) that need them were skipped (\(skipped.joined(separator: ", ")))")
        + "; the others' results are kept, and the same command goes on")
  }
}
