import Activations
import Foundation
import Testing

/// A study from pixels to tables on encoders of other libraries' forms: registers as prefix tokens, no class token, a norm before the
/// blocks, patches of 7 and 14, an input of another size than the positions'; and on networks of convolutions, whose maps shrink and whose
/// last norm may be of one token.
@Suite struct EncoderStudyTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  private func run(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
    let outcome = try here.run(arguments + ["--quiet"])
    #expect(
      outcome.status == 0, "\(arguments.joined(separator: " ")): \(outcome.error)", sourceLocation: sourceLocation)
  }

  /// A model of the fixtures with what a study of it has to say, as the fixture's files have it.
  struct Study: Sendable, CustomTestStringConvertible {
    let name: String
    /// Height and width of each tap's grid; empty of a tap that lies on none.
    let grids: KeyValuePairs<String, [Int]>
    var prefix = 0
    let reconstructions: [String]
    /// Words of the store's notes, where there are any.
    var note: String?

    var testDescription: String { name }

    static func transformer(_ name: String, _ grid: [Int], prefix: Int, leftOut: String) -> Study {
      Study(
        name: name, grids: ["embed": grid, "block.0": grid, "block.1": grid, "norm": grid], prefix: prefix,
        reconstructions: ["embed", "block.1"], note: leftOut)
    }
  }

  @Test(arguments: [
    Study.transformer("hf-dinov2-registers", [2, 6], prefix: 5, leftOut: "mask token (1)"),
    Study.transformer("hf-clip", [2, 2], prefix: 1, leftOut: "text tower (20)"),
    Study.transformer("hf-siglip", [2, 2], prefix: 0, leftOut: "text tower (22)"),
    // Strides 4, 1, 2, 2, 2, rounded up.
    Study(
      name: "timm-resnet", grids: ["embed": [8, 12], "stage.0": [8, 12], "stage.3.block.1": [1, 2], "logits": []],
      reconstructions: ["embed", "stage.0", "stage.1", "stage.2", "stage.3"]),
    // Of 56x40 pixels, rounded down; the norm comes after pooling.
    Study(
      name: "timm-convnext",
      grids: [
        "embed": [14, 10], "stage.0": [14, 10], "stage.1": [7, 5], "stage.3": [1, 1], "norm": [], "logits": [],
      ],
      reconstructions: ["embed", "stage.0", "stage.1", "stage.2", "stage.3"]),
    // Two stages dilate in place of striding; the stem's strides round up.
    Study(
      name: "timm-convnext-norm-first",
      grids: ["embed": [9, 11], "stage.1": [4, 5], "stage.3": [4, 5], "norm": [4, 5], "logits": []],
      reconstructions: ["embed", "stage.0", "stage.1", "stage.2", "stage.3"]),
    Study(
      name: "hf-convnext-backbone", grids: ["embed": [12, 12], "stage.0": [12, 12], "stage.2": [3, 3]],
      reconstructions: ["embed", "stage.0", "stage.1", "stage.2"], note: "there is no tap 'norm'"),
    Study(
      name: "hf-convnextv2", grids: ["embed": [10, 8], "stage.2.block.0": [2, 2], "norm": []],
      reconstructions: ["embed", "stage.0", "stage.1", "stage.2"]),
  ])
  func everyAnalysisTakesWhatIsExtracted(study: Study) throws {
    let name = study.name
    let model = Program.fixtures + "/" + name
    try here.drawImages(8, size: "64x64")
    let labels = (0..<8).map { "00000\($0).png,\($0 < 4 ? "first" : "second")\n" }
    try here.write("path,label\n" + labels.joined(), to: "labels.csv")
    try run(
      "extract", "--model", model, "--images", "scenes/images", "--labels", "labels.csv", "--annotations",
      "scenes/annotations.json", "--conditions", "gray", "--out", "features.h5", "--threads", "1")
    let store = try FeatureStore(path: here.path("features.h5"))
    for (tap, grid) in study.grids {
      let stored = try store.tap(tap)
      #expect(stored.grid?.shape ?? [] == grid, "\(name), \(tap)")
      #expect(stored.prefixTokens == study.prefix, "\(name), \(tap)")
    }
    if let note = study.note {
      #expect(store.attribute("notes")?.contains(note) == true, "\(store.attribute("notes") ?? "")")
    }

    for (inverse, more) in [("network", ["--epochs", "1"]), ("ridge", [])] {
      let outcome = try here.run(
        ["train", "--model", model, "--features", "features.h5", "--inverse", inverse, "--out", inverse, "--quiet"]
          + more)
      #expect(outcome.status == 0, "\(name), \(inverse): \(outcome.error)")
      try run("reconstruct", "--inverse", inverse, "--features", "features.h5", "--out", "\(inverse).h5")
      let back = try FeatureStore(path: here.path("\(inverse).h5"))
      #expect(try back.reconstructions(of: "original") == study.reconstructions, "\(name), \(inverse)")
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
    for (tap, _) in study.grids {
      let row = similarity.first { $0[1] == tap && $0[3] == tap && $0[4] == "cka_linear" }
      #expect(row.flatMap { Double($0[7]) } == 1, "\(name), \(tap)")
    }
  }
}
