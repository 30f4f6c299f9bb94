import Foundation
import Testing

/// `train` as a user runs it.
@Suite struct TrainTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(16)
  }

  private func command(_ out: String, _ more: String...) -> [String] {
    ["train", "--model", Program.fixtures + "/timm-vit", "--out", out, "--threads", "1", "--batch-size", "3"] + more
  }

  /// The history without its last column, the seconds.
  private func history(_ folder: String) throws -> [String] {
    try here.text(of: "\(folder)/history.csv").split(separator: "\n").map {
      $0.split(separator: ",").dropLast().joined(separator: ",")
    }
  }

  private func weights(_ folder: String) throws -> [[UInt8]] {
    try ["embed", "block.2"].flatMap { cut in
      try ["best", "last"].map { try here.bytes(of: "\(folder)/\(cut).\($0).safetensors") }
    }
  }

  @Test func theHelpHasAnExample() throws {
    let outcome = try here.run("train", "--help")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\n  palimpsest train --model vit-base/ --images photos/ --out vit-inverse/\n"))
  }

  /// The same losses and the same weights, whether the model runs or its activations are read.
  @Test func aStoreTrainsAsTheImagesDo() throws {
    try here.extract("--taps", "stages", "--batch-size", "3", "--threads", "1", images: "scenes/images", to: "vit.h5")
    let images = try here.run(command("a", "--images", "scenes/images", "--epochs", "2", "--json"))
    #expect(images.status == 0, "\(images.error)")
    let features = try here.run(command("b", "--features", "vit.h5", "--epochs", "2", "--json"))
    #expect(features.status == 0, "\(features.error)")
    let rows = try history("a")
    #expect(rows.first == "epoch,step,module,split,loss")
    #expect(rows.count == 1 + 2 * 3 * 2)
    for (a, b) in zip(rows.dropFirst(), try history("b").dropFirst()) {
      let (a, b) = (a.split(separator: ","), b.split(separator: ","))
      #expect(a.dropLast() == b.dropLast())
      let (x, y) = (try #require(Double(a[4])), try #require(Double(b[4])))
      #expect(abs(x - y) < 1e-5 * x)
    }
    let modules = try #require(images.json?["modules"] as? [[String: Any]])
    #expect(modules.map { $0["module"] as? String } == ["embed", "block.2"])
  }

  @Test func aKilledTrainingGoesOnAndEndsWithTheSameBytes() throws {
    let arguments = ["--images", "scenes/images", "--epochs", "40"]
    let whole = try here.run(command("whole") + arguments)
    #expect(whole.status == 0, "\(whole.error)")
    var kills = 0
    for milliseconds in [2, 30, 5, 80, 11, 1, 50, 20] {
      let identifier = try Program.start(
        command("killed") + arguments, in: here.folder, output: here.path(".output"), error: here.path(".error"))
      while !here.exists("killed/state.safetensors"), !Program.hasEnded(identifier) { usleep(500) }
      // Later runs are killed some time after they started, which is before, while or after they load.
      usleep(UInt32(milliseconds + (kills > 0 ? 60 : 0)) * 1000)
      kill(identifier, SIGKILL)
      if Program.wait(for: identifier) == 128 + SIGKILL { kills += 1 }
    }
    #expect(kills >= 3)
    let finished = try here.run(command("killed") + arguments)
    #expect(finished.status == 0, "\(finished.error)")
    #expect(try weights("killed") == weights("whole"))
    #expect(try history("killed") == history("whole"))
  }

  @Test func inspectAndVerifyKnowATraining() throws {
    let trained = try here.run(command("a", "--images", "scenes/images", "--epochs", "1", "--json"))
    #expect(trained.status == 0, "\(trained.error)")
    let inspected = try here.run("inspect", "a", "--json")
    #expect(inspected.status == 0, "\(inspected.error)")
    let modules = try #require(inspected.json?["modules"] as? [[String: Any]])
    let summary = try #require(trained.json?["modules"] as? [[String: Any]])
    for (seen, made) in zip(modules, summary) {
      #expect(seen["module"] as? String == made["module"] as? String)
      #expect(seen["parameters"] as? Int == made["parameters"] as? Int)
      #expect(seen["validationLoss"] as? Double == made["bestValidationLoss"] as? Double)
    }
    #expect(modules.count == 2)
    #expect(try here.run("inspect", "a").output.contains("  mode                 modular, profile default\n"))
    #expect(try here.run("verify", "a").status == 0)
    let whole = try here.bytes(of: "a/embed.best.safetensors")
    try here.write(Array(whole.dropLast(7)), to: "a/embed.best.safetensors")
    let damaged = try here.run("verify", "a")
    #expect(damaged.status == 1)
    #expect(damaged.error.contains("the file is truncated") && damaged.error.contains("a: damaged in 1 place"))
  }

  @Test func whatCannotBeTrainedIsRefused() throws {
    let images = ["--images", "scenes/images"]
    try expectRefusal(
      here, command("a"), "give either --images, a folder, or --features, a store (see palimpsest train --help)")
    try expectRefusal(
      here, command("a") + images + ["--mode", "both"],
      "--mode is 'both'; give modular, end-to-end or modular-then-polish")
    try expectRefusal(
      here, command("a") + images + ["--modules", "embed,norm"],
      "--modules: a chain cannot be cut at 'norm'; this model can be cut at embed, block.0, block.1, block.2")
    try expectRefusal(
      here, command("a") + images + ["--learning-rate", "head=1"],
      "--learning-rate: there is no module 'head'; there are embed, block.2")
    try here.extract("--taps", "embed", images: "scenes/images", to: "part.h5")
    try expectRefusal(
      here, command("a", "--features", "part.h5"),
      "part.h5 has no tap 'block.2' under original; it has embed")
    try here.extract(images: "scenes/images", model: "timm-deit3", to: "deit.h5")
    let other = try here.run(command("a", "--features", "deit.h5"))
    #expect(other.status == 2)
    #expect(other.error.hasSuffix("give the model it was extracted with\n"), "\(other.error)")
    try here.extract("--tokens", "mean", images: "scenes/images", to: "mean.h5")
    try expectRefusal(
      here, command("a", "--features", "mean.h5"),
      "--features mean.h5: the store keeps --tokens mean; inverses need all, extract it so")
    #expect(try here.run(command("a", "--epochs", "1") + images).status == 0)
    try expectRefusal(
      here, command("a", "--epochs", "2") + images,
      "HERE/a holds another training: epochs is 2, there it is 1; choose another --out, or repeat that command to go on"
    )
  }
}
