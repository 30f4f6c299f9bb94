import Figures
import Testing

@Suite struct LineFigureTests {
  let measurer = EvenMeasurer()

  private func panel(_ family: Family, lowest: Double = 0.1) -> LineFigure.Panel {
    let count = family.taps.count
    let values = (0..<count).map { index -> Double? in
      index == 4 ? nil : 1 - (1 - lowest) * Double(index) / Double(count - 1)
    }
    let series = LineFigure.Series(
      name: "with the first tap", values: values, low: values.map { $0.map { $0 - 0.03 } },
      high: values.map { $0.map { min(1, $0 + 0.03) } })
    var second = series
    second.name = "with the last tap"
    second.low = Array(repeating: nil, count: count)
    return LineFigure.Panel(title: family.rawValue, labels: family.taps, series: [series, second])
  }

  private func figure(_ panels: [LineFigure.Panel]) -> LineFigure {
    LineFigure(
      panels: panels, valueLabel: "Linear CKA (debiased)", range: 0...1, description: description("depth"))
  }

  @Test(arguments: styleNames)
  func everyTextStandsOnThePageAndNoneOverlap(styleName: String) throws {
    let style = try repositoryStyle(styleName)
    for width in Set([style.textWidth, style.columnWidth]) {
      for families in [[Family.vit], Family.allCases] {
        let figure = try figure(families.map { panel($0) }).laidOut(style: style, measurer: measurer, width: width)
        #expect(figure.scene.size.width <= width + 0.5)
        let texts = figure.scene.placedTexts(measurer)
        for (index, first) in texts.enumerated() {
          #expect(figure.scene.page.contains(first.bounds), "\(styleName): '\(first.run.text)' leaves the page")
          for second in texts[(index + 1)...] {
            #expect(
              !first.bounds.overlaps(second.bounds, tolerance: 0.15 * first.run.size),
              "\(styleName): '\(first.run.text)' overlaps '\(second.run.text)'")
          }
        }
      }
    }
  }

  @Test(
    arguments: styleNames, [["embed", "norm", "logits_head"], ["projection", "encoder.2", "decoder.2", "boxes"]])
  func neighbouringLabelsDoNotReadAsOne(styleName: String, labels: [String]) throws {
    let style = try repositoryStyle(styleName)
    let values = labels.indices.map { Double?.some(Double($0) / 10) }
    let none = labels.map { _ in Double?.none }
    let panel = LineFigure.Panel(
      title: "", labels: labels, series: [.init(name: "a", values: values, low: none, high: none)])
    for count in 1...5 {
      let figure = try figure(Array(repeating: panel, count: count)).laidOut(style: style, measurer: measurer)
      let texts = figure.scene.placedTexts(measurer).filter { labels.contains($0.run.text) }
      #expect(texts.count == count * labels.count)
      if count == 1 { #expect(texts.allSatisfy { $0.run.direction == .rightwards }) }
      for (first, second) in zip(texts, texts.dropFirst()) where second.bounds.x > first.bounds.x {
        guard
          first.run.direction == .rightwards,
          (first.bounds.center.y - second.bounds.center.y).magnitude < style.sizes.tick * 0.3
        else { continue }
        #expect(
          second.bounds.x - first.bounds.right >= style.sizes.tick * 0.5 - 1e-9,
          "\(count) panels: '\(first.run.text)' and '\(second.run.text)'")
      }
    }
  }

  @Test func scaleGrowsToHoldNegativeIntervals() throws {
    let style = try repositoryStyle("tmlr")
    let texts = try figure([panel(.vit, lowest: -0.05)]).laidOut(style: style, measurer: measurer).scene
      .placedTexts(measurer).map(\.run.text)
    #expect(texts.contains("\u{2212}0.2"))
    #expect(texts.contains("1.0"))
    let plain = try figure([panel(.vit)]).laidOut(style: style, measurer: measurer).scene
      .placedTexts(measurer).map(\.run.text)
    #expect(!plain.contains("\u{2212}0.2"))
  }

  @Test func legendNamesEverySeriesOnce() throws {
    let style = try repositoryStyle("tmlr")
    let texts = try figure(Family.allCases.map { panel($0) }).laidOut(style: style, measurer: measurer).scene
      .placedTexts(measurer).map(\.run.text)
    for name in ["with the first tap", "with the last tap"] { #expect(texts.count { $0 == name } == 1) }
  }

  @Test func onePlaceAndNoValuesAreDrawn() throws {
    let style = try repositoryStyle("tmlr")
    let single = LineFigure.Panel(
      title: "one", labels: ["embed"], series: [.init(name: "s", values: [0.4], low: [0.3], high: [0.5])])
    let empty = LineFigure.Panel(
      title: "none", labels: ["a", "b"],
      series: [.init(name: "s", values: [nil, nil], low: [nil, nil], high: [nil, nil])])
    let figure = try figure([single, empty]).laidOut(style: style, measurer: measurer)
    #expect(figure.scene.placedTexts(measurer).map(\.run.text).contains("embed"))
  }

  @Test func unequalSeriesAreAnError() throws {
    let style = try repositoryStyle("tmlr")
    let wrong = LineFigure.Panel(
      title: "ViT", labels: ["a", "b"], series: [.init(name: "s", values: [1], low: [nil, nil], high: [nil, nil])])
    #expect(throws: FigureError("series 's' of panel 'ViT' needs 2 values and interval ends each")) {
      try figure([wrong]).laidOut(style: style, measurer: measurer)
    }
  }
}
