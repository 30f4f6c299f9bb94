import Figures
import Formats
import Foundation
import Reports
import Testing

/// Pictures in memory: every pixel of a row, condition and tap has one colour.
struct MemoryPictures: ReconstructionSource {
  var imagePaths = [hostileName, "a.png", "c.png", "d.png", "e.png"]
  var conditions = ["original", "red"]
  var size = ImageSize(height: 8, width: 12)
  func taps(of condition: String) -> [String] { condition == "original" ? ["embed", "block.3"] : ["embed"] }
  func isComplete(_ row: Int, condition: String) -> Bool { row != 2 }
  func input(_ row: Int, condition: String) -> [UInt8]? { filled(UInt8(row * 20)) }
  func reconstruction(_ row: Int, condition: String, tap: String) -> [UInt8] { filled(tap == "embed" ? 90 : 200) }
  private func filled(_ value: UInt8) -> [UInt8] { Array(repeating: value, count: size.height * size.width * 3) }
}

let qualityHeader = "store,condition,tap,metric,value,low,high,n\n"

extension ResultsFolder {
  func write(_ text: String, in folder: String, _ name: String) throws {
    let place = results.appendingPathComponent(folder)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try text.write(to: place.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }

  /// Two models with the same taps, intervals apart at the last tap; the first image's name is hostile.
  func writeQuality(in folder: String = "quality") throws {
    try write(
      qualityHeader
        + """
        A,original,embed,psnr,30,29,31,200
        A,original,embed,ssim,0.9,0.88,0.92,200
        A,original,block.3,psnr,20,19,21,200
        A,original,block.3,ssim,0.5,0.45,0.55,200
        B,original,embed,psnr,28,27,29,200
        B,original,embed,ssim,0.85,0.8,0.9,200
        B,original,block.3,psnr,24,23,25,200
        B,original,block.3,ssim,,,,0

        """, in: folder, "quality.csv")
    var lines = "store,condition,tap,path,metric,value\n"
    for (store, base) in [("A", 20.0), ("B", 24.0)] {
      for tap in ["embed", "block.3"] {
        for (place, path) in ["a.png", "c.png", "d.png", "e.png", hostileName].enumerated() {
          lines += CommaSeparatedValues.line([store, "original", tap, path, "psnr", "\(base + Double(place % 3))"])
          lines += CommaSeparatedValues.line([store, "original", tap, path, "ssim", "0.5"])
        }
      }
    }
    try write(lines, in: folder, "quality_images.csv")
    try write(
      """
      store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,rank_biserial
      A,B,original,name,embed,embed,psnr,5,-4,-4.5,-3.5,0.0625,0.125,-2,-1
      A,B,original,name,embed,embed,ssim,5,0.1,-0.1,0.3,0.5,1,0.2,0.1
      A,B,original,name,block.3,block.3,psnr,5,-3.9,-4.4,-3.4,0.00001,0.00002,-2,-1

      """, in: folder, "quality_differences.csv")
    try write(
      """
      {"format":"palimpsest.provenance","version":1,"command":["palimpsest","analyze","quality"],
       "inputs":[{"path":"a.h5","role":"store"},{"path":"/nowhere/b.h5","role":"store"}],
       "stores":[{"name":"A","model":"vit"},{"name":"B","model":"swin"}]}
      """, in: folder, "provenance.json")
    try Data().write(to: root.appendingPathComponent("a.h5"))
  }
}

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
    for heading in [">Similarity<", ">Quality of reconstructions<", ">Colour<", "In short"] {
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
        "quality-psnr", "quality-ssim", "quality-differences", "reconstructions-of-A", "conditions-of-A",
      ])
    #expect(content.figures.map(\.kind) == ["depth", "depth", "differences", "reconstructions", "conditions"])
  }

  @Test func trainingsAreComparedAtEqualBudgets() throws {
    let folder = try ResultsFolder()
    try folder.write(
      "run,mode,inverse,module,metric,value,unit\nm,modular,network,all,parameters,2000000,count\n"
        + "e,end-to-end,network,all,parameters,4000000,count\n", "efficiency.csv")
    try folder.write(
      "budget,limit,unit,cut,run,mode,inverse,spent,epoch,mse,psnr\ntime,60,s,embed,m,modular,network,59,3,0.01,20.5\n"
        + "time,60,s,embed,e,end-to-end,network,58,2,0.02,17\n", "efficiency_equal.csv")
    try folder.write(
      "run,mode,inverse,phase,cut,epoch,step,images,operations,seconds,mse,psnr\n"
        + "m,modular,network,modular,embed,1,10,100,1e12,20,0.02,17\nm,modular,network,modular,embed,2,20,200,2e12,40,0.01,20.5\n"
        + "e,end-to-end,network,end-to-end,embed,1,10,100,1e12,58,0.02,17\n", "efficiency_curves.csv")
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("Within time: 60.0 s, from embed: m 20.50 dB, e 17.00 dB."))
    #expect(page.contains("<strong>2.000</strong>"))
    #expect(page.contains("<strong>20.50</strong>"))
    #expect(summary.files.contains("figures/efficiency-operations.pdf"))
    let bars = try String(
      contentsOf: folder.output.appendingPathComponent("figures/efficiency-equal.svg"), encoding: .utf8)
    for text in [">embed</text>", ">time</text>", ">m</text>", ">e</text>"] { #expect(bars.contains(text), "\(text)") }
  }

  @Test func spectraAreDrawnWithTheirLevel() throws {
    let folder = try ResultsFolder()
    try folder.write(
      qualityHeader + "A,original,x,cutoff_coherence,12,11,13,50\n", "detail.csv")
    try folder.write(
      "store,condition,tap,frequency,frequency_per_patch,power_input,power_reconstruction,power_ratio,coherence,n\n"
        + (1...20).map { "A,original,x,\($0),,1,1,\(1 / Double($0)),\(1 - Double($0) / 25),50\n" }.joined(),
      "detail_spectrum.csv")
    let summary = try folder.builder.build()
    #expect(summary.files.contains("figures/detail-coherence.svg"))
    #expect(summary.files.contains("figures/detail-power_ratio.svg"))
    #expect(try folder.page().contains("The dashed line marks one half."))
  }
}

