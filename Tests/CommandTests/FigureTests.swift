import Foundation
import Testing

/// Figures alone, and figures checked.
@Suite struct FigureTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  /// Two models of the same taps, written as analyses write them.
  private func writeResults() throws {
    try FileManager.default.createDirectory(atPath: here.path("results/quality"), withIntermediateDirectories: true)
    var table = "store,condition,tap,metric,value,low,high,n\n"
    for (store, base) in [("a", 30), ("b", 28)] {
      for (place, tap) in ["embed", "block.0", "block.1"].enumerated() {
        table +=
          "\(store),original,\(tap),psnr,\(base - place * 5),\(base - place * 5 - 1),\(base - place * 5 + 1),64\n"
        table += "\(store),original,\(tap),ssim,0.\(9 - place),0.\(8 - place),0.9\(9 - place),64\n"
      }
    }
    try table.write(toFile: here.path("results/quality/quality.csv"), atomically: true, encoding: .utf8)
  }

  @Test func oneFigureIsDrawnAndPassesItsCheck() throws {
    try writeResults()
    let listed = try here.run("figure", "list", "results")
    #expect(listed.status == 0, "\(listed.error)")
    #expect(listed.output.contains("quality-psnr  depth"))
    let drawn = try here.run(
      "figure", "depth", "results", "--metric", "ssim", "--style", "cvpr", "--width", "column", "--out", "ssim.pdf")
    #expect(drawn.status == 0, "\(drawn.error)")
    #expect(here.exists("ssim.pdf") && here.exists("ssim.json") && !here.exists("ssim.svg"))
    let description = try here.text(of: "ssim.json")
    for part in ["\"caption\"", "\"alternativeText\"", "SSIM over depth", "cvpr"] {
      #expect(description.contains(part))
    }
    let all = try here.run("figure", "quality-psnr", "results", "--out", "psnr")
    #expect(all.status == 0, "\(all.error)")
    for name in ["psnr.pdf", "psnr.svg", "psnr.png", "psnr.json", "psnr.csv"] { #expect(here.exists(name), "\(name)") }
    try here.makeFolder("export")
    let exported = try here.run(
      "figure", "quality-psnr", "results", "--out", "export/psnr.pdf", "--export", "matplotlib,pgf", "--json")
    #expect(exported.status == 0, "\(exported.error)")
    for name in ["psnr.pdf", "psnr.json", "psnr.csv", "psnr.py", "psnr.pgf.tex"] {
      #expect(here.exists("export/\(name)"), "\(name)")
    }
    #expect((exported.json?["files"] as? [String])?.count == 5)
    let checked = try here.run("lint", "ssim.pdf", "psnr.pdf", "psnr.svg", "psnr.png", "--json")
    #expect(checked.status == 0, "\(checked.output) \(checked.error)")
    #expect(checked.json?["passes"] as? Bool == true)
    let wide = try here.run("lint", "psnr.pdf", "--style", "cvpr")
    #expect(wide.status == 0)
    #expect(wide.output.contains("note (width): "))
  }

  @Test func aReportOfSubFoldersAndOneFile() throws {
    try writeResults()
    let reported = try here.run("report", "results", "--out", "one", "--single-file")
    #expect(reported.status == 0, "\(reported.error)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: here.path("one")) == ["index.html"])
    #expect(try here.text(of: "one/index.html").contains("Quality of reconstructions"))
  }

  @Test(arguments: [
    (
      ["figure", "nonsense", "results"],
      "results has no figure 'nonsense'; it has depth (see palimpsest figure list results)"
    ),
    (
      ["figure", "depth", "results", "--out", "x.jpg"],
      "--out x.jpg: '.jpg' is not a format of figures; give .pdf, .svg or .png, or no ending for all three"
    ),
    (["figure", "depth", "results", "--width", "wide"], "--width is 'wide'; give text, column, or 0.5 to 100 inches"),
    (
      ["figure", "depth", "results", "--metric", "lpips"],
      "results has no figure of the sort 'depth' with 'lpips' in its name; it has quality-psnr, quality-ssim"
    ),
    (["lint", "none.pdf"], "cannot read none.pdf; give PDF, SVG or PNG files"),
    (["lint", "results/quality/quality.csv"], "results/quality/quality.csv is neither PDF nor SVG nor PNG"),
  ])
  func whatCannotBeDrawnOrCheckedIsOneSentence(words: [String], sentence: String) throws {
    try writeResults()
    let outcome = try here.run(words)
    #expect(outcome.status == 2)
    #expect(
      outcome.error == "palimpsest: \(sentence)\n" || outcome.error.hasSuffix("palimpsest: \(sentence)\n"),
      "\(outcome.error)")
  }

  @Test func aFlawEndsWithStatusOne() throws {
    let svg =
      "<svg xmlns='http://www.w3.org/2000/svg' width='200pt' height='50pt' viewBox='0 0 200 50'>"
      + "<text x='10' y='20' font-size='4'>tiny</text></svg>"
    try svg.write(toFile: here.path("flaw.svg"), atomically: true, encoding: .utf8)
    let outcome = try here.run("lint", "flaw.svg")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("warning (size): a text is smaller than 6 points, the smallest 'tiny' (4 points)"))
    #expect(outcome.error == "palimpsest: 1 of 1 figures has something to fix\n")
  }
}
