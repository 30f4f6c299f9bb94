import Activations
import Analysis
import Backbones
import Experiments
import FigureLint
import Figures
import Formats
import Foundation
import HDF5
import Hub
import Imaging
import Inversion
import NeuralNet
import Pipelines
import Reports
import Results
import Scenes
import Testing
import Torch

/// Every error type of the libraries says with which status a program ends.
@Suite struct ExitStatusTests {
  /// Whose fault an error is decides: 2 for what the user can correct, 1 for work that failed, 130 for an interruption.
  private let statuses: [(error: any ExitStatusError, status: Int32)] = [
    (BadInput("x"), 2), (WorkFailed("x"), 1), (Interrupted(), 130),
    (StoreError(.badStore, "x"), 2), (StoreError(.otherSettings, "x"), 2), (StoreError(.badRequest, "x"), 2),
    (StoreError(.inUse, "x"), 2), (StoreError(.diskFull, "x"), 2), (StoreError(.inputOutput, "x"), 1),
    (AnalysisError(.badInput, "x"), 2), (AnalysisError(.workFailed, "x"), 1),
    (BundleError(.badInput, "x"), 2), (BundleError(.failed, "x"), 1),
    (InversionError(.badInput, "x"), 2), (InversionError(.failed, "x"), 1),
    (CheckpointError("x"), 2), (CheckpointError("x", isWriting: true), 1),
    (BackboneError("x"), 2), (ImagingError(reason: "x"), 2), (SceneError("x"), 2), (ReportError("x"), 2),
    (FigureError("x"), 2), (LintError("x"), 2), (ExperimentError("x"), 2),
    (HubError(.notFound, "x"), 2), (HubError(.noAccess, "x"), 2), (HubError(.offline, "x"), 2),
    (HubError(.unusable, "x"), 2), (HubError(.unreachable, "x"), 1), (HubError(.damaged, "x"), 1),
    (HubError(.interrupted, "x"), 130),
    (JSONError("x"), 2), (CommaSeparatedError(line: 1, reason: "x"), 2), (ConditionNameError.unknown("x"), 2),
    (OutputInUse(output: "x"), 2), (FileWritingError(path: "x", code: ENOSPC), 1),
    (FileWritingError(path: "x", code: EACCES), 2),
    (TorchError(operation: "x", reason: "y"), 1), (HDF5Error(file: "x", operation: "y", reason: "z"), 1),
  ]

  @Test func everyErrorHasItsStatus() {
    for (error, status) in statuses { #expect(error.exitStatus == status, "\(type(of: error))") }
    let writing = #expect(throws: FileWritingError.self) {
      try CommaSeparatedWriter(path: "/nowhere/at/all.csv", header: ["a"])
    }
    #expect(writing?.exitStatus == 2)
    let reading = #expect(throws: FileReadingError.self) { try SmallFile.data("/nowhere", largest: 1) }
    #expect(reading?.exitStatus == 2)
  }

  /// A new error type that is forgotten here, or does not say its status, is found in the sources.
  @Test func noErrorTypeIsLeftOut() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    let declaration = /(?m)^(?:public |package )?(?:struct|enum|final class) (\w+): ([^{\n]*)\{/
    var declared: [String: Bool] = [:]
    for case let file as URL in files where file.pathExtension == "swift" {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: declaration) {
        let conformances = match.2.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard conformances.contains("Error") || conformances.contains("ExitStatusError") else { continue }
        declared[String(match.1)] = conformances.contains("ExitStatusError")
      }
    }
    let known = Set(statuses.map { "\(type(of: $0.error))" } + ["FileReadingError"])
    #expect(Set(declared.keys) == known)
    // The targets of these import nothing; Pipelines gives them their status.
    #expect(
      Set(declared.filter { !$0.value }.keys) == ["TorchError", "HDF5Error", "FigureError", "ConditionNameError"])
  }
}
