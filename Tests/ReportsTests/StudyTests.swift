import Foundation
import Reports
import Testing

/// Models and methods look the same in all figures, and depth is that of the model.
@Suite struct StudyTests {
  /// The content of a figure's record.
  private func content(_ folder: ResultsFolder, _ figure: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.output.appendingPathComponent("data/\(figure).json"))
    let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let outer = try #require(record["content"] as? [String: Any])
    return try #require(outer["content"] as? [String: Any])
  }

  private func panels(_ content: [String: Any]) throws -> [[String: Any]] {
    try #require(content["panels"] as? [[String: Any]])
  }

  private func series(_ panel: [String: Any]) throws -> [[String: Any]] {
    try #require(panel["series"] as? [[String: Any]])
  }

  /// Two models and two inverses; the third block is all that is there of twelve.
  private func write(_ folder: ResultsFolder) throws {
    var table = qualityHeader
    for (place, store) in ["vit-learned", "deit-learned", "vit-ridge", "deit-ridge"].enumerated() {
      for (tap, value) in [("embed", 30.0), ("block.2", 20)] {
        table += "\(store),original,\(tap),psnr,\(value - Double(place)),\(value - 5),\(value + 5),64\n"
        table += "\(store),original,\(tap),ssim,0.5,0.4,0.6,64\n"
      }
    }
    try folder.write(table, "quality.csv")
    let stores = [("vit-learned", "aa"), ("deit-learned", "bb"), ("vit-ridge", "aa"), ("deit-ridge", "bb")].map {
      #"{"name":"\#($0.0)","checkpoint_sha256":"\#($0.1)","taps":["embed","block.2"],"parents":["","embed"],"roles":["trunk","trunk"]}"#
    }
    let all = (["embed"] + (0..<12).map { "block.\($0)" }).map { "\"\($0)\"" }.joined(separator: ",")
    let full = [("vit", "aa"), ("deit", "bb")].map {
      #"{"name":"\#($0.0)","checkpoint_sha256":"\#($0.1)","taps":[\#(all)]}"#
    }
    try folder.write(
      #"{"format":"palimpsest.provenance","version":1,"stores":[\#((stores + full).joined(separator: ","))]}"#,
      "provenance.json")
  }

  @Test func oneMetricIsOnePanelWithColoursOfModelsAndLinesOfMethods() throws {
    let folder = try ResultsFolder()
    try write(folder)
    _ = try folder.builder.build()
    let figure = try content(folder, "quality-psnr")
    let panel = try #require(try panels(figure).first)
    #expect(try panels(figure).count == 1)
    let looks = try series(panel).map { series -> [Int] in
      let look = try #require(series["look"] as? [String: Any])
      return ["color", "shape", "line"].compactMap { look[$0] as? Int }
    }
    // vit learned, vit ridge, deit learned, deit ridge.
    #expect(looks == [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]])
    // The embedding and the third of twelve blocks: 0 and 3 layers deep, with two between that were not measured.
    #expect(panel["labels"] as? [String] == ["embed", "block.2"])
    #expect(panel["positions"] as? [Double] == [0, 3])
    #expect(try series(panel).allSatisfy { $0["leaps"] as? [Bool] == [false, true] })
    let legend = try #require(figure["legend"] as? [[String: Any]])
    #expect(legend.compactMap { $0["text"] as? String } == ["vit", "deit", "learned", "ridge"])
    // A point in every entry, and the same colours in another figure.
    #expect(try panels(content(folder, "quality-ssim")).map { try series($0).count } == [4])
  }

  @Test func whatIsSetIsDrawnAndRecorded() throws {
    let folder = try ResultsFolder()
    try write(folder)
    var builder = folder.builder
    builder.settings = try FigureSettings(texts: [
      "names.vit=ViT-B/16", "models=deit,vit", "methods=ridge", "depth.range=0..50", "metrics=ssim,psnr", "letters=no",
      "panels=model", "depth-axis=relative", "font-size=9",
    ])
    _ = try builder.build()
    let figure = try content(folder, "quality-ssim")
    #expect(
      try panels(figure).compactMap { $0["title"] as? String } == [
        "SSIM, deit", "SSIM, ViT-B/16", "PSNR, deit", "PSNR, ViT-B/16",
      ])
    #expect(figure["limits"] as? [Double] == [0, 50])
    // The third block of twelve is a quarter of the way.
    let panel = try #require(try panels(figure).first)
    let first = try #require(try series(panel).first)
    #expect(first["places"] as? [Double] == [0, 0.25])
    let description = try #require(figure["description"] as? [String: Any])
    let set = (description["settings"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(set.contains("set names.vit") && set.contains("set depth.range"))
    let data = try Data(contentsOf: folder.output.appendingPathComponent("data/quality-ssim.json"))
    let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let style = try #require(record["style"] as? [String: Any])
    #expect((style["sizes"] as? [String: Any])?["label"] as? Double == 9)
    // Drawn again, it has the same bytes.
    let outcomes = try FigureReplay(report: folder.output, toolVersion: "unknown").run().outcomes
    #expect(!outcomes.isEmpty && outcomes.allSatisfy { $0.status == .same })
  }

  @Test func impossibleSettingsAreRefusedWithWhatIsNear() {
    func message(_ text: String) -> String {
      do { _ = try FigureSettings(texts: [text]) } catch { return "\(error)" }
      return ""
    }
    #expect(
      message("panel=model")
        == "'panel' is no setting of figures (did you mean 'panels'?); docs/figure-settings.md lists them")
    #expect(message("depth.panels=store") == "depth.panels is 'store'; give metric, model, method")
    #expect(message("letters") == "--set is 'letters'; give KEY=VALUE, such as names.vit=ViT-B/16")
    #expect(
      message("depth.font=Times") == "depth.font changes nothing: font is of all figures together; leave 'depth.' out")
    #expect(
      message("equal.triangle=lower")
        == "equal.triangle changes nothing: triangle is of all-models, within-models, across-models, null; leave it out"
    )
    #expect(message("null.triangle=lower").isEmpty && message("font=Times").isEmpty)
    #expect(message("letters=yes").isEmpty)
  }
}
