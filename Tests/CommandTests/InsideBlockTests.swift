import Activations
import Formats
import Foundation
import HDF5
import Testing

/// Taps inside blocks as a user asks for them, and what the other commands make of a store that has them.
@Suite struct InsideBlockTests {
  let here: Workspace
  private static let taps = [
    "block.1.attention.q", "block.1.attention.weights", "block.1.residual.attention", "block.1.mlp.hidden",
  ]
  private static let list = "embed,block.0,block.1,block.2,norm,logits," + taps.joined(separator: ",")

  init() throws {
    here = try Workspace()
    try here.drawImages(6)
  }

  private func store(_ name: String) throws -> FeatureStore { try FeatureStore(path: here.path(name)) }

  private func extract(_ more: String..., to out: String, model: String = "timm-vit") -> [String] {
    [
      "extract", "--model", "\(Program.fixtures)/\(model)", "--images", "scenes/images", "--out", out, "--quiet",
      "--threads", "1",
    ] + more
  }

  private func succeed(_ arguments: [String]) throws {
    let outcome = try here.run(arguments)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  private func refusal(_ arguments: [String]) throws -> String {
    let outcome = try here.run(arguments)
    #expect(outcome.status == 2, "\(outcome.output)")
    return outcome.error.replacingOccurrences(of: "palimpsest: ", with: "").trimmingCharacters(in: .newlines)
  }

  @Test func theStoreSaysWhatEachIs() throws {
    try succeed(extract("--taps", Self.list, to: "inside.h5"))
    let file = try HDF5File.open(here.path("inside.h5"))
    // 64×64 pixels in patches of 16, with a class token; 3 heads of 16 channels.
    let weights = "/features/original/block.1.attention.weights"
    #expect(try file.dataset(weights).shape == [6, 3 * 17, 17])
    #expect(try file.attribute("axes", of: weights)?.strings == ["head", "query", "key"])
    #expect(try file.attribute("axis_lengths", of: weights)?.integers == [3, 17, 17])
    #expect(try file.attribute("definition", of: weights)?.string == BlockPart.weights.definition)
    #expect(try file.attribute("axes", of: "/features/original/block.1")?.strings == nil)
    let inside = try store("inside.h5")
    #expect(
      try inside.taps().map(\.name) == [
        "embed", "block.0", "block.1.attention.q", "block.1.attention.weights", "block.1.residual.attention",
        "block.1.mlp.hidden", "block.1", "block.2", "norm", "logits",
      ])
    let query = try inside.tap("block.1.attention.q")
    #expect(query.parent == "block.0" && query.role == .inside && query.prefixTokens == 1)
    #expect(query.axes.map(\.length) == [17, 3, 16] && query.grid == ImageSize(side: 4))
    #expect(try inside.tap("block.1").parent == "block.0")
    #expect(try here.run("verify", "inside.h5", "--quiet").status == 0)
    // Nothing else of the store is another than without them.
    try succeed(extract("--taps", "all", to: "all.h5"))
    let (all, more) = (try StoreContents(here.path("all.h5")), try StoreContents(here.path("inside.h5")))
    for (path, bytes) in all.datasets where path.hasPrefix("/features/") {
      #expect(more.datasets[path] == bytes, "\(path)")
    }
    #expect(!all.datasets.keys.contains { $0.contains("attention") })
  }

