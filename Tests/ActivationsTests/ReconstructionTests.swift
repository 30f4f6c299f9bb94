import Activations
import Foundation
import HDF5
import Synchronization
import TestSupport
import Testing

/// Reconstructions are kept as carefully as features.
@Suite struct ReconstructionTests {
  private static func store(_ compression: StoreCompression) -> ToyStore {
    var store = ToyStore(compression: compression)
    store.plan.reconstructions = ["embed", "block.0"]
    return store
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 4)])
  func reconstructionsComeBackAsTheyWereWritten(compression: StoreCompression) throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(compression))
    try toy.run(at: scratch.path("a.h5"))
    let store = try FeatureStore(path: scratch.path("a.h5"))
    for (condition, name) in toy.plan.conditions.enumerated() {
      #expect(try store.reconstructions(of: name) == ["embed", "block.0"])
      for row in 0..<toy.plan.images.count {
        for (index, tap) in toy.plan.reconstructions.enumerated() {
          let expected =
            toy.broken.contains(row) ? [UInt8](repeating: 0, count: 72) : toy.reconstruction(condition, index, row)
          #expect(try store.readReconstruction(condition: name, tap: tap, row: row) == expected)
        }
      }
    }
    #expect(try store.verify().passes)
    #expect(throws: StoreError.self) { try store.readReconstruction(tap: "norm", row: 0) }
  }

  /// Stopped at every one of its operations on the disk, a store goes on and ends with the same contents.
  @Test(arguments: [StoreCompression.none, .deflate(level: 4)])
  func aStoppedStoreEndsAlike(compression: StoreCompression) throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(compression))
    try toy.run(at: scratch.path("whole.h5"))
    let whole = try contents(of: scratch.path("whole.h5"))
    #expect(whole["/reconstructions/original/embed"] != nil)
    var stop = 0
    var wasStopped = true
    while wasStopped {
      let path = scratch.path("stopped-\(stop).h5")
      let done = Atomic<Int>(0)
      let limit = stop
      let operations = FileOperations { _ in
        if done.add(1, ordering: .relaxed).oldValue >= limit { throw FileOperations.Stopped() }
        return nil
      }
      do {
        try toy.run(at: path, operations: operations)
        wasStopped = false
      } catch is FileOperations.Stopped {
        try toy.run(at: path)
      }
      #expect(try contents(of: path) == whole, "stopped at operation \(stop)")
      stop += 5
    }
    #expect(stop > 50)
  }

  @Test func verifyFindsAFlippedByteOfAReconstruction() throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(.none))
    let path = scratch.path("a.h5")
    try toy.run(at: path)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let pixels = Data(toy.reconstruction(1, 1, 2))
    let place = try #require(bytes.range(of: pixels))
    bytes[place.lowerBound + 5] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let report = try FeatureStore(path: path).verify()
    #expect(
      report.mismatches.map(\.description) == [
        "row 2 (f/photo 2 ü.png) of /reconstructions/hue+120/block.0 does not fit its checksum"
      ])
  }

  @Test func aStoreWithOtherReconstructionsIsRefused() throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(.none))
    try toy.run(at: scratch.path("a.h5"))
    var other = toy
    other.plan.reconstructions = ["embed"]
    #expect(throws: StoreError.self) { try other.run(at: scratch.path("a.h5")) }
  }
}