@Suite struct ColorSectionTests {
  @Test func turnsOfHueBecomeACircle() throws {
    let folder = try ResultsFolder()
    var table = qualityHeader
    for tap in ["embed", "block.3"] {
      for (place, condition) in ["red", "hue+90", "hue+180", "hue+270"].enumerated() {
        table += "A,\(condition),\(tap),relative_l2,0.\(place + 2),0.\(place + 1),0.\(place + 3),64\n"
        table += "A,\(condition),\(tap),relative_l2_shuffled,1.2,1.1,1.3,64\n"
      }
    }
    try folder.write(table, "color.csv")
    try folder.write(
      "store,condition,tap,region,metric,value,low,high,n\nA,red,embed,object,chroma_ratio,0.9,0.8,1,64\n"
        + "A,red,block.3,object,chroma_ratio,0.7,0.6,0.8,64\n", "recovery.csv")
    let summary = try folder.builder.build()
    #expect(summary.files.contains("figures/color-hue-1.pdf"))
    #expect(summary.files.contains("figures/color-recovery-chroma_ratio.pdf"))
    let svg = try String(contentsOf: folder.output.appendingPathComponent("figures/color-hue-1.svg"), encoding: .utf8)
    #expect(svg.contains(">turned hue</text>") && svg.contains(">shuffled pairs</text>"))
    let data = try CommaSeparatedValues(
      parsing: String(contentsOf: folder.output.appendingPathComponent("tables/color-hue-1.csv"), encoding: .utf8),
      file: "d")
    #expect(data.records.count == 12)
    #expect(!data.records.contains { $0.fields[1] == "red" })
    // The original is at no distance from itself; of shuffled pairs none was measured there.
    let drawn = try String(contentsOf: folder.output.appendingPathComponent("data/color-hue-1.json"), encoding: .utf8)
    #expect(drawn.contains("[0,0.3,0.4,0.5]") && drawn.contains("[null,1.2,1.2,1.2]"))
  }

  private static let provenance = """
    {"format":"palimpsest.provenance","version":1,"stores":[{"name":"A","checkpoint_sha256":"ab"},
     {"name":"A-back","checkpoint_sha256":"ab"},{"name":"B","checkpoint_sha256":"cd"}]}
    """