  @Test func aFlippedDefinitionIsFound() throws {
    try succeed(extract("--taps", "block.1.attention.q", to: "inside.h5"))
    var bytes = try here.bytes(of: "inside.h5")
    let text = Array("division by the root".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
    bytes[place] ^= 1
    try here.write(bytes, to: "inside.h5")
    #expect(try here.run("verify", "inside.h5", "--quiet").status == 1)
  }

  @Test func halfPrecisionCompressionAndTokens() throws {
    try succeed(extract("--taps", Self.list, "--dtype", "float16", "--compression", "deflate", to: "half.h5"))
    #expect(try here.run("verify", "half.h5", "--quiet").status == 0)
    try succeed(extract("--taps", Self.list, to: "whole.h5"))
    let whole = try store("whole.h5").readRows(tap: "block.1.attention.weights", rows: [0, 5])
    let half = try store("half.h5").readRows(tap: "block.1.attention.weights", rows: [0, 5])
    let errors: [Float] = zip(whole, half).map { (exact: Float, rounded: Float) -> Float in abs(exact - rounded) }
    #expect(try #require(errors.max()) <= 1e-3)
    #expect(whole.count == half.count && whole.count == 2 * 3 * 17 * 17)
    // Of weights the rows of the class token: query 0 of each head.
    try succeed(extract("--taps", "block.1.attention.weights", "--tokens", "prefix", to: "prefix.h5"))
    let kept = try store("prefix.h5").tap("block.1.attention.weights")
    #expect(kept.tokens == 3 && kept.channels == 17 && kept.axes.map(\.length) == [3, 1, 17])
    let rows = try store("prefix.h5").readRows(tap: "block.1.attention.weights", rows: [0])
    let first: [Float] = [0, 1, 2].flatMap { (head: Int) -> [Float] in
      let start = head * 17 * 17
      return Array(whole[start..<start + 17])
    }
    #expect(rows == first)
    #expect(
      try refusal(extract("--taps", "block.1.attention.weights", "--tokens", "mean", to: "mean.h5"))
        == "--tokens mean: block.1.attention.weights is attention weights (3 head × 17 query × 17 key), which have no tokens to be "
        + "averaged; give --tokens all, or prefix for the class token's alone")
  }

