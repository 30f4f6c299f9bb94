import Activations
import Formats
import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct RoundTripTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  var path: String { scratch.path("store.h5") }

  static let kinds: [(StoreCompression, StorePrecision)] = [
    (.none, .float32), (.none, .float16), (.deflate(level: 4), .float32), (.deflate(level: 1), .float16),
  ]

  @Test(arguments: kinds) func whatIsWrittenIsRead(compression: StoreCompression, precision: StorePrecision) throws {
    let toy = ToyStore(compression: compression, precision: precision)
    try toy.run(at: path, threads: 2)
    #expect(try scratch.names() == ["store.h5"])
    let store = try FeatureStore(path: path)
    #expect(store.model == "toy" && store.family == "vit" && store.attribute("tokens") == "all")
    #expect(store.conditions == ["original", "hue+120"])
    #expect(store.imagePaths == toy.plan.images.map(\.path))
    #expect(store.labels == [-1, 0, 1, -1, 0, 1, -1])
    #expect(store.classes == ["cat", "öwl"])
    #expect(store.errors == ["", "", "", "", "no image: row 4 «ü»", "", ""])
    #expect(store.imageSizes[4] == ImageSize(side: 0) && store.imageSizes[6] == ImageSize(height: 16, width: 20))
    for (condition, name) in store.conditions.enumerated() {
      #expect(try store.completeRows(condition: name) == [0, 1, 2, 3, 5, 6])
      #expect(try store.inputSize(condition: name) == ImageSize(height: 4, width: 6))
      let taps = try store.taps(condition: name)
      #expect(taps.map(\.name) == ["embed", "block.0", "logits"])
      #expect(taps.map { $0.grid?.shape } == [[2, 3], [2, 3], nil] && taps.map(\.prefixTokens) == [1, 1, 0])
      for (tap, information) in taps.enumerated() {
        let expected = (0..<7).flatMap { row in
          row == 4 ? [Float](repeating: 0, count: information.columns) : toy.row(condition, tap, row)
        }
        #expect(try store.readRows(condition: name, tap: information.name) == expected)
      }
      for row in 0..<7 {
        let pixels = row == 4 ? [UInt8](repeating: 0, count: 72) : toy.pixels(condition, row)
        #expect(try store.readInput(condition: name, row: row) == pixels)
      }
    }
    let report = try store.verify()
    #expect(report.passes && report.isComplete && report.unreadableImages == 1 && report.nonFinite == 0)
  }

  @Test(arguments: kinds) func columnsOfChosenRowsAreThoseOfWholeRows(
    compression: StoreCompression, precision: StorePrecision
  ) throws {
    let toy = ToyStore(compression: compression, precision: precision)
    try toy.run(at: path)
    let store = try FeatureStore(path: path)
    for columns in [0..<35, 3..<4, 4..<11, 34..<35, 7..<7] {
      for rows in [[0, 1, 2, 3], [6, 0, 3], [5], []] {
        var read = [Float](repeating: -1, count: rows.count * columns.count)
        try read.withUnsafeMutableBufferPointer {
          try store.readColumns(condition: "hue+120", tap: "block.0", columns: columns, rows: rows, into: $0)
        }
        let wanted = rows.flatMap { row in Array(toy.row(1, 1, row)[columns]) }
        #expect(read == wanted)
      }
    }
    #expect(try store.readsWholeRows(tap: "embed") == (compression != .none))
  }

  @Test func theSchemaHasTheNamesTypesAndShapesOfTheDesign() throws {
    try ToyStore().run(at: path)
    let file = try HDF5File.open(path)
    #expect(try file.attribute("format", of: "/") == .string("palimpsest.features"))
    #expect(try file.attribute("version", of: "/") == .integer(1))
    for name in ["model", "family", "checkpoint_sha256", "config", "preprocessing", "created_by", "created_at"] {
      #expect(try file.attribute(name, of: "/")?.string != nil)
    }
    #expect(try file.attribute("seed", of: "/") == .integer(5))
    let expected: [(String, HDF5ElementType, [Int])] = [
      ("/images/path", .fixedString(bytes: 16), [7]),
      ("/images/size", .scalar(.int32, littleEndian: true), [7, 2]),
      ("/images/label", .scalar(.int32, littleEndian: true), [7]),
      ("/images/error", .fixedString(bytes: 256), [7]),
      ("/inputs/original", .scalar(.uint8, littleEndian: true), [7, 4, 6, 3]),
      ("/features/hue+120/block.0", .scalar(.float32, littleEndian: true), [7, 7, 5]),
      ("/progress/original", .scalar(.uint8, littleEndian: true), [7]),
      ("/checksums/features/original/embed", .scalar(.uint32, littleEndian: true), [7]),
    ]
    for (path, type, shape) in expected {
      let dataset = try file.dataset(path)
      #expect(dataset.elementType == type && dataset.shape == shape, "\(path)")
    }
    #expect(try file.attribute("classes", of: "/images/label") == .strings(["cat", "öwl"]))
    #expect(try file.attribute("grid", of: "/features/original/embed") == .integers([2, 3]))
    #expect(try file.attribute("grid", of: "/features/original/logits") == .integers([]))
    #expect(try file.attribute("prefix_tokens", of: "/features/original/embed") == .integer(1))
    #expect(try file.dataset("/progress/original").read(UInt8.self) == [1, 1, 1, 1, 1, 1, 1])
  }

  @Test func chunksHoldWholeImagesWithinReasonableSizes() throws {
    var toy = ToyStore(images: 300)
    toy.broken = []
    toy.plan.conditions = ["original"]
    toy.plan.blockSize = 100
    toy.plan.taps = [
      StoreTap(name: "large", tokens: 200, channels: 2000), StoreTap(name: "middle", tokens: 50, channels: 192),
      StoreTap(name: "small", tokens: 1, channels: 1000),
    ]
    for (compression, rows) in [(StoreCompression.none, [1, 27, 262]), (.deflate(level: 1), [1, 25, 100])] {
      toy.plan.compression = compression
      let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
      try writer.close()
      let file = try HDF5File.open(path)
      for (tap, rows) in zip(toy.plan.taps, rows) {
        #expect(
          try file.dataset("/features/original/\(tap.name)").layout == .chunked([rows, tap.tokens, tap.channels]))
      }
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func halvesAreRoundedToNearestEven() throws {
    var toy = ToyStore(images: 1, precision: .float16, inputs: false)
    var values: [Float] = [
      0, -0.0, 65504, 65519.996, 65520, -1e9, .infinity, 5.9604645e-8, 2.9802322e-8, 2.9802326e-8, 6.097555e-5,
    ]
    values += [1 + 1 / 2048, 1 + 3 / 2048, 1 + 1.0001 / 2048, 0.1, -0.3333333, 1234.567]
    var state: UInt64 = 1
    while values.count < 1003 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let random = Float(bitPattern: UInt32(truncatingIfNeeded: state >> 32))
      if random.isFinite { values.append(random) }
    }
    toy.plan.conditions = ["original"]
    toy.plan.taps = [StoreTap(name: "x", tokens: 17, channels: 59)]
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    try values.withUnsafeBytes {
      try writer.write(
        FeatureBlock(condition: 0, block: 0, outcomes: [.read(height: 1, width: 1)], taps: [$0], inputs: nil))
    }
    try writer.close()
    let read = try FeatureStore(path: path).readRows(tap: "x")
    #expect(read.map(\.bitPattern) == values.map { Float(Float16($0)).bitPattern })
  }

  @Test func nonFiniteFeaturesAreCountedAndNotCalledDamage() throws {
    var toy = ToyStore(images: 1, inputs: false)
    toy.plan.conditions = ["original"]
    toy.plan.taps = [StoreTap(name: "x", tokens: 1, channels: 4)]
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan)
    let values: [Float] = [.nan, 1, -Float.infinity, 0]
    try values.withUnsafeBytes {
      try writer.write(
        FeatureBlock(condition: 0, block: 0, outcomes: [.read(height: 1, width: 1)], taps: [$0], inputs: nil))
    }
    try writer.close()
    let report = try FeatureStore(path: path).verify()
    #expect(report.passes && report.nonFinite == 2)
  }

  @Test func theSummaryAndTheEstimateAgreeWithTheFile() throws {
    let toy = ToyStore()
    try toy.run(at: path)
    let summary = try FeatureStore(path: path).summary()
    #expect(summary.images == 7 && summary.unreadableImages == 1 && summary.classes == 2)
    #expect(summary.conditions.map(\.completeRows) == [7, 7])
    #expect(summary.taps.map(\.name) == ["embed", "block.0", "logits", "embed", "block.0", "logits"])
    #expect(summary.taps.first?.bytes == 7 * 35 * 4)
    #expect(summary.journalBytes == nil)
    #expect(summary.fileBytes <= toy.plan.estimatedBytes)
    #expect(toy.plan.estimatedBytes < summary.fileBytes + 200_000)
  }
}
