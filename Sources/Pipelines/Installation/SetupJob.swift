import Foundation
import Torch

/// Gets libtorch without root and puts it where the program finds it. The work is done by `scripts/libtorch`, which the build uses too.
public struct SetupJob: Sendable {
  /// What kind of libtorch; CUDA where the machine has NVIDIA's driver, unless the user says.
  public enum Kind: String, Sendable {
    case cpu, cuda
  }

  public struct Summary: Codable, Sendable {
    /// Where it is.
    public let folder: String
    public let kind: String
    public let version: String
  }

  private let folder: String
  private let link: String?
  private let kind: Kind?

  /// - Parameter folder: where libtorch goes, found from the user's own place, which then leads there; nil for that place itself.
  /// - Throws: ``BadInput`` where the user has no home and names no folder.
  public init(folder: String?, kind: Kind?) throws {
    guard let place = TorchLibrary.userFolder else {
      throw BadInput("neither HOME nor XDG_DATA_HOME is set, below which libtorch would be found; set one of them")
    }
    self.folder = folder ?? place
    link = folder == nil ? nil : place
    self.kind = kind
  }

  /// Gets it, unless it is there. What the script says goes to standard error.
  ///
  /// - Throws: ``WorkFailed`` where Python is missing or the script fails, and that it was interrupted.
  public func run(_ reporter: JobReporter) throws -> Summary {
    let script = try ShippedResources.libtorchScript()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["python3", script.path] + (kind.map { ["--\($0)"] } ?? []) + (link.map { ["--link", $0] } ?? []) + [folder]
    let output = Pipe()
    process.standardOutput = output
    do { try process.run() } catch { throw WorkFailed("python3, which gets libtorch, cannot be started: \(error)") }
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if reporter.isCancelled() || process.terminationStatus == 130 { throw Interrupted.startingAgain }
    guard process.terminationStatus == 0, let summary = try? JSONDecoder().decode(Summary.self, from: answer) else {
      throw WorkFailed(
        process.terminationStatus == 127
          ? "python3 is not on the PATH; install Python 3 with pip, or set LIBTORCH to a libtorch that is here"
          : "libtorch could not be set up, as said above")
    }
    return summary
  }
}
