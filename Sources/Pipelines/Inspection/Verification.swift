import Activations
import Formats
import Foundation
import HDF5
import Inversion
import NeuralNet
import Reports

/// Whether a file is whole and holds what it says.
public struct Verification: Encodable, Sendable {
  public struct Rows: Encodable, Sendable {
    public let condition: String
    public let complete: Int
    public let total: Int
  }

  public let path: String
  /// `store`, `checkpoint`, `inverse` or `bundle`.
  public let kind: String
  public let passes: Bool
  /// Of a store; empty of a checkpoint, nil of a bundle.
  public var rows: [Rows]?
  public var unreadableImages: Int?
  /// Numbers that are infinite or not numbers; tensors with such, of a checkpoint.
  public var nonFinite: Int?
  /// Of a bundle.
  public var files: Int?
  public let bytesChecked: Int
  public let problems: [String]
  /// What else a reader should know, in sentences.
  public var remarks: [String] = []
  /// Whether the problems are worth a line each, or all stand in ``conclusion``.
  public var listsProblems = true
  /// What it comes to, in a sentence without the path.
  public let conclusion: String

  private enum CodingKeys: String, CodingKey {
    case path, kind, passes, rows, unreadableImages, nonFinite, files, bytesChecked, problems
  }

  /// Checks whatever a path holds.
  ///
  /// - Parameter threads: how many read and check the rows of a store at once.
  /// - Throws: ``BadInput`` where it is of a kind without checksums; the errors of stores, checkpoints and bundles.
  public static func verify(
    _ path: String, threads: Int = Host.cores, _ reporter: JobReporter = .silent
  ) throws -> Verification {
    switch try FileKind(of: path) {
    case .store: return try store(path, threads: threads, reporter)
    case .checkpoint: return try checkpoint(path)
    case .inverse: return try training(path)
    case .bundle: return try bundle(path, reporter)
    case .unpackedBundle:
      throw BadInput("\(path): an unpacked bundle; run sha256sum --check SHA256SUMS in it, or give the zip")
    case .report:
      throw BadInput("\(path): a report has no checksums; palimpsest bundle makes a file of it that has")
    case .results:
      throw BadInput("\(path): a results folder has no checksums of its own; give a store or a checkpoint")
    }
  }

  private static func store(_ path: String, threads: Int, _ reporter: JobReporter) throws -> Verification {
    let store = try FeatureStore(path: path)
    let summary = try store.summary()
    let bytes = DeclaredSize.clampedSum(
      summary.taps.map(\.bytes) + (summary.reconstructions + summary.joints).map(\.bytes))
    let total = max(1, bytes >> 20)
    let report = try store.verify(threads: threads) {
      reporter.show(JobProgress("verify", $0 >> 20, of: total, unit: "MiB"))
    }
    var remarks = store.notes
    remarks += report.rows.map { "\($0.condition): \($0.complete) of \($0.total) rows complete" }
    if report.unreadableImages > 0 {
      remarks.append("\(report.unreadableImages) images could not be read when it was made")
    }
    if report.nonFinite > 0 { remarks.append("\(report.nonFinite) numbers are infinite or not numbers") }
    if !report.hasChecksums { remarks.append("the store has no checksums: only its structure was checked") }
    if !report.unchecked.isEmpty {
      remarks.append(
        "\(report.unchecked.count) datasets were linked or added by other means and have no checksums: "
          + report.unchecked.prefix(3).joined(separator: ", ") + (report.unchecked.count > 3 ? ", …" : ""))
    }
    return Verification(
      path: path, kind: "store", passes: report.passes,
      rows: report.rows.map { Rows(condition: $0.condition, complete: $0.complete, total: $0.total) },
      unreadableImages: report.unreadableImages, nonFinite: report.nonFinite, bytesChecked: report.bytesChecked,
      problems: report.mismatches.map(\.description), remarks: remarks,
      conclusion: conclusion(of: report))
  }

