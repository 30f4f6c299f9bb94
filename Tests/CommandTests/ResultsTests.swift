import Foundation
import Testing

/// From images to a report.
@Suite struct ResultsTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  /// Every file below a folder with its bytes.
  private func files(_ folder: String) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: here.path(folder))
    return try names.reduce(into: [:]) { files, name in
      var isDirectory: ObjCBool = false
      let path = here.path(folder) + "/" + name
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
        return
      }
      files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
  }

  @Test func storesBecomeAReportAndTheSameOneAgain() throws {
    try here.drawImages(6)
    try here.extract("--tokens", "mean", images: "scenes/images", to: "vit.h5")
    try here.extract("--tokens", "mean", images: "scenes/images", model: "hf-swin", to: "swin.h5")
    let compared = try here.run(
      "analyze", "similarity", "vit.h5", "swin.h5", "--bootstrap", "20", "--out", "results", "--json")
    #expect(compared.status == 0, "\(compared.error)")
    let rows = try #require(compared.json?["rows"] as? Int)
    let table = try here.text(of: "results/similarity.csv").split(separator: "\n")
    #expect(table.first == "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high")
    #expect(table.count == rows + 1)
    #expect(
      table.contains {
        $0.hasPrefix("vit,embed,vit,embed,cka_linear,debiased,6,1,")
          || $0.hasPrefix("vit,embed,vit,embed,cka_linear,debiased,6,1.0,")
      })
    #expect(here.exists("results/provenance.json") && here.exists("results/similarity_images.csv"))

    let reported = try here.run("report", "results/", "--out", "reports/mine/")
    #expect(reported.status == 0, "\(reported.error)")
    #expect(reported.output.hasSuffix("open HERE/reports/mine/index.html\n"), "\(reported.output)")
    let first = try files("reports/mine")
    #expect(first["index.html"]?.isEmpty == false)
    for ending in ["pdf", "svg", "png"] {
      #expect(
        first.contains { $0.key.hasPrefix("figures/") && $0.key.hasSuffix("." + ending) && $0.value.count > 1000 })
    }
    #expect(first.keys.contains { $0.hasPrefix("tables/") })
    // The page names the command that made it, so the command is the same.
    #expect(try here.run("report", "results/", "--out", "reports/mine/").status == 0)
    let second = try files("reports/mine")
    #expect(Set(first.keys) == Set(second.keys))
    #expect(first.keys.filter { first[$0] != second[$0] }.sorted() == [])
  }

  @Test func scenesDependOnTheSeedAlone() throws {
    try here.drawImages(5, in: "one", seed: 7)
    try here.drawImages(5, in: "same", seed: 7)
    try here.drawImages(5, in: "other", seed: 8)
    let one = try files("one")
    #expect(one.count >= 9)
    #expect(try files("same") == one)
    #expect(try files("other")["images/000000.png"] != one["images/000000.png"])
  }
}