  @Test func whatWasInterruptedGoesOn() throws {
    try succeed(extract("--taps", Self.list, "--batch-size", "2", to: "whole.h5"))
    try here.copy(here.path("whole.h5"), to: "again.h5")
    // As after a kill: the last block has no marks.
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: here.path("again.h5")))
    let marks = try #require(try HDF5File.open(here.path("again.h5")).dataset("/progress/original").contiguousExtent())
    try file.seek(toOffset: UInt64(marks.address + 4))
    try file.write(contentsOf: Data([0, 0]))
    try file.close()
    try succeed(extract("--taps", Self.list, "--batch-size", "2", to: "again.h5"))
    #expect(
      try StoreContents(here.path("again.h5")).differences(from: StoreContents(here.path("whole.h5"))) == [])
    let other = try refusal(extract("--taps", "embed,block.1.attention.q", "--batch-size", "2", to: "again.h5"))
    #expect(other.contains("was made with taps embed, block.0, block.1.attention.q"))
  }

  @Test func memoryIsCheckedBeforeTheWork() throws {
    // 3 heads × 16385² queries and keys × 4 bytes for each image: 3 GiB, for 4096 images five times over.
    let sentence = try refusal(
      extract("--taps", "block.1.attention.weights", "--size", "2048x2048", "--batch-size", "4096", to: "vast.h5"))
    #expect(
      sentence.hasPrefix("the activations take up to ") && sentence.contains("most of it block.1.attention.weights"))
    #expect(!here.exists("vast.h5") && !here.exists("vast.h5.partial"))
  }

  @Test func inspectListsThem() throws {
    let model = try here.run("inspect", "\(Program.fixtures)/timm-vit")
    #expect(model.output.contains("block.0.attention.weights … block.2.attention.weights"))
    #expect(model.output.contains("3 head × 17 query × 17 key") && model.output.contains(BlockPart.hidden.definition))
    let json = try here.run("inspect", "\(Program.fixtures)/timm-vit", "--json")
    let taps = try #require(json.json?["insideTaps"] as? [[String: Any]])
    #expect(taps.count == 3 * 8)
    #expect(
      taps[3]["name"] as? String == "block.0.attention.weights" && taps[3]["axisLengths"] as? [Int] == [3, 17, 17])
    try succeed(extract("--taps", Self.list, to: "inside.h5"))
    let store = try here.run("inspect", "inside.h5", "--json")
    let stored = try #require(store.json?["taps"] as? [[String: Any]])
    let hidden = try #require(stored.first { $0["name"] as? String == "block.1.mlp.hidden" })
    #expect(hidden["axes"] as? [String] == ["token", "channel"])
    #expect(hidden["definition"] as? String == BlockPart.hidden.definition)
    #expect(stored[0]["axes"] == nil)
    #expect(try here.run("inspect", "inside.h5").output.contains("inside a block"))
  }

  @Test func analysesTakeTokensAndRefuseWeightsByName() throws {
    try succeed(extract("--taps", Self.list, "--conditions", "gray", "--labels", "scenes/labels.csv", to: "inside.h5"))
    let result = try here.run("analyze", "similarity", "inside.h5", "--bootstrap", "0", "--out", "similarity")
    #expect(result.status == 0, "\(result.error)")
    #expect(
      result.error.contains(
        "inside: block.1.attention.weights is left out: attention weights are heads × queries × keys, not tokens × channels"
      )
    )
    let table = try here.text(of: "similarity/similarity.csv")
    #expect(table.contains("block.1.attention.q") && !table.contains("attention.weights"))
    #expect(
      try refusal([
        "analyze", "similarity", "inside.h5", "--taps", "block.0,block.1.attention.weights", "--out", "refused",
      ])
        == "block.1.attention.weights of inside is attention weights, heads × queries × keys, and this analysis takes tokens × "
        + "channels; name other taps, or read it with palimpsest-io or h5py")
    let color = try here.run("analyze", "color", "inside.h5", "--bootstrap", "0", "--out", "color")
    #expect(color.status == 0, "\(color.error)")
    #expect(color.error.contains("block.1.attention.weights is left out"))
    #expect(try here.text(of: "color/color.csv").contains("block.1.mlp.hidden"))
    #expect(
      try refusal(["analyze", "color", "inside.h5", "--taps", "block.1.attention.weights", "--out", "refused"])
        .contains("is attention weights"))
    let report = try here.run("report", "similarity", "--out", "page")
    #expect(report.status == 0, "\(report.error)")
    let page = try here.text(of: "page/index.html")
    #expect(page.contains("What is inside blocks is in the heat maps alone."))
  }

  @Test func inversesAreNotCutThere() throws {
    let train = [
      "train", "--model", "\(Program.fixtures)/timm-vit", "--images", "scenes/images", "--inverse", "ridge", "--quiet",
      "--threads", "1", "--out", "inverse",
    ]
    #expect(
      try refusal(train + ["--modules", "embed,block.1.attention.q"])
        == "--modules: 'block.1.attention.q' is inside a block, and inverses go from the output of one block to that of another; this "
        + "model can be cut at embed, block.0, block.1, block.2, and block.1 is the nearest")
    // A store that has such taps beside the cuts trains and reconstructs as any other.
    try succeed(extract("--taps", Self.list, to: "inside.h5"))
    try succeed([
      "train", "--model", "\(Program.fixtures)/timm-vit", "--features", "inside.h5", "--inverse", "ridge", "--quiet",
      "--threads", "1", "--out", "inverse",
    ])
    try succeed(["reconstruct", "--features", "inside.h5", "--inverse", "inverse", "--out", "back.h5", "--quiet"])
    #expect(try store("back.h5").reconstructions(of: "original") == ["embed", "block.2"])
  }

  @Test func ofImagesOfTheirOwnSizesThereAreNoWeights() throws {
    let command = extract(
      "--size", "native", "--taps", "encoder.0.attention.weights", to: "native.h5", model: "detr-padding-mask")
    #expect(
      try refusal(command)
        == "--taps encoder.0.attention.weights: attention weights have another shape for each size of an image; give all images one "
        + "with --size WxH")
    try succeed(
      extract(
        "--size", "native", "--taps", "encoder.0.attention.q,decoder.0.cross.k,encoder.0", to: "native.h5",
        model: "detr-padding-mask"))
    #expect(try store("native.h5").tap("decoder.0.cross.k").grid == store("native.h5").tap("encoder.0").grid)
  }
}
