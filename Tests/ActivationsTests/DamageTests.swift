import Activations
import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct DamageTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  var path: String { scratch.path("store.h5") }

  private func flip(_ offset: Int, of bytes: Data, mask: UInt8 = 0x10) throws -> String {
    let damaged = scratch.path("damaged.h5")
    var copy = bytes
    copy[offset] ^= mask
    try copy.write(to: URL(fileURLWithPath: damaged))
    return damaged
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aFlippedByteInAnyRowIsFoundByTapAndPath(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    try toy.run(at: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let file = try HDF5File.open(path)
    for (name, tap) in [
      ("/features/hue+120/block.0", "block.0"), ("/features/hue+120/logits", "logits"), ("/inputs/hue+120", nil),
    ] {
      let dataset = try file.dataset(name)
      let rest = [Int](repeating: 0, count: dataset.shape.count - 1)
      guard case .chunked(let chunk) = dataset.layout else {
        Issue.record("chunks expected")
        continue
      }
      for row in 0..<7 {
        let extent = try #require(try dataset.chunkExtent(at: [row / chunk[0] * chunk[0]] + rest))
        let place = compression == .none ? (row % chunk[0]) * extent.size / chunk[0] + 5 : extent.size / 2
        let report = try FeatureStore(path: try flip(extent.address + place, of: bytes)).verify()
        let found = report.mismatches.filter { $0.row == row }
        #expect(found.count == 1 && found.first?.tap == tap && found.first?.condition == "hue+120")
        #expect(found.first?.description.contains("f/photo \(row) ü.png") == true)
      }
    }
  }

  @Test func aFlippedByteInWhatDescribesTheStoreIsFound() throws {
    var toy = ToyStore()
    toy.plan.reconstructions = ["embed", "block.0"]
    try toy.run(at: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let intact = try contents(of: path)
    let names = [
      "photo 3", "0123456789abcdef", "{\"depth", "original", "palimpsest.features", "embed", "no image: row 4",
      "block.0",
      "cat", "öwl", "names\0", "classes\0", "taps\0", "finished", "images\0", "checksums", "metadata\0",
      "metadata_attributes\0", "progress", "grid\0", "prefix_tokens\0",
    ]
    for text in names {
      var from = bytes.startIndex
      while let place = bytes.range(of: Data(text.utf8), in: from..<bytes.endIndex) {
        from = place.upperBound
        let damaged = try flip(place.lowerBound + 2, of: bytes, mask: 0x01)
        let isFound: Bool
        do {
          // Old copies of headers lie about in a file; what nobody reads does not matter.
          isFound = try !FeatureStore(path: damaged).verify().passes || contents(of: damaged) == intact
        } catch {
          isFound = error is StoreError
        }
        #expect(isFound, "\(text) at \(place.lowerBound)")
      }
      #expect(from > bytes.startIndex, "\(text) occurs")
    }
    let file = try HDF5File.open(path)
    for dataset in [
      "/images/label", "/images/size", "/images/error", "/checksums/features/original/embed", "/checksums/images",
      "/progress/original",
    ] {
      let extent = try #require(try file.dataset(dataset).contiguousExtent())
      let report = try FeatureStore(path: try flip(extent.address + extent.size - 1, of: bytes, mask: 1)).verify()
      #expect(!report.passes, "\(dataset)")
    }
  }

  /// What the sum over the metadata leaves out is written a second time elsewhere.
  @Test func changedNamesAndTapsAreFound() throws {
    var toy = ToyStore()
    toy.plan.reconstructions = ["embed", "block.0"]
    for (attribute, object, names, sentence) in [
      (
        "names", "/images/label", ["cat", "owl"],
        "the class names of /images/label are not those the store was made with"
      ),
      (
        "classes", "/images/label", ["cat", "owl"],
        "attributes, image paths or labels are not those the store was made with"
      ),
      (
        "taps", "/reconstructions/original", ["block.0", "embed"],
        "the taps of /reconstructions/original are not those the store was made with"
      ),
      (
        "taps", "/features/hue+120", ["block.0", "embed", "logits"],
        "attributes, image paths or labels are not those the store was made with"
      ),
    ] {
      let changed = scratch.path("changed.h5")
      try toy.run(at: changed)
      do {
        let file = try HDF5File.open(changed, mode: .readWrite)
        try file.setAttribute(attribute, of: object, to: .strings(names))
        try file.flush()
      }
      let report = try FeatureStore(path: changed).verify()
      #expect(report.mismatches.map(\.description).contains(sentence), "\(attribute) of \(object)")
      try FileManager.default.removeItem(atPath: changed)
    }
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aTruncatedStoreIsFoundAtAnyLength(compression: StoreCompression) throws {
    try ToyStore(compression: compression).run(at: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let damaged = scratch.path("damaged.h5")
    for length in stride(from: bytes.count - 1, to: 0, by: -max(1, bytes.count / 40)) {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: damaged))
      let error = #expect(throws: StoreError.self) { try FeatureStore(path: damaged) }
      if length > 2048 {
        #expect(error?.description.hasSuffix("it is truncated: shorter than its header says") == true)
      }
    }
  }

  @Test func aMissingRowOfAFinishedStoreIsNamed() throws {
    try ToyStore().run(at: path)
    do {
      let file = try HDF5File.open(path, mode: .readWrite)
      try file.dataset("/progress/hue+120").write([UInt8(0)], start: [3], count: [1])
      try file.flush()
    }
    let report = try FeatureStore(path: path).verify()
    #expect(
      report.mismatches.map(\.description)
        == ["row 3 (f/photo 3 ü.png) of condition hue+120 is missing from a store that was finished"])
    #expect(report.rows.map(\.complete) == [7, 6])
    // The same command makes it again.
    try ToyStore().run(at: path)
    #expect(try FeatureStore(path: path).verify().passes)
  }

  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aDamagedRowIsMendedByRecheck(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    try toy.run(at: path)
    let expected = try contents(of: path)
    do {
      let file = try HDF5File.open(path, mode: .readWrite)
      try file.dataset("/features/original/embed").write([Float(9)], start: [5, 6, 4], count: [1, 1, 1])
      try file.flush()
    }
    #expect(try FeatureStore(path: path).verify().mismatches.map(\.row) == [5])
    let writer = try FeatureStoreWriter.open(at: path, plan: toy.plan, recheck: true)
    #expect(writer.remainingBlocks().map(\.block) == [2])
    for (block, conditions) in writer.remainingBlocks() {
      for condition in conditions { try toy.write(block, condition, to: writer) }
    }
    try writer.close()
    #expect(try contents(of: path) == expected)
  }

  @Test func noDamageEndsTheProcess() throws {
    var toy = ToyStore(images: 2, compression: .deflate(level: 1))
    toy.broken = []
    try toy.run(at: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var (found, tried) = (0, 0)
    for offset in stride(from: 3, to: bytes.count, by: 307) {
      tried += 1
      let damaged = try flip(offset, of: bytes, mask: 0xff)
      do { if try !FeatureStore(path: damaged).verify().passes { found += 1 } } catch { found += 1 }
    }
    #expect(tried > 30 && found > tried / 4)
  }
}
