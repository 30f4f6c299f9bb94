import Activations
import Foundation
import Testing

/// `reconstruct` as a user runs it.
@Suite struct ReconstructTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(16)
  }

  private func train(_ model: String, to out: String, _ more: String...) throws {
    let outcome = try here.run(
      [
        "train", "--model", "\(Program.fixtures)/\(model)", "--images", "scenes/images", "--out", out, "--quiet",
        "--threads", "1",
      ] + more)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  private func command(_ model: String, _ inverse: String, _ out: String, _ more: String...) -> [String] {
    [
      "reconstruct", "--model", "\(Program.fixtures)/\(model)", "--inverse", inverse, "--images", "scenes/images",
      "--out", out, "--threads", "1",
    ] + more
  }

  /// Mean squared error of pixels in [0, 1] over all images.
  private func error(_ store: FeatureStore, _ tap: String, condition: String = "original") throws -> Double {
    var sum = 0.0
    var count = 0
    for row in 0..<store.count {
      let input = try store.readInput(condition: condition, row: row)
      let image = try store.readReconstruction(condition: condition, tap: tap, row: row)
      for (a, b) in zip(input, image) {
        sum += (Double(a) - Double(b)) * (Double(a) - Double(b)) / 65025
        count += 1
      }
    }
    return sum / Double(count)
  }

  /// The error of the mean image, which is what can be said without looking at the activations.
  private func errorOfTheMean(_ store: FeatureStore) throws -> Double {
    let inputs = try (0..<store.count).map { try store.readInput(row: $0).map { Double($0) / 255 } }
    let mean = inputs[0].indices.map { place in inputs.reduce(0) { $0 + $1[place] } / Double(inputs.count) }
    return inputs.reduce(0) { sum, input in
      sum + zip(input, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(mean.count)
    } / Double(inputs.count)
  }

  @Test func theHelpHasAnExample() throws {
    let outcome = try here.run("reconstruct", "--help")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\n  palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\\n"))
  }

  @Test(arguments: [
    ("timm-vit", "modular", ["embed", "block.2"]), ("timm-vit", "end-to-end", ["embed", "block.2"]),
    ("timm-swin", "modular", ["embed", "stage.0", "stage.1", "stage.2"]),
  ])
  func everyCutIsLedBack(model: String, mode: String, cuts: [String]) throws {
    try train(model, to: "inverse", "--mode", mode, "--epochs", "30", "--learning-rate", "0.003")
    let outcome = try here.run(command(model, "inverse", "back.h5", "--conditions", "red"))
    #expect(outcome.status == 0, "\(outcome.error)")
    let store = try FeatureStore(path: here.path("back.h5"))
    for condition in ["original", "red"] {
      #expect(try store.reconstructions(of: condition) == cuts)
      #expect(try store.taps(condition: condition).map(\.name) == cuts)
    }
    // From the first cut more is known of an image than the mean of all, on the images it was trained on.
    let (mean, embed) = (try errorOfTheMean(store), try error(store, "embed"))
    #expect(embed < mean, "\(embed), the mean has \(mean)")
    #expect(try here.run("verify", "back.h5").status == 0)
  }

  @Test func aKilledReconstructionGoesOnAndEndsWithTheSameBytes() throws {
    try train("timm-vit", to: "inverse", "--epochs", "1")
    func arguments(_ out: String) -> [String] {
      command("timm-vit", "inverse", out, "--batch-size", "1", "--conditions", "red,green,blue,gray")
    }
    let whole = try here.run(arguments("whole.h5"))
    #expect(whole.status == 0, "\(whole.error)")
    for milliseconds in [0, 20, 5, 40, 10] {
      let identifier = try Program.start(
        arguments("killed.h5"), in: here.folder, output: here.path(".output"), error: here.path(".error"))
      while !here.exists("killed.h5"), !Program.hasEnded(identifier) { usleep(500) }
      usleep(UInt32(milliseconds) * 1000)
      kill(identifier, SIGKILL)
      _ = Program.wait(for: identifier)
    }
    let finished = try here.run(arguments("killed.h5"))
    #expect(finished.status == 0, "\(finished.error)")
    let differences = try StoreContents(here.path("killed.h5")).differences(
      from: StoreContents(here.path("whole.h5")))
    #expect(differences == [])
  }

  @Test func whatCannotBeReconstructedIsRefused() throws {
    try expectRefusal(
      here, command("timm-vit", "nothing", "back.h5"),
      "--inverse nothing: no inverse networks are here (no plan.json); give what palimpsest train wrote")
    try train("timm-vit", to: "inverse", "--epochs", "1")
    try expectRefusal(
      here, command("timm-vit", "inverse", "back.h5", "--size", "32x32"),
      "--size 32x32: --inverse inverse was trained for inputs of 64x64; leave --size out")
    let other = try here.run(command("timm-deit3", "inverse", "back.h5"))
    #expect(other.status == 2)
    #expect(!here.exists("back.h5"))
    try expectRefusal(
      here, command("timm-vit", "inverse", "back.h5", "--weights", "first"), "--weights is 'first'; give best or last")
  }
}
