import ArgumentParser
import Experiments
import Foundation

/// What became of an experiment's steps, for people and for --json.
struct ExperimentSummary: Encodable {
  enum Status: String, Encodable {
    case done
    case upToDate = "up-to-date"
    case failed, skipped
    case toDo = "to-do"
    case toGoOn = "to-go-on"
    case depends
  }

  struct Entry: Encodable {
    let name: String
    let kind: String
    let status: Status
    /// As it can be typed.
    let command: String
    let output: String
    var seconds: Double?
    var bytes: Int?
    /// Why it is to do.
    var reason: String?
    var error: String?

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

  let experiment: String
  let output: String
  let report: String?
  let steps: [Entry]
  let seconds: Double

  private func names(_ status: Status) -> [String] { steps.filter { $0.status == status }.map(\.name) }

  /// How it ended; nil where something failed, which is told otherwise.
  var line: String? {
    guard names(.failed).isEmpty else { return nil }
    let (done, kept) = (names(.done).count, names(.upToDate).count)
    let what = done == 0 ? "nothing to do: \(kept) steps are up to date" : "\(done) steps done, \(kept) up to date"
    let page = report.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    return "\(what), in \(Numbers.fixed(seconds, 1)) s"
      + (page.map { "; open file://\(URL(fileURLWithPath: $0).standardizedFileURL.path)" } ?? "")
  }

  /// - Throws: ``WorkFailed`` where a step failed.
  func requireSuccess() throws {
    let (failed, skipped) = (names(.failed), names(.skipped))
    guard !failed.isEmpty else { return }
    throw WorkFailed(
      "\(failed.count) of \(steps.count) steps failed (\(failed.joined(separator: ", ")))"
        + (skipped.isEmpty ? "" : ", \(skipped.count) that need them were skipped (\(skipped.joined(separator: ", ")))")
        + "; the others' results are kept, and the same command goes on")
  }
}
