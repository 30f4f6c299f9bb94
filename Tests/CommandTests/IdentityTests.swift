import Activations
import Foundation
import HDF5
import Testing

/// Two folders of other pictures with the same names are nowhere taken for one another.
@Suite struct IdentityTests {
  let here: Workspace
  private static let model = Program.fixtures + "/timm-vit"

  init() throws {
    here = try Workspace()
    try here.drawImages(8)
    try here.drawImages(8, in: "others", seed: 11)
    // Of both folders the first image is the same.
    try FileManager.default.removeItem(atPath: here.path("others/images/000000.png"))
    try FileManager.default.copyItem(
      atPath: here.path("scenes/images/000000.png"), toPath: here.path("others/images/000000.png"))
  }

  private func extract(_ images: String, _ out: String, _ more: String...) throws -> Outcome {
    try here.run(["extract", "--model", Self.model, "--images", images, "--out", out, "--threads", "1"] + more)
  }

  private func train(_ images: String, _ out: String, _ more: String...) throws -> Outcome {
    try here.run(
      [
        "train", "--model", Self.model, "--images", images, "--out", out, "--threads", "1", "--inverse", "ridge",
        "--quiet",
      ] + more)
  }

  @Test(arguments: [[], ["--compression", "deflate:1"]])
  func aFinishedStoreIsNotThatOfOtherImages(storage: [String]) throws {
    func extract(_ images: String) throws -> Outcome {
      try here.run(["extract", "--model", Self.model, "--images", images, "--out", "r.h5"] + storage)
    }
    #expect(try extract("scenes/images").status == 0)
    let before = try here.bytes(of: "r.h5")
    let other = try extract("others/images")
    #expect(other.status == 2)
    #expect(
      other.error.contains(
        "palimpsest: the images at others/images are not those of the store r.h5 (first: 000001.png); give another --out, or "
          + "the images of the store\n"), "\(other.error)")
    #expect(try here.bytes(of: "r.h5") == before)
    let same = try extract("scenes/images")
    #expect(same.status == 0 && same.output.contains("complete already; nothing to do"))
    // The digests are those of the files, as any other program makes them.
    let store = try FeatureStore(path: here.path("r.h5"))
    #expect(Set(store.imageContents.compactMap { $0?.description }).count == 8)
  }

  /// As an earlier version wrote it: known by the pixels that the model saw.
  @Test func aStoreWithoutDigestsIsKnownByItsPixels() throws {
    #expect(try extract("scenes/images", "r.h5", "--taps", "embed").status == 0)
    do {
      let file = try HDF5File.open(here.path("r.h5"), mode: .readWrite, isTrusted: true)
      // The writer goes on without digests where the checksums are not over them.
      try file.setAttribute("covers", of: "/checksums/images", to: .strings(["size", "error"]))
      try file.dataset("/images/sha256").writeStrings([String](repeating: "", count: 8))
      try file.flush()
    }
    let other = try extract("others/images", "r.h5", "--taps", "embed")
    #expect(other.status == 2)
    #expect(other.error.contains("are not those of the store r.h5 (first: 000001.png)"), "\(other.error)")
    #expect(try extract("scenes/images", "r.h5", "--taps", "embed").status == 0)
  }

  @Test func reconstructionsAreNotThoseOfOtherImages() throws {
    #expect(try train("scenes/images", "inverse").status == 0)
    func reconstruct(_ images: String) throws -> Outcome {
      try here.run(
        "reconstruct", "--model", Self.model, "--inverse", "inverse", "--images", images, "--out", "back.h5", "--quiet")
    }
    #expect(try reconstruct("scenes/images").status == 0)
    let other = try reconstruct("others/images")
    #expect(other.status == 2)
    #expect(other.error.contains("not those of the store back.h5 (first: 000001.png)"), "\(other.error)")
  }

  @Test func aTrainingIsNotThatOfOtherImages() throws {
    #expect(try train("scenes/images", "inverse").status == 0)
    let plan = try here.text(of: "inverse/plan.json")
    let other = try train("others/images", "inverse")
    #expect(other.status == 2)
    #expect(
      other.error.contains(
        "palimpsest: the images at others/images are not those of the training in inverse (first: 000001.png); choose another "
          + "--out, or give the images of that training to go on\n"), "\(other.error)")
    #expect(try here.text(of: "inverse/plan.json") == plan)
    #expect(try train("scenes/images", "inverse").status == 0)
    // A store of the same images stands for them.
    #expect(try extract("scenes/images", "vit.h5").status == 0)
    let stored = try here.run(
      "train", "--model", Self.model, "--features", "vit.h5", "--out", "stored", "--inverse", "ridge", "--quiet")
    #expect(stored.status == 0, "\(stored.error)")
    func digest(_ folder: String) throws -> String? {
      let object = try JSONSerialization.jsonObject(with: Data(here.bytes(of: "\(folder)/plan.json"))) as? [String: Any]
      return object?["imagesSHA256"] as? String
    }
    #expect(try digest("stored") == digest("inverse"))
  }

  /// A plan of an earlier version knows names alone: the training goes on, and it is said.
  @Test func aPlanOfAnEarlierVersionGoesOn() throws {
    #expect(try train("scenes/images", "inverse").status == 0)
    var plan = try here.text(of: "inverse/plan.json")
    func value(_ key: String) throws -> String {
      let object = try JSONSerialization.jsonObject(with: Data(plan.utf8)) as? [String: Any]
      return try #require(object?[key] as? String)
    }
    let (paths, whole) = (try value("imagePathsSHA256"), try value("imagesSHA256"))
    plan = plan.replacing("  \"imagePathsSHA256\" : \"\(paths)\",\n", with: "").replacing(whole, with: paths)
    #expect(!plan.contains("imagePathsSHA256"))
    try here.write(plan, to: "inverse/plan.json")
    let again = try here.run(
      "train", "--model", Self.model, "--images", "scenes/images", "--out", "inverse", "--threads", "1", "--inverse",
      "ridge")
    #expect(again.error.contains("does not record what the images hold"), "\(again.error)")
  }

  @Test func trainingsOnOtherImagesAreNotCompared() throws {
    #expect(try train("scenes/images", "one").status == 0)
    #expect(try train("others/images", "two").status == 0)
    let compared = try here.run("analyze", "efficiency", "one", "two", "--out", "results")
    #expect(compared.status == 0)
    let note = "two validates on other images than one: their errors cannot be compared and are not"
    #expect(compared.error.contains(note), "\(compared.error)")
    let equal = try here.table("results/efficiency_equal.csv").dropFirst()
    // What is left is one training, which has nothing to be compared with.
    #expect(equal.isEmpty, "\(equal)")
    #expect(try here.text(of: "results/provenance.json").contains("\"\(note)\""))
    #expect(try here.run("report", "results", "--out", "report").status == 0)
    #expect(try here.text(of: "report/index.html").contains("<p class=\"warning\"><strong>Note.</strong> \(note)</p>"))
  }

  @Test func storesOfOtherImagesAreNotPaired() throws {
    #expect(try extract("scenes/images", "a.h5", "--taps", "embed,block.2").status == 0)
    #expect(try extract("others/images", "b.h5", "--taps", "embed,block.2").status == 0)
    let similarity = try here.run("analyze", "similarity", "a.h5", "b.h5", "--tokens", "mean", "--out", "results")
    let refusal =
      "palimpsest: the images of b are not those of a, though they have the same names (first: 000001.png); make both "
      + "stores of the same images\n"
    #expect(similarity.status == 2)
    #expect(similarity.error.hasSuffix(refusal), "\(similarity.error)")
    #expect(try train("scenes/images", "inverse").status == 0)
    for (store, images) in [("a-back", "scenes/images"), ("b-back", "others/images")] {
      let made = try here.run(
        "reconstruct", "--model", Self.model, "--inverse", "inverse", "--images", images, "--out", "\(store).h5",
        "--quiet")
      #expect(made.status == 0, "\(made.error)")
    }
    for analysis in [["quality", "--metrics", "psnr"], ["detail"]] {
      let outcome = try here.run(
        ["analyze", analysis[0], "a-back.h5", "b-back.h5", "--out", "results-\(analysis[0])"] + analysis.dropFirst())
      #expect(outcome.status == 2, "\(analysis[0])")
      #expect(outcome.error.contains("the images of b-back are not those of a-back"), "\(outcome.error)")
    }
  }

  /// `scenes` writes into labels and annotations what the pictures' files hold.
  @Test func labelsAndAnnotationsAreOfTheirOwnPictures() throws {
    func refusal(_ what: String, _ key: String) -> String {
      "palimpsest: the images at scenes/images are not those of the \(what) (first: 000000.png); give the "
        + "\(what.prefix { $0 != " " }) of these images, or leave out the \(key) sha256\n"
    }
    let labels = try extract("scenes/images", "a.h5", "--labels", "others/labels.csv")
    #expect(
      labels.status == 2 && labels.error.hasSuffix(refusal("labels others/labels.csv", "column")), "\(labels.error)")
    let objects = ["--region", "objects", "--conditions", "gray", "--annotations"]
    let annotations = try here.run(
      ["extract", "--model", Self.model, "--images", "scenes/images", "--out", "a.h5"] + objects + [
        "others/annotations.json"
      ])
    #expect(annotations.status == 2)
    #expect(annotations.error.hasSuffix(refusal("annotations others/annotations.json", "key")), "\(annotations.error)")
    #expect(!here.exists("a.h5"))
    let own = try here.run(
      [
        "extract", "--model", Self.model, "--images", "scenes/images", "--out", "a.h5", "--labels", "scenes/labels.csv",
      ] + objects + ["scenes/annotations.json"])
    #expect(own.status == 0, "\(own.error)")
    for analysis in [["similarity", "--tokens", "object"], ["color"]] {
      func run(_ file: String) throws -> Outcome {
        try here.run(["analyze"] + analysis + ["a.h5", "--annotations", file, "--out", "results-\(analysis[0])"])
      }
      let other = try run("others/annotations.json")
      #expect(other.status == 2, "\(analysis[0])")
      #expect(
        other.error.hasSuffix(
          "the images of a.h5 are not those of the annotations others/annotations.json, though they have the same names "
            + "(first: 000000.png); give the annotations of these images, or leave out the key sha256\n"),
        "\(other.error)")
      #expect(try run("scenes/annotations.json").status == 0, "\(analysis[0])")
    }
  }

  /// A damaged picture is skipped as without annotations.
  @Test func aDamagedPictureIsNoOtherPicture() throws {
    let path = here.path("scenes/images/000003.png")
    try Data(contentsOf: URL(fileURLWithPath: path)).prefix(100).write(to: URL(fileURLWithPath: path))
    let outcome = try extract("scenes/images", "a.h5", "--labels", "scenes/labels.csv", "--limit", "5")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("000003.png"), "\(outcome.error)")
  }

  @Test func resultsOfOtherImagesAreToldApartInOneReport() throws {
    #expect(try train("scenes/images", "inverse").status == 0)
    for (store, images) in [("a", "scenes/images"), ("b", "others/images")] {
      let made = try here.run(
        "reconstruct", "--model", Self.model, "--inverse", "inverse", "--images", images, "--out", "\(store).h5",
        "--quiet")
      #expect(made.status == 0, "\(made.error)")
      let analyzed = try here.run("analyze", "quality", "\(store).h5", "--metrics", "psnr", "--out", "results/\(store)")
      #expect(analyzed.status == 0, "\(analyzed.error)")
    }
    let report = try here.run("report", "results", "--out", "report")
    let warning =
      "The images of b (b) are not those of a (a), though they have the same names: what differs between them may be the "
      + "images' doing."
    #expect(report.status == 0 && report.error.contains(warning), "\(report.error)")
    let page = try here.text(of: "report/index.html")
    #expect(page.contains(warning.replacing("'", with: "&#39;")))
    #expect(page.contains("8 images each, not the same ones"))
  }

  /// Size and preprocessing are those of the training.
  @Test func reconstructTakesSizeAndPreprocessingFromThePlan() throws {
    let trained = try train("scenes/images", "inverse", "--size", "32x32", "--preprocess", "paper")
    #expect(trained.status == 0, "\(trained.error)")
    func reconstruct(_ more: String...) throws -> Outcome {
      try here.run(
        [
          "reconstruct", "--model", Self.model, "--inverse", "inverse", "--images", "scenes/images", "--out", "back.h5",
          "--quiet",
        ] + more)
    }
    let size = try reconstruct("--size", "64x64")
    #expect(size.status == 2)
    #expect(
      size.error.contains("--size 64x64: --inverse inverse was trained for inputs of 32x32; leave --size out"),
      "\(size.error)")
    let profile = try reconstruct("--preprocess", "native")
    #expect(profile.status == 2)
    #expect(
      profile.error.contains("--preprocess native is ") && profile.error.contains("leave --preprocess out"),
      "\(profile.error)")
    #expect(!here.exists("back.h5"))
    #expect(try reconstruct().status == 0)
    let store = try FeatureStore(path: here.path("back.h5"))
    #expect(try store.inputSize()?.width == 32)
    #expect(try reconstruct("--size", "32x32", "--preprocess", "paper").status == 0)
  }
}
