import Activations
import Foundation
import HDF5
import Testing

/// Features as the reference implementations give them, and every option that changes what is kept.
@Suite struct ExtractTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  private func store(_ name: String) throws -> FeatureStore { try FeatureStore(path: here.path(name)) }

  @Test(arguments: [
    "timm-vit", "hf-vit", "timm-vit-sharded", "timm-deit3", "timm-deit-distilled", "hf-deit", "timm-swin", "hf-swin",
    "hf-detr", "detr-timm-backbone", "detr-original-names",
  ])
  func everyTapEqualsTheReference(fixture: String) throws {
    try here.extract(images: images(of: fixture), model: fixture, to: "store.h5")
    let errors = try errorsOfTaps(here.path("store.h5"), against: fixture)
    #expect(errors.count >= 4)
    #expect(errors.filter { !($0.value <= 1e-5) }.isEmpty, "\(errors)")
    #expect(try here.run("verify", "store.h5", "--quiet").status == 0)
  }

  /// What is kept of an image depends on no other image: each is computed at its own size, and padded in the store alone.
  @Test func nativeSizeOfDETRIsEachImagesOwn() throws {
    let together = images(of: "detr-padding-mask")
    try here.extract("--size", "native", images: together, model: "detr-padding-mask", to: "together.h5")
    let all = try store("together.h5")
    for (row, name) in all.imagePaths.enumerated() {
      try here.makeFolder("alone-\(row)")
      try here.copy(together + "/" + name, to: "alone-\(row)/\(name)")
      try here.extract("--size", "native", images: "alone-\(row)", model: "detr-padding-mask", to: "alone-\(row).h5")
      let alone = try store("alone-\(row).h5")
      for tap in ["logits", "boxes", "decoder.1"] {
        #expect(try all.readRows(tap: tap, rows: [row]) == alone.readRows(tap: tap, rows: [0]), "\(name) \(tap)")
      }
    }
    let sizes = try (0..<all.count).map { try store("alone-\($0).h5").inputSize() }
    #expect(Set(sizes).count > 1 && all.count > 1)
  }

  @Test func compressionChangesNoNumber() throws {
    try here.extract(images: images(of: "timm-vit"), to: "plain.h5")
    let plain = try StoreContents(here.path("plain.h5"))
    try here.extract("--compression", "deflate", images: images(of: "timm-vit"), to: "small.h5")
    #expect(try StoreContents(here.path("small.h5")).differences(from: plain) == [])
    #expect(try HDF5File.open(here.path("small.h5")).dataset("/features/original/norm").filters.count == 2)
    #expect(try here.run("verify", "small.h5").status == 0)
  }

  @Test func halfPrecisionRoundsTheNumbers() throws {
    try here.extract("--dtype", "float16", images: images(of: "timm-vit"), to: "half.h5")
    let half = try HDF5File.open(here.path("half.h5")).dataset("/features/original/norm")
    #expect(half.elementSize == 2)
    let errors = try errorsOfTaps(here.path("half.h5"), against: "timm-vit")
    #expect(errors.filter { !($0.value <= 1e-3 && $0.value > 1e-6) }.isEmpty, "\(errors)")
  }

  @Test func tokensAndTapsAreReduced() throws {
    try here.extract(images: images(of: "timm-deit-distilled"), model: "timm-deit-distilled", to: "all.h5")
    try here.extract(
      "--tokens", "mean", images: images(of: "timm-deit-distilled"), model: "timm-deit-distilled", to: "mean.h5")
    try here.extract(
      "--tokens", "prefix", images: images(of: "timm-deit-distilled"), model: "timm-deit-distilled", to: "prefix.h5")
    func values(_ name: String) throws -> HDF5Dataset {
      try HDF5File.open(here.path(name)).dataset("/features/original/block.1")
    }
    let all = try values("all.h5").read(Float.self)
    let mean = try values("mean.h5")
    let prefix = try values("prefix.h5")
    #expect(mean.shape == [2, 1, 48])
    #expect(prefix.shape == [2, 2, 48])
    // Image 0: two prefix tokens, then sixteen whose mean is kept.
    #expect(try prefix.read(Float.self).prefix(96).elementsEqual(all.prefix(96)))
    let kept = try mean.read(Float.self)
    for channel in 0..<48 {
      let sum = (2..<18).reduce(0.0) { $0 + Double(all[$1 * 48 + channel]) }
      #expect(abs(sum / 16 - Double(kept[channel])) < 1e-5)
    }
    try here.extract("--taps", "stages", images: images(of: "timm-swin"), model: "timm-swin", to: "stages.h5")
    #expect(try store("stages.h5").taps().map(\.name) == ["embed", "stage.0", "stage.1", "stage.2", "norm", "logits"])
    try here.extract("--taps", "norm,embed", images: images(of: "timm-vit"), to: "named.h5")
    #expect(try store("named.h5").taps().map(\.name) == ["embed", "norm"])
  }

  @Test func conditionsActInsideTheirRegion() throws {
    try here.drawImages(3)
    try here.extract(
      "--annotations", "scenes/annotations.json", "--region", "objects", "--conditions", "gray,hue+120",
      images: "scenes/images", to: "objects.h5")
    try here.extract("--conditions", "gray", images: "scenes/images", to: "whole.h5")
    let some = try store("objects.h5")
    let all = try store("whole.h5")
    #expect(some.conditions == ["original", "gray", "hue+120"])
    for row in 0..<3 {
      let original = try some.readInput(row: row)
      let partly = try some.readInput(condition: "gray", row: row)
      let wholly = try all.readInput(condition: "gray", row: row)
      #expect(try all.readInput(row: row) == original)
      #expect(partly != original && partly != wholly)
      for pixel in stride(from: 0, to: original.count, by: 3) {
        let place = pixel..<pixel + 3
        #expect(partly[place] == original[place] || partly[place] == wholly[place])
        #expect(Set(wholly[place]).count == 1)
      }
    }
  }

  @Test func whatCannotBeReadIsSkippedNamedCountedAndRecorded() throws {
    let good = images(of: "timm-vit")
    try here.makeFolder("photos/sub folder")
    try here.copy(good + "/000.png", to: "photos/a \"quoted\" name.png")
    try here.copy(good + "/001.png", to: "photos/sub folder/größe 图.png")
    try here.copy(good + "/001.png", to: "photos/two\nlines.png")
    try here.write("no image", to: "photos/broken\nname.jpg")
    try here.write("", to: "photos/empty.png")
    let outcome = try here.extract(images: "photos", to: "store.h5")
    #expect(
      outcome.error == """
        skipped broken\\nname.jpg: is not JPEG, PNG, WebP, BMP or TIFF by its content; convert it to one of them
        skipped empty.png: is empty

        """)
    #expect(outcome.output.hasSuffix("; 2 images could not be read\n"))
    let store = try store("store.h5")
    #expect(
      store.imagePaths == [
        "a \"quoted\" name.png", "broken\nname.jpg", "empty.png", "sub folder/größe 图.png", "two\nlines.png",
      ])
    #expect(
      store.errors == [
        "", "is not JPEG, PNG, WebP, BMP or TIFF by its content; convert it to one of them", "is empty", "", "",
      ])
    #expect(try store.completeRows() == [0, 3, 4])
    #expect(try here.run("verify", "store.h5").status == 0)

    // Also where an earlier run did the work.
    let strict = try here.run(
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", "photos", "--out", "store.h5", "--strict",
      "--quiet")
    #expect(strict.status == 2)
    #expect(
      strict.error
        == "palimpsest: 2 of 5 images could not be read (--strict); repair or remove them, the first is "
        + "broken\\nname.jpg: is not JPEG, PNG, WebP, BMP or TIFF by its content; convert it to one of them\n")
  }

  @Test func labelsAndALimitAreKept() throws {
    try here.drawImages(4)
    try here.write("path,label\n000001.png,dog\n000000.png,cat\n", to: "labels.csv")
    try here.extract("--labels", "labels.csv", "--limit", "3", images: "scenes/images/", to: "store.h5")
    let store = try store("store.h5")
    #expect(store.count == 3)
    #expect(store.classes == ["cat", "dog"])
    #expect(store.labels == [0, 1, -1])
  }

  /// `scripts/fixtures/samples.py` says which.
  @Test func aSampleIsDrawnByTheSeedAndSaid() throws {
    try here.drawImages(6)
    let drawn = try here.extract("--sample", "2", "--seed", "7", images: "scenes/images/", to: "store.h5")
    #expect(drawn.error.contains("a random sample of 2 of 6 pictures is taken (--sample 2:7)"))
    #expect(try store("store.h5").imagePaths == ["000002.png", "000005.png"])
    #expect(
      try store("store.h5").attribute("notes")?.contains("a random sample of 2 of 6 pictures is taken (--sample 2:7)")
        == true)
    try here.extract("--sample", "2:7", "--seed", "1", "--quiet", images: "scenes/images/", to: "same.h5")
    #expect(try store("same.h5").imagePaths == ["000002.png", "000005.png"])
  }

  @Test func anotherSizeIsUsed() throws {
    try here.extract("--size", "160x96", images: images(of: "hf-detr"), model: "hf-detr", to: "store.h5")
    #expect(try store("store.h5").inputSize()?.shape == [96, 160])
    #expect(try store("store.h5").tap("projection").grid?.shape == [3, 5])
    let larger = try here.extract("--size", "96x80", images: images(of: "timm-vit"), to: "larger.h5")
    #expect(larger.error == "the model is made for 64×64 and sees 96×80: its position embeddings are interpolated\n")
  }

  @Test func randomWeightsDependOnTheSeedAlone() throws {
    for (name, seed) in [("one.h5", "1"), ("again.h5", "1"), ("two.h5", "2")] {
      try here.extract("--control", "random-weights", "--seed", seed, images: images(of: "timm-vit"), to: name)
    }
    let one = try StoreContents(here.path("one.h5"))
    #expect(try StoreContents(here.path("again.h5")) == one)
    #expect(try StoreContents(here.path("two.h5")).differences(from: one).contains("/features/original/embed"))
    let errors = try errorsOfTaps(here.path("one.h5"), against: "timm-vit")
    #expect(errors.allSatisfy { $0.value > 0.1 })
  }

  @Test func linksAndOtherFoldersWorkAsTheModelItself() throws {
    try here.extract(images: images(of: "timm-vit"), to: "straight.h5")
    symlink(Program.fixtures + "/timm-vit", here.path("link"))
    symlink(try Program.path.get(), here.path("palimpsest"))
    let outcome = try here.run(
      "extract", "--model", "link/", "--images", "link/images/", "--out", "./linked.h5",
      program: here.path("palimpsest"))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try StoreContents(here.path("linked.h5")) == StoreContents(here.path("straight.h5")))
  }

  @Test func jsonStandsAloneAndQuietSaysNothing() throws {
    let command = ["extract", "--model", Program.fixtures + "/timm-vit", "--images", images(of: "timm-vit"), "--out"]
    let machine = try here.run(command + ["a.h5", "--json"])
    #expect(machine.json?["images"] as? Int == 2)
    #expect(machine.json?["taps"] as? Int == 6)
    let quiet = try here.run(command + ["b.h5", "--quiet"])
    #expect(quiet.output == "" && quiet.error == "" && quiet.status == 0)
    for arguments in [
      ["inspect", "a.h5"], ["verify", "a.h5"], ["inspect", Program.fixtures + "/timm-vit"],
      ["verify", Program.fixtures + "/timm-vit"],
    ] {
      let outcome = try here.run(arguments + ["--json"])
      #expect(outcome.json != nil && outcome.status == 0, "\(outcome.output)")
      let silent = try here.run(arguments + ["--quiet"])
      #expect(silent.output == "" && silent.error == "" && silent.status == 0)
    }
  }
}
