import Foundation
import HDF5
import Testing

/// Stores and results that are not what a command needs.
@Suite struct BadStoreTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  private func extract(_ model: String, _ more: [String] = [], to store: String = "store.h5") throws -> Outcome {
    try here.run(
      ["extract", "--model", Program.fixtures + "/" + model, "--images", images(of: "timm-vit"), "--out", store] + more)
  }

  @Test func aStoreOfAnotherModelOrOtherSettingsIsKept() throws {
    #expect(try extract("timm-vit").status == 0)
    let before = try here.bytes(of: "store.h5")
    for (model, more, difference) in [
      (
        "hf-vit", [],
        "model vit_base_patch16_224 (sha256 8afac34f4a1c…), this command has hf-vit (sha256 d4081c365401…)"
      ),
      ("timm-vit", ["--dtype", "float16"], "dtype float32, this command has float16"),
      (
        "timm-vit", ["--taps", "stages"],
        "taps embed, block.0, block.1, block.2, norm, logits, this command has embed, block.2, norm, logits"
      ),
      ("timm-vit", ["--tokens", "mean"], "tokens all, this command has mean"),
    ] {
      let outcome = try extract(model, more)
      #expect(outcome.status == 2)
      #expect(
        outcome.error
          == "palimpsest: the store at store.h5 was made with \(difference); give another --out or remove it\n")
    }
    #expect(try here.bytes(of: "store.h5") == before)
  }

  @Test func aStoreThatIsBeingWrittenIsLeftAlone() throws {
    let lock = open(here.path("store.h5.lock"), O_RDWR | O_CREAT, 0o644)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let outcome = try extract("timm-vit")
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "palimpsest: store.h5 is being written by another process; wait for it, or give another --out\n")
    #expect(!here.exists("store.h5"))
  }

  @Test func filesThatAreNoStoresAreTold() throws {
    try here.write("hello", to: "text.h5")
    try here.write("hello", to: "text")
    for command in [["verify"], ["inspect"], ["analyze", "similarity", "--out", "results"]] {
      try expectRefusal(here, command + ["text.h5"], "text.h5: cannot open: it is not an HDF5 file")
    }
    for command in ["verify", "inspect"] {
      try expectRefusal(here, [command, "text"], "text: neither an HDF5 store nor a safetensors file nor a bundle")
      try expectRefusal(here, [command, "nothing"], "nothing: no such file or folder")
      try here.makeFolder("empty")
      try expectRefusal(
        here, [command, "empty"],
        "empty: neither a model (model.safetensors) nor results (provenance.json) are in this folder")
    }
    #expect(!here.exists("results"))
  }

  @Test func similarityNeedsFourImagesAndTheSameOnes() throws {
    #expect(try extract("timm-vit", to: "two.h5").status == 0)
    try expectRefusal(
      here, ["analyze", "similarity", "two.h5", "--out", "results"],
      "two: similarity needs at least 4 images, there are 2; extract more images")
    try here.drawImages(5)
    try here.extract(images: "scenes/images", to: "five.h5")
    try expectRefusal(
      here, ["analyze", "similarity", "five.h5", "two.h5", "--out", "results"],
      "five and two hold different images: image 1 is '000000.png' in five and '000.png' in two; extract both stores "
        + "from the same images")
    try expectRefusal(
      here, ["analyze", "similarity", "five.h5", "--limit", "3", "--out", "results"],
      "similarity needs at least 4 images, the limit is 3")
    try expectRefusal(
      here, ["analyze", "similarity", "five.h5", "--condition", "red", "--out", "results"],
      "five.h5 has no condition 'red'; it has original")
    try expectRefusal(
      here, ["analyze", "similarity", "five.h5", "--tokens", "bad", "--out", "results"],
      "--tokens: 'bad' is unknown; give flatten, mean, prefix, grid:G, object")
    try expectRefusal(
      here, ["analyze", "similarity", "five.h5", "--measures", "bad", "--out", "results"],
      "--measures: 'bad' is unknown; give cka_linear, cka_rbf, svcca, pwcca, procrustes, procrustes_angle, rsa, rsa_tau, "
        + "mutual_knn, linear_predictivity, all")
    #expect(!here.exists("results/similarity.csv"))
  }

  @Test func reportsNeedResultsAStyleAndAFolderOfTheirOwn() throws {
    try here.makeFolder("empty")
    try expectRefusal(
      here, ["report", "empty", "--out", "report"],
      "no results in HERE/empty or the folders in it (similarity.csv, quality.csv and the like); "
        + "run 'palimpsest analyze similarity … --out HERE/empty' first")
    try expectRefusal(
      here, ["report", "nothing", "--out", "report"],
      "HERE/nothing is not a folder of results; run 'palimpsest analyze similarity … --out DIR' first")
    try here.makeFolder("results")
    let header = "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high\n"
    try here.write(header + "a,x,a,x,cka_linear,debiased,9,1.0,1.0,1.0\n", to: "results/similarity.csv")
    let outcome = try here.run("report", "results", "--out", "report", "--style", "bad")
    #expect(outcome.status == 2)
    #expect(
      outcome.error.hasSuffix("/templates/styles; there are cvpr, iclr, icml, neurips, poster, slide, tmlr\n"))
    #expect(outcome.error.hasPrefix("palimpsest: no style 'bad' in "))
    try expectRefusal(
      here, ["report", "results", "--out", "results"],
      "HERE/results is not empty and holds no report; choose another folder with --out")
    try here.write("store_a,tap_a\n", to: "results/similarity.csv")
    try expectRefusal(
      here, ["report", "results", "--out", "report"],
      "HERE/results/similarity.csv: line 1: no column 'store_b'; expected "
        + "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high")
    #expect(!here.exists("report"))
  }
}