  private static func conclusion(of report: StoreReport) -> String {
    let checked = "\(NumberText.bytes(report.bytesChecked)) checked"
    guard report.passes else {
      guard report.isDamaged else {
        return "not complete: rows that nobody wrote are no data, in \(places(report.mismatches.count)); "
          + "write them, or add /progress/<condition> with 0 for them"
      }
      return "damaged in \(places(report.mismatches.count)); "
        + (report.hasChecksums
          ? "run the extract that made it with --recheck to repair it, or make it again" : "make it again")
    }
    guard report.isComplete else { return "not complete yet, what is in it is whole, \(checked)" }
    return "whole, \(checked)"
  }

  private static func checkpoint(_ path: String) throws -> Verification {
    let checkpoint = try Checkpoint(at: URL(fileURLWithPath: path))
    let broken = try brokenTensors(checkpoint)
    return Verification(
      path: path, kind: "checkpoint", passes: broken.isEmpty, rows: [], unreadableImages: 0, nonFinite: broken.count,
      bytesChecked: checkpoint.byteCount, problems: broken.map(brokenText), listsProblems: false,
      conclusion: broken.isEmpty
        ? "whole, \(checkpoint.names.count) tensors, \(NumberText.bytes(checkpoint.byteCount))"
        : "not every number is finite in \(broken.joined(separator: ", ")); fetch the file again")
  }

  /// The plan and every file of weights and state of a training.
  private static func training(_ path: String) throws -> Verification {
    let folder = InverseFolder(URL(fileURLWithPath: path))
    let weights = (try folder.plan()?.cuts ?? []).flatMap { cut in
      [InverseFolder.Kept.best, .last].map { folder.weightsURL(cut, $0) }
    }
    let present = (weights + [folder.stateURL]).filter { FileManager.default.fileExists(atPath: $0.path) }
    var problems: [String] = []
    var bytes = 0
    for url in present {
      do {
        let checkpoint = try Checkpoint(at: url)
        bytes += checkpoint.byteCount
        problems += try brokenTensors(checkpoint).map { "\(url.lastPathComponent): \(brokenText($0))" }
      } catch let error as CheckpointError {
        problems.append("\(error)")
      }
    }
    return Verification(
      path: path, kind: "inverse", passes: problems.isEmpty, rows: [], unreadableImages: 0, nonFinite: problems.count,
      bytesChecked: bytes, problems: problems,
      conclusion: problems.isEmpty
        ? "whole, \(present.count) files, \(NumberText.bytes(bytes)) checked"
        : "damaged in \(places(problems.count)); train it again")
  }

  /// Names, kinds and sizes first, then every file against its hash.
  private static func bundle(_ path: String, _ reporter: JobReporter) throws -> Verification {
    let bundle = try BundleFile(path)
    let total = max(1, bundle.files.reduce(0) { $0 + $1.size } >> 20)
    let check = try BundleCheck(bundle) {
      try reporter.progress(JobProgress("verify", $0 >> 20, of: total, unit: "MiB"))
    }
    let wrong = check.problems.first.map {
      "not the bundle it was, in \(places(check.problems.count)), the first: \($0); get it again from where it came"
    }
    return Verification(
      path: path, kind: "bundle", passes: check.passes, files: check.files, bytesChecked: check.bytes,
      problems: check.problems,
      conclusion: wrong ?? "whole, \(check.files) files, \(NumberText.bytes(check.bytes)) checked")
  }

  /// The tensors of a checkpoint that hold infinities or no numbers.
  private static func brokenTensors(_ checkpoint: Checkpoint) throws -> [String] {
    try checkpoint.names.filter { name in
      let tensor = try checkpoint.tensor(named: name)
      return try tensor.dtype == .float32 && !tensor.isAllFinite()
    }
  }

  private static func brokenText(_ tensor: String) -> String { "tensor '\(tensor)' holds infinities or no numbers" }

  private static func places(_ count: Int) -> String { "\(count) \(count == 1 ? "place" : "places")" }
}
