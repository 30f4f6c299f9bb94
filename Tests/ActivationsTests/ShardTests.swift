import Activations
import Formats
import Foundation
import HDF5
import TestSupport
import Testing

/// A store in several files, against the same store in one.
@Suite struct ShardTests {
  let scratch: TemporaryFolder
  let toy: ToyStore
  let folder: ShardFolder

  init() throws {
    scratch = try TemporaryFolder()
    try scratch.makeFolder("toy.h5.shards")
    folder = ShardFolder(scratch.path("toy.h5"))
    var toy = ToyStore(images: 23)
    toy.broken = [4, 8, 9, 22]
    self.toy = toy
  }

  /// Writes shards of a store.
  private func write(_ toy: ToyStore, _ wanted: [Int]? = nil, of count: Int, array: TaskArray? = nil) throws {
    let manifest = try folder.plan(toy.plan, shards: count, array: array)
    for shard in wanted ?? manifest.layout.filled {
      var part = toy
      part.plan = toy.plan.shard(shard, of: manifest)
      part.firstRow = manifest.layout.rows(of: shard).lowerBound
      try part.run(at: folder.path(of: shard, manifest.layout))
    }
  }

  private func refusal() -> String {
    do {
      _ = try FeatureStore(path: folder.path)
      return "none"
    } catch { return "\(error)" }
  }

