import Activations
import Foundation
import HDF5
import TestSupport
import Testing

/// Stores whose data lie elsewhere, were never written, or are said to be vast: `scripts/fixtures/strange_stores.py` made
/// them with h5py, which reads them as the tests expect it.
@Suite struct StrangeStoreTests {
  private let folder = fixtures + "/strange"

  private func open(_ name: String) throws -> FeatureStore { try FeatureStore(path: "\(folder)/\(name).h5") }

  /// `offset + n + t / 8 - c / 64`, as the script writes it.
  private func expected(_ offset: Float = 0, rows: Range<Int> = 0..<8) -> [Float] {
    var values: [Float] = []
    for row in rows {
      for token in 0..<3 {
        for channel in 0..<4 { values.append(offset + Float(row) + Float(token) / 8 - Float(channel) / 64) }
      }
    }
    return values
  }

  private func refusal(_ name: String, _ read: (FeatureStore) throws -> Void = { _ in }) -> String? {
    #expect(throws: StoreError.self) { try read(try open(name)) }
      .map { $0.description.replacingOccurrences(of: folder + "/", with: "") }
  }

  // MARK: Links

  @Test func whatIsLinkedIsReadFromTheFileItLiesIn() throws {
    let store = try open("links")
    #expect(store.conditions == ["original", "run2"])
    #expect(try store.readRows(tap: "a") == expected())
    #expect(try store.readRows(tap: "c") == expected(200))
    #expect(try store.readRows(tap: "d") == expected())
    #expect(
      try store.readRows(condition: "run2", tap: "a", rows: [3, 1]) == expected(100, rows: 3..<4)
        + expected(100, rows: 1..<2))
    #expect(try store.readRows(condition: "run2", tap: "packed") == expected(300))
    #expect(try store.readInput(row: 1) == (12..<24).map { UInt8($0) })
    let report = try store.verify()
    #expect(report.passes && report.isComplete)
  }

  @Test func aLinkThatLeadsNowhereIsNamedAndTheRestIsRead() throws {
    let store = try open("dangling")
    #expect(store.conditions == ["original"])
    #expect(try store.taps().map(\.name) == ["a"])
    let notes = store.notes.map { $0.replacingOccurrences(of: folder + "/", with: "") }
    #expect(
      Set(notes) == [
        "dangling.h5: /features/original/gone is left out: it is a soft link to /features/original/nothing, which is not there",
        "dangling.h5: /features/original/away is left out: it is an external link to /x in no-such-file.h5, a file that is not there",
        "dangling.h5: /features/circle is left out: more than 16 links lead to one another",
      ])
    #expect(try store.verify().passes)
  }

  @Test func aPipeBehindALinkIsNotOpened() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path("links.h5")
    try FileManager.default.copyItem(atPath: folder + "/links.h5", toPath: path)
    #expect(mkfifo(scratch.path("other.h5"), 0o600) == 0)
    let error = #expect(throws: StoreError.self) { try FeatureStore(path: path) }
    #expect(error?.description.hasSuffix("which is a pipe or a device and not a file") == true)
    #expect(throws: StoreError.self) { try FeatureStore(path: scratch.path("other.h5")) }
  }

  @Test func anIndexOverAnUnfinishedStoreIsRefused() throws {
    let scratch = try TemporaryFolder()
    let toy = ToyStore(images: 8, inputs: false)
    let other = scratch.path("other.h5")
    let writer = try FeatureStoreWriter.open(at: other, plan: toy.plan)
    try toy.write(0, 0, to: writer)
    try writer.close()
    try FileManager.default.copyItem(atPath: folder + "/links.h5", toPath: scratch.path("index.h5"))
    let unfinished = #expect(throws: StoreError.self) { try FeatureStore(path: scratch.path("index.h5")) }
    #expect(
      unfinished?.description.hasSuffix(
        "takes its data from \(other), a store that is not finished; run the command that makes it again") == true)
  }

  // MARK: Virtual datasets

  @Test(arguments: ["virtual", "virtual-packed", "numbered"])
  func aVirtualDatasetWithAllItsSourcesIsRead(name: String) throws {
    let store = try open(name)
    #expect(try store.readRows(tap: "a") == expected())
    #expect(try store.verify().passes)
  }

  @Test func sourcesSideBySideCoverTheirDataset() throws {
    var rows: [Float] = []
    for row in 0..<8 { rows += expected(rows: row..<row + 1) + expected(rows: row..<row + 1) }
    #expect(try open("virtual-tokens").readRows(tap: "a") == rows)
  }

  @Test(arguments: [
    ("virtual-missing", "its source x in gone.h5 is not there; put the file back, or name the right one"),
    (
      "virtual-nothing",
      "its source no-such-dataset in part0.h5 is not there; put the file back, or name the right one"
    ),
    ("virtual-gap", "row 4 of its 8 come from none of its sources"),
    (
      "virtual-short", "its source short in part1.h5 has shape [3, 3, 4], the mapping takes elements up to [3, 2, 3]"
    ),
    ("virtual-holes", "of its source holes in part0.h5 rows 2 to 3 were never written"),
    (
      "virtual-lzf",
      "its source lzf in part0.h5 is compressed with LZF, which libhdf5 cannot read through a virtual dataset; "
        + "write the source with compression='gzip'"
    ),
    (
      "virtual-self",
      "its source: virtual-self.h5: features/original/a: cannot open the dataset: it is a virtual dataset that is made of "
        + "itself"
    ),
    (
      "virtual-chain",
      "its source: virtual-missing.h5: features/original/a: cannot open the dataset: its source x in gone.h5 is not there; "
        + "put the file back, or name the right one"
    ),
  ])
  func aVirtualDatasetThatIsNotWholeIsRefused(name: String, reason: String) {
    #expect(refusal(name) == "\(name).h5: /features/original/a: cannot open the dataset: \(reason)")
  }

  @Test func virtualDatasetsMadeOfOneAnotherAreRefused() {
    #expect(refusal("virtual-loop")?.hasSuffix("it is a virtual dataset that is made of itself") == true)
  }

  @Test func numberedSourcesEndBeforeTheFirstThatIsMissing() throws {
    #expect(
      refusal("numbered-missing")
        == "numbered-missing.h5: /features/original/a has 0 rows, but /images/path has 8; "
        + "its next source, x in absent0.h5, is not there")
    let scratch = try TemporaryFolder()
    for name in ["numbered", "part1"] {
      try FileManager.default.copyItem(atPath: "\(folder)/\(name).h5", toPath: scratch.path("\(name).h5"))
    }
    let error = #expect(throws: StoreError.self) { try FeatureStore(path: scratch.path("numbered.h5")) }
    #expect(error?.description.hasSuffix("its source x in part0.h5 is not there, but x in part1.h5 is") == true)
  }

  // MARK: Other people's bytes

  @Test(arguments: [("external", "/features/original/a"), ("external-paths", "/images/path")])
  func dataInAnyFileOfTheUsersAreNotRead(name: String, dataset: String) {
    #expect(
      refusal(name)
        == "\(name).h5: \(dataset): cannot open the dataset: its data lie as plain bytes in another file, /etc/passwd "
        + "(HDF5's external storage), which is never read; copy them into this file")
  }

  // MARK: Rows that were never written

  @Test func whatWasNeverWrittenIsTheFillValueThroughEveryFilter() throws {
    let store = try open("unwritten")
    let names = try store.taps().map(\.name)
    #expect(
      names == [
        "plain", "gzip", "lzf", "shuffled", "shuffled_lzf", "checked", "checked_lzf", "pieces", "big_lzf",
      ])
    let wanted = expected(rows: 0..<5) + [Float](repeating: -7.5, count: 36)
    for name in names { #expect(try store.readRows(tap: name) == wanted, "\(name)") }
  }

  @Test func rowsThatWereNeverWrittenAreNotComplete() throws {
    let store = try open("unwritten")
    #expect(try store.completeRows() == [0, 1, 2, 3, 4])
    #expect(try store.incompleteness(ofRow: 4) == nil)
    #expect(try store.incompleteness(ofRow: 6) == "its row 6 of /features/original/plain was never written")
    let report = try store.verify()
    #expect(!report.passes && !report.isComplete && !report.isDamaged && report.mismatches.count == 9)
    #expect(
      report.mismatches.first?.description
        == "/features/original/plain: 3 of 8 rows were never written: rows 5 to 7")
    #expect(try open("never").completeRows() == [])
  }

  @Test func aMarkSaysNothingOfARowThatIsNotThere() throws {
    // Row 2 is not marked; rows 6 and 7 are, but were never written.
    #expect(try open("marked").completeRows() == [0, 1, 3, 4, 5])
  }

  @Test func aDamagedChecksumOfAChunkIsFound() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path("damaged.h5")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/unwritten.h5"))
    let store = try open("unwritten")
    let extent = try #require(
      try HDF5File.open(store.path).dataset("/features/original/checked_lzf").chunkExtent(at: [2, 0, 0]))
    bytes[extent.address + extent.size - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let damaged = try FeatureStore(path: path)
    #expect(try damaged.readRows(tap: "checked_lzf", rows: [1]) == expected(rows: 1..<2))
    #expect(throws: StoreError.self) { try damaged.readRows(tap: "checked_lzf", rows: [2]) }
  }

  @Test func bigEndianNumbersBehindLZFAreRead() throws {
    #expect(try open("big-lzf").readRows(tap: "a") == expected())
    #expect(try open("big-lzf").verify().nonFinite == 0)
  }

  // MARK: Sizes that are said and not there

  @Test(arguments: [
    (
      "grid",
      "its attribute grid is [1099511627776, 1099511627776], which does not fit 3 tokens"
    ),
    ("row-2-61", "its shape [1, 1152921504606846976] makes 4611686018427387904 bytes"),
    ("rows-2-57", "its shape [1, 144115188075855872] makes 576460752303423488 bytes"),
    ("row-32-gib", "its shape [1, 8589934592] makes 34359738368 bytes"),
    ("inputs", "its shape [8, 1048576, 1048576, 3] makes 3298534883328 bytes"),
    ("reconstructions", "its shape [8, 1048576, 1048576, 3] makes 3298534883328 bytes"),
    ("paths", "its shape [1099511627776] makes 8796093022208 bytes"),
    ("paths-variable", "its shape [4294967296] makes 68719476736 bytes"),
  ])
  func sizesThatTheFileCannotHoldAreRefusedBeforeMemoryIsTaken(name: String, reason: String) {
    #expect(refusal(name) { _ = try $0.summary() }?.contains(reason) == true)
  }

  @Test func productsOfDeclaredSizesDoNotOverflow() {
    #expect(DeclaredSize.product([1 << 40, 1 << 40]) == nil)
    #expect(DeclaredSize.product([3, -1]) == nil)
    #expect(DeclaredSize.product([3, 4, 5]) == 60)
    #expect(DeclaredSize.clampedProduct([1 << 40, 1 << 40]) == Int.max)
    #expect(DeclaredSize.clampedProduct([1 << 40, 1 << 40, 0]) == 0)
    #expect(DeclaredSize.clampedSum([Int.max, 1]) == Int.max)
  }

  // MARK: Sound files that are unusual

  @Test func aNewerFormatIsSaidToBeOne() {
    #expect(refusal("newest")?.contains("libver=('earliest', 'v110')") == true)
  }

  @Test func pixelsAloneAreAStore() throws {
    let store = try open("pixels-alone")
    #expect(store.conditions == ["original"])
    #expect(try store.taps().isEmpty)
    #expect(try store.reconstructions(of: "original") == ["embed"])
    #expect(try store.verify().passes)
    #expect(try store.readReconstruction(tap: "embed", row: 1) == (48..<96).map { UInt8($0) })
  }

  @Test func deepGroupsAndManyAttributesAreNoDamage() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path("deep.h5")
    try FileManager.default.copyItem(atPath: folder + "/big-lzf.h5", toPath: path)
    do {
      let file = try HDF5File.open(path, mode: .readWrite, isTrusted: true)
      try file.createGroup(String(repeating: "/g", count: 2000))
      for number in 0..<3000 { try file.setAttribute("k\(number)", of: "/", to: .integer(number)) }
      try file.flush()
    }
    let store = try FeatureStore(path: path)
    #expect(store.attribute("k2999") == "2999")
    #expect(try store.readRows(tap: "a") == expected())
  }
}
