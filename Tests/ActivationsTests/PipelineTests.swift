import Activations
import Foundation
import HDF5
import Synchronization
import TestSupport
import Testing

@Suite struct PipelineTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  var path: String { scratch.path("store.h5") }

  struct Unreadable: Error, CustomStringConvertible { let description: String }

  /// A pipeline whose images are their row numbers.
  private func pipeline(_ toy: ToyStore, _ writer: FeatureStoreWriter) -> ExtractionPipeline<Int> {
    ExtractionPipeline(writer: writer) { row, _ in
      if toy.broken.contains(row) { throw Unreadable(description: "no image: row \(row) «ü»") }
      return DecodedImage(pixels: row, height: row + 10, width: 20, content: toy.content(row))
    }
  }

  private func compute(_ toy: ToyStore, _ request: ComputationRequest<Int>) -> ComputedBlock {
    #expect(request.rows == request.images && !request.rows.isEmpty)
    let memory = BlockMemory(
      taps: toy.plan.taps.indices.map { tap in request.rows.flatMap { toy.row(request.condition, tap, $0) } },
      inputs: request.rows.flatMap { toy.pixels(request.condition, $0) })
    return ComputedBlock(
      taps: memory.taps.map { UnsafeRawBufferPointer($0) }, inputs: memory.inputs.map { UnsafeRawBufferPointer($0) },
      owner: memory)
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)], [1, 3])
  func itFillsAStoreAsTheWriterAloneDoes(compression: StoreCompression, threads: Int) throws {
    var toy = ToyStore(images: 23, compression: compression)
    toy.broken = [4, 8, 9, 22]
    try toy.run(at: scratch.path("reference.h5"))
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan, threads: threads)
    var run = pipeline(toy, writer)
    run.decodingThreads = threads
    let skipped = Mutex<[Int: String]>([:])
    let last = Mutex<ExtractionProgress?>(nil)
    run.onUnreadable = { row, reason in skipped.withLock { $0[row] = reason } }
    run.onProgress = { progress in last.withLock { $0 = progress } }
    let outcome = try run.run { compute(toy, $0) }
    #expect(outcome == .finished)
    #expect(skipped.withLock { $0.keys.sorted() } == [4, 8, 9, 22])
    let end = try #require(last.withLock { $0 })
    #expect(end.rowsDone == 46 && end.rowsTotal == 46 && end.unreadable == 4)
    #expect(end.bytesWritten == 46 * (72 + (35 + 35 + 3) * 4))
    #expect(try contents(of: path) == contents(of: scratch.path("reference.h5")))
  }

  @Test func computationStaysOnTheCallingThreadAndMemoryIsBounded() throws {
    let toy = ToyStore(images: 40)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    let ahead = Mutex((decoded: 0, computed: 0, most: 0))
    let run = ExtractionPipeline<Int>(writer: writer) { row, _ in
      ahead.withLock {
        $0.decoded += 1
        $0.most = max($0.most, $0.decoded - $0.computed)
      }
      return DecodedImage(pixels: row, height: 1, width: 1)
    }
    let caller = Thread.current
    _ = try run.run { request in
      #expect(Thread.current === caller)
      if request.condition == 1 { ahead.withLock { $0.computed += request.rows.count } }
      return compute(toy, request)
    }
    // Two blocks of two ahead, and the one being computed.
    #expect(ahead.withLock { $0.most } <= 6)
    #expect(ahead.withLock { $0.decoded } == 40)
  }

  @Test func anErrorOfTheModelStopsEverythingAndKeepsWhatIsDone() throws {
    let toy = ToyStore(images: 20)
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    var calls = 0
    let error = #expect(throws: Unreadable.self) {
      try pipeline(toy, writer).run { request in
        calls += 1
        if calls == 6 { throw Unreadable(description: "out of memory") }
        return compute(toy, request)
      }
    }
    #expect(error?.description == "out of memory")
    let report = try FeatureStore(path: path).verify()
    #expect(report.passes && !report.isComplete)
    let again = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    #expect(try pipeline(toy, again).run { compute(toy, $0) } == .finished)
    #expect(try FeatureStore(path: path).verify().isComplete)
  }

  @Test func anErrorOfTheDiskStopsEverything() throws {
    let toy = ToyStore(images: 20)
    let writes = Mutex(0)
    let operations = FileOperations { operation in
      if case .write = operation,
        writes.withLock({
          $0 += 1; return $0 > 25
        })
      {
        throw StoreError(.diskFull, "cannot write: No space left on device")
      }
      return nil
    }
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan, operations: operations)
    let error = #expect(throws: StoreError.self) { try pipeline(toy, writer).run { compute(toy, $0) } }
    #expect(error?.kind == .diskFull)
  }

  @Test func anInterruptEndsInGoodOrder() throws {
    for compression in [StoreCompression.none, .deflate(level: 1)] {
      let toy = ToyStore(images: 20, compression: compression)
      let isCancelled = Mutex(false)
      let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
      var run = pipeline(toy, writer)
      run.isCancelled = { isCancelled.withLock { $0 } }
      let outcome = try run.run { request in
        if request.block == 3 { isCancelled.withLock { $0 = true } }
        return compute(toy, request)
      }
      #expect(outcome == .interrupted)
      #expect(try scratch.names() == ["store.h5"])
      let report = try FeatureStore(path: path).verify()
      #expect(report.passes && report.rows.map(\.complete) == [8, 6])
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func strictMakesAnUnreadableImageAnError() throws {
    let toy = ToyStore()
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    var run = pipeline(toy, writer)
    run.isStrict = true
    let error = #expect(throws: StoreError.self) { try run.run { compute(toy, $0) } }
    #expect(
      error?.description == "f/photo 4 ü.png cannot be read: no image: row 4 «ü»; repair it, or leave --strict out")
  }
}
