import Formats
import Foundation

/// Has Slurm put a job that has to end into its queue again.
public struct SlurmRequeue: Sendable {
  /// What is to be done, decided from the environment alone.
  package enum Decision: Equatable {
    case requeue(job: String)
    /// Why not, in a sentence.
    case leave(String)
  }

  package let decision: Decision

  /// - Parameters:
  ///   - most: how often a job is put into the queue again.
  ///   - environment: that of the job.
  public init(most: Int, environment: [String: String]) {
    func number(_ name: String) -> Int { environment[name].flatMap { Int($0) } ?? 0 }
    let restarts = number("SLURM_RESTART_COUNT")
    guard let job = environment["SLURM_JOB_ID"], !job.isEmpty else {
      decision = .leave("--requeue: this is no job of Slurm (SLURM_JOB_ID is not set); start the same command again")
      return
    }
    guard restarts < most else {
      decision = .leave("--requeue \(most): the job was started again \(restarts) times already; submit it again")
      return
    }
    guard environment["SLURM_STEP_ID"] == nil || number("SLURM_PROCID") == 0 else {
      decision = .leave("--requeue: left to task 0 of the job")
      return
    }
    let task = environment["SLURM_ARRAY_TASK_ID"]
    decision = .requeue(job: environment["SLURM_ARRAY_JOB_ID"].flatMap { id in task.map { "\(id)_\($0)" } } ?? job)
  }

  /// Calls `scontrol requeue` where it is to be done.
  ///
  /// - Returns: what was done, or why nothing was, in a sentence.
  public func request() -> String {
    guard case .requeue(let job) = decision else {
      if case .leave(let reason) = decision { return reason }
      return ""
    }
    let scontrol = Process()
    scontrol.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    scontrol.arguments = ["scontrol", "requeue", job]
    let output = Pipe()
    scontrol.standardError = output
    do { try scontrol.run() } catch { return "--requeue: scontrol cannot be started (\(error)); submit the job again" }
    let said = String(decoding: (try? output.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    scontrol.waitUntilExit()
    guard scontrol.terminationStatus == 0 else {
      let reason = said.split(separator: "\n").joined(separator: " ")
      return "--requeue: scontrol requeue \(job) failed (\(reason)); submit the job again"
    }
    return "job \(job) is in the queue of Slurm again and goes on where it stopped"
  }
}
