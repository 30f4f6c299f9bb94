import Activations
import Backbones
import Foundation
import Imaging
import Pipelines
import Synchronization
import Testing
import Torch

/// Extraction as a value that runs, without the command line.
@Suite struct ExtractionJobTests {
  let workspace: JobWorkspace

  init() throws {
    workspace = try JobWorkspace()
    try workspace.drawPictures(3)
  }

  @Test func theStoreHoldsWhatTheModelGives() throws {
    let record = Record()
    let summary = try workspace.extraction(to: "vit.h5").run(record.reporter)
    #expect(summary.images == 3 && summary.rowsComputed == 3 && summary.failures.isEmpty)
    #expect(record.progress.last?.work == "extract" && record.progress.last?.done == 3)
    let store = try FeatureStore(path: workspace.path("vit.h5"))
    #expect(store.imagePaths == ["00.png", "01.png", "02.png"])
    #expect(store.classes == ["blue", "red"] && store.labels == [1, 0, 1])
    #expect(store.attribute("control") == "random-weights" && store.attribute("seed") == "5")

    let model = try JobWorkspace.model.load(device: .cpu, seed: 5)
    let preprocessing = try model.preprocessing()
    let image = try preprocessing.apply(to: PixelImage(contentsOf: workspace.pictures.appendingPathComponent("01.png")))
    #expect(try store.readInput(row: 1) == image.pixels)
    let batch = try ImageBatch(
      bytes: Tensor(image.pixels, shape: [1, 64, 64, 3]), rescaleFactor: preprocessing.rescaleFactor,
      mean: preprocessing.mean, deviation: preprocessing.std)
    let features = try model.backbone.features(of: batch, taps: ["block.2", "logits"])
    for (tap, value) in features {
      let expected = try value.values(as: Float.self)
      let stored = try store.readRows(tap: tap, rows: [1])
      #expect(stored.count == expected.count)
      #expect(zip(stored, expected).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(tap)")
    }
  }

  @Test func aFinishedStoreIsLeftAsItIs() throws {
    let job = workspace.extraction(to: "vit.h5")
    _ = try job.run()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: job.out))
    let record = Record()
    #expect(try job.run(record.reporter).rowsComputed == 0)
    #expect(record.said.contains("\(job.out): complete already; nothing to do"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: job.out)) == bytes)
  }

  @Test func aCancelledRunGoesOnAndEndsAlike() throws {
    var job = workspace.extraction(to: "whole.h5")
    job.storage.batchSize = 1
    _ = try job.run()
    job.out = workspace.path("parts.h5")
    #expect(throws: Interrupted.self) { try job.run(Record(stopAfter: 0).reporter) }
    #expect(try FeatureStore(path: job.out).progress(of: "original").allSatisfy { $0 == 0 })
    _ = try job.run()
    let (whole, parts) = (try FeatureStore(path: workspace.path("whole.h5")), try FeatureStore(path: job.out))
    for row in 0..<3 {
      #expect(try whole.readRows(tap: "logits", rows: [row]) == parts.readRows(tap: "logits", rows: [row]))
    }
  }

  @Test func aPictureThatCannotBeReadIsReported() throws {
    try Data("no picture".utf8).write(to: workspace.pictures.appendingPathComponent("01.png"))
    let record = Record()
    let summary = try workspace.extraction(to: "vit.h5").run(record.reporter)
    #expect(summary.failures.count == 1 && summary.failures[0].hasPrefix("01.png: "))
    #expect(record.notes == summary.failures.map { "skipped \($0)" })
  }

  @Test func whatCannotBeIsBadInput() throws {
    var job = workspace.extraction(to: "vit.h5")
    job.images.folder = "nowhere"
    #expect(
      throws: BadInput(
        "--images nowhere: no such folder; give a folder of pictures (JPEG, PNG, WebP, BMP or TIFF), "
          + "a tar or zip of them, or a CSV file that lists them, which palimpsest index writes")
    ) { try job.run() }
    job = workspace.extraction(to: "vit.h5")
    job.region = "objects"
    #expect(
      throws: BadInput(
        "--region objects restricts colour conditions, but there is none; give --conditions, such as red")
    ) { try job.run() }
  }

  @Test func oneThreadDecodesOneImageAtATime() throws {
    let prepared = try workspace.extraction(to: "vit.h5").prepare()
    let running = Mutex((now: 0, most: 0))
    let run = StoreRun<Int>(
      plan: prepared.plan, out: workspace.path("vit.h5"), threads: 1, recheck: false, label: "test", reporter: .silent)
    _ = try run.run(
      decode: { row, _ in
        running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        usleep(20_000)
        running.withLock { $0.now -= 1 }
        return DecodedImage(pixels: row, height: 64, width: 64)
      },
      compute: { request in
        let taps = try prepared.plan.taps.map {
          try Tensor.zeros([request.images.count, $0.tokens, $0.channels])
        }
        return try ComputedBlock(
          taps: taps, inputs: Tensor.zeros([request.images.count, 64, 64, 3], dtype: .uint8), reconstructions: [],
          joints: nil)
      })
    #expect(running.withLock { $0.most } == 1)
  }
}
