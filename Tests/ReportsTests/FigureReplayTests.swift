import Figures
import FiguresCairo
import Foundation
import Reports
import Testing

/// Figures once more, from the data beside them.
@Suite struct FigureReplayTests {
  private func replay(_ folder: ResultsFolder) throws -> (outcomes: [FigureReplay.Outcome], differences: [String]) {
    try FigureReplay(report: folder.output, toolVersion: "1.2.3").run()
  }

  @Test func everyFigureOfAReportIsRedrawnByteForByte() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let figures = try FileManager.default.contentsOfDirectory(atPath: folder.output.path + "/figures")
      .filter { $0.hasSuffix(".pdf") }.count
    // Nothing but the report is needed.
    try FileManager.default.removeItem(at: folder.results)
    let (outcomes, differences) = try replay(folder)
    #expect(outcomes.count == figures)
    #expect(outcomes.filter { $0.status != .same } == [])
    #expect(differences == [])
    let sorts = try outcomes.map { outcome in
      let data = try Data(contentsOf: folder.output.appendingPathComponent("data/\(outcome.name).json"))
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return (object?["content"] as? [String: Any])?["sort"] as? String ?? ""
    }
    #expect(Set(sorts) == ["bars", "distributions", "forest", "heat-map", "lines", "image-grid", "plot", "polar"])
  }

  @Test func anotherNumberIsAnotherFigure() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let file = folder.output.appendingPathComponent("data/quality-psnr.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("[30,20]"))
    try text.replacingOccurrences(of: "[30,20]", with: "[30,21]").write(to: file, atomically: true, encoding: .utf8)
    let (outcomes, differences) = try replay(folder)
    let other = outcomes.filter { $0.status != .same }
    #expect(other.map(\.name) == ["quality-psnr"])
    #expect(other.first?.differing == ["pdf", "svg", "png", "csv"].map { "figures/quality-psnr.\($0)" })
    #expect(differences == [])
  }

  @Test func dataThatDoNotFollowFromTheResultsAreNamed() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let figures = try FileManager.default.contentsOfDirectory(atPath: folder.output.path + "/figures")
      .filter { $0.hasSuffix(".pdf") }.count
    let replay = try FigureReplay(report: folder.output, toolVersion: "1.2.3")
    let whole = try replay.compareData(withResults: folder.results)
    // All but the three grids of pictures: reconstructions, their errors, conditions.
    #expect(whole.count == figures - 3)
    #expect(whole.differing == [])
    let table = folder.results.appendingPathComponent("quality/quality.csv")
    let text = try String(contentsOf: table, encoding: .utf8)
    try text.replacingOccurrences(of: "psnr,30,", with: "psnr,30.5,").write(
      to: table, atomically: true, encoding: .utf8)
    #expect(try replay.compareData(withResults: folder.results).differing == ["quality-psnr"])
  }

  @Test func whatIsMissingIsNamed() throws {
    let folder = try ResultsFolder.ofEveryKind()
    try FileManager.default.removeItem(at: folder.output.appendingPathComponent("data/quality-psnr.json"))
    try FileManager.default.removeItem(at: folder.output.appendingPathComponent("figures/quality-ssim.png"))
    let other = try replay(folder).outcomes.filter { $0.status != .same }
    #expect(other.map(\.status) == [.failed, .differs])
    #expect(other.first?.reason?.hasSuffix("make the report again") == true)
    #expect(other.last?.differing == ["figures/quality-ssim.png"])
  }

  @Test func otherVersionsAreTold() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let file = folder.output.appendingPathComponent("data/report.json")
    var text = try String(contentsOf: file, encoding: .utf8)
    let font = try #require(text.firstMatch(of: /"version" : "(\d+\.\d+)"/))
    text = text.replacingOccurrences(of: String(font.0), with: "\"version\" : \"0.500\"")
    text.replace(/"pango" : "[^"]*"/, with: "\"pango\" : \"1.2\"")
    try text.write(to: file, atomically: true, encoding: .utf8)
    let (_, differences) = try FigureReplay(report: folder.output, toolVersion: "9.9.9").run()
    #expect(differences.first == "drawn with Palimpsest 1.2.3, here it is 9.9.9")
    #expect(differences.contains { $0.hasPrefix("drawn with Pango 1.2, here it is 1.") })
    #expect(differences.contains { $0.contains("0.500, here it is \(font.1)") }, "\(differences)")
  }

  /// Numbers that JSON has no words for, and text that is hostile to it.
  @Test func everyValueOfAFigureSurvives() throws {
    let values: [Double?] = [
      0.1 + 0.2, -0.0, .infinity, -.infinity, nil, Double.leastNonzeroMagnitude, 1.797e308, 1 / 3,
    ]
    let figure = LineFigure(
      panels: [
        .init(
          title: "\u{0}\"\\ 日本\u{301}", labels: values.map { "\($0 ?? 0)" },
          series: [.init(name: "a", values: values, low: values, high: values)])
      ], valueLabel: "x", range: 0...1,
      description: FigureDescription(kind: "lines", title: "t", caption: "", alternativeText: ""))
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let read = try decoder.decode(FigureContent.self, from: try encoder.encode(FigureContent(figure)))
    let lines = try #require(read.figure as? LineFigure)
    let back = lines.panels[0].series[0].values
    #expect(back.map { $0?.bitPattern } == values.map { $0?.bitPattern })
    #expect(Array(lines.panels[0].title.utf8) == Array("\u{0}\"\\ 日本\u{301}".utf8))
    #expect(lines.range == 0...1)
    let bars = BarFigure(
      panels: [.init(groups: ["g"], series: [.init(name: "b", values: [0.1])])], valueLabel: "x",
      description: figure.description)
    let readBars = try decoder.decode(FigureContent.self, from: try encoder.encode(FigureContent(bars))).figure
    #expect((readBars as? BarFigure)?.panels[0].series[0].values == [0.1])
  }
}
