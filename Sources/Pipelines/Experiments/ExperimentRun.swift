import Experiments
import Foundation
import Hub

/// One run of an experiment: what is to do, and doing it.
public struct ExperimentRun {
  /// The experiment's file.
  public let file: String
  public let experiment: Experiment
  /// Where everything goes; nil for the file's own folder.
  public let out: String?
  /// Steps or sections that count, and what they need; empty for all.
  public var only: [String] = []
  /// Steps or sections that are done again.
  public var force: [String] = []
  private let runner: any StepRunner

  public init(file: String, experiment: Experiment, out: String?, runner: any StepRunner) {
    self.file = file
    self.experiment = experiment
    self.out = out
    self.runner = runner
  }

  // MARK: Before any work

  /// Reads the state of earlier runs, and checks what is to be done.
  ///
  /// - Parameter checks: whether what is to do is checked, and what it will write is measured.
  private func layOut(_ reporter: JobReporter, checks: Bool = true) throws -> ExperimentLayout {
    let paths = ExperimentPaths(file: file, own: experiment.output, output: out)
    let experiment = try pinned(paths, reporter)
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
    if checks { try state.requireOwnOutputs(of: toDo) }
    let bytes = try checks ? ExperimentCheck(graph: graph, file: file, runner: runner).check(toDo) : [:]
    return ExperimentLayout(
      paths: paths, state: state, wanted: wanted, forced: forced, verdicts: verdicts, bytes: bytes)
  }

  /// The experiment with every model of the Hub fetched and named by its commit, so that all steps have the same one.
  ///
  /// - Throws: `HubError`, ``Interrupted``.
  private func pinned(_ paths: ExperimentPaths, _ reporter: JobReporter) throws -> Experiment {
    var experiment = experiment
    for index in experiment.models.indices {
      let path = experiment.models[index].path
      guard !FileManager.default.fileExists(atPath: paths.resolve(path)),
        let repository = HubRepository.model(given: path)
      else { continue }
      let found = try Hub.fetching(reporter) { try $0.model(repository) }
      experiment.models[index].pinned = .init(
        name: "\(repository.at(commit: found.commit))", folder: found.folder)
    }
    return experiment
  }

  /// What must be the same for a step to go on: a training is that of its number of threads.
  private static func terms(of step: Step) -> String {
    step.kind == .train ? "threads \(step.value(of: "--threads") ?? "\(Host.cores)")" : ""
  }

  /// Says what would be done.
  ///
  /// - Throws: `ExperimentError` with everything that is wrong with the steps to do.
  public func preview(_ reporter: JobReporter = .silent) throws -> ExperimentSummary {
    let layout = try layOut(reporter)
    let forecast = ExperimentForecast(layout: layout)
    reporter.say(forecast.text)
    for record in layout.state.leftOver() {
      let fate = record.kind == .analyze ? "its numbers are removed with the next run" : ExperimentRun.keeps(record)
      reporter.note("\(record.step) is no longer in \(file); \(fate)")
    }
    return summary(layout, forecast.entries, seconds: 0)
  }

  /// How far it is. Changes nothing, and may be asked while a run is at work.
  ///
  /// - Throws: `ExperimentError`, `HubError`.
  public func status() throws -> ExperimentStatus {
    let layout = try layOut(.silent, checks: false)
    return ExperimentStatus(layout, file: file, isAtWork: layout.state.folder.isInUse)
  }

  private func summary(
    _ layout: ExperimentLayout, _ entries: [ExperimentSummary.Entry], seconds: Double
  ) -> ExperimentSummary {
    ExperimentSummary(
      experiment: file, output: layout.paths.output,
      report: layout.state.graph["report"].map { $0.output + "/index.html" }, steps: entries, seconds: seconds)
  }

  private static func keeps(_ record: StepRecord) -> String { "what it wrote is kept: \(record.output)" }

  /// Why a step is done that was done or begun before.
  private static func reason(of verdict: Verdict) -> String {
    switch verdict {
    case .upToDate, .toDo("not done yet"): ""
    case .toDo(let reason): ": \(reason)"
    case .toGoOn, .depends: ": \(ExperimentForecast.text(of: verdict))"
    }
  }

  // MARK: Doing it

  /// Does every step that is to do. A step that fails is reported, and part of the summary; those that need it are skipped.
  ///
  /// - Throws: `ExperimentError` with everything that is wrong with the steps to do, before any work; ``Interrupted``.
  public func perform(_ reporter: JobReporter = .silent) throws -> ExperimentSummary {
    let clock = Stopwatch()
    let layout = try layOut(reporter)
    try layout.state.folder.open()
    for record in layout.state.leftOver() {
      let isAnalysis = record.kind == .analyze
      if isAnalysis { try layout.state.forgetAnalysis(record) }
      let fate = isAnalysis ? "its numbers are removed" : ExperimentRun.keeps(record)
      reporter.note("\(record.step) is no longer in \(file); \(fate)")
    }
    let steps = layout.steps
    var entries: [ExperimentSummary.Entry] = []
    var verdicts: [String: Verdict] = [:]
    var lost: Set<String> = []
    var lastWhy: String?
    for (index, step) in steps.enumerated() {
      if reporter.isCancelled() { throw Interrupted() }
      let heading = "[\(index + 1)/\(steps.count)] \(step.name)"
      if let need = step.needs.first(where: lost.contains) {
        lost.insert(step.name)
        reporter.note("\(heading): skipped, because it needs \(need)")
        entries.append(.init(step, .skipped, error: "needs \(need)"))
        continue
      }
      let verdict = layout.state.verdict(
        of: step, forced: layout.forced.contains(step.name), terms: ExperimentRun.terms(of: step), before: verdicts)
      verdicts[step.name] = .upToDate
      guard !verdict.isUpToDate else {
        reporter.say("\(heading): up to date")
        entries.append(.init(step, .upToDate, bytes: layout.state.folder.record(of: step.name)?.done?.bytes))
        continue
      }
      let why = step.why.flatMap { $0 == lastWhy ? nil : "\n  \($0)" } ?? ""
      reporter.say("\n\(heading)\(ExperimentRun.reason(of: verdict))\(why)")
      lastWhy = step.why
      let entry = try perform(step, verdict, layout.state)
      if entry.status == .failed { lost.insert(step.name) }
      entries.append(entry)
    }
    let summary = summary(layout, entries, seconds: clock.seconds)
    if let line = summary.line { reporter.say(line) }
    return summary
  }

  /// Carries out one step; what goes wrong is reported and is part of the summary.
  private func perform(_ step: Step, _ verdict: Verdict, _ state: ExperimentState) throws -> ExperimentSummary.Entry {
    let started = Host.timestamp
    let clock = Stopwatch()
    do {
      try state.begin(step, goesOn: verdict == .toGoOn, terms: ExperimentRun.terms(of: step))
      try runner.command(for: step).run()
      try state.finish(
        step, seconds: clock.seconds, wentOn: verdict == .toGoOn, startedAt: started, finishedAt: Host.timestamp)
      return .init(
        step, .done, seconds: clock.seconds, bytes: state.folder.record(of: step.name)?.done?.bytes)
    } catch let error as Interrupted {
      // The steps before are kept, whatever becomes of this one.
      throw error == .startingAgain
        ? Interrupted("interrupted; the same command goes on, with \(step.name) from its beginning") : error
    } catch {
      let message = runner.sentence(for: error)
      runner.report(failure: message, of: step)
      return .init(step, .failed, seconds: clock.seconds, error: message)
    }
  }
}

/// The parts of a run, laid out before anything is done.
struct ExperimentLayout {
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
