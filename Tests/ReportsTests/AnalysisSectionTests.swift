import Figures
import Formats
import Foundation
import Reports
import Testing

/// The section of quality, and what every section of an analysis shares.
@Suite struct AnalysisSectionTests {
  private func folder() throws -> ResultsFolder {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    return folder
  }

  @Test func subFoldersAreSectionsOfOnePage() throws {
    let folder = try folder()
    try folder.write(similarityCSV([("ViT", vitTaps), ("Swin", swinTaps)]), in: "similarity", "similarity.csv")
    try folder.write(
      qualityHeader + "A,red,embed,relative_l2,0.4,0.35,0.45,200\nA,red,block.3,relative_l2,0.2,0.15,0.25,200\n",
      in: "colour", "color.csv")
    let summary = try folder.builder.build()
    let page = try folder.page()
    for heading in [">Similarity<", ">Quality of reconstructions<", ">Colour<", ">Findings<"] {
      #expect(page.contains(heading))
    }
    #expect(summary.files.contains("figures/color-relative_l2.pdf"))
    #expect(summary.files.contains("tables/quality.tex"))
    #expect(summary.files.contains("quality-provenance.json"))
    for match in page.matches(of: /(?:href|src)="([^"#:]+)"/) {
      #expect(summary.files.contains(String(match.1)), "\(match.1)")
    }
  }

  @Test func sentencesSayWhatTheNumbersHold() throws {
    let folder = try folder()
    _ = try folder.builder.build()
    let page = try folder.page()
    for sentence in [
      "In A, PSNR (dB) falls from 30.00 [29.00, 31.00] at embed to 20.00 [19.00, 21.00] at block.3.",
      "From its deepest layer, B (block.3) reaches 24.00 [23.00, 25.00], A (block.3) reaches 20.00 [19.00, 21.00]. "
        + "The best one&#39;s interval lies apart from the next one&#39;s.",
      "A (2 taps), B (2 taps) on n = 0 to 200 images.",
    ] { #expect(page.contains(sentence), "\(sentence)") }
    #expect(!page.contains("In B, SSIM"))
  }

  @Test func overlappingIntervalsSettleNothing() throws {
    let folder = try ResultsFolder()
    try folder.write(
      qualityHeader + "A,original,x,psnr,20,18,22,50\nB,original,x,psnr,21,19,23,50\n", "quality.csv")
    _ = try folder.builder.build()
    #expect(
      try folder.page().contains("The intervals of the first two overlap, so which is better is not settled by them."))
    #expect(try folder.page().contains("There is no provenance.json"))
  }

