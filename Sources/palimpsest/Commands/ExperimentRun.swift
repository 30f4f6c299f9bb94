import ArgumentParser
import Experiments
import Foundation

/// One run of an experiment: what is to do, and doing it.
struct ExperimentRun {
  let file: String
  let experiment: Experiment
  /// From the command line; nil for the file's own.
  let out: String?
  var only: [String] = []
  var force: [String] = []
  let output: OutputOptions

  /// The parts of a run, laid out before anything is done.
  struct Layout {
    let paths: ExperimentPaths
    let state: ExperimentState
    /// Names of the steps that count.
    let wanted: Set<String>
    let forced: Set<String>
    let verdicts: [String: Verdict]
    /// What the steps that are to do will write, where that is known.
    let bytes: [String: Int]

    var steps: [Step] { state.graph.steps.filter { wanted.contains($0.name) } }
  }

  // MARK: Before any work

  /// Reads the state of earlier runs, and checks what is to be done.
  func layOut() throws -> Layout {
    let paths = ExperimentPaths(file: file, own: experiment.output, output: out)
    let graph = try StepGraph(experiment, paths: paths, file: file)
    let forced = Set(try force.flatMap { try graph.named($0, flag: "--force") }.map(\.name))
    let wanted =
      only.isEmpty
      ? Set(graph.steps.map(\.name))
      : graph.closure(of: Set(try only.flatMap { try graph.named($0, flag: "--only") }.map(\.name)))
    let state = ExperimentState(
      graph: graph, paths: paths, folder: StateFolder(paths.state), tool: Version.number)
    let verdicts = state.verdicts(forced: forced, terms: ExperimentRun.terms)
    let toDo = graph.steps.filter { wanted.contains($0.name) && verdicts[$0.name] != .upToDate }
    try state.requireOwnOutputs(of: toDo)
    let bytes = try ExperimentCheck(graph: graph, file: file).check(toDo)
    return Layout(paths: paths, state: state, wanted: wanted, forced: forced, verdicts: verdicts, bytes: bytes)
  }

  /// What must be the same for a step to go on: a training is that of its number of threads.
  static func terms(of step: Step) -> String {
    step.kind == .train ? "threads \(step.value(of: "--threads") ?? "\(Host.cores)")" : ""
  }

  /// What would be done.
  func preview() throws -> ExperimentSummary {
    let layout = try layOut()
    let table = ExperimentTable(layout: layout)
    output.say(table.text)
    for record in layout.state.leftOver() {
      output.note("\(record.step) is no longer in \(file); \(ExperimentRun.fate(of: record))")
    }
    return ExperimentSummary(
      experiment: file, output: layout.paths.output, report: report(layout), steps: table.entries, seconds: 0)
  }

  private func report(_ layout: Layout) -> String? {
    layout.state.graph["report"].map { $0.output + "/index.html" }
  }

  private static func fate(of record: StepRecord) -> String {
    record.kind == .analyze ? "its numbers are removed with the next run" : "what it wrote is kept: \(record.output)"
  }

  /// Why a step is done that was done or begun before.
  private static func reason(of verdict: Verdict) -> String {
    switch verdict {
    case .upToDate, .toDo("not done yet"): ""
    case .toDo(let reason): ": \(reason)"
    case .toGoOn, .depends: ": \(ExperimentTable.text(of: verdict))"
    }
  }

  // MARK: Doing it

  func perform() throws -> ExperimentSummary {
    let clock = Progress("run", total: 1, unit: "", isShown: false)
    let layout = try layOut()
    try layout.state.folder.open()
    for record in layout.state.leftOver() {
      if record.kind == .analyze { try layout.state.forgetAnalysis(record) }
      output.note(
        "\(record.step) is no longer in \(file); \(record.kind == .analyze ? "its numbers are removed" : ExperimentRun.fate(of: record))"
      )
    }
    let steps = layout.steps
    var entries: [ExperimentSummary.Entry] = []
    var verdicts: [String: Verdict] = [:]
    var lost: Set<String> = []
    var said: String?
    for (index, step) in steps.enumerated() {
      try Interruption.check()
      let place = "[\(index + 1)/\(steps.count)] \(step.name)"
      if let need = step.needs.first(where: lost.contains) {
        lost.insert(step.name)
        output.note("\(place): skipped, because it needs \(need)")
        entries.append(.init(step, .skipped, error: "needs \(need)"))
        continue
      }
      let verdict = layout.state.verdict(
        of: step, forced: layout.forced.contains(step.name), terms: ExperimentRun.terms(of: step), before: verdicts)
      verdicts[step.name] = .upToDate
      guard !verdict.isUpToDate else {
        output.say("\(place): up to date")
        entries.append(.init(step, .upToDate, bytes: layout.state.folder.record(of: step.name)?.done?.bytes))
        continue
      }
      output.say(
        "\n\(place)\(ExperimentRun.reason(of: verdict))" + (step.why.flatMap { $0 == said ? nil : "\n  \($0)" } ?? ""))
      said = step.why
      let entry = try perform(step, verdict, layout.state)
      if entry.status == .failed { lost.insert(step.name) }
      entries.append(entry)
    }
    let summary = ExperimentSummary(
      experiment: file, output: layout.paths.output, report: report(layout), steps: entries, seconds: clock.seconds)
    if let line = summary.line { output.say(line) }
    return summary
  }

  /// Carries out one step; what goes wrong is told and is part of the summary.
  private func perform(_ step: Step, _ verdict: Verdict, _ state: ExperimentState) throws -> ExperimentSummary.Entry {
    let started = Host.timestamp
    let clock = Progress("", total: 1, unit: "", isShown: false)
    do {
      try state.begin(step, goesOn: verdict == .toGoOn, terms: ExperimentRun.terms(of: step))
      try Invocation.run(Invocation.command(step.arguments, output: output), as: step.arguments, of: file)
      try state.finish(
        step, seconds: clock.seconds, wentOn: verdict == .toGoOn, startedAt: started, finishedAt: Host.timestamp)
      return .init(
        step, .done, seconds: clock.seconds, bytes: state.folder.record(of: step.name)?.done?.bytes)
    } catch let error as Interrupted {
      throw error
    } catch {
      let message = Failure(error).message
      Streams.error("palimpsest: \(step.name) failed: \(Streams.oneLine(message))\n")
      return .init(step, .failed, seconds: clock.seconds, error: message)
    }
  }
}