  @Test func featuresOfTheSameModelAreShownOnce() throws {
    let folder = try ResultsFolder()
    func rows(_ store: String, _ taps: [String], value: String = "0.5") -> String {
      taps.map { "\(store),red,\($0),cosine,\(value),0.4,0.6,64\n" }.joined()
    }
    let taps = ["embed", "block.3"]
    try folder.write(
      qualityHeader + rows("A", taps + ["norm"]) + rows("A-back", taps) + rows("B", taps), "color.csv")
    try folder.write(Self.provenance, "provenance.json")
    _ = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("The features in A-back are those of A, and are shown once."))
    #expect(!page.contains("those of B") && !page.contains("features in B"))
    let svg = try String(contentsOf: folder.output.appendingPathComponent("figures/color-cosine.svg"), encoding: .utf8)
    #expect(svg.contains(">A</text>") && svg.contains(">B</text>") && !svg.contains(">A-back</text>"))
    // Other numbers are another thing.
    try folder.write(qualityHeader + rows("A", taps) + rows("A-back", taps, value: "0.51"), "color.csv")
    _ = try folder.builder.build()
    #expect(try !folder.page().contains("are shown once"))
  }

  @Test func baselinesStandInTheFiguresOfTheirMetrics() throws {
    let folder = try ResultsFolder()
    func table(_ conditions: [String]) -> String {
      qualityHeader
        + conditions.flatMap { condition in
          ["embed", "norm"].flatMap { tap in
            ["cosine", "cosine_shuffled"].map { "A,\(condition),\(tap),\($0),0.5,0.4,0.6,64\n" }
          }
        }.joined()
    }
    try folder.write(table(["red", "gray"]), "color.csv")
    var files = try folder.builder.build().files
    #expect(files.contains("figures/color-cosine.svg") && !files.contains("figures/color-cosine_shuffled.svg"))
    let svg = try String(contentsOf: folder.output.appendingPathComponent("figures/color-cosine.svg"), encoding: .utf8)
    for name in ["red", "gray", "red, shuffled", "gray, shuffled"] { #expect(svg.contains(">\(name)</text>")) }
    #expect(try folder.page().contains("Curves named shuffled are the baseline"))
    // Too many curves for one panel: a figure of their own.
    try folder.write(table(["red", "gray", "green", "blue"]), "color.csv")
    files = try folder.builder.build().files
    #expect(files.contains("figures/color-cosine_shuffled.svg"))
  }

  @Test func statisticsOfTheHueCurvesAreTold() throws {
    let folder = try ResultsFolder()
    try folder.write(qualityHeader + "A,hue+90,embed,relative_l2,0.2,0.1,0.3,64\n", "color.csv")
    var hue = "store,tap,metric,statistic,value,low,high,n\n"
    for (tap, angle) in [("embed", "61.25,55,70"), ("norm", ",,")] {
      hue += "A,\(tap),relative_l2,mean,0.4,0.3,0.5,64\nA,\(tap),relative_l2,circular_mean,-3,-9,2,64\n"
      hue += "A,\(tap),relative_l2,half_angle,\(angle),64\n"
      hue += "A,\(tap),cosine,half_angle,80,75,85,64\n"
    }
    try folder.write(hue, "hue.csv")
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("In A: 61.3 [55.0, 70.0] degrees at embed, at norm no turn loses half of it."))
    #expect(page.contains(">Circular mean (degrees)<"))
    #expect(page.contains("\u{2212}3.0"))
    for file in ["figures/color-hue-hue_half_angle.pdf", "tables/color-hue-statistics.tex"] {
      #expect(summary.files.contains(file), "\(file)")
    }
    let svg = try String(
      contentsOf: folder.output.appendingPathComponent("figures/color-hue-hue_half_angle.svg"), encoding: .utf8)
    #expect(svg.contains(">Relative L2 distance</text>") && svg.contains(">Cosine</text>"))
    try folder.write("store,tap,metric,value\nA,embed,cosine,1\n", "hue.csv")
    #expect {
      try folder.builder.build()
    } throws: {
      "\($0)".hasSuffix("hue.csv: line 1: expected the columns store,tap,metric,statistic")
    }
  }

  @Test func sharesOfTheColourAreThoseOfTheDeepestTap() throws {
    let folder = try ResultsFolder()
    try folder.write(qualityHeader + "A,red,embed,cosine,0.2,0.1,0.3,64\n", "color.csv")
    var recovery = "store,condition,tap,region,metric,value,low,high,n\n"
    for store in ["A", "B"] {
      for (tap, shown) in [("embed", 0.9), ("norm", 0.3)] {
        for region in ["image", "object"] {
          recovery += "\(store),original,\(tap),\(region),shown,1,1,1,64\n"
          for (metric, value) in [("shown", shown), ("usual", 0.1), ("other", 0.9 - shown)] {
            recovery += "\(store),hue+120,\(tap),\(region),\(metric),\(value),0,1,64\n"
          }
        }
      }
    }
    try folder.write(recovery, "recovery.csv")
    _ = try folder.builder.build()
    let data = try CommaSeparatedValues(
      parsing: String(contentsOf: folder.output.appendingPathComponent("tables/color-shares.csv"), encoding: .utf8),
      file: "d")
    #expect(data.records.count == 6)
    #expect(data.records.allSatisfy { Array($0.fields[1...3]) == ["hue+120", "norm", "object"] })
    let svg = try String(contentsOf: folder.output.appendingPathComponent("figures/color-shares.svg"), encoding: .utf8)
    #expect(svg.contains(">hue+120</text>") && !svg.contains(">original</text>"))
    #expect(try folder.page().contains("norm of A, norm of B"))
  }

  /// 8 bits hold hue in steps of 2°: what `hue+15` shows is turned by 16°.
  @Test func anglesAreThoseThatTheImagesWereTurnedBy() throws {
    let folder = try ResultsFolder()
    let rows = ["hue+15", "hue+91", "hue+181", "hue+271"].map { "A,\($0),embed,relative_l2,0.2,0.1,0.3,64\n" }
    try folder.write(qualityHeader + rows.joined(), "color.csv")
    _ = try folder.builder.build()
    let drawn = try String(contentsOf: folder.output.appendingPathComponent("data/color-hue-1.json"), encoding: .utf8)
    #expect(drawn.contains("[0,16,92,182,272]"))
  }

  @Test func twoTurnsAreNoCircle() throws {
    let folder = try ResultsFolder()
    try folder.write(
      qualityHeader + "A,hue+120,embed,relative_l2,0.2,0.1,0.3,64\nA,hue+240,embed,relative_l2,0.2,0.1,0.3,64\n",
      "color.csv")
    #expect(try !folder.builder.build().files.contains("figures/color-hue-1.pdf"))
  }
}
