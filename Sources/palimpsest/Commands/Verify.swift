import Activations
import ArgumentParser
import Foundation
import HDF5
import Inversion
import NeuralNet

/// `palimpsest verify`: is a file whole, and does it hold what it says.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell whether a store, a checkpoint or a bundle is whole and holds what it says.",
    discussion: """
      Of a store every row is read and compared with its checksum; of a checkpoint \
      the header is checked against the file; of a bundle names, kinds and sizes \
      are looked at before anything is unpacked, then every file is compared with \
      its SHA-256.

        palimpsest verify vit.h5
        palimpsest verify mine.zip
      """)

  @Argument(help: "A feature store (.h5), a checkpoint (.safetensors) or its folder, a bundle (.zip).")
  var file: String

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    struct Rows: Encodable {
      let condition: String
      let complete: Int
      let total: Int
    }

    let path: String
    let kind: String
    let passes: Bool
    let rows: [Rows]
    let unreadableImages: Int
    let nonFinite: Int
    let bytesChecked: Int
    let problems: [String]
  }

  func run() throws {
    switch try FileKind(of: file) {
    case .store: try verifyStore()
    case .checkpoint: try verifyCheckpoint()
    case .inverse: try verifyInverse()
    case .bundle: try verifyBundle()
    case .unpackedBundle:
      throw BadInput("\(file): an unpacked bundle; run sha256sum --check SHA256SUMS in it, or give the zip")
    case .report:
      throw BadInput("\(file): a report has no checksums; palimpsest bundle makes a file of it that has")
    case .results:
      throw BadInput("\(file): a results folder has no checksums of its own; give a store or a checkpoint")
    }
  }

  private func verifyStore() throws {
    let store = try FeatureStore(path: file)
    let summary = try store.summary()
    let total = (summary.taps.map(\.bytes) + (summary.reconstructions + summary.joints).map(\.bytes)).reduce(0, +)
    let progress = Progress("verify", total: max(1, total >> 20), unit: "MiB", isShown: !output.quiet)
    let report = try store.verify(threads: Host.cores) { progress.update($0 >> 20) }
    progress.finish()
    for rows in report.rows { output.say("\(rows.condition): \(rows.complete) of \(rows.total) rows complete") }
    if report.unreadableImages > 0 {
      output.say("\(report.unreadableImages) images could not be read when it was made")
    }
    if report.nonFinite > 0 { output.say("\(report.nonFinite) numbers are infinite or not numbers") }
    if !report.hasChecksums { output.say("the store has no checksums: only its structure was checked") }
    let problems = report.mismatches.map(\.description)
    for problem in problems.prefix(20) { output.note("  \(problem)") }
    if problems.count > 20 { output.note("  … and \(problems.count - 20) more") }
    try output.summarize(
      Summary(
        path: file, kind: "store", passes: report.passes,
        rows: report.rows.map { .init(condition: $0.condition, complete: $0.complete, total: $0.total) },
        unreadableImages: report.unreadableImages, nonFinite: report.nonFinite, bytesChecked: report.bytesChecked,
        problems: problems))
    guard report.passes else {
      throw WorkFailed(
        "\(file): damaged in \(problems.count) \(problems.count == 1 ? "place" : "places"); "
          + "run the extract that made it with --recheck to mend it, or make it anew")
    }
    output.say("\(file): whole, \(Numbers.bytes(report.bytesChecked)) checked")
  }

  private func verifyCheckpoint() throws {
    let checkpoint = try Checkpoint(at: URL(fileURLWithPath: file))
    let broken = try Verify.broken(checkpoint)
    try output.summarize(
      Summary(
        path: file, kind: "checkpoint", passes: broken.isEmpty, rows: [], unreadableImages: 0, nonFinite: broken.count,
        bytesChecked: checkpoint.byteCount, problems: broken.map { "tensor '\($0)' holds infinities or no numbers" }))
    guard broken.isEmpty else {
      throw WorkFailed("\(file): not every number is finite in \(broken.joined(separator: ", ")); fetch the file again")
    }
    output.say("\(file): whole, \(checkpoint.names.count) tensors, \(Numbers.bytes(checkpoint.byteCount))")
  }

  /// The tensors of a checkpoint that hold infinities or no numbers.
  private static func broken(_ checkpoint: Checkpoint) throws -> [String] {
    try checkpoint.names.filter { name in
      let tensor = try checkpoint.tensor(named: name)
      return try tensor.dtype == .float32 && !tensor.isAllFinite()
    }
  }

  /// The plan and every file of weights and state of a training.
  private func verifyInverse() throws {
    let folder = InverseFolder(URL(fileURLWithPath: file))
    let plan = try folder.plan()
    let weights = (plan?.cuts ?? []).flatMap { cut in
      [InverseFolder.Kept.best, .last].map { folder.weightsURL(cut, $0) }
    }
    let present = (weights + [folder.stateURL]).filter { FileManager.default.fileExists(atPath: $0.path) }
    var problems: [String] = []
    var bytes = 0
    for url in present {
      do {
        let checkpoint = try Checkpoint(at: url)
        bytes += checkpoint.byteCount
        problems += try Verify.broken(checkpoint).map {
          "\(url.lastPathComponent): tensor '\($0)' holds infinities or no numbers"
        }
      } catch let error as CheckpointError {
        problems.append("\(error)")
      }
    }
    try output.summarize(
      Summary(
        path: file, kind: "inverse", passes: problems.isEmpty, rows: [], unreadableImages: 0,
        nonFinite: problems.count, bytesChecked: bytes, problems: problems))
    for problem in problems.prefix(20) { output.note("  \(problem)") }
    guard problems.isEmpty else {
      throw WorkFailed(
        "\(file): damaged in \(problems.count) \(problems.count == 1 ? "place" : "places"); train it anew")
    }
    output.say("\(file): whole, \(present.count) files, \(Numbers.bytes(bytes)) checked")
  }
}
