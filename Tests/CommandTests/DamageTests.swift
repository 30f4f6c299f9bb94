import Foundation
import HDF5
import Testing

/// `verify` finds what is wrong with a store and says where.
@Suite struct DamageTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.extract(images: images(of: "timm-vit"), to: "store.h5")
    #expect(try here.run("verify", "store.h5").status == 0)
  }

  private func verified(_ problem: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let outcome = try here.run("verify", "store.h5")
    #expect(outcome.status == 1, "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(outcome.error.contains(problem), "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(
      outcome.error.hasSuffix(
        "palimpsest: store.h5: damaged in 1 place; run the extract that made it with --recheck to repair it, or make it "
          + "again\n"), "\(outcome.error)", sourceLocation: sourceLocation)
  }

  private func flip(at position: Int) throws {
    var bytes = try here.bytes(of: "store.h5")
    bytes[position] ^= 0x10
    try here.write(bytes, to: "store.h5")
  }

  /// Where in the file the chunk of image 1 lies.
  private func place(of dataset: String) throws -> Int {
    let dataset = try HDF5File.open(here.path("store.h5")).dataset(dataset)
    if dataset.layout == .contiguous {
      return try #require(try dataset.contiguousExtent()).address + extentOfRow(dataset)
    }
    let first = [Int](repeating: 0, count: dataset.shape.count)
    return try #require(try dataset.chunkExtent(at: first)).address + extentOfRow(dataset)
  }

  private func clearMark(of row: Int) throws {
    let file = try HDF5File.open(here.path("store.h5"), mode: .readWrite)
    try file.dataset("/progress/original").write([UInt8(0)], start: [row], count: [1])
    try file.flush()
  }

  private func extentOfRow(_ dataset: HDF5Dataset) -> Int {
    dataset.shape.dropFirst().reduce(1, *) * dataset.elementSize
  }

  @Test func aFlippedByteOfAFeatureIsNamedByTapAndImage() throws {
    try flip(at: place(of: "/features/original/block.1") + 5)
    try verified("block.1")
    try verified("001.png")
    let again = try here.run(
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", images(of: "timm-vit"), "--out", "store.h5",
      "--recheck")
    #expect(again.status == 0, "\(again.error)")
    #expect(try here.run("verify", "store.h5").status == 0)
  }

  @Test func aFlippedByteOfThePixelsIsFound() throws {
    try flip(at: place(of: "/inputs/original") + 100)
    try verified("inputs")
  }

  @Test func aFlippedByteOfAChecksumIsFound() throws {
    try flip(at: place(of: "/checksums/features/original/norm"))
    try verified("norm")
  }

  @Test func aFlippedByteOfAPathIsFound() throws {
    let position = try #require(try here.bytes(of: "store.h5").firstRange(of: Array("001.png".utf8))).lowerBound
    try flip(at: position)
    let outcome = try here.run("verify", "store.h5")
    #expect(outcome.status == 1 || outcome.status == 2)
    #expect(outcome.error.contains("damaged"), "\(outcome.error)")
  }

  @Test func aTruncatedFileIsFound() throws {
    var bytes = try here.bytes(of: "store.h5")
    bytes.removeLast(1000)
    try here.write(bytes, to: "store.h5")
    let outcome = try here.run("verify", "store.h5")
    #expect(outcome.error == "palimpsest: store.h5: cannot open: it is truncated: shorter than its header says\n")
    #expect(outcome.status == 2)
  }

  @Test func aMissingRowOfAFinishedStoreIsFound() throws {
    // Closed again before the program reads it.
    try clearMark(of: 1)
    try verified("001.png")
  }

  @Test func theSummaryOfADamagedStoreIsOneObject() throws {
    try flip(at: place(of: "/features/original/norm"))
    let outcome = try here.run("verify", "store.h5", "--json")
    #expect(outcome.status == 1)
    #expect(outcome.json?["passes"] as? Bool == false)
    #expect((outcome.json?["problems"] as? [String])?.count == 1)
  }
}
