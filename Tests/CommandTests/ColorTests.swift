import Foundation
import Testing

/// `analyze color` as a user runs it.
@Suite struct ColorTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(6)
  }

  @Test func featuresAndReconstructionsAreMeasured() throws {
    try here.trainAndReconstruct(["--conditions", "hue+90,hue+180,hue+270,gray"])
    let measured = try here.run(
      "analyze", "color", "back.h5", "--annotations", "scenes/annotations.json", "--out", "results", "--json",
      "--bootstrap", "50")
    let note =
      "shown, usual, other and fit have no value in some regions of back under hue+180: the shown and the original colours lie "
      + "too close to one line to be told apart\n"
    #expect(measured.status == 0 && measured.error == note, "\(measured.error)")
    let rows = try here.table("results/color.csv")
    #expect(rows[0] == ["store", "condition", "tap", "metric", "value", "low", "high", "n"])
    // Four conditions, two cuts, three metrics and their baselines.
    #expect(rows.count == 1 + 4 * 2 * 6)
    #expect(rows[1].prefix(4) == ["back", "hue+90", "embed", "relative_l2"] && rows[1][7] == "6")
    #expect(measured.json?["rows"] as? Int == 48)
    #expect(try here.table("results/color_images.csv").count == 1 + 4 * 2 * 4 * 6)
    let hue = try here.table("results/hue.csv")
    #expect(hue[0] == ["store", "tap", "metric", "statistic", "value", "low", "high", "n"])
    #expect(hue.count == 1 + 2 * 3 * 8)
    let recovery = try here.table("results/recovery.csv")
    #expect(recovery[0] == ["store", "condition", "tap", "region", "metric", "value", "low", "high", "n"])
    #expect(Set(recovery.dropFirst().map { $0[1] }) == ["original", "hue+90", "hue+180", "hue+270", "gray"])
    #expect(Set(recovery.dropFirst().map { $0[3] }) == ["image", "object", "ring", "background"])
    #expect(try here.table("results/recovery_images.csv")[0].count == 7)
    #expect(try here.text(of: "results/provenance.json").contains("annotations.json"))

    // The same again, on other threads; other draws with another seed.
    func again(_ more: String...) throws -> [String] {
      let outcome = try here.run(
        [
          "analyze", "color", "back.h5", "--annotations", "scenes/annotations.json", "--out", "again", "--quiet",
          "--bootstrap", "50",
        ] + more)
      #expect(outcome.status == 0 && outcome.error == "" && outcome.output == "", "\(outcome.error)")
      return try ["color.csv", "color_images.csv", "hue.csv", "recovery.csv", "recovery_images.csv"].map {
        try here.text(of: "again/\($0)")
      }
    }
    let texts = try again()
    #expect(texts[3] == (try here.text(of: "results/recovery.csv")))
    #expect(try again("--threads", "1")[4] == texts[4])
    let seeded = try again("--seed", "5")
    #expect(seeded[0] != texts[0] && seeded[4] == texts[4])
  }

  /// Objects lie on the input where `--region objects` changed it, also where images are resized and cropped for the model.
  @Test func objectsLieWhereTheExtractionPutsThem() throws {
    try here.drawImages(4, in: "large", size: "150x110")
    try here.trainAndReconstruct(
      images: "large/images", training: ["--inverse", "mean-image"],
      ["--conditions", "permute-gbr", "--region", "objects", "--annotations", "large/annotations.json"])
    let measured = try here.run(
      "analyze", "color", "back.h5", "--annotations", "large/annotations.json", "--out", "results", "--quiet")
    #expect(measured.status == 0, "\(measured.error)")
    let changes = try here.table("results/recovery_images.csv").filter {
      $0[1] == "permute-gbr" && $0[5] == "change_input"
    }
    #expect(changes.count >= 12)
    for row in changes {
      let value = try #require(Double(row[6]))
      // Grey pixels of an object do not change.
      #expect(row[4] == "object" || row[4] == "image" ? value > 1 : value == 0, "\(row)")
    }
  }

  @Test func whatIsMissingIsSaid() throws {
    try here.extract("--taps", "embed", images: "scenes/images", to: "plain.h5")
    try expectRefusal(
      here, ["analyze", "color", "plain.h5", "--out", "results"],
      "plain.h5 holds the original images only; make more with palimpsest extract --conditions, such as red,green,blue")
    try here.extract("--taps", "embed", "--conditions", "red", images: "scenes/images", to: "red.h5")
    let measured = try here.run("analyze", "color", "red.h5", "--out", "results")
    #expect(measured.status == 0)
    #expect(
      measured.error == """
        hue.csv has nothing of red: a hue curve needs turns at most 120° apart and at least three, there are none; \
        extract with --conditions hue+30,hue+60,…,hue+330
        recovery.csv has nothing of red: there are no reconstructions; make them with palimpsest reconstruct \
        --conditions red

        """)
    #expect(!here.exists("results/hue.csv") && !here.exists("results/recovery.csv"))
    try here.write(#"{"images": [], "annotations": [], "categories": []}"#, to: "other.json")
    try expectRefusal(
      here, ["analyze", "color", "red.h5", "--annotations", "other.json", "--out", "other"],
      "--annotations other.json names none of the images of red.h5, the first is 000000.png; give the annotations of "
        + "the same folder of images")
    #expect(!here.exists("other"))
  }
}
