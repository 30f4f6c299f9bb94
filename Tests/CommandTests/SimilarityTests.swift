import Foundation
import Testing

/// `analyze similarity` as a user runs it.
@Suite struct SimilarityTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(12, size: "80x64")
  }

  private func rows(_ name: String) throws -> [[String]] {
    try here.text(of: name).split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func everyMeasureAndModeInOneRun() throws {
    try here.extract(images: "scenes/images", to: "vit.h5")
    try here.extract(images: "scenes/images", model: "hf-swin", to: "swin.h5")
    let outcome = try here.run(
      "analyze", "similarity", "vit.h5", "swin.h5", "--measures", "all", "--variance", "0.5", "--neighbours", "3",
      "--permutations", "4", "--bootstrap", "5", "--tokens", "mean,object,grid:2", "--annotations",
      "scenes/annotations.json", "--out", "results", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    let tables = ["similarity", "similarity_object", "similarity_grid-2"]
    let counts = try tables.map { try rows("results/\($0).csv").count - 1 }
    #expect(counts.allSatisfy { $0 > 50 } && outcome.json?["rows"] as? Int == counts.reduce(0, +))
    for (table, count) in zip(tables, counts) {
      let own = try rows("results/\(table).csv")
      #expect(own[0].joined(separator: ",") == "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high")
      #expect(
        Set(own.dropFirst().map { $0[4] + " " + $0[5] }) == [
          "cka_linear debiased", "cka_rbf debiased", "svcca truncated", "pwcca truncated", "procrustes exact",
          "procrustes_angle exact", "rsa spearman", "rsa_tau tau_a", "mutual_knn cosine",
          "linear_predictivity b_from_a",
          "linear_predictivity a_from_b",
        ])
      for row in own.dropFirst() where !row[7].isEmpty {
        let value = try #require(Double(row[7]))
        #expect(value < (row[4] == "procrustes_angle" ? 1.5708 : 1 + 1e-9), "\(row)")
        #expect(value > -1 - 1e-9 || row[4] == "linear_predictivity", "\(row)")
      }
      let null = try rows("results/\(table.replacing("similarity", with: "similarity_null")).csv")
      #expect(null.count == count + 1 && null.dropFirst().allSatisfy { $0[7] == "4" })
    }
    // Objects lie in part of the image only.
    #expect(try here.text(of: "results/similarity.csv") != here.text(of: "results/similarity_object.csv"))
    let modes = try rows("results/token_modes.csv")
    #expect(modes.count == counts.reduce(0, +) + 1 && modes[0].suffix(2) == ["is_best", "changes"])
    let conclusions = try rows("results/token_conclusions.csv")
    #expect(conclusions[0].last == "changes" && (conclusions.count - 1) % 3 == 0 && conclusions.count > 4)
    let provenance = try here.text(of: "results/provenance.json")
    for name in ["token_modes.csv", "similarity_null_object.csv", "annotations.json"] {
      #expect(provenance.contains(name), "\(name)")
    }
    #expect(try here.run("report", "results", "--out", "report").status == 0)
  }

  @Test func whatObjectsNeedIsSaid() throws {
    try here.extract(images: "scenes/images", to: "vit.h5")
    try here.drawImages(2, in: "other", seed: 4, size: "32x32")
    func refused(_ arguments: [String], _ sentence: String) throws {
      try expectRefusal(
        here, ["analyze", "similarity", "vit.h5", "--tokens", "object", "--out", "results"] + arguments, sentence)
    }
    try refused(
      [], "--tokens object needs to know where the objects are; give --annotations FILE (COCO instances)")
    let text = try here.text(of: "scenes/annotations.json")
    try here.write(text.replacing(".png", with: ".jpg"), to: "none.json")
    try refused(
      ["--annotations", "none.json"],
      "none.json describes none of the images of vit.h5, such as '000000.png'; give the annotations of the images that "
        + "were extracted")
    try expectRefusal(
      here, ["analyze", "similarity", "vit.h5", "--tokens", "mean,all", "--out", "results"],
      "--tokens: 'all' is unknown; give flatten, mean, prefix, grid:G, object")
    try expectRefusal(
      here, ["analyze", "similarity", "vit.h5", "--measures", "cca", "--out", "results"],
      "--measures: 'cca' is unknown (did you mean 'svcca'?); give cka_linear, cka_rbf, svcca, pwcca, procrustes, procrustes_angle, "
        + "rsa, rsa_tau, mutual_knn, linear_predictivity, all")
  }
}
