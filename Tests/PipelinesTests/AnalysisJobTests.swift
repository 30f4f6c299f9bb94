import Analysis
import Formats
import Foundation
import Pipelines
import Synchronization
import Testing

/// Analyses, inspection and verification as another program uses them: values that run and print nothing.
@Suite struct AnalysisJobTests {
  /// A store of random features: 12 images, 2 taps of 8 channels.
  private func withStore(_ body: (_ store: String, _ folder: String) throws -> Void) throws {
    var benchmark = FeatureBenchmark()
    (benchmark.images, benchmark.taps, benchmark.columns, benchmark.runs) = (12, 2, 8, 1)
    _ = try benchmark.run("test", "", threads: 1, analyze: body)
  }

  @Test func similarityWritesItsTablesAndReportsHowFarItIs() throws {
    try withStore { store, folder in
      let out = folder + "/results"
      let work = Mutex<Set<String>>([])
      var settings = Similarity.Settings()
      settings.measures = [.ckaLinear]
      let job = SimilarityJob(
        AnalysisFolder(stores: [store], out: out, command: ["palimpsest", "test"]), settings: settings,
        tokens: [.flatten, .mean])
      let summary = try job.run(
        JobReporter(progress: { progress in work.withLock { _ = $0.insert(progress.work) } }))
      #expect(work.withLock { $0 } == ["similarity"])
      // Three pairs of two taps, under two token modes.
      #expect(summary.rows == 6)
      #expect(summary.images == [12])
      #expect(
        summary.outputs == [
          "similarity.csv", "similarity_images.csv", "similarity_mean.csv", "token_modes.csv", "token_conclusions.csv",
        ])
      for name in summary.outputs + ["provenance.json"] {
        #expect(FileManager.default.fileExists(atPath: out + "/" + name), "\(name)")
      }
      let provenance = try String(contentsOfFile: out + "/provenance.json", encoding: .utf8)
      #expect(provenance.contains("\"palimpsest\""))
      #expect(provenance.contains("flatten,mean"))
    }
  }

  @Test func whatTheReporterThrowsStopsAnAnalysis() throws {
    try withStore { store, folder in
      let job = SimilarityJob(
        AnalysisFolder(stores: [store], out: folder + "/stopped", command: []), settings: Similarity.Settings())
      #expect(throws: Interrupted.self) { try job.run(JobReporter(progress: { _ in throw Interrupted() })) }
      #expect(!FileManager.default.fileExists(atPath: folder + "/stopped/similarity.csv"))
    }
  }

  @Test func objectsNeedAnnotations() throws {
    try withStore { store, folder in
      let job = SimilarityJob(
        AnalysisFolder(stores: [store], out: folder + "/none", command: []), settings: Similarity.Settings(),
        tokens: [.object])
      let error = #expect(throws: BadInput.self) { try job.run(.silent) }
      #expect(
        error?.description
          == "--tokens object needs to know where the objects are; give --annotations FILE (COCO instances)")
    }
  }

  @Test func aStoreIsInspectedAndVerified() throws {
    try withStore { store, _ in
      let found = try #require(try inspect(store) as? StoreInspection)
      #expect(found.images == 12)
      #expect(found.taps.map(\.name) == ["tap.0", "tap.1"])
      #expect(found.taps.map(\.shape) == [[12, 1, 8], [12, 1, 8]])
      #expect(found.completeRows == ["original": 12])
      #expect(found.tables[0].rows.count == 2)
      let verification = try Verification.verify(store)
      #expect(verification.passes && verification.problems.isEmpty)
      #expect(verification.bytesChecked == 12 * 2 * 8 * 4)
    }
  }

  @Test func aBenchmarkRunsOnceToWarmUpAndThenAsOftenAsAsked() throws {
    var runs = 0
    let notes = Mutex<[String]>([])
    let seconds = try BenchSummary.seconds(runs: 3, JobReporter(note: { text in notes.withLock { $0.append(text) } })) {
      runs += 1
    }
    #expect(runs == 4)
    #expect(seconds.count == 3)
    #expect(notes.withLock { $0.count } == 4)
    let summary = BenchSummary(work: "w", seconds: [4, 1, 2], images: 10, bytes: 20, threads: 1)
    #expect(summary.imagesPerSecond == 5)
    #expect(summary.bytesPerSecond == 10)
  }
}
