import Formats
import Synchronization
import Testing

@Suite struct ParallelLoopTests {
  private struct Stop: Error, Equatable { let index: Int }

  @Test(arguments: [1, 2, 5, 64])
  func everyIndexIsVisitedOnce(threads: Int) {
    let visits = Mutex([Int](repeating: 0, count: 500))
    inParallel(500, threads: threads) { index in visits.withLock { $0[index] += 1 } }
    #expect(visits.withLock { $0.allSatisfy { $0 == 1 } })
  }

  @Test func nothingIsDoneForNoIndices() {
    inParallel(0, threads: 4) { _ in Issue.record("called") }
  }

  @Test func noMoreThreadsWorkThanAreGiven() {
    let working = Mutex((now: 0, most: 0))
    inParallel(200, threads: 2) { _ in
      working.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      var sum = 0.0
      for value in 0..<2000 { sum += Double(value).squareRoot() }
      working.withLock { $0.now -= sum > 0 ? 1 : 0 }
    }
    #expect(working.withLock { $0.most } <= 2)
  }

  @Test(arguments: [1, 4])
  func theFirstErrorEndsTheLoop(threads: Int) {
    let visits = Mutex(0)
    #expect(throws: Stop(index: 3)) {
      try inParallel(100_000, threads: threads) { index in
        visits.withLock { $0 += 1 }
        if index == 3 { throw Stop(index: index) }
      }
    }
    #expect(visits.withLock { $0 } < 100_000)
  }

  @Test func piecesCoverARangeInOrder() {
    #expect(pieces(of: 3..<10, size: 3) == [3..<6, 6..<9, 9..<10])
    #expect(pieces(of: 3..<3, size: 3) == [])
    #expect(pieces(of: 0..<2, size: 0) == [0..<1, 1..<2])
    #expect([1, 2, 3, 4, 5].pieces(of: 2) == [[1, 2], [3, 4], [5]])
    #expect(["b", "a", "b", "c", "a"].unique == ["b", "a", "c"])
  }
}
