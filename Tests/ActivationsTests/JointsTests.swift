import Activations
import Formats
import Foundation
import HDF5
import Synchronization
import TestSupport
import Testing

/// Errors at joints are kept as carefully as features.
@Suite struct JointsTests {
  private static func store(_ compression: StoreCompression, _ precision: StorePrecision = .float32) -> ToyStore {
    var store = ToyStore(compression: compression, precision: precision)
    store.plan.reconstructions = ["embed", "block.0"]
    store.plan.joints = StoreJoints(starts: ["embed", "block.0"], joints: ["image", "embed"])
    return store
  }

  /// Equal, NaN to NaN.
  private static func areEqual(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

  @Test(arguments: [StoreCompression.none, .deflate(level: 4)], [StorePrecision.float32, .float16])
  func jointsComeBackAsTheyWereWritten(compression: StoreCompression, precision: StorePrecision) throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(compression, precision))
    try toy.run(at: scratch.path("a.h5"))
    let store = try FeatureStore(path: scratch.path("a.h5"))
    for (condition, name) in toy.plan.conditions.enumerated() {
      #expect(try store.joints(of: name) == toy.plan.joints)
      for row in 0..<toy.plan.images.count {
        let expected = toy.broken.contains(row) ? [0, 0, 0, 0] : toy.joints(condition, row)
        #expect(try Self.areEqual(store.readJoints(condition: name, row: row), expected))
      }
      // The image that could not be read does not count.
      let rows = (0..<toy.plan.images.count).filter { !toy.broken.contains($0) }
      let means = try store.meanJoints(condition: name)
      for start in 0..<2 {
        for joint in 0...start {
          let sum = rows.reduce(0.0) { $0 + Double(toy.joints(condition, $1)[start * 2 + joint]) }
          #expect(abs(means[start][joint] - sum / Double(rows.count)) < 1e-9)
        }
      }
      #expect(means[0][1].isNaN)
    }
    let report = try store.verify()
    #expect(report.passes)
    // NaN belongs there.
    #expect(report.nonFinite == 0)
    #expect(try store.summary().joints.map(\.path) == ["/joints/original", "/joints/hue+120"])
    #expect(try store.summary().joints.map(\.shape) == [[7, 2, 2], [7, 2, 2]])
    #expect(throws: StoreError.self) { try store.readJoints(condition: "red", row: 0) }
  }

  /// Stopped at every one of its operations on the disk, a store goes on and ends with the same contents.
  @Test(arguments: [StoreCompression.none, .deflate(level: 4)])
  func aStoppedStoreEndsAlike(compression: StoreCompression) throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(compression))
    try toy.run(at: scratch.path("whole.h5"))
    let whole = try contents(of: scratch.path("whole.h5"))
    #expect(whole["/joints/original"] != nil)
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
        // What is marked complete is whole, whenever the kill came.
        if FileManager.default.fileExists(atPath: path) { #expect(try FeatureStore(path: path).verify().passes) }
        try toy.run(at: path)
      }
      #expect(try contents(of: path) == whole, "stopped at operation \(stop)")
      stop += 5
    }
    #expect(stop > 50)
  }

  @Test func verifyFindsAFlippedByteOfTheJoints() throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(.none))
    let path = scratch.path("a.h5")
    try toy.run(at: path)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let matrix = toy.joints(1, 2).withUnsafeBytes { Data($0) }
    let place = try #require(bytes.range(of: matrix))
    bytes[place.lowerBound + 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let report = try FeatureStore(path: path).verify()
    #expect(
      report.mismatches.map(\.description) == [
        "row 2 (f/photo 2 ü.png) of /joints/hue+120 does not fit its checksum"
      ])
  }

  @Test func verifyFindsNamesThatWereChanged() throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(.none))
    let path = scratch.path("a.h5")
    try toy.run(at: path)
    let file = try HDF5File.open(path, mode: .readWrite)
    try file.setAttribute("joints", of: "/joints/original", to: .strings(["image", "block.0"]))
    try file.flush()
    #expect(
      try FeatureStore(path: path).verify().mismatches.map(\.description) == [
        "attributes, image paths or labels are not those the store was made with"
      ])
  }

  @Test func aStoreWithOtherJointsIsRefused() throws {
    let (scratch, toy) = (try TemporaryFolder(), Self.store(.none))
    let path = scratch.path("a.h5")
    try toy.run(at: path)
    var other = toy
    other.plan.joints = nil
    do {
      try other.run(at: path)
      Issue.record("it was taken")
    } catch let error as StoreError {
      #expect(
        error.description
          == "the store at \(path) was made with joints embed, block.0 at image, embed, this command has none; "
          + "give another --out or remove it")
    }
  }

  /// A store may hold reconstructions of activations whose pixels nobody has.
  @Test func reconstructionsWithoutInputsComeBack() throws {
    let scratch = try TemporaryFolder()
    var toy = ToyStore(inputs: false)
    toy.plan.reconstructions = ["embed"]
    toy.plan.reconstructionSize = ImageSize(height: 4, width: 6)
    try toy.run(at: scratch.path("a.h5"))
    let store = try FeatureStore(path: scratch.path("a.h5"))
    #expect(try store.inputSize() == nil)
    #expect(try store.reconstructionSize()?.shape == [4, 6])
    #expect(try store.readReconstruction(tap: "embed", row: 3) == toy.reconstruction(0, 0, 3))
    #expect(try store.verify().passes)
    toy.plan.reconstructionSize = ImageSize(height: 6, width: 4)
    #expect(throws: StoreError.self) { try toy.run(at: scratch.path("a.h5")) }
  }
}
