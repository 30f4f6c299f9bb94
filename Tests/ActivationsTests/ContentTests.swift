import Activations
import Formats
import Foundation
import HDF5
import TestSupport
import Testing

/// What image files are known by, in a store.
@Suite struct ContentTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let digests = [
    "96210597a3cedee79899b4b1a5068078e7ac45d7489f7ceeb69383db21f322a5",
    "e5a5555d73bc0e1568d65563abf327bd6c0b9b9dc3336e86e0b17e865e9ee6d2",
    "9b73ce2e5c72e9c8eb35ae3f509ef901b26ed3e9811f0782f3633cceab140918",
    "73fb47247808eefa92140859d5aeee8955cca452b9f6873e67ecbeba9276a3f4",
  ]

  /// Digests by `sha256sum` of "photo 0" and the like; the image that cannot be read has none.
  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func filesAreKnownByTheirDigest(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    try toy.run(at: folder.path("s.h5"))
    let contents = try FeatureStore(path: folder.path("s.h5")).imageContents
    #expect(Array(contents.map { $0?.description }.prefix(5)) == Self.digests.map(Optional.some) + [nil])
    let file = try HDF5File.open(folder.path("s.h5"), isTrusted: true)
    #expect(try Array(file.dataset("/images/sha256").readStrings().prefix(5)) == Self.digests + [""])
    #expect(try file.attribute("covers", of: "/checksums/images")?.strings == ["size", "error", "sha256"])
    #expect(try FeatureStore(path: folder.path("s.h5")).verify().mismatches.isEmpty)
  }

  /// Of rows that are done; those of an interrupted compressed store come out of its journal.
  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aWriterKnowsTheFilesOfRowsThatAreDone(compression: StoreCompression) throws {
    let toy = ToyStore(compression: compression)
    var writer: FeatureStoreWriter? = try FeatureStoreWriter.open(at: folder.path("s.h5"), plan: toy.plan)
    try toy.write(1, 0, to: #require(writer))
    writer?.abandon()
    writer = nil
    let again = try FeatureStoreWriter.open(at: folder.path("s.h5"), plan: toy.plan)
    #expect(again.imageContents.map { $0 != nil } == [false, false, true, true, false, false, false])
    #expect(again.imageContents[3] == ContentIdentity(of: Data("photo 3".utf8)))
    again.abandon()
  }

  /// A store of an earlier version has no such dataset, and goes on without it.
  @Test(arguments: [StoreCompression.none, .deflate(level: 1)])
  func aStoreWithoutThemGoesOnWithoutThem(compression: StoreCompression) throws {
    var toy = ToyStore(compression: compression)
    toy.plan.recordsContents = false
    let writer = try FeatureStoreWriter.open(at: folder.path("s.h5"), plan: toy.plan)
    try toy.write(0, 0, to: writer)
    try writer.close()
    toy.plan.recordsContents = true
    try toy.run(at: folder.path("s.h5"))
    let store = try FeatureStore(path: folder.path("s.h5"))
    #expect(store.imageContents.isEmpty)
    #expect(try store.verify().mismatches.isEmpty)
    #expect(try store.finishedMark() == true)
  }

  @Test func aFlippedDigitIsFound() throws {
    try ToyStore().run(at: folder.path("s.h5"))
    let file = try HDF5File.open(folder.path("s.h5"), mode: .readWrite, isTrusted: true)
    var texts = try file.dataset("/images/sha256").readStrings()
    texts[2] = String(texts[2].reversed())
    try file.dataset("/images/sha256").writeStrings(texts)
    try file.flush()
    let found = try FeatureStore(path: folder.path("s.h5")).verify().mismatches
    #expect(found.map(\.row) == [2])
    #expect(found.first?.description.hasPrefix("size, error text or SHA-256 of row 2") == true)
  }

  @Test func whatIsNoDigestIsRefused() throws {
    try ToyStore().run(at: folder.path("s.h5"))
    let file = try HDF5File.open(folder.path("s.h5"), mode: .readWrite, isTrusted: true)
    var texts = try file.dataset("/images/sha256").readStrings()
    texts[1] = "IMG_0001"
    try file.dataset("/images/sha256").writeStrings(texts)
    try file.flush()
    let text = message { try FeatureStore(path: folder.path("s.h5")) }
    #expect(text?.contains("/images/sha256 holds 'IMG_0001' in row 1, expected the 64 hexadecimal digits") == true)
  }

  /// Taps say what they are in their model, and a store without that is as good.
  @Test func tapsRememberTheirParents() throws {
    var toy = ToyStore()
    toy.plan.taps[1].parent = "embed"
    toy.plan.taps[2].parent = "block.0"
    for (place, role) in [TapRole.trunk, .trunk, .head].enumerated() { toy.plan.taps[place].role = role }
    try toy.run(at: folder.path("tree.h5"))
    let taps = try FeatureStore(path: folder.path("tree.h5")).taps()
    #expect(taps.map(\.parent) == [nil, "embed", "block.0"])
    #expect(taps.map(\.role) == [.trunk, .trunk, .head])
    // The same command of a version that says nothing of it goes on with the store.
    try ToyStore().run(at: folder.path("tree.h5"))
    try ToyStore().run(at: folder.path("plain.h5"))
    #expect(try FeatureStore(path: folder.path("plain.h5")).taps().allSatisfy { $0.role == nil && $0.parent == nil })
  }

  /// Pixels that came back, without features: they can be opened, and who needs features is told.
  @Test func aStoreOfReconstructionsAloneOpens() throws {
    var toy = ToyStore()
    toy.plan.reconstructions = ["embed"]
    try toy.run(at: folder.path("s.h5"))
    let whole = try HDF5File.open(folder.path("s.h5"), isTrusted: true)
    let file = try HDF5File.create(folder.path("r.h5"))
    try file.setAttribute("format", of: "/", to: .string("palimpsest.features"))
    try file.setAttribute("version", of: "/", to: .integer(1))
    let paths = try whole.dataset("/images/path").readStrings()
    try file.createDataset("/images/path", .variableString, shape: [paths.count]).writeStrings(paths)
    for dataset in ["/inputs/original", "/reconstructions/original/embed"] {
      let source = try whole.dataset(dataset)
      var bytes = [UInt8](repeating: 0, count: source.shape.reduce(1, *))
      try bytes.withUnsafeMutableBytes { try source.read(into: $0, as: .uint8) }
      try file.createDataset(dataset, .scalar(.uint8), shape: source.shape).write(bytes)
    }
    try file.flush()
    let store = try FeatureStore(path: folder.path("r.h5"))
    #expect(store.conditions == ["original"])
    #expect(try store.reconstructions(of: "original") == ["embed"])
    #expect(try store.taps().isEmpty)
    #expect(message { try store.tap("embed") }?.contains("r.h5 holds no features (/features/original)") == true)
  }
}
