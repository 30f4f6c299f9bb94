import Activations
import Foundation
import Testing

/// A study from pixels to tables on encoders of other libraries' forms: registers as prefix tokens, no class token, a norm before the
/// blocks, patches of 7 and 14, an input of another size than the positions'.
@Suite struct EncoderStudyTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  private func run(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
    let outcome = try here.run(arguments + ["--quiet"])
    #expect(
      outcome.status == 0, "\(arguments.joined(separator: " ")): \(outcome.error)", sourceLocation: sourceLocation)
  }

  // Height and width of the grid, and prefix tokens, as the fixtures' files have them.
  @Test(arguments: [
    ("hf-dinov2-registers", [2, 6], 5, "mask token (1)"), ("hf-clip", [2, 2], 1, "text tower (20)"),
    ("hf-siglip", [2, 2], 0, "text tower (22)"),
  ])
  func everyAnalysisTakesWhatIsExtracted(name: String, grid: [Int], prefix: Int, leftOut: String) throws {
    let model = Program.fixtures + "/" + name
    try here.drawImages(8, size: "64x64")
    let labels = (0..<8).map { "00000\($0).png,\($0 < 4 ? "first" : "second")\n" }
    try here.write("path,label\n" + labels.joined(), to: "labels.csv")
    try run(
      "extract", "--model", model, "--images", "scenes/images", "--labels", "labels.csv", "--annotations",
      "scenes/annotations.json", "--conditions", "gray", "--out", "features.h5", "--threads", "1")
    let store = try FeatureStore(path: here.path("features.h5"))
    for tap in ["embed", "block.0", "block.1", "norm"] {
      let stored = try store.tap(tap)
      #expect(stored.grid?.shape == grid && stored.prefixTokens == prefix, "\(name), \(tap)")
    }
    #expect(store.attribute("notes")?.contains(leftOut) == true, "\(store.attribute("notes") ?? "")")

    for (inverse, more) in [("network", ["--epochs", "1"]), ("ridge", [])] {
      let outcome = try here.run(
        ["train", "--model", model, "--features", "features.h5", "--inverse", inverse, "--out", inverse, "--quiet"]
          + more)
      #expect(outcome.status == 0, "\(name), \(inverse): \(outcome.error)")
      try run("reconstruct", "--inverse", inverse, "--features", "features.h5", "--out", "\(inverse).h5")
      let back = try FeatureStore(path: here.path("\(inverse).h5"))
      #expect(try back.reconstructions(of: "original") == ["embed", "block.1"])
    }
    try run("analyze", "similarity", "features.h5", "--out", "similarity")
    try run("analyze", "color", "features.h5", "--out", "color")
    try run("analyze", "prototypes", "features.h5", "--inverse", "ridge", "--permutations", "5", "--out", "prototypes")
    try run("analyze", "quality", "network.h5", "ridge.h5", "--out", "quality")
    try run("analyze", "detail", "ridge.h5", "--out", "detail")
    try run("analyze", "shape", "ridge.h5", "--annotations", "scenes/annotations.json", "--out", "shape")
    try run("analyze", "efficiency", "network", "--out", "efficiency")
    // A tap is like itself, whatever the network.
    let similarity = try here.table("similarity/similarity.csv").dropFirst()
    for tap in ["embed", "block.0", "block.1", "norm"] {
      let row = similarity.first { $0[1] == tap && $0[3] == tap && $0[4] == "cka_linear" }
      #expect(row.flatMap { Double($0[7]) } == 1, "\(name), \(tap)")
    }
  }
}
