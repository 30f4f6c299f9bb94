import Activations
import Foundation
import Testing

/// `analyze prototypes` as a user runs it.
@Suite struct PrototypesTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(60)
    let outcome = try here.run(
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--labels",
      "scenes/labels.csv", "--out", "vit.h5", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test func prototypesAreMeasuredAndLedBack() throws {
    let trained = try here.run(
      "train", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--inverse", "ridge", "--out",
      "inverse", "--threads", "1")
    #expect(trained.status == 0, "\(trained.error)")
    let outcome = try here.run(
      "analyze", "prototypes", "vit.h5", "--inverse", "inverse", "--out", "results", "--permutations", "10", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    let table = try here.text(of: "results/prototypes.csv")
    #expect(table.hasPrefix("store,tap,metric,value,low,high,n\nvit,embed,separability,"))
    #expect(table.contains("vit,block.2,nearest_accuracy_shuffled,"))
    let means = try FeatureStore(path: here.path("results/prototypes-vit.h5"))
    let back = try FeatureStore(path: here.path("results/prototypes-vit-back.h5"))
    #expect(means.imagePaths == back.imagePaths && means.count >= 2)
    #expect(try back.reconstructions(of: "original") == ["embed", "block.2"])
    for tap in ["embed", "block.2"] {
      for name in means.imagePaths { #expect(here.exists("results/prototypes-vit/\(tap)/\(name).png")) }
    }
    #expect(try here.run("verify", "results/prototypes-vit.h5").status == 0)
    // The prototypes are a store like any other: how alike they are is similarity's to say.
    try #require(means.count >= 4)
    let alike = try here.run("analyze", "similarity", "results/prototypes-vit.h5", "--out", "alike")
    #expect(alike.status == 0, "\(alike.error)")
  }

  @Test func anInverseOfAnotherModelIsRefused() throws {
    let trained = try here.run(
      "train", "--model", Program.fixtures + "/timm-swin", "--images", "scenes/images", "--inverse", "mean-image",
      "--out", "other", "--threads", "1")
    #expect(trained.status == 0, "\(trained.error)")
    try expectRefusal(
      here, ["analyze", "prototypes", "vit.h5", "--inverse", "other", "--out", "results"],
      "--inverse other inverts another model than those of vit.h5; give the inverses of a store's model")
  }

  @Test func aDetectorShowsItsClassesAtPlaces() throws {
    let model = Program.zoo + "/detr"
    try here.drawImages(30, in: "large", size: "160x160")
    let common = ["--model", model, "--images", "large/images", "--quiet", "--threads", "1"]
    let trained = try here.run(["train", "--out", "inverse", "--inverse", "ridge"] + common)
    #expect(trained.status == 0, "\(trained.error)")
    let extracted = try here.run(
      ["extract", "--out", "detr.h5", "--taps", "logits,boxes", "--labels", "large/labels.csv"] + common)
    #expect(extracted.status == 0, "\(extracted.error)")
    let outcome = try here.run(
      "analyze", "prototypes", "detr.h5", "--inverse", "inverse", "--places", "2x3", "--classes", "banana,car",
      "--model", model, "--out", "results", "--permutations", "2", "--bootstrap", "20", "--json", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
    // No object, and two classes at six places.
    #expect(outcome.json?["placed"] as? Int == 13)
    let asked = try FeatureStore(path: here.path("results/places-detr.h5"))
    let back = try FeatureStore(path: here.path("results/places-detr-back.h5"))
    #expect(asked.imagePaths == back.imagePaths && asked.count == 13 && asked.classes == ["banana", "car"])
    #expect(asked.imagePaths.prefix(3) == ["no object", "banana/1-1", "banana/1-2"])
    #expect(try back.reconstructions(of: "original") == ["boxes"])
    let pictures = try (0..<13).map { try back.readReconstruction(tap: "boxes", row: $0) }
    #expect(Set(pictures).count == 13, "every class and place has a picture of its own")
    #expect(here.exists("results/places-detr/boxes/banana-2-3.png"))
    let images = try here.text(of: "results/places_images.csv").split(separator: "\n")
    #expect(images[0] == "store,class,place,query,center_x,center_y,width,height,metric,value")
    #expect(images.count == 1 + 12 * 5)
    let table = try here.text(of: "results/places.csv")
    #expect(table.hasPrefix("store,class,metric,value,low,high,n\ndetr,banana,change_inside,"))
    #expect(table.contains("\ndetr,all,class_difference,") && table.contains("\ndetr,all,found_iou,"))
    #expect(try here.run("verify", "results/places-detr.h5").status == 0)
    #expect(try here.text(of: "results/provenance.json").contains("places-detr-back.h5"))
    try withoutPlaces(model)
  }

  private func withoutPlaces(_ model: String) throws {
    let outcome = try here.run(
      "analyze", "prototypes", "detr.h5", "--inverse", "inverse", "--places", "none", "--out", "results",
      "--permutations", "0", "--bootstrap", "0", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.json?["placed"] as? Int == 0)
    #expect(!here.exists("results/places.csv"))
    try expectRefusal(
      here,
      ["analyze", "prototypes", "detr.h5", "--inverse", "inverse", "--classes", "unicorn", "--out", "other"],
      "the model of detr.h5 has no class 'unicorn'; it has stop sign, banana, orange, strawberry, frog, cactus, whale, "
        + "pumpkin, car, mug, vase, balloon, rocket, fish, butterfly, mushroom, umbrella, star badge, hexagon badge, "
        + "striped ball, dotted ball, checkered ball, smooth hat, knitted hat")
    try expectRefusal(
      here, ["analyze", "prototypes", "vit.h5", "--places", "2x2", "--out", "other"],
      "--places: no store here is a detector's with inverses that reconstruct from its boxes; give a store of DETR with "
        + "logits and boxes, and with --inverse what train wrote for it")
    try expectRefusal(
      here, ["analyze", "prototypes", "vit.h5", "--place-size", "2x1", "--out", "other"],
      "--place-size is '2x1'; give two shares of the picture above 0, at most 1, such as 0.3x0.3 "
        + "(see palimpsest analyze prototypes --help)")
  }
}
