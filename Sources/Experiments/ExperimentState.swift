import Formats
import Foundation

/// Whether a step has to be done, and why.
public enum Verdict: Sendable, Equatable {
  case upToDate
  /// To be done from the beginning.
  case toDo(String)
  /// Begun with the same hash: it goes on where it stopped.
  case toGoOn
  /// Done again only if a step it needs, which is done again, comes out otherwise.
  case depends(on: String)

  public var isUpToDate: Bool { self == .upToDate }
}

/// The graph of an experiment beside what is known of earlier runs.
public final class ExperimentState {
  public let graph: StepGraph
  public let folder: StateFolder
  public let hashes: ContentHashes
  /// The experiment's output folder, from which records name what steps wrote.
  private let root: String
  private var keys: [String: StepKey] = [:]

  /// - Parameter tool: version of the program, part of every hash.
  public init(graph: StepGraph, paths: ExperimentPaths, folder: StateFolder, tool: String) {
    self.graph = graph
    self.folder = folder
    root = paths.output
    hashes = ContentHashes(place: folder.hashesPath)
    for step in graph.steps {
      keys[step.name] = StepKey(
        step, tool: tool, inputs: step.inputs.map(hashes.digest), needs: step.needs.map { keys[$0]?.hash ?? "" })
    }
  }

  public func key(of step: Step) -> StepKey {
    guard let key = keys[step.name] else { preconditionFailure("\(step.name) is not of this graph") }
    return key
  }

  // MARK: Judging

  /// Whether a step has to be done, as things lie now.
  ///
  /// - Parameter before: verdicts of the steps it needs.
  public func verdict(of step: Step, forced: Bool = false, terms: String = "", before: [String: Verdict]) -> Verdict {
    if forced { return .toDo("asked for with --force") }
    let record = folder.record(of: step.name)
    let key = key(of: step)
    guard let done = record?.done else {
      if let begun = record?.begun, begun == self.begun(step, terms) { return .toGoOn }
      return .toDo(record?.begun == nil ? "not done yet" : "begun otherwise")
    }
    guard done.hash == key.hash else { return .toDo(key.difference(from: done.key)) }
    if let wrong = damage(of: done, at: step.output) { return .toDo(wrong) }
    for need in step.needs {
      if let earlier = before[need], !earlier.isUpToDate { return .depends(on: need) }
      if folder.record(of: need)?.done?.digest != done.read[need] { return .toDo("\(need) was made again") }
    }
    return .upToDate
  }

  /// Of all steps, in their order.
  public func verdicts(forced: Set<String> = [], terms: (Step) -> String = { _ in "" }) -> [String: Verdict] {
    var found: [String: Verdict] = [:]
    for step in graph.steps {
      found[step.name] = verdict(of: step, forced: forced.contains(step.name), terms: terms(step), before: found)
    }
    return found
  }

  /// What is missing or otherwise of a step's outputs; nil where all is as it was. Content decides, where only times differ.
  private func damage(of done: StepRecord.Done, at output: String) -> String? {
    for file in done.outputs {
      let path = file.path.isEmpty ? output : output + "/" + file.path
      guard let state = FileState(path) else { return "\(path) is missing" }
      if state == file.state { continue }
      guard state.bytes == file.state.bytes, hashes.sha256(path) == file.sha256 else { return "\(path) was altered" }
    }
    return nil
  }

  /// Steps of earlier runs that the experiment no longer has.
  public func leftOver() -> [StepRecord] { folder.records().filter { graph[$0.step] == nil } }

  /// A beginning as it would be recorded now.
  private func begun(_ step: Step, _ terms: String) -> StepRecord.Begun {
    let read = step.needs.map { folder.record(of: $0)?.done?.digest ?? "" }
    return StepRecord.Begun(hash: key(of: step).hash, terms: ([terms] + read).joined(separator: " "))
  }

  /// A place as records name it: the output folder may be moved.
  private func relative(_ path: String) -> String {
    path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
  }

  // MARK: Doing

  /// - Throws: ``ExperimentError`` where something is at a step's place that no step made.
  public func requireOwnOutputs(of steps: [Step]) throws {
    // A report replaces nothing but a report; it looks itself.
    let foreign = steps.filter { step in
      step.kind != .report && folder.record(of: step.name)?.output != relative(step.output)
        && FileManager.default.fileExists(atPath: step.output)
    }
    guard foreign.isEmpty else {
      throw ExperimentError(
        foreign.map {
          "\($0.output) is there, but no run of this experiment made it; move it away, or choose another output"
        })
    }
  }

  /// Records that a step is begun; what an earlier hash left goes first, unless it goes on where it stopped.
  public func begin(_ step: Step, goesOn: Bool, terms: String) throws {
    var record =
      folder.record(of: step.name) ?? StepRecord(step: step.name, kind: step.kind, output: relative(step.output))
    // Parts of what was there must not be taken for the beginning of what comes.
    if !goesOn {
      record.begun = nil
      record.done = nil
      try folder.save(record)
      // Whatever lies there is this step's own: anything else is refused before work begins.
      if step.kind != .report { try remove(step.output) }
      record.output = relative(step.output)
    }
    record.begun = begun(step, terms)
    try folder.save(record)
    try makeRoom(for: step)
  }

  /// Records what a step wrote.
  public func finish(_ step: Step, seconds: Double, wentOn: Bool, startedAt: String, finishedAt: String) throws {
    let files = FileTree.files(step.output)
    guard !files.isEmpty else { throw ExperimentError("\(step.output) was not written") }
    let outputs = try files.map { name -> StepRecord.Output in
      let path = name.isEmpty ? step.output : step.output + "/" + name
      guard let state = FileState(path), let sum = hashes.sha256(path) else {
        throw ExperimentError("\(path) cannot be read back")
      }
      return StepRecord.Output(path: name, state: state, sha256: sum)
    }
    var read: [String: String] = [:]
    for need in step.needs { read[need] = folder.record(of: need)?.done?.digest }
    let key = key(of: step)
    var record = StepRecord(step: step.name, kind: step.kind, output: relative(step.output))
    record.last = wentOn ? folder.record(of: step.name)?.last : .init(seconds: seconds, units: step.units)
    record.done = StepRecord.Done(
      hash: key.hash, key: key, command: step.commandLine, outputs: outputs, read: read, startedAt: startedAt,
      finishedAt: finishedAt, seconds: seconds)
    try folder.save(record)
    try hashes.save()
  }

  /// Removes the numbers of an analysis that the experiment no longer has, so that no report shows them.
  public func forgetAnalysis(_ record: StepRecord) throws {
    try remove(record.output.hasPrefix("/") ? record.output : root + "/" + record.output)
    folder.forget(record.step)
  }

  private func remove(_ path: String) throws {
    let files = [path, path + ".journal", path + ".partial"]
    for file in files where FileManager.default.fileExists(atPath: file) {
      do { try FileManager.default.removeItem(atPath: file) } catch {
        throw ExperimentError("\(file) is of other settings and cannot be removed; remove it, or choose another output")
      }
    }
  }

  private func makeRoom(for step: Step) throws {
    let above = FilePath.folder(of: step.output)
    do { try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true) } catch {
      throw ExperimentError("\(above) cannot be made; choose another output")
    }
  }
}
