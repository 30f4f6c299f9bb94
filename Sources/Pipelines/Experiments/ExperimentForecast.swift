import Experiments
import Formats

/// What a run would do, step by step, with sizes and times.
struct ExperimentForecast {
  let layout: ExperimentLayout

  /// How long a step may take, and how that is known; nil where nothing is known.
  private struct Estimate {
    let seconds: Double
    let text: String
  }

  var entries: [ExperimentSummary.Entry] {
    layout.steps.map { step in
      let verdict = layout.verdicts[step.name] ?? .upToDate
      let status: ExperimentSummary.Status =
        switch verdict {
        case .upToDate: .upToDate
        case .toDo: .toDo
        case .toGoOn: .toGoOn
        case .depends: .depends
        }
      return .init(
        step, status, seconds: verdict.isUpToDate ? nil : estimate(step)?.seconds, bytes: bytes(step, verdict),
        reason: verdict.isUpToDate ? nil : ExperimentForecast.text(of: verdict))
    }
  }

  var text: String {
    var rows: [[String]] = []
    var (bytes, seconds, unknown, count) = (0, 0.0, 0, 0)
    for step in layout.steps {
      let verdict = layout.verdicts[step.name] ?? .upToDate
      let size = self.bytes(step, verdict)
      guard !verdict.isUpToDate else {
        rows.append([step.name, "up to date", size.map(NumberText.bytes) ?? "", ""])
        continue
      }
      count += 1
      bytes += size ?? 0
      let time = estimate(step)
      seconds += time?.seconds ?? 0
      if time == nil { unknown += 1 }
      rows.append([
        step.name, ExperimentForecast.text(of: verdict), size.map { "about \(NumberText.bytes($0))" } ?? "unknown",
        time?.text ?? "unknown",
      ])
    }
    let table = TextTable.text(header: ["step", "", "size", "time"], rows: rows)
    guard count > 0 else { return table + "\n\nnothing to do" }
    let known = seconds > 0 ? "about \(NumberText.fixed(seconds, 1)) s" : ""
    let rest = unknown > 0 ? "\(unknown == count ? "" : " and ")\(unknown) of unknown time" : ""
    return table
      + "\n\n\(count) of \(rows.count) steps to do, about \(NumberText.bytes(bytes)) of stores, \(known)\(rest); "
      + "nothing was done (--dry-run)"
  }

  /// What a step writes: what it wrote, or what its store will take.
  private func bytes(_ step: Step, _ verdict: Verdict) -> Int? {
    verdict.isUpToDate ? layout.state.folder.record(of: step.name)?.done?.bytes : layout.bytes[step.name]
  }

  /// From earlier runs of the step, else of others of its kind.
  private func estimate(_ step: Step) -> Estimate? {
    if let last = layout.state.folder.record(of: step.name)?.last {
      guard let units = step.units, let before = last.units, before > 0, units != before else {
        return Estimate(seconds: last.seconds, text: "\(NumberText.fixed(last.seconds, 1)) s (last time)")
      }
      let seconds = last.seconds * Double(units) / Double(before)
      return Estimate(seconds: seconds, text: "about \(NumberText.fixed(seconds, 1)) s (at last time's rate)")
    }
    guard let units = step.units, step.kind != .analyze else { return nil }
    let others = layout.state.graph.steps.filter { $0.kind == step.kind }.compactMap {
      layout.state.folder.record(of: $0.name)?.last
    }.filter { ($0.units ?? 0) > 0 }
    guard !others.isEmpty else { return nil }
    let rate = others.reduce(0) { $0 + $1.seconds } / Double(others.reduce(0) { $0 + ($1.units ?? 0) })
    let seconds = rate * Double(units)
    return Estimate(
      seconds: seconds,
      text:
        "about \(NumberText.fixed(seconds, 1)) s (estimate from \(others.count) other step\(others.count == 1 ? "" : "s"))"
    )
  }

  static func text(of verdict: Verdict) -> String {
    switch verdict {
    case .upToDate: "up to date"
    case .toDo(let reason): "to do: \(reason)"
    case .toGoOn: "goes on where it stopped"
    case .depends(let need): "to do if \(need) comes out otherwise"
    }
  }
}
