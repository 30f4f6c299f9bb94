import Activations
import Foundation
import Imaging
import Pipelines
import TestSupport
import Testing

/// `palimpsest index`, and jobs that take what it wrote.
@Suite struct IndexJobTests {
  private let workspace: JobWorkspace

  init() throws {
    workspace = try JobWorkspace()
    try workspace.drawPictures(5)
  }

  private func job(_ name: String = "set.csv") -> IndexJob {
    var job = IndexJob(workspace.pictures.path, out: workspace.path(name))
    job.labels = .file(workspace.path("labels.csv"))
    return job
  }

  /// The same store as from the folder; what the folder gains afterwards is not looked at.
  @Test func anIndexStandsForItsFolder() throws {
    var folder = workspace.extraction(to: "folder.h5")
    folder.taps = "logits"
    _ = try folder.run()
    let summary = try job().run()
    #expect(summary.images == 5 && summary.labelled == 5 && summary.unreadable == 0 && summary.remembered == 0)
    #expect(!workspace.exists("set.csv.unfinished"))
    try Data("no picture".utf8).write(to: workspace.pictures.appendingPathComponent("05.png"))
    var indexed = folder
    indexed.images = ImageFiles(workspace.path("set.csv"))
    indexed.out = workspace.path("index.h5")
    _ = try indexed.run()
    let (a, b) = (try FeatureStore(path: folder.out), try FeatureStore(path: indexed.out))
    #expect(
      a.imagePaths == b.imagePaths && a.labels == b.labels && a.classes == b.classes
        && a.imageContents == b.imageContents)
    let rows = Array(0..<5)
    let (x, y): ([Float], [Float]) = (
      try a.readRows(tap: "logits", rows: rows), try b.readRows(tap: "logits", rows: rows)
    )
    #expect(x == y)
    #expect(b.attribute("images_index") == summary.digest && a.attribute("images_index") == nil)
    // It goes on with either.
    folder.out = indexed.out
    folder.images.subset = .first(5)
    #expect(throws: Never.self) { try folder.run() }
  }

  @Test func aTrainingTakesAnIndex() throws {
    _ = try job().run()
    var training = workspace.training(to: "inverse")
    training.source = .images(workspace.path("set.csv"))
    training.inverse = .ridge
    _ = try training.run()
    let recorded = try String(
      contentsOf: workspace.folder.appendingPathComponent("inverse/images.csv"), encoding: .utf8)
    let sum = try ImageIndex.listing(workspace.path("set.csv")).entries[0].content()
    #expect(recorded.contains("00.png,\(sum)"))
  }

  @Test func anInterruptedIndexGoesOn() throws {
    let whole = try job("whole.csv").run()
    // As a killed run leaves it: two files, a line cut short, and one that was changed since.
    let lines = try String(contentsOfFile: workspace.path("whole.csv"), encoding: .utf8).split(separator: "\n")
    func known(_ row: Int, modified: Int) -> String {
      let fields = lines[row + 1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return ([fields[0], "\(modified)"] + [fields[1], fields[2], fields[3], fields[5]]).joined(separator: ",")
    }
    func modified(_ row: Int) throws -> Int {
      var status = stat()
      try #require(stat(workspace.pictures.appendingPathComponent("0\(row).png").path, &status) == 0)
      return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }
    let text =
      try [known(0, modified: modified(0)), known(1, modified: modified(1)), known(2, modified: 7)]
      .joined(separator: "\n") + "\n" + known(3, modified: modified(3)).dropLast(9)
    try Data(text.utf8).write(to: URL(fileURLWithPath: workspace.path("again.csv.unfinished")))
    let again = try job("again.csv").run()
    #expect(again.remembered == 2 && again.digest == whole.digest)
    // Stopped between blocks, what is measured stays.
    let record = Record(stopAfter: 0)
    #expect(throws: Interrupted.self) { try job("stopped.csv").run(record.reporter) }
    #expect(workspace.exists("stopped.csv.unfinished") && !workspace.exists("stopped.csv"))
  }

  @Test func hashesCanBeLeftOut() throws {
    var job = job()
    job.hashes = false
    job.labels = .folders
    #expect(throws: BadInput.self) { try job.run() }
    job.labels = nil
    _ = try job.run()
    let entry = try #require(try ImageIndex.listing(workspace.path("set.csv")).entries.first)
    #expect(entry.known?.content == nil && entry.known?.label == nil)
    #expect(entry.known?.size == .init(height: 64, width: 64) && (entry.known?.bytes ?? 0) > 100)
    #expect(throws: BadInput.self) { try IndexJob(workspace.pictures.path, out: workspace.path("set.txt")).run() }
  }
}
