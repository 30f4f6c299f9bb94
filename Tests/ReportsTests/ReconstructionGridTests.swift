import Figures
import Formats
import Foundation
import Reports
import TestSupport
import Testing

/// Grids of reconstructions: which images they show, what stands beside what, and what an author sets.
@Suite struct ReconstructionGridTests {
  /// Nine images of three looks; the middle one of each look lies between the other two.
  private struct Looks: ReconstructionSource {
    var levels: [UInt8] = [0, 10, 20, 120, 130, 140, 235, 245, 255]
    var back: UInt8 = 90
    let conditions = ["original"]
    let size = ImageSize(height: 8, width: 16)
    var imagePaths: [String] { levels.indices.map { "\($0).png" } }
    func taps(of condition: String) -> [String] { ["embed", "block.3"] }
    func isComplete(_ row: Int, condition: String) -> Bool { true }
    func input(_ row: Int, condition: String) -> [UInt8]? { filled(levels[row]) }
    func reconstruction(_ row: Int, condition: String, tap: String) -> [UInt8] { filled(back) }
    func className(_ row: Int) -> String? { row == 8 ? nil : ["frog", "car", "frog"][row % 3] }
    func objects(_ row: Int, condition: String) -> [PicturedObject] {
      [PicturedObject(name: "toad", area: .init(x: 0.25, y: 0.5, width: 0.5, height: 0.25))]
    }
    private func filled(_ value: UInt8) -> [UInt8] { Array(repeating: value, count: size.area * 3) }
  }

  /// Results of stores of one checkpoint per model, which are at the paths that provenance names.
  private func folder(_ stores: [(name: String, checkpoint: String)]) throws -> ResultsFolder {
    let folder = try ResultsFolder()
    var table = qualityHeader
    for (name, _) in stores {
      for tap in ["embed", "block.3"] { table += "\(name),original,\(tap),psnr,30,29,31,9\n" }
      try folder.write("", "\(name).h5")
    }
    try folder.write(table, "quality.csv")
    let inputs = stores.map {
      #"{"path":"\#(folder.results.path)/\#($0.name).h5","bytes":0,"role":"store"}"#
    }
    let known = stores.map { #"{"name":"\#($0.name)","checkpoint_sha256":"\#($0.checkpoint)"}"# }
    try folder.write(
      #"{"format":"palimpsest.provenance","version":1,"stores":[\#(known.joined(separator: ","))],"inputs":[\#(inputs.joined(separator: ","))]}"#,
      "provenance.json")
    return folder
  }

  private let twoMethods = [("vit-learned", "aa"), ("vit-ridge", "aa")]

  private func content(_ folder: ResultsFolder, _ figure: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.output.appendingPathComponent("data/\(figure).json"))
    let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let outer = try #require(record["content"] as? [String: Any])
    return try #require(outer["content"] as? [String: Any])
  }

  private func rows(_ content: [String: Any]) throws -> [[String: Any]] {
    let panel = try #require((content["panels"] as? [[String: Any]])?.first)
    return try #require(panel["rows"] as? [[String: Any]])
  }

  private func caption(_ content: [String: Any]) throws -> String {
    try #require((content["description"] as? [String: Any])?["caption"] as? String)
  }

  @Test func methodsStandBesideEachOtherForImagesOfDifferentLooks() throws {
    let folder = try folder(twoMethods)
    var builder = folder.builder
    builder.settings = try FigureSettings(texts: ["image-count=3"])
    builder.openStore = { _ in Looks() }
    _ = try builder.build()
    let figure = try content(folder, "reconstructions-of-vit")
    // The middle images of the three looks, each by both methods.
    #expect(
      try rows(figure).map { $0["label"] as? String } == ["learned", "ridge", "learned", "ridge", "learned", "ridge"])
    #expect(try rows(figure).map { $0["group"] as? String } == ["car 1", "car 1", "car 2", "car 2", "car 3", "car 3"])
    let text = try caption(figure)
    #expect(text.contains("car (1.png), car (4.png) and car (7.png)"))
    #expect(text.contains("each is the middle one of 3 groups into which 9 images fall by their looks"))
    #expect(text.contains("what the model finds there (toad)"))
    // The input once an image, with the box on it; the same place of the other method stays empty.
    let tiles = try rows(figure).map { try #require(($0["tiles"] as? [[String: Any]])?.first) }
    #expect(tiles.map { $0["isEmpty"] as? Bool } == [nil, true, nil, true, nil, true])
    let area = try #require(((tiles[0]["frames"] as? [[String: Any]])?.first)?["area"] as? [String: Double])
    #expect(area == ["x": 0.25, "y": 0.5, "width": 0.5, "height": 0.25])
    // Drawn again from its record, it has the same bytes.
    let outcomes = try FigureReplay(report: folder.output, toolVersion: "unknown").run().outcomes
    #expect(!outcomes.isEmpty && outcomes.allSatisfy { $0.status == .same })
  }

