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
    if means.count >= 4 {
      let alike = try here.run("analyze", "similarity", "results/prototypes-vit.h5", "--out", "alike")
      #expect(alike.status == 0, "\(alike.error)")
    }
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
}
