import Activations
import Formats
import Foundation
import HDF5
import Synchronization
import TestSupport
import Testing

/// Stops the writer at the n-th touch of the file system, as a kill does: a write is cut in half, and nothing happens
/// after it.
private final class Killer: Sendable {
  private let count = Mutex(0)
  let limit: Int

  init(after limit: Int) { self.limit = limit }

  var operations: FileOperations {
    FileOperations { [self] operation in
      let now = count.withLock { count -> Int in
        count += 1
        return count
      }
      if now < limit { return nil }
      if now == limit, case .write(let bytes) = operation { return bytes / 2 }
      throw FileOperations.Stopped()
    }
  }

  var touches: Int { count.withLock { $0 } }
}

@Suite struct InterruptionTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  var path: String { scratch.path("store.h5") }

  /// The contents an uninterrupted run ends with.
  private func reference(_ toy: ToyStore) throws -> [String: String] {
    let path = scratch.path("reference.h5")
    try toy.run(at: path)
    return try contents(of: path)
  }

  @Test(arguments: [(StoreCompression.none, StorePrecision.float32), (.deflate(level: 1), .float16)])
  func aKillAtAnyTouchOfTheDiskLosesNothing(compression: StoreCompression, precision: StorePrecision) throws {
    let toy = ToyStore(images: 5, compression: compression, precision: precision)
    let expected = try reference(toy)
    let whole = Killer(after: .max)
    try toy.run(at: path, operations: whole.operations)
    #expect(whole.touches > 40)
    for limit in 1...whole.touches {
      for name in try scratch.names() where name.hasPrefix("store.h5") {
        try FileManager.default.removeItem(atPath: scratch.path(name))
      }
      let killer = Killer(after: limit)
      do {
        try toy.run(at: path, operations: killer.operations)
        Issue.record("the run was to be stopped at \(limit)")
      } catch is FileOperations.Stopped {}
      // What is there is a store that passes; nothing there is no store yet.
      if FileManager.default.fileExists(atPath: path) {
        let report = try FeatureStore(path: path).verify()
        #expect(report.passes, "after \(limit): \(report.mismatches)")
      }
      try toy.run(at: path)
      #expect(try contents(of: path) == expected, "after \(limit)")
      #expect(try scratch.names() == ["reference.h5", "store.h5"])
    }
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func manyKillsInARowStillEndWithTheSameBytes(compression: StoreCompression) throws {
    let toy = ToyStore(images: 9, compression: compression)
    let expected = try reference(toy)
    var runs = 0
    for limit in [3, 9, 1, 14, 2, 22, 30, 5, 18, 40] {
      do { try toy.run(at: path, operations: Killer(after: limit).operations) } catch is FileOperations.Stopped {}
      runs += 1
    }
    try toy.run(at: path)
    #expect(runs == 10)
    #expect(try contents(of: path) == expected)
  }

  @Test func aJournalCutAtAnyByteIsTakenUpAgain() throws {
    var toy = ToyStore(images: 3, compression: .deflate(level: 1), inputs: false)
    toy.plan.conditions = ["original"]
    let expected = try reference(toy)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    for (block, conditions) in writer.remainingBlocks() {
      for condition in conditions { try toy.write(block, condition, to: writer) }
    }
    writer.abandon()
    let journal = try Data(contentsOf: URL(fileURLWithPath: path + ".journal"))
    let store = try Data(contentsOf: URL(fileURLWithPath: path))
    var previous = -1
    for length in Array(stride(from: 0, to: journal.count, by: 5)) + [journal.count - 1, journal.count] {
      try store.write(to: URL(fileURLWithPath: path))
      try journal.prefix(length).write(to: URL(fileURLWithPath: path + ".journal"))
      let resumed = try FeatureStoreWriter.open(at: path, plan: toy.plan)
      #expect(resumed.rowsDone >= previous)
      previous = resumed.rowsDone
      if length % 95 == 0 || length == journal.count {
        for (block, conditions) in resumed.remainingBlocks() {
          for condition in conditions { try toy.write(block, condition, to: resumed) }
        }
        try resumed.close()
        #expect(try contents(of: path) == expected, "journal cut at \(length)")
      } else {
        resumed.abandon()
      }
    }
    #expect(previous == 3)
  }

  /// A record whose head is damaged ends the journal: it must not be taken for another chunk, block or length.
  @Test func aFlippedBitInAnyByteOfARecordsHeadEndsTheJournal() throws {
    var toy = ToyStore(images: 3, compression: .deflate(level: 1), inputs: false)
    toy.plan.conditions = ["original"]
    let expected = try reference(toy)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    for (block, conditions) in writer.remainingBlocks() {
      for condition in conditions { try toy.write(block, condition, to: writer) }
    }
    writer.abandon()
    let journal = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + ".journal")))
    let store = try Data(contentsOf: URL(fileURLWithPath: path))
    func opened(_ journal: some Sequence<UInt8>) throws -> FeatureStoreWriter {
      try store.write(to: URL(fileURLWithPath: path))
      try Data(journal).write(to: URL(fileURLWithPath: path + ".journal"))
      return try FeatureStoreWriter.open(at: path, plan: toy.plan)
    }
    // Behind the file's head of 16 bytes, heads of 48 bytes with the payload's length at byte 24.
    var heads: [Int] = []
    var position = 16
    while position + 48 <= journal.count {
      heads.append(position)
      position += 48 + journal[position + 24..<position + 32].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(position == journal.count && heads.count > 6)
    for head in heads {
      let before = try opened(journal.prefix(head))
      let rows = before.rowsDone
      before.abandon()
      #expect(rows < 3)
      for byte in 0..<48 {
        var damaged = journal
        damaged[head + byte] ^= UInt8(1) << (byte % 8)
        let resumed = try opened(damaged)
        #expect(resumed.rowsDone == rows, "byte \(byte) of the head at \(head)")
        resumed.abandon()
      }
      var damaged = journal
      damaged[head + 16] ^= 1
      let resumed = try opened(damaged)
      for (block, conditions) in resumed.remainingBlocks() {
        for condition in conditions { try toy.write(block, condition, to: resumed) }
      }
      try resumed.close()
      #expect(try contents(of: path) == expected, "head at \(head)")
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func aDamagedJournalIsNoticedAndItsRowsAreMadeAnew() throws {
    let toy = ToyStore(images: 4, compression: .deflate(level: 1), inputs: false)
    let expected = try reference(toy)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    try toy.write(0, 0, to: writer)
    try toy.write(1, 0, to: writer)
    writer.abandon()
    var journal = try Data(contentsOf: URL(fileURLWithPath: path + ".journal"))
    // A byte inside the first chunk.
    journal[16 + 48 + 5] ^= 1
    try journal.write(to: URL(fileURLWithPath: path + ".journal"))
    let error = #expect(throws: StoreError.self) { try toy.run(at: path) }
    #expect(error?.description.contains("2 rows in it were damaged; run the same command again") == true)
    #expect(try FeatureStore(path: path).verify().rows.map(\.complete) == [2, 4])
    try toy.run(at: path)
    #expect(try contents(of: path) == expected)
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func anInterruptedStoreOpensPassesAndSaysWhatItHas(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    try toy.write(1, 0, to: writer)
    try toy.write(3, 1, to: writer)
    #expect(writer.remainingBlocks().map(\.block) == [0, 1, 2, 3])
    #expect(writer.remainingBlocks().map(\.conditions) == [[0, 1], [1], [0, 1], [0]])
    try writer.close()
    let store = try FeatureStore(path: path)
    let report = try store.verify()
    #expect(report.passes && !report.isComplete)
    #expect(report.rows.map(\.complete) == [2, 1] && report.rows.map(\.total) == [7, 7])
    #expect(try store.completeRows() == [2, 3])
    #expect(try store.readRows(tap: "embed", rows: [2, 3]) == toy.row(0, 0, 2) + toy.row(0, 0, 3))
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aFinishedStoreIsLeftAlone(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    try toy.run(at: path)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    #expect(writer.remainingBlocks().isEmpty)
    try writer.close()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(try scratch.names() == ["store.h5"])
  }

  @Test func theNumberOfThreadsDoesNotShow() throws {
    for compression in [StoreCompression.none, .deflate(level: 4)] {
      let toy = ToyStore(compression: compression)
      try toy.run(at: scratch.path("one.h5"), threads: 1)
      try toy.run(at: scratch.path("three.h5"), threads: 3)
      #expect(try contents(of: scratch.path("one.h5")) == contents(of: scratch.path("three.h5")))
      for name in ["one.h5", "three.h5"] { try FileManager.default.removeItem(atPath: scratch.path(name)) }
    }
  }

  // MARK: Refusals

  @Test func otherSettingsAreRefusedByName() throws {
    let toy = ToyStore()
    try toy.run(at: path)
    func text(_ change: (inout StorePlan) -> Void) -> String? {
      var other = toy
      change(&other.plan)
      let error = #expect(throws: StoreError.self) { try other.run(at: path) }
      #expect(error?.kind == .otherSettings)
      return error?.description.replacingOccurrences(of: path, with: "STORE")
    }
    let end = "; give another --out or remove it"
    #expect(
      text { $0.header.checkpointSHA256 = "fedcba9876543210" }
        == "the store at STORE was made with model toy (sha256 0123456789ab…), this command has toy (sha256 fedcba987654…)"
        + end)
    #expect(text { $0.header.seed = 6 } == "the store at STORE was made with seed 5, this command has 6" + end)
    #expect(
      text { $0.header.settings = [StoreSetting("tokens", "mean")] }
        == "the store at STORE was made with tokens all, this command has mean" + end)
    #expect(
      text { $0.precision = .float16 } == "the store at STORE was made with dtype float32, this command has float16"
        + end)
    #expect(text { $0.blockSize = 3 } == "the store at STORE was made with batch size 2, this command has 3" + end)
    #expect(
      text { $0.conditions = ["original"] }
        == "the store at STORE was made with conditions original, hue+120, this command has original" + end)
    #expect(
      text { $0.images[3].path = "other.png" }
        == "the store at STORE was made with image 3 f/photo 3 ü.png, this command has other.png" + end)
    #expect(
      text { $0.images.removeLast() } == "the store at STORE was made with number of images 7, this command has 6" + end
    )
    #expect(
      text { $0.inputSize = ImageSize(height: 6, width: 4) }
        == "the store at STORE was made with input size 6x4, this command has 4x6"
        + end)
    #expect(
      text { $0.compression = .deflate(level: 2) }
        == "the store at STORE was made with compression none, this command has deflate:2" + end)
  }

  @Test func twoWritersOfOneStoreAreRefused() throws {
    let toy = ToyStore()
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    let error = #expect(throws: StoreError.self) { try FeatureStoreWriter.open(at: path, plan: toy.plan) }
    #expect(error?.kind == .inUse)
    #expect(error?.description == "\(path) is being written by another process; wait for it, or give another --out")
    try writer.close()
    try FeatureStoreWriter.open(at: path, plan: toy.plan).close()
  }

  @Test func aDiskTooSmallIsRefusedWithBothFigures() throws {
    var toy = ToyStore()
    toy.plan.taps = [StoreTap(name: "vast", tokens: 1 << 12, channels: 1 << 17)]
    toy.plan.images = (0..<100_000).map { StoreImage(path: "\($0)") }
    let error = #expect(throws: StoreError.self) { try FeatureStoreWriter.open(at: path, plan: toy.plan) }
    #expect(error?.kind == .diskFull)
    #expect(
      error?.description.contains(
        "needs \(describeBytes(toy.plan.estimatedBytes)) (\(toy.plan.estimatedBytes) bytes), but only") == true)
    #expect(try scratch.names() == [])
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aDiskThatFillsUpKeepsWhatIsComplete(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    let expected = try reference(toy)
    let written = Mutex(0)
    let full = FileOperations { operation in
      if case .write = operation,
        written.withLock({
          $0 += 1; return $0 > 30
        })
      {
        throw StoreError(.diskFull, "no space left")
      }
      return nil
    }
    let error = #expect(throws: StoreError.self) { try toy.run(at: path, operations: full) }
    #expect(error?.kind == .diskFull)
    #expect(try FeatureStore(path: path).verify().passes)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    #expect(writer.rowsDone > 0 && writer.rowsDone < 14)
    writer.abandon()
    try toy.run(at: path)
    #expect(try contents(of: path) == expected)
  }

  @Test func aStoreInAFolderThatIsNotThereIsRefused() throws {
    let error = #expect(throws: StoreError.self) { try ToyStore().run(at: scratch.path("no/store.h5")) }
    #expect(error?.description.contains("store.h5") == true)
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aLinkToALargeDiskStaysALink(compression: StoreCompression) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("disk"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("store.h5"), withDestinationPath: "disk/features.h5")
    let toy = ToyStore(compression: compression)
    // Made anew, then taken up again.
    for _ in 0..<2 { try toy.run(at: folder.path("store.h5")) }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("store.h5")) == "disk/features.h5")
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path("disk"))) == ["features.h5"])
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)) == ["disk", "store.h5"])
    #expect(try FeatureStore(path: folder.path("store.h5")).verify().isComplete)
  }
}
