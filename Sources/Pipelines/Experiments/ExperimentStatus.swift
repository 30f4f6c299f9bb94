import Experiments
import Formats

/// How far an experiment is, for people and for `--json`.
public struct ExperimentStatus: Encodable, Sendable {
  public enum State: String, Encodable, Sendable, CaseIterable {
    case done
    /// A run is at work on it.
    case running
    /// Begun, and no run is at work.
    case stale
    /// Not begun, or to be done again.
    case missing
  }

  public struct Entry: Encodable, Sendable {
    public let step: String
    public let state: State
    /// Why it is not done; nil of one that is.
    public let reason: String?
    /// What it took, or is thought to take.
    public let seconds: Double?
    public let output: String
  }

  public let experiment: String
  public let output: String
  /// Steps by state, every state.
  public let counts: [String: Int]
  public let steps: [Entry]
  /// What is left takes, one step after the other; nil where a step's time is unknown.
  public let secondsLeft: Double?

  init(_ layout: ExperimentLayout, file: String, isAtWork: Bool) {
    let forecast = ExperimentForecast(layout: layout)
    experiment = file
    output = layout.paths.output
    steps = forecast.entries.map { entry in
      let state: State =
        switch entry.status {
        case .upToDate, .done: .done
        case .toGoOn: isAtWork ? .running : .stale
        default: .missing
        }
      let took = state == .done ? layout.state.folder.record(of: entry.name)?.done?.seconds : entry.seconds
      return Entry(step: entry.name, state: state, reason: entry.reason, seconds: took, output: entry.output)
    }
    let all = steps
    counts = Dictionary(
      uniqueKeysWithValues: State.allCases.map { state in (state.rawValue, all.count { $0.state == state }) })
    let left = steps.filter { $0.state != .done }
    secondsLeft = left.allSatisfy { $0.seconds != nil } ? left.reduce(0) { $0 + ($1.seconds ?? 0) } : nil
  }

  /// A line on the whole, then one a step.
  public var text: String {
    let states = State.allCases.map { "\(counts[$0.rawValue] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    let left = secondsLeft.map { $0 > 0 ? "; about \(NumberText.duration($0)) left" : "" } ?? "; of unknown time"
    let rows = steps.map { [$0.step, $0.state.rawValue, $0.reason ?? ""] }
    return "\(experiment): \(steps.count) steps: \(states)\(left)\n\n"
      + TextTable.text(header: ["step", "state", ""], rows: rows)
  }
}