  @Test func theRowsOfAllShardsAreThoseOfTheStoreInOrder() {
    for (images, block, count) in [(23, 2, 7), (20, 8, 7), (1, 8, 3), (64, 8, 8), (50_000, 8, 50), (9, 4, 2)] {
      let layout = ShardLayout(images: images, blockSize: block, count: count)
      let rows = (0..<count).map(layout.rows(of:))
      #expect(rows.first?.lowerBound == 0 && rows.last?.upperBound == images)
      #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      #expect(rows.allSatisfy { $0.lowerBound % block == 0 })
      let sizes = rows.map { ($0.count + block - 1) / block }
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "\(images) \(block) \(count): \(sizes)")
    }
    #expect(ShardLayout(images: 20, blockSize: 8, count: 7).filled.count == 3)
    #expect(ShardLayout(images: 20, blockSize: 8, count: 50).fileName(of: 3) == "00003-of-00050.h5")
  }

  @Test(arguments: [(StoreCompression.none, StorePrecision.float32), (.deflate(level: 4), .float16)], [1, 3, 7, 30])
  func theFolderIsTheStore(kind: (compression: StoreCompression, precision: StorePrecision), count: Int) throws {
    var toy = toy
    (toy.plan.compression, toy.plan.precision) = kind
    toy.plan.reconstructions = ["embed", "block.0"]
    toy.plan.joints = StoreJoints(starts: ["embed", "block.0"], joints: ["image", "embed"])
    try toy.run(at: scratch.path("toy.h5"))
    try write(toy, of: count)
    let whole = try FeatureStore(path: scratch.path("toy.h5"))
    let shards = try FeatureStore(path: folder.path)
    #expect(shards.count == 23 && shards.imagePaths == whole.imagePaths && shards.labels == whole.labels)
    #expect(shards.classes == whole.classes && shards.errors == whole.errors && shards.imageSizes == whole.imageSizes)
    #expect(shards.imageContents == whole.imageContents && shards.conditions == whole.conditions)
    let rows = [22, 0, 7, 8, 7, 15, 3, 21, 20, 1]
    for condition in whole.conditions {
      #expect(try shards.taps(condition: condition) == whole.taps(condition: condition))
      #expect(try shards.completeRows(condition: condition) == whole.completeRows(condition: condition))
      for tap in try whole.taps(condition: condition) {
        #expect(
          try shards.readRows(condition: condition, tap: tap.name)
            == whole.readRows(condition: condition, tap: tap.name))
        #expect(
          try shards.readRows(condition: condition, tap: tap.name, rows: rows)
            == whole.readRows(condition: condition, tap: tap.name, rows: rows))
      }
      for row in rows {
        #expect(try shards.readInput(condition: condition, row: row) == whole.readInput(condition: condition, row: row))
        let (a, b) = (
          try shards.readJoints(condition: condition, row: row), try whole.readJoints(condition: condition, row: row)
        )
        #expect(a.map(\.bitPattern) == b.map(\.bitPattern))
        for name in try whole.reconstructions(of: condition) {
          #expect(
            try shards.readReconstruction(condition: condition, tap: name, row: row)
              == whole.readReconstruction(condition: condition, tap: name, row: row))
        }
      }
      let pixels = try #require(try shards.inputPixels(condition: condition))
      var bytes = [UInt8](repeating: 0, count: 23 * pixels.imageBytes)
      try bytes.withUnsafeMutableBytes { try pixels.read(rows: Array(0..<23), into: $0) }
      #expect(try bytes == (0..<23).flatMap { try whole.readInput(condition: condition, row: $0) })
    }
    let report = try shards.verify()
    #expect(report.passes && report.isComplete && report.unreadableImages == 4)
    #expect(try report.bytesChecked == whole.verify().bytesChecked)
    #expect(try shards.summary().taps == whole.summary().taps)
  }

  @Test func aStoreOfManyShardsTakesFewFileDescriptors() throws {
    var toy = ToyStore(images: 120, inputs: false)
    toy.plan.conditions = ["original"]
    try write(toy, of: 60)
    func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    let before = try descriptors()
    let store = try FeatureStore(path: folder.path)
    var most = 0
    for row in stride(from: 0, to: 120, by: 1) {
      let expected = toy.broken.contains(row) ? [Float](repeating: 0, count: 35) : toy.row(0, 0, row)
      #expect(try store.readRows(tap: "embed", rows: [row]) == expected)
      most = max(most, try descriptors() - before)
    }
    // Other suites open files at the same time.
    #expect(most < 40)
  }

  @Test func aMissingShardIsNamed() throws {
    try write(toy, [0, 1, 3, 4, 6], of: 7)
    #expect(
      refusal()
        == "\(folder.path): shard 2 of 7 is missing (00002-of-00007.h5, images 6 to 9), and 1 more (palimpsest status "
        + "\(folder.path) lists them); run the command that makes the store again with --shards 7 --shard 2")
    try write(toy, [2], of: 7)
    #expect(refusal().contains("shard 5 of 7 is missing (00005-of-00007.h5, images 16 to 19); run the command"))
    try write(toy, [5], of: 7)
    #expect(refusal() == "none")
  }

  @Test func aShardThatIsNotFinishedIsNamed() throws {
    try write(toy, [0, 1], of: 3)
    let manifest = try folder.manifest()
    var part = toy
    part.plan = toy.plan.shard(2, of: manifest)
    part.firstRow = manifest.layout.rows(of: 2).lowerBound
    let writer = try FeatureStoreWriter.open(at: folder.path(of: 2, manifest.layout), plan: part.plan)
    try part.write(0, 0, to: writer)
    try writer.close()
    #expect(
      refusal()
        == "\(folder.path): shard 2 of 3 (00002-of-00003.h5) is not finished: 2 of 14 rows are done; run the command that "
        + "makes it again with --shards 3 --shard 2")
  }

  @Test func aShardOfAnotherPlanOrPlaceIsNamed() throws {
    try write(toy, of: 3)
    let layout = try folder.manifest().layout
    let path = folder.path(of: 1, layout)
    // Another place.
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: folder.path(of: 0, layout), toPath: path)
    #expect(
      refusal().hasPrefix("\(path) holds shard 0 of 3 with 8 images, expected shard 1 of 3 with 8; put the right"))
    // Another model.
    try FileManager.default.removeItem(atPath: path)
    var other = toy
    other.plan.header.model = "another"
    try scratch.makeFolder("other.h5.shards")
    let elsewhere = ShardFolder(scratch.path("other.h5"))
    other.plan = other.plan.shard(1, of: try elsewhere.plan(other.plan, shards: 3, array: nil))
    other.firstRow = 8
    try other.run(at: path)
    #expect(
      refusal().hasPrefix(
        "\(path) is no shard of this store, but was made by another plan: its model is another, that of the others toy;"
      ))
    // A plain store under the name of a shard.
    try FileManager.default.removeItem(atPath: path)
    try toy.run(at: path)
    #expect(refusal().hasPrefix("\(path) is no shard of this store, but was made by another plan;"))
    // One of another division.
    try FileManager.default.removeItem(atPath: path)
    try write(toy, [1], of: 3)
    try FileManager.default.copyItem(atPath: path, toPath: folder.path + "/00001-of-00004.h5")
    #expect(refusal() == "\(folder.path): 00001-of-00004.h5 is none of the 3 shards of this store; move it away")
  }

  @Test func anotherPlanInTheSameFolderIsRefusedWithTheSettingThatDiffers() throws {
    try write(toy, [0], of: 3)
    var other = toy.plan
    other.blockSize = 4
    func refusal(_ plan: StorePlan, _ shards: Int) -> String {
      do {
        _ = try folder.plan(plan, shards: shards, array: nil)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(refusal(other, 3).contains("were planned with batch size 2, this command has 4; give another --out"))
    #expect(refusal(toy.plan, 4).contains("were planned with shards 3, this command has 4; give another --out"))
    other = toy.plan
    other.images[22].path = "f/another.png"
    #expect(refusal(other, 3).contains("were planned with images "))
    // Dates and notes are no settings.
    other = toy.plan
    other.header.createdAt = "2027-01-01T00:00:00Z"
    other.header.remarks = [StoreSetting("notes", "none")]
    #expect(refusal(other, 3) == "none")
  }

  @Test func theLargestArrayIsKept() throws {
    let whole = TaskArray(first: 1, step: 1, count: 7)
    _ = try folder.plan(toy.plan, shards: 7, array: TaskArray(first: 3, step: 1, count: 1))
    #expect(try folder.plan(toy.plan, shards: 7, array: whole).array == whole)
    #expect(try folder.plan(toy.plan, shards: 7, array: TaskArray(first: 2, step: 2, count: 2)).array == whole)
    #expect(try folder.plan(toy.plan, shards: 7, array: nil).array == whole)
  }

  @Test func theDigestIsOfTheRowsAndThePlan() throws {
    try write(toy, of: 3)
    let digest = try folder.digest()
    #expect(digest.count == 64)
    #expect(try folder.digest() == digest)
    var other = toy
    other.broken = [4]
    try FileManager.default.removeItem(atPath: folder.path(of: 1, try folder.manifest().layout))
    try write(other, [1], of: 3)
    #expect(try folder.digest() != digest)
  }

  @Test func whatIsNoPlanIsRefused() throws {
    #expect(refusal().contains("it is no store: it has no shards.json"))
    for text in ["", "{}", "[1]", #"{"format":"palimpsest.shards","version":1}"#] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/shards.json"))
      #expect(refusal().contains("it is not the plan of a store's shards, or is damaged"), "\(text)")
    }
    let huge = #"{"format":"palimpsest.shards","version":1,"plan":"","images":9223372036854775807,"block_size":1,"#
    try Data((huge + #""shards":3,"settings":{}}"#).utf8).write(to: URL(fileURLWithPath: folder.path + "/shards.json"))
    #expect(refusal().contains("it plans 3 shards of 9223372036854775807 images"))
  }

  // MARK: One file of them

  @Test(arguments: [StoreCompression.none, .deflate(level: 4)], [1, 3, 7, 12])
  func aCopyIsTheStoreOfOneProcess(compression: StoreCompression, count: Int) throws {
    var toy = toy
    toy.plan.compression = compression
    toy.plan.reconstructions = ["embed"]
    toy.plan.joints = StoreJoints(starts: ["embed"], joints: ["image"])
    toy.plan.header.remarks = [StoreSetting("notes", "none")]
    try toy.run(at: scratch.path("whole.h5"))
    try write(toy, of: count)
    let merge = try ShardMerge(folder)
    #expect(merge.images == 23 && merge.files == count)
    try merge.write(.copy, to: scratch.path("toy.h5"))
    #expect(try contents(of: scratch.path("toy.h5")) == contents(of: scratch.path("whole.h5")))
    // HDF5 writes the clock into the headers of groups, also of two runs of one process.
    let sizes = try ["toy.h5", "whole.h5"].map { try Data(contentsOf: scratch.url.appendingPathComponent($0)).count }
    #expect(sizes[0] == sizes[1])
    #expect(try FeatureStore(path: scratch.path("toy.h5")).verify().passes)
    // The same command finds it finished.
    let writer = try FeatureStoreWriter.open(at: scratch.path("toy.h5"), plan: toy.plan)
    #expect(writer.remainingBlocks().isEmpty)
    try writer.close()
    #expect(try scratch.names() == ["toy.h5", "toy.h5.shards", "whole.h5"])
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 4)])
  func aViewShowsTheRowsWhereTheyLie(compression: StoreCompression) throws {
    var toy = toy
    toy.plan.compression = compression
    try toy.run(at: scratch.path("whole.h5"))
    try write(toy, of: 5)
    try ShardMerge(folder).write(.view, to: scratch.path("toy.h5"))
    let (view, whole) = (try contents(of: scratch.path("toy.h5")), try contents(of: scratch.path("whole.h5")))
    #expect(view.keys.allSatisfy { view[$0] == whole[$0] })
    #expect(whole.keys.allSatisfy { view[$0] != nil || $0.hasPrefix("/checksums") })
    let store = try FeatureStore(path: scratch.path("toy.h5"))
    #expect(try store.readRows(tap: "block.0") == FeatureStore(path: scratch.path("whole.h5")).readRows(tap: "block.0"))
    #expect(try store.completeRows() == FeatureStore(path: scratch.path("whole.h5")).completeRows())
    let report = try store.verify()
    #expect(report.passes && !report.hasChecksums)
    // By relative names: both may be moved together.
    try scratch.makeFolder("moved")
    for name in ["toy.h5", "toy.h5.shards"] {
      try FileManager.default.moveItem(atPath: scratch.path(name), toPath: scratch.path("moved/" + name))
    }
    #expect(try contents(of: scratch.path("moved/toy.h5")) == view)
    // A shard that is away is named, and what other programs read there is no number.
    try FileManager.default.removeItem(atPath: scratch.path("moved/toy.h5.shards/00003-of-00005.h5"))
    let error = #expect(throws: StoreError.self) { try FeatureStore(path: scratch.path("moved/toy.h5")) }
    #expect(error?.description.contains("00003-of-00005.h5 is not there") == true, "\(error?.description ?? "")")
  }

  @Test func whatIsThereIsNotReplacedAndAFullDiskLeavesNothing() throws {
    try write(toy, of: 3)
    try Data("mine".utf8).write(to: scratch.url.appendingPathComponent("toy.h5"))
    let error = #expect(throws: StoreError.self) { try ShardMerge(folder).write(.copy, to: scratch.path("toy.h5")) }
    #expect(error?.description == "\(scratch.path("toy.h5")) is there already; remove it, or give another --out")
    let full = FileOperations { operation in
      if case .write = operation { throw StoreError(.diskFull, "cannot write: No space left on device") }
      return nil
    }
    #expect(throws: StoreError.self) {
      try ShardMerge(folder, operations: full).write(.copy, to: scratch.path("new.h5"))
    }
    #expect(try scratch.names() == ["toy.h5", "toy.h5.shards"])
  }

  // MARK: How far it is

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func theStatusTellsDoneRunningStaleAndMissing(compression: StoreCompression) throws {
    var toy = toy
    toy.plan.compression = compression
    try write(toy, [0], of: 4)
    let manifest = try folder.manifest()
    func begin(_ shard: Int) throws -> FeatureStoreWriter {
      var part = toy
      part.plan = toy.plan.shard(shard, of: manifest)
      part.firstRow = manifest.layout.rows(of: shard).lowerBound
      let writer = try FeatureStoreWriter.open(at: folder.path(of: shard, manifest.layout), plan: part.plan)
      try part.write(0, 1, to: writer)
      return writer
    }
    try begin(1).abandon()
    let running = try begin(2)
    let status = try folder.status()
    #expect(status.map(\.state) == [.done, .stale, .running, .missing])
    #expect(status.map(\.rowsDone) == [12, 2, 2, 0] && status.map(\.rowsTotal) == [12, 12, 12, 10])
    #expect(status[2].worker?.hasSuffix("process \(getpid())") == true)
    #expect((status[2].rowsPerSecond ?? 0) > 0)
    // A second worker on the shard is refused.
    let error = #expect(throws: StoreError.self) {
      try FeatureStoreWriter.open(at: folder.path(of: 2, manifest.layout), plan: toy.plan.shard(2, of: manifest))
    }
    #expect(error?.kind == .inUse)
    running.abandon()
    // All rows written and not put together, or not marked as the end, is not done.
    var last = toy
    last.plan = toy.plan.shard(3, of: manifest)
    last.firstRow = manifest.layout.rows(of: 3).lowerBound
    let unfinished = try FeatureStoreWriter.open(at: folder.path(of: 3, manifest.layout), plan: last.plan)
    for (block, conditions) in unfinished.remainingBlocks() {
      for condition in conditions { try last.write(block, condition, to: unfinished) }
    }
    unfinished.abandon()
    let end = try folder.status()[3]
    #expect(end.state == .stale && end.rowsDone == 10)
    try write(toy, of: 4)
    #expect(try folder.status().allSatisfy { $0.state == .done })
  }
}
