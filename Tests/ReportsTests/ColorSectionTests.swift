import Formats
import Foundation
import Reports
import Testing

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
    for name in ["red", "gray", "shuffled"] { #expect(svg.contains(">\(name)</text>")) }
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
