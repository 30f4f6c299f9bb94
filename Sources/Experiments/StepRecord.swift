import Formats
import Foundation

/// What is known of a step from earlier runs.
public struct StepRecord: Codable, Sendable {
  /// Begun and perhaps not ended.
  public struct Begun: Codable, Sendable, Equatable {
    public let hash: String
    /// What must be the same for it to go on where it stopped, such as the number of threads.
    public let terms: String
  }

  /// A file that a step wrote.
  public struct Output: Codable, Sendable, Equatable {
    /// Relative to the step's output; empty where that is the file.
    public let path: String
    let state: FileState
    public let sha256: String
  }

  /// Ended.
  public struct Done: Codable, Sendable {
    public let hash: String
    public let key: StepKey
    public let command: String
    public let outputs: [Output]
    /// By the names of the steps it needs, the digests of their outputs that it read.
    public let read: [String: String]
    public let startedAt: String
    public let finishedAt: String
    public let seconds: Double

    public var bytes: Int { outputs.reduce(0) { $0 + $1.state.bytes } }

    /// Of the content of all outputs.
    public var digest: String {
      ContentDigest(CanonicalJSON.list(outputs.map { .list([.text($0.path), .text($0.sha256)]) }).encoded).hexadecimal
    }
  }

  /// How long it took when it was last done in one go.
  public struct Duration: Codable, Sendable, Equatable {
    public let seconds: Double
    public let units: Int?
  }

  public let step: String
  public let kind: Step.Kind
  /// Where it writes, relative to the experiment's output folder.
  public var output: String
  public var begun: Begun?
  public var done: Done?
  public var last: Duration?

  public init(step: String, kind: Step.Kind, output: String) {
    self.step = step
    self.kind = kind
    self.output = output
  }
}

/// The folder in which the state of an experiment is kept; one run at a time has it.
public final class StateFolder {
  public let path: String
  private var lock: OutputLock?

  public init(_ path: String) { self.path = path }

  deinit { lock?.release() }

  /// Makes the folder and keeps other runs out.
  ///
  /// - Throws: ``ExperimentError`` where another run has it; `FileWritingError` where it cannot be made.
  public func open() throws {
    do {
      try FileManager.default.createDirectory(atPath: path + "/steps", withIntermediateDirectories: true)
    } catch {
      throw FileWritingError(path: path, error)
    }
    do {
      lock = try OutputLock(lockFile: lockPath, of: path)
    } catch is OutputInUse {
      throw ExperimentError(
        "another palimpsest run is at work in \(FilePath.folder(of: path)); wait for it, or choose another output")
    }
  }

  private var lockPath: String { path + "/lock" }

  /// Whether a run is at work here.
  public var isInUse: Bool { OutputLock.isHeld(lockPath) }

  public var hashesPath: String { path + "/hashes.json" }

  private func place(_ step: String) -> String { "\(path)/steps/\(step.replacing("/", with: "+")).json" }

  /// nil where the step was never begun, or its record cannot be read.
  public func record(of step: String) -> StepRecord? {
    FileManager.default.contents(atPath: place(step)).flatMap { try? JSONDecoder().decode(StepRecord.self, from: $0) }
  }

  public func save(_ record: StepRecord) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    try AtomicFile.write(encoder.encode(record), to: place(record.step), isDurable: true)
  }

  public func forget(_ step: String) { try? FileManager.default.removeItem(atPath: place(step)) }

  /// Every record there is, in the order of the steps' names.
  public func records() -> [StepRecord] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path + "/steps")) ?? []).sorted()
    return names.filter { $0.hasSuffix(".json") }.compactMap { name in
      FileManager.default.contents(atPath: "\(path)/steps/\(name)").flatMap {
        try? JSONDecoder().decode(StepRecord.self, from: $0)
      }
    }
  }
}