  @Test func oneSceneIsShownOnce() throws {
    let folder = try folder([("vit", "aa")])
    var builder = folder.builder
    builder.openStore = { _ in Looks(levels: [100, 101, 102, 103, 104]) }
    _ = try builder.build()
    let figure = try content(folder, "reconstructions-of-vit")
    #expect(try rows(figure).count == 1)
    #expect(try caption(figure).contains("more would show one scene twice"))
  }

  @Test func errorsAreSharesOfTheRangeOnAScaleThatIsShown() throws {
    let folder = try folder(twoMethods)
    var builder = folder.builder
    builder.settings = try FigureSettings(texts: ["images=1.png"])
    // |10 − 60| / 255 = 0.196 everywhere, so the scale ends at 0.2.
    builder.openStore = { _ in Looks(back: 60) }
    _ = try builder.build()
    let figure = try content(folder, "errors-of-vit")
    let scale = try #require(figure["scale"] as? [String: Any])
    #expect(scale["low"] as? Double == 0 && scale["high"] as? Double == 0.2)
    #expect(try rows(figure).map { $0["label"] as? String } == ["image", "error", "image", "error"])
    #expect(try rows(figure).map { $0["group"] as? String } == ["learned", "learned", "ridge", "ridge"])
    // The input, what came back, and its error, each once.
    let record = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.output.appendingPathComponent("data/errors-of-vit.json"))) as? [String: Any])
    let files = Set(try #require(record["pictures"] as? [Any]).compactMap { $0 as? String })
    #expect(files.count == 3)
    for file in files {
      #expect(FileManager.default.fileExists(atPath: folder.output.appendingPathComponent(file).path), "\(file)")
    }
  }

  /// The page draws errors of the last model alone and says so; `figure` draws all.
  @Test func whatThePageLeavesOutIsSaidAndCanBeDrawn() throws {
    let folder = try folder([("a", "checkpoint of a"), ("b", "checkpoint of b"), ("c", "checkpoint of c")])
    var builder = folder.builder
    builder.openStore = { _ in Looks() }
    let summary = try builder.build()
    #expect(summary.files.contains("figures/errors-of-c.pdf") && !summary.files.contains("figures/errors-of-a.pdf"))
    #expect(
      try folder.page().contains(
        "The page shows 1 of 3 figures of the kind &#39;errors&#39;; palimpsest figure draws each."))
    let style = try JSONDecoder().decode(
      FigureStyle.self, from: Data(contentsOf: templates.appendingPathComponent("styles/tmlr.json")))
    let content = try ReportContent(results: folder.results, style: style, openStore: { _ in Looks() })
    #expect(
      content.figures.filter { $0.kind == "errors" }.map(\.name) == ["errors-of-c", "errors-of-a", "errors-of-b"])
  }

  @Test func everyModelIsShown() throws {
    let names = ["a", "b", "c", "d", "e", "f", "g"]
    let folder = try folder(names.map { ($0, "checkpoint of \($0)") })
    var builder = folder.builder
    builder.openStore = { _ in Looks() }
    let summary = try builder.build()
    for name in names { #expect(summary.files.contains("figures/reconstructions-of-\(name).pdf"), "\(name)") }
  }

  @Test func whatIsSetIsShown() throws {
    let folder = try folder(twoMethods)
    var builder = folder.builder
    builder.settings = try FigureSettings(texts: [
      "reconstructions.images=frog,4.png,8,nothing", "reconstructions.taps=block.3", "reconstructions.methods=ridge",
      "reconstructions.boxes=no", "reconstructions.zoom=yes", "reconstructions.width=3",
    ])
    builder.openStore = { _ in Looks() }
    let summary = try builder.build()
    let figure = try content(folder, "reconstructions-of-vit-ridge")
    // The first frog, the image of that name, and the one of that number, of which no class is known.
    #expect(try rows(figure).map { $0["label"] as? String } == ["frog", "car", "8.png"])
    let panel = try #require((figure["panels"] as? [[String: Any]])?.first)
    #expect(panel["columns"] as? [String] == ["input", "block.3"])
    let tile = try #require((try rows(figure)[0]["tiles"] as? [[String: Any]])?.first)
    #expect(tile["frames"] == nil && tile["inset"] != nil)
    #expect((figure["layout"] as? [String: Any])?["width"] as? Double == 3)
    #expect(
      summary.warnings.contains { $0.hasPrefix("images: 'nothing' is no complete image and no class of vit-ridge") })
  }
}