  @Test func bestValuesAreMarkedInEveryForm() throws {
    let folder = try folder()
    _ = try folder.builder.build()
    let page = try folder.page()
    // Both models have the same taps, so they compete at each.
    #expect(page.contains("data-key=\"30.0\"><strong>30.00</strong>"))
    #expect(page.contains("data-key=\"24.0\"><strong>24.00</strong>"))
    #expect(!page.contains("<strong>28.00</strong>"))
    let latex = try String(contentsOf: folder.output.appendingPathComponent("tables/quality.tex"), encoding: .utf8)
    #expect(latex.contains("A & embed & \\textbf{30.00} {\\scriptsize [29.00, 31.00]} & \\textbf{0.900}"))
    #expect(latex.contains("B & block.3 & \\textbf{24.00} {\\scriptsize [23.00, 25.00]} & -- \\\\"))
    for rule in ["\\toprule", "\\midrule", "\\bottomrule"] { #expect(latex.contains(rule)) }
  }

  @Test func tapsAreScatteredWhereTheModelWasAsked() throws {
    let folder = try ResultsFolder()
    let rows = ["embed", "norm"].map {
      "A,original,\($0),psnr,30,29,31,200\nA,original,\($0),top1_agreement,0.5,0.4,0.6,200\n"
    }
    try folder.write(qualityHeader + rows.joined(), "quality.csv")
    #expect(try folder.builder.build().files.contains("figures/quality-scatter.pdf"))
    let svg = try String(
      contentsOf: folder.output.appendingPathComponent("figures/quality-scatter.svg"), encoding: .utf8)
    #expect(svg.contains(">Top-1 agreement</text>") && svg.contains(">PSNR (dB)</text>"))
    try folder.write(qualityHeader + "A,original,embed,psnr,30,29,31,200\n", "quality.csv")
    #expect(try !folder.builder.build().files.contains("figures/quality-scatter.pdf"))
  }

  @Test func pairedDifferencesAreThoseOfTheAnalysis() throws {
    let folder = try folder()
    _ = try folder.builder.build()
    let results = try String(
      contentsOf: folder.results.appendingPathComponent("quality/quality_differences.csv"), encoding: .utf8)
    // The table has every row as it was written, the figure those that it draws.
    let tables = folder.output.appendingPathComponent("tables")
    let all = try String(contentsOf: tables.appendingPathComponent("quality-differences-all.csv"), encoding: .utf8)
    #expect(all == results)
    let drawn = try String(contentsOf: tables.appendingPathComponent("quality-differences.csv"), encoding: .utf8)
    #expect(drawn == results.split(separator: "\n").filter { !$0.contains(",ssim,") }.map { $0 + "\n" }.joined())
    let data = try String(
      contentsOf: folder.output.appendingPathComponent("data/quality-differences.json"), encoding: .utf8)
    for part in ["A \u{2212} B", "[-4,-3.9]", "[-4.5,-4.4]", "[-3.5,-3.4]"] { #expect(data.contains(part), "\(part)") }
    let page = try folder.page()
    for text in [
      "A − B at block.3: −3.90 [−4.40, −3.40], adjusted p &lt; 0.0001 (n = 5).", "below 0.05 at 1 of the 2 points",
      ">Difference of PSNR (dB)<", ">p of PSNR, adjusted<", "data-key=\"0.125\">0.1250<",
    ] { #expect(page.contains(text), "\(text)") }
  }

  @Test func differencesThatTheAnalysisDidNotWriteAreNotInvented() throws {
    let folder = try folder()
    try FileManager.default.removeItem(at: folder.results.appendingPathComponent("quality/quality_differences.csv"))
    let summary = try folder.builder.build()
    #expect(!summary.files.contains { $0.contains("differences") })
    #expect(try !folder.page().contains("Paired differences"))
    #expect(
      summary.warnings.contains {
        $0.hasPrefix("There is no quality_differences.csv in quality: paired differences")
          && $0.contains("analyze quality")
      })
  }

  @Test func picturesComeFromTheStoresOfTheProvenance() throws {
    let folder = try folder()
    var opened: [String] = []
    var builder = folder.builder
    builder.openStore = { path in
      opened.append((path as NSString).lastPathComponent)
      return MemoryPictures()
    }
    let summary = try builder.build()
    let page = try folder.page()
    #expect(opened == ["a.h5"])
    #expect(summary.warnings.contains { $0.contains("The store of B is not at /nowhere/b.h5 any more") })
    #expect(summary.files.contains("figures/reconstructions-of-A.pdf"))
    #expect(summary.files.contains("figures/conditions-of-A.pdf"))
    #expect(summary.files.contains("explorer/reconstructions-sheet-1-1.jpg"))
    #expect(page.contains("data-explorer=\"reconstructions\""))
    let svg = try String(
      contentsOf: folder.output.appendingPathComponent("figures/reconstructions-of-A.svg"), encoding: .utf8)
    #expect(svg.contains("&lt;img src=x onerror=alert(1)&gt;.png"))
    #expect(!page.contains("<img src=x"))
    #expect(!svg.contains("<img src=x"))
    // The numbers under the tiles are those of the images.
    #expect(svg.contains(">20.0 dB</text>"))
    let sheet = try Data(contentsOf: folder.output.appendingPathComponent("explorer/reconstructions-sheet-1-1.jpg"))
    #expect(Array(sheet.prefix(2)) == [0xFF, 0xD8])
  }

  @Test func aSingleFileHoldsEverything() throws {
    let folder = try folder()
    var builder = folder.builder
    builder.isSingleFile = true
    builder.openStore = { _ in MemoryPictures() }
    let summary = try builder.build()
    #expect(try Array(folder.contents().keys) == ["index.html"])
    #expect(summary.figures > 3)
    let page = try folder.page()
    for match in page.matches(of: /(?:href|src)="([^"#]+)"/) {
      #expect(match.1.hasPrefix("data:"), "\(match.1.prefix(60))")
    }
    #expect(page.contains("data:image/jpeg;base64,"))
    #expect(page.contains("data:application/pdf;base64,"))
    // An image stands in the page once, where it is seen, and its link takes it from there.
    let images = page.matches(of: /<img src="(data:image\/svg[^"]+)"/)
    #expect(images.count == summary.figures)
    for image in images { #expect(page.components(separatedBy: String(image.1)).count == 2) }
    #expect(page.matches(of: /<a hidden data-image="[^"]+" download="[^"]+\.svg"/).count == summary.figures)
  }

  @Test func twoBuildsWithPicturesAreByteEqual() throws {
    let folder = try folder()
    var builder = folder.builder
    builder.openStore = { _ in MemoryPictures() }
    _ = try builder.build()
    let first = try folder.contents()
    _ = try builder.build()
    #expect(try folder.contents() == first)
  }

  @Test func onlyTheReportsOwnScriptMayRun() throws {
    let folder = try folder()
    _ = try folder.builder.build()
    let page = try folder.page()
    let policy = try #require(page.firstMatch(of: /script-src '(sha256-[A-Za-z0-9+\/=]+)'/))
    #expect(policy.1.count == 51)
    #expect(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"))
    #expect(page.firstMatch(of: /\son[a-z]+="/) == nil)
  }

  @Test func brokenTablesAreNamedWithTheirLine() throws {
    let folder = try ResultsFolder()
    try folder.write(qualityHeader + "A,original,x,psnr,abc,1,2,3\n", "quality.csv")
    #expect {
      try folder.builder.build()
    } throws: {
      "\($0)".hasSuffix("quality.csv: line 2: value is 'abc', expected a finite number or nothing")
    }
    try folder.write("store,tap,value\nA,x,1\n", "quality.csv")
    #expect {
      try folder.builder.build()
    } throws: {
      "\($0)".contains("line 1: no column 'condition'")
    }
  }

  @Test func everyFigureOfResultsCanBeListedAndDrawnAlone() throws {
    let folder = try folder()
    let style = try JSONDecoder().decode(
      FigureStyle.self, from: Data(contentsOf: templates.appendingPathComponent("styles/cvpr.json")))
    let content = try ReportContent(results: folder.results, style: style, openStore: { _ in MemoryPictures() })
    #expect(
      content.figures.map(\.name) == [
        "quality-psnr", "quality-ssim", "quality-differences", "quality-forest-psnr", "quality-forest-ssim",
        "quality-distribution-psnr", "quality-distribution-ssim", "reconstructions-of-A", "errors-of-A",
        "conditions-of-A",
      ])
    #expect(
      content.figures.map(\.kind) == [
        "depth", "depth", "differences", "forest", "forest", "distribution", "distribution", "reconstructions",
        "errors", "conditions",
      ])
  }
}
