import Activations
import Foundation
import HDF5
import Testing

/// `reconstruct --features`: activations from a store, without the model.
@Suite struct ReconstructFromStoreTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(7)
    try here.write("no image at all", to: "scenes/images/000002x.png")
  }

  private func train(_ model: String = "timm-vit", _ more: [String] = []) throws {
    let outcome = try here.run(
      [
        "train", "--model", "\(Program.fixtures)/\(model)", "--images", "scenes/images", "--out", "inverse", "--quiet",
        "--threads", "1", "--epochs", "1",
      ] + more)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  private func command(_ features: String, _ out: String, _ more: String...) -> [String] {
    [
      "reconstruct", "--features", features, "--inverse", "inverse", "--out", out, "--threads", "1", "--batch-size",
      "3",
    ] + more
  }

  /// As a user's own script writes one: the least that the schema asks for.
  private func makeStore(
    _ name: String, _ taps: [(name: String, shape: [Int])], attributes: [(String, String)] = []
  ) throws {
    let file = try HDF5File.create(here.path(name))
    try file.setAttribute("format", of: "/", to: .string("palimpsest.features"))
    try file.setAttribute("version", of: "/", to: .integer(1))
    for (name, value) in attributes { try file.setAttribute(name, of: "/", to: .string(value)) }
    try file.createGroup("/images")
    let count = taps[0].shape[0]
    try file.createDataset("/images/path", .fixedString(bytes: 8), shape: [count])
      .writeStrings((0..<count).map { "hand \($0)" })
    try file.createGroup("/features/original")
    for tap in taps {
      let size = tap.shape.reduce(1, *)
      try file.createDataset("/features/original/\(tap.name)", .scalar(.float32), shape: tap.shape)
        .write((0..<size).map { Float($0 % 97) / 48 - 1 })
    }
    try file.flush()
  }

  @Test(arguments: [("timm-vit", "64x64"), ("timm-deit3", "64x64"), ("timm-swin", "64x64"), ("hf-detr", "64x96")])
  func aStoreGivesTheBytesThatTheModelGives(model: String, size: String) throws {
    let sizes = model == "hf-detr" ? ["--size", size] : []
    try train(model, sizes)
    let extracted = try here.run(
      [
        "extract", "--model", "\(Program.fixtures)/\(model)", "--images", "scenes/images", "--out", "features.h5",
        "--conditions", "red", "--threads", "1", "--batch-size", "3", "--quiet",
      ] + sizes)
    #expect(extracted.status == 0, "\(extracted.error)")
    let more = ["--intermediate", "--teacher-forced"]
    let images = try here.run(
      [
        "reconstruct", "--model", "\(Program.fixtures)/\(model)", "--inverse", "inverse", "--images", "scenes/images",
        "--out", "images.h5", "--threads", "1", "--batch-size", "3", "--conditions", "red", "--quiet",
      ] + sizes + more)
    #expect(images.status == 0, "\(images.error)")
    let stored = try here.run(command("features.h5", "stored.h5", "--quiet") + more)
    #expect(stored.status == 0, "\(stored.error)")
    let differences = try StoreContents(here.path("stored.h5")).differences(
      from: StoreContents(here.path("images.h5")))
    #expect(differences == [])
    #expect(try here.run("verify", "stored.h5").status == 0)
    let store = try FeatureStore(path: here.path("stored.h5"))
    #expect(store.errors.count { !$0.isEmpty } == 1)
    #expect(
      store.attribute("checkpoint_sha256")
        == (try FeatureStore(path: here.path("features.h5"))).attribute("checkpoint_sha256"))
  }

  /// Where the size depends on the image, a store knows the padding from the images' sizes.
  @Test func paddedImagesComeBackAlikeFromAStore() throws {
    try here.copyModel("hf-detr", to: "model")
    try here.write(
      """
      {"image_processor_type": "DetrImageProcessor", "size": {"shortest_edge": 64, "longest_edge": 128}, "resample": 2,
       "rescale_factor": 0.00392156862745098, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
      """, to: "model/preprocessor_config.json")
    try here.drawImages(3, in: "wide", size: "96x60")
    for index in 0..<3 { try here.copy(here.path("wide/images/00000\(index).png"), to: "scenes/images/w\(index).png") }
    let common = ["--images", "scenes/images", "--threads", "1", "--batch-size", "3", "--quiet", "--size", "native"]
    for command in [
      ["train", "--model", "model", "--out", "inverse", "--epochs", "1"],
      ["extract", "--model", "model", "--out", "features.h5"],
      ["reconstruct", "--model", "model", "--inverse", "inverse", "--out", "images.h5", "--teacher-forced"],
    ] {
      let outcome = try here.run(command + common)
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    let stored = try here.run(command("features.h5", "stored.h5", "--quiet", "--teacher-forced"))
    #expect(stored.status == 0, "\(stored.error)")
    let images = try FeatureStore(path: here.path("images.h5"))
    #expect(try images.inputSize()?.width ?? 0 > 64)
    let differences = try StoreContents(here.path("stored.h5")).differences(
      from: StoreContents(here.path("images.h5")))
    #expect(differences == [])
  }

  @Test func aKilledRunGoesOnAndEndsWithTheSameBytes() throws {
    try train()
    try here.extract("--conditions", "red,green,blue,gray", "--quiet", images: "scenes/images", to: "vit.h5")
    func arguments(_ out: String) -> [String] { command("vit.h5", out, "--teacher-forced", "--compression", "deflate") }
    let whole = try here.run(arguments("whole.h5"))
    #expect(whole.status == 0, "\(whole.error)")
    for milliseconds in [0, 10, 5, 30] {
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

  @Test func conditionsOfTheStoreCanBeChosen() throws {
    try train()
    try here.extract("--conditions", "red,gray", "--quiet", images: "scenes/images", to: "vit.h5")
    let outcome = try here.run(command("vit.h5", "gray.h5", "--conditions", "gray"))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try FeatureStore(path: here.path("gray.h5")).conditions == ["gray"])
    try expectRefusal(
      here, command("vit.h5", "blue.h5", "--conditions", "blue"),
      "--conditions: vit.h5 has no condition 'blue'; it has original, red, gray")
  }

  /// Nothing but activations: no pixels, no checkpoint, no sizes, not every cut.
  @Test func handMadeActivationsAreLedBack() throws {
    try train()
    let tokens = try FeatureStoreShape.tokens(here)
    try makeStore("hand.h5", [("block.2", [5, tokens.0, tokens.1]), ("my layer", [5, 3, 2])])
    let outcome = try here.run(command("hand.h5", "back.h5", "--intermediate"))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains("hand.h5 does not say which weights made it: it is taken for vit_base_patch16_224\n"))
    #expect(outcome.error.contains("hand.h5 keeps no pixels (/inputs): neither will back.h5\n"))
    #expect(outcome.error.contains("left out, because hand.h5 does not contain them: embed\n"))
    #expect(
      outcome.error.contains("left out, because the store does not contain them: block.0@block.2, block.0@embed, "))
    let store = try FeatureStore(path: here.path("back.h5"))
    #expect(try store.reconstructions(of: "original") == ["block.2"])
    #expect(try store.inputSize() == nil)
    #expect(try store.reconstructionSize()?.shape == [64, 64])
    #expect(store.imagePaths == ["hand 0", "hand 1", "hand 2", "hand 3", "hand 4"])
    #expect(try Set(store.readReconstruction(tap: "block.2", row: 4)).count > 10)
    #expect(try here.run("verify", "back.h5").status == 0)
    #expect(try here.run("inspect", "back.h5").output.contains("/reconstructions/original/block.2  5×64×64×3"))
    // With two cuts one can be judged by the other, also without pixels.
    try makeStore("two.h5", [("embed", [2, tokens.0, tokens.1]), ("block.2", [2, tokens.0, tokens.1])])
    let spliced = try here.run(command("two.h5", "spliced.h5", "--teacher-forced"))
    #expect(spliced.status == 0, "\(spliced.error)")
    #expect(
      try FeatureStore(path: here.path("spliced.h5")).joints() == StoreJoints(starts: ["block.2"], joints: ["embed"]))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    try train()
    let (tokens, channels) = try FeatureStoreShape.tokens(here)
    try makeStore("narrow.h5", [("block.2", [5, tokens, channels / 2])])
    try expectRefusal(
      here, command("narrow.h5", "back.h5", "--quiet"),
      "--features narrow.h5: /features/original/block.2 has rows of \(tokens) tokens with \(channels / 2) channels, but the "
        + "inverses of vit_base_patch16_224 for 64x64 take \(tokens) with \(channels); write it as [images, \(tokens), \(channels)]"
    )
    try makeStore("others.h5", [("layer 1", [5, tokens, channels]), ("layer 2", [5, tokens, channels])])
    try expectRefusal(
      here, command("others.h5", "back.h5", "--quiet"),
      "--features others.h5 has none of the activations that --inverse inverse inverts (embed, block.2); "
        + "it has layer 1, layer 2")
    let good = [("block.2", [5, tokens, channels])]
    try makeStore("foreign.h5", good, attributes: [("checkpoint_sha256", "0123456789abcdef"), ("model", "theirs")])
    let sha256 = try #require(
      (try JSONSerialization.jsonObject(with: Data(here.bytes(of: "inverse/plan.json"))) as? [String: Any])?[
        "checkpointSHA256"] as? String)
    try expectRefusal(
      here, command("foreign.h5", "back.h5"),
      "--features foreign.h5 holds the activations of theirs with the weights 0123456789ab…, but --inverse inverse was "
        + "trained for vit_base_patch16_224 with \(sha256.prefix(12))…; give the inverses of that model")
    try makeStore("means.h5", good, attributes: [("tokens", "mean")])
    try expectRefusal(
      here, command("means.h5", "back.h5", "--quiet"),
      "--features means.h5: the store keeps --tokens mean; inverses need all, extract it so")
    try makeStore("good.h5", good)
    try expectRefusal(
      here, command("good.h5", "back.h5", "--quiet", "--teacher-forced"),
      "--teacher-forced: there are neither pixels nor a second cut to judge the chain by; "
        + "give a store with /inputs or with more of embed, block.2")
    try expectRefusal(
      here, command("good.h5", "good.h5", "--quiet"), "--out good.h5 is the store of --features; give another")
    try expectRefusal(
      here, command("good.h5", "back.h5", "--images", "scenes/images"),
      "--images does not go with --features: a store has its own images, labels and sizes (see palimpsest reconstruct --help)"
    )
    try expectRefusal(
      here, ["reconstruct", "--inverse", "inverse", "--out", "back.h5"],
      "--model is missing; give --model and --images, or --features STORE.h5 (see palimpsest reconstruct --help)")
    #expect(!here.exists("back.h5"))
  }

  /// Inverses whose plan does not say how the model is built.
  @Test func anEarlierPlanNeedsTheModel() throws {
    try train()
    try here.extract("--quiet", images: "scenes/images", to: "vit.h5")
    var plan = try #require(
      try JSONSerialization.jsonObject(with: Data(here.bytes(of: "inverse/plan.json"))) as? [String: Any])
    #expect(plan.removeValue(forKey: "architecture") != nil)
    try here.write(Array(JSONSerialization.data(withJSONObject: plan)), to: "inverse/plan.json")
    try expectRefusal(
      here, command("vit.h5", "back.h5", "--quiet"),
      "--inverse inverse: an earlier palimpsest trained it and did not record how the model is built; "
        + "give --model beside --features")
    let outcome = try here.run(command("vit.h5", "back.h5", "--quiet", "--model", "\(Program.fixtures)/timm-vit"))
    #expect(outcome.status == 0, "\(outcome.error)")
    let other = try here.run(command("vit.h5", "other.h5", "--quiet", "--model", "\(Program.fixtures)/timm-deit3"))
    #expect(other.status == 2)
  }
}

/// Sizes of the small ViT's activations, as a store of them has them.
private enum FeatureStoreShape {
  static func tokens(_ here: Workspace) throws -> (Int, Int) {
    try here.extract("--limit", "1", "--quiet", images: "scenes/images", to: "shape.h5")
    let tap = try FeatureStore(path: here.path("shape.h5")).tap("block.2")
    return (tap.tokens, tap.channels)
  }
}
