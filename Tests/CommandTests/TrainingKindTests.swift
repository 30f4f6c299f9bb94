import Foundation
import Testing

/// The kinds of `train` beside the modular one, and what `analyze efficiency` makes of them.
@Suite struct TrainingKindTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(16)
  }

  private func train(_ out: String, _ more: String...) throws -> Outcome {
    try here.run(
      [
        "train", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--threads", "1",
        "--batch-size", "4", "--json", "--out", out,
      ] + more)
  }

  private func rows(_ file: String) throws -> [[String]] {
    try here.text(of: file).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func trainingsAreCompared() throws {
    for (out, flags) in [
      ("modular", ["--epochs", "3"]), ("chains", ["--epochs", "2", "--mode", "end-to-end"]),
      ("floor", ["--inverse", "ridge"]), ("mean", ["--inverse", "mean-image"]),
    ] {
      let outcome = try here.run(
        [
          "train", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--threads", "1",
          "--batch-size", "4", "--out", out,
        ] + flags)
      #expect(outcome.status == 0, "\(out): \(outcome.error)")
    }
    let compared = try here.run(
      "analyze", "efficiency", "modular", "chains", "floor", "mean", "--out", "results", "--json")
    #expect(compared.status == 0, "\(compared.error)")
    let table = try rows("results/efficiency.csv")
    #expect(
      table[0] == [
        "run", "mode", "inverse", "module", "metric", "value", "unit", "device", "threads", "checkpoint", "held_out",
      ])
    #expect(table.dropFirst().allSatisfy { $0[7] == "cpu" && $0[8] == "1" })
    func parameters(_ run: String) throws -> Int {
      let row = try #require(table.first { $0[0] == run && $0[3] == "all" && $0[4] == "parameters" })
      return try #require(Double(row[5]).map { Int($0) })
    }
    // Chains train the modules of every depth again for each deeper one.
    #expect(try parameters("chains") > parameters("modular"))
    let equal = try rows("results/efficiency_equal.csv")
    #expect(Set(equal.dropFirst().map { $0[0] }) == ["time", "images", "operations"])
    // At equal images the budget is that of the run that saw fewer, and no run counts beyond it.
    for row in equal.dropFirst() {
      let (limit, spent) = (try #require(Double(row[1])), try #require(Double(row[7])))
      #expect(spent <= limit, "\(row)")
    }
    let images = equal.filter { $0[0] == "images" && $0[4] == "modular" }
    #expect(images.count == 2 && images.allSatisfy { $0[8] == "2" || $0[8] == "1" })
    #expect(try rows("results/efficiency_curves.csv").count == 1 + 2 * 3 + 2 * 2 + 2 + 2)
    #expect(here.exists("results/provenance.json"))
    #expect(try here.run("inspect", "floor").status == 0)
    #expect(try here.run("verify", "floor").status == 0)
    // A second run of a map in closed form has nothing to do.
    #expect(
      try here.run(
        "train", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--threads", "1",
        "--batch-size", "4", "--out", "floor", "--inverse", "ridge"
      ).output.contains("complete already"))
  }

  /// Networks on top of maps are trainings too: they set budgets and count at equal operations. Runs go by their folders' names.
  @Test func networksOnMapsAreComparedAsTrainings() throws {
    #expect(try train("a/plain.v2", "--epochs", "3").status == 0)
    // Of the token alone: the pass for maps of 3 × 3 tokens takes longer than all of the other training.
    #expect(try train("a/on-maps", "--epochs", "2", "--inverse", "residual", "--neighbourhood", "1").status == 0)
    let compared = try here.run("analyze", "efficiency", "a/plain.v2/", "a/on-maps", "--out", "results")
    #expect(compared.status == 0, "\(compared.error)")
    let equal = try rows("results/efficiency_equal.csv").dropFirst()
    for budget in ["time", "images", "operations"] {
      #expect(equal.contains { $0[0] == budget && $0[4] == "on-maps" }, "\(budget)")
    }
    // The pass for the maps counts: three passes over 14 training images.
    #expect(Set(equal.filter { $0[0] == "images" }.map { Double($0[1]) }) == [42])
    #expect(Set(equal.map { $0[4] }) == ["plain.v2", "on-maps"])
  }

  @Test func polishingGoesOnFromTheModules() throws {
    let outcome = try train("p", "--epochs", "2", "--mode", "modular-then-polish", "--polish-epochs", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try rows("p/modular/curves.csv").count == 1 + 2 * 2)
    let polished = try rows("p/curves.csv")
    #expect(polished.count == 1 + 2)
    let before = try #require(rows("p/modular/curves.csv").last.flatMap { Int($0[2]) })
    #expect(try #require(Int(polished[1][2])) > before)
    let back = try here.run(
      "reconstruct", "--model", Program.fixtures + "/timm-vit", "--inverse", "p", "--images", "scenes/images",
      "--limit", "3",
      "--threads", "1", "--out", "back.h5")
    #expect(back.status == 0, "\(back.error)")
    // Another plan in the same folder is refused before anything is trained.
    let other = try train("p", "--epochs", "2", "--mode", "modular-then-polish", "--polish-epochs", "2")
    #expect(other.status == 2)
    #expect(other.error.contains("p holds another training: epochs is 2, there it is 1"), "\(other.error)")
  }

  @Test func validationMayHaveAFolderAndEvaluationsAreDrawn() throws {
    let drawn = try here.run("scenes", "--count", "5", "--seed", "77", "--size", "64x64", "--out", "held", "--quiet")
    #expect(drawn.status == 0, "\(drawn.error)")
    let outcome = try train(
      "a", "--validation-images", "held/images", "--epochs", "2", "--evaluate-every", "2", "--patience", "5")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(here.exists("a/evaluation/epoch-0002.png") && !here.exists("a/evaluation/epoch-0001.png"))
    // All 16 images train: two epochs of them.
    #expect(try rows("a/curves.csv").last?[2] == "32")
    let plan = try #require(
      try JSONSerialization.jsonObject(with: Data(here.bytes(of: "a/plan.json"))) as? [String: Any])
    #expect(plan["validationCount"] as? Int == 5)
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let command = ["train", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--out", "x"]
    try expectRefusal(
      here, command + ["--inverse", "lasso"],
      "--inverse is 'lasso'; give network, residual, ridge, mean-image or nearest-image")
    try expectRefusal(here, command + ["--ridge", "0.1"], "--ridge belongs to --inverse ridge and residual")
    try expectRefusal(
      here, command + ["--inverse", "ridge", "--ridge", "little"],
      "--ridge is 'little'; give auto or a number of 0 or more")
    try expectRefusal(
      here, command + ["--inverse", "ridge", "--mode", "modular-then-polish"],
      "--mode modular-then-polish is for networks; --inverse ridge is made in closed form")
    try expectRefusal(
      here, command + ["--inverse", "mean-image", "--patience", "3"],
      "--patience is for networks; --inverse mean-image is made in one pass, without steps")
    try expectRefusal(
      here, command + ["--mode", "end-to-end", "--loss", "image"],
      "--loss is for modules; --mode end-to-end trains chains on the image error")
    try expectRefusal(here, command + ["--feature-share", "0.2"], "--feature-share belongs to --loss image")
    try expectRefusal(
      here, command + ["--input-noise", "--modules", "embed"],
      "--input-noise is for a chain of modules, and there is only 'embed'; name more taps in --modules, or leave it out"
    )
    try expectRefusal(
      here, command + ["--input-noise", "--exact-embedding"],
      "--input-noise trains the module that ends in pixels, which --exact-embedding replaces; give one of them")
    let exact = try here.run(command + ["--exact-embedding"])
    #expect(exact.status == 2)
    #expect(exact.error.contains("so that pixels are lost; leave the flag out"), "\(exact.error)")
    try expectRefusal(
      here, ["analyze", "efficiency", "scenes", "--out", "r"],
      "scenes: no training is here (no plan.json that can be read); give what palimpsest train wrote")
  }
}
