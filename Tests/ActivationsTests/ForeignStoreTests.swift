import Activations
import Foundation
import HDF5
import Testing

/// Stores that users wrote with h5py: `scripts/fixtures/store.py` made them.
@Suite struct ForeignStoreTests {
  /// The values of the fixtures.
  private func expected(_ tokens: Int, _ channels: Int) -> [Float] {
    var values: [Float] = []
    for n in 0..<6 {
      for t in 0..<tokens {
        for c in 0..<channels { values.append(Float(n) + Float(t) / 8 - Float(c) / 64) }
      }
    }
    return values
  }

  @Test func theLeastAUserWritesIsEnough() throws {
    let store = try FeatureStore(path: fixtures + "/minimal.h5")
    #expect(store.family == "other" && store.model == "unknown" && store.count == 6)
    #expect(store.imagePaths[5] == "photo 5/ü.jpg" && store.labels == [Int32](repeating: -1, count: 6))
    let taps = try store.taps()
    #expect(taps.map(\.name) == ["embed", "block.2", "block.10", "logits"])
    #expect(taps.map(\.tokens) == [5, 5, 5, 1] && taps.map(\.channels) == [8, 8, 8, 4])
    #expect(try store.completeRows() == [0, 1, 2, 3, 4, 5])
    #expect(try store.readRows(tap: "block.10") == expected(5, 8))
    #expect(try store.readRows(tap: "logits") == expected(1, 4))
    let report = try store.verify()
    #expect(report.passes && !report.hasChecksums && report.isComplete)
  }

  @Test func everyPrecisionFilterByteOrderAndChunkShapeIsRead() throws {
    let store = try FeatureStore(path: fixtures + "/rich.h5")
    #expect(store.model == "my-convnet" && store.classes == ["cat", "öwl"] && store.labels == [0, 1, 0, 1, -1, 0])
    let names = try store.taps().map(\.name)
    #expect(
      names == [
        "zeta.half", "double", "big-endian", "odd-chunks", "checked", "alpha.lzf", "lzf-scattered", "lzf-long", "noise",
      ])
    for name in names.prefix(7) {
      let all = try store.readRows(tap: name)
      #expect(all == expected(5, 8), "\(name)")
      var slab = [Float](repeating: -1, count: 3 * 9)
      try slab.withUnsafeMutableBufferPointer {
        try store.readColumns(tap: name, columns: 6..<15, rows: [1, 2, 5], into: $0)
      }
      let wanted = [1, 2, 5].flatMap { row in Array(all[row * 40 + 6..<row * 40 + 15]) }
      #expect(slab == wanted, "\(name)")
    }
    #expect(try store.readRows(tap: "lzf-long") == expected(40, 64))
    #expect(
      try store.readRows(tap: "noise", rows: [2]) == [
        9144353, 15485639, 11927409, 8492927, 15957473, 16410460, 15787199, 12702519,
      ])
    #expect(try store.tap("zeta.half").prefixTokens == 1)
    #expect(try store.completeRows() == [0, 1, 2, 4])
    #expect(try store.verify().passes)
  }

  @Test func whatIsWrongIsSaidInOneSentence() throws {
    func text(_ name: String) -> String? {
      #expect(throws: StoreError.self) { try FeatureStore(path: fixtures + "/" + name) }
        .map { $0.description.replacingOccurrences(of: fixtures + "/", with: "") }
    }
    #expect(
      text("newer.h5")
        == "newer.h5: it has version 2 of the schema, this program reads up to 1; take a newer palimpsest")
    #expect(
      text("unmarked.h5")
        == "unmarked.h5: it is not a feature store: it has no attribute format, expected 'palimpsest.features'")
    #expect(text("fewer-rows.h5") == "fewer-rows.h5: /features/original/embed has 5 rows, but /images/path has 6")
    #expect(
      text("integers.h5")
        == "integers.h5: /features/original/embed holds int32, expected float16, float32 or float64; write it as one of them, as "
        + "with numpy's astype(\"float32\")")
    #expect(
      text("four-dimensions.h5")
        == "four-dimensions.h5: /features/original/embed has shape [6, 2, 2, 8], expected [images, tokens, channels]; of "
        + "maps [images, channels, height, width] write x.reshape(images, channels, height * width).swapaxes(1, 2), with the "
        + "attribute grid [height, width]")
    #expect(text("no-features.h5") == "no-features.h5: it has neither the group /features nor /reconstructions")
    #expect(text("no-paths.h5") == "no-paths.h5: the dataset /images/path is missing")
    #expect(text("versions.json") == "versions.json: cannot open: it is not an HDF5 file")
    #expect(text("absent.h5") == "absent.h5: cannot open: no such file")
  }

  @Test func whatAStoreHasNotIsNamedWithWhatItHas() throws {
    let store = try FeatureStore(path: fixtures + "/minimal.h5")
    let tap = #expect(throws: StoreError.self) { try store.readRows(tap: "block.3") }
    #expect(
      tap?.description.hasSuffix(
        "minimal.h5 has no tap 'block.3' under original; it has embed, block.2, block.10, logits") == true)
    let condition = #expect(throws: StoreError.self) { try store.taps(condition: "red") }
    #expect(condition?.description.hasSuffix("minimal.h5 has no condition 'red'; it has original") == true)
    #expect(throws: StoreError.self) { try store.readRows(tap: "embed", rows: [6]) }
  }
}
