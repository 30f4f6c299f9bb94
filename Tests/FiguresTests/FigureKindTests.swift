import Figures
import Testing

@Suite struct FigureKindTests {
  let measurer = EvenMeasurer()

  @Test(arguments: try figureCases())
  func everyTextStandsOnThePageAndNoneOverlap(figureCase: FigureCase) throws {
    for styleName in styleNames {
      let style = try repositoryStyle(styleName)
      for width in Set([style.textWidth, style.columnWidth]) {
        let figure = try figureCase.laidOut(style, measurer, width)
        if figure.warnings.isEmpty {
          #expect(figure.scene.size.width <= width + 0.5, "\(styleName)")
          #expect(figure.scene.size.height <= style.maximumHeight + 0.5, "\(styleName)")
        }
        let texts = figure.scene.placedTexts(measurer)
        for (index, first) in texts.enumerated() {
          #expect(
            figure.scene.page.contains(first.bounds, tolerance: 0.01),
            "\(styleName): '\(first.run.text)' leaves the page")
          #expect(first.run.size >= FigureStyle.smallestSize)
          for second in texts[(index + 1)...]
          where first.bounds.overlaps(second.bounds, tolerance: 0.15 * first.run.size) {
            Issue.record("\(styleName): '\(first.run.text)' overlaps '\(second.run.text)'")
          }
        }
      }
    }
  }

  private func texts(_ figure: Figure) -> [String] { figure.scene.placedTexts(measurer).map(\.run.text) }

  /// Every node, those in groups included.
  private func nodes(_ nodes: [SceneNode]) -> [SceneNode] {
    nodes.flatMap { node -> [SceneNode] in
      if case .group(let group) = node { return [node] + self.nodes(group.children) }
      return [node]
    }
  }

  @Test func aGridShowsEveryPictureWithItsNumberAndKeepsItsShape() throws {
    let figure = try imageGrid(rows: 4, columns: 5).laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    let images = nodes(figure.scene.nodes).compactMap { node -> ImageShape? in
      if case .image(let shape) = node { return shape }
      return nil
    }
    #expect(images.count == 20)
    #expect(images.allSatisfy { $0.content == .picture && $0.columns == 6 && $0.rows == 4 })
    #expect(images.allSatisfy { ($0.frame.height / $0.frame.width - 4.0 / 6).magnitude < 1e-9 })
    #expect(texts(figure).count { $0 == "24.1 dB" } == 16)
    #expect(figure.warnings.isEmpty)
  }

  @Test func numbersWithoutRoomAreLeftOutAndItIsSaid() throws {
    let figure = try imageGrid(rows: 2, columns: 4, text: longName).laidOut(
      style: repositoryStyle("tmlr"), measurer: measurer)
    #expect(!texts(figure).contains(longName))
    #expect(
      figure.warnings == ["the tiles are too narrow for the numbers below them, which are left out; show fewer columns"]
    )
  }

  @Test func missingPicturesAreHatchedAndExplained() throws {
    let style = try repositoryStyle("tmlr")
    #expect(
      texts(try imageGrid(rows: 3, columns: 4, missing: true).laidOut(style: style, measurer: measurer)).contains(
        "no picture"))
    #expect(try !texts(imageGrid(rows: 3, columns: 4).laidOut(style: style, measurer: measurer)).contains("no picture"))
  }

  @Test func barsBeginAtZeroAndEndAtTheirValue() throws {
    let figure = try bars(groups: 2, series: 1) { group, _ in group == 0 ? 4 : 8 }
      .laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    let frames = nodes(figure.scene.nodes).compactMap { node -> Rectangle? in
      guard case .group(let group) = node, let title = group.title, title.hasPrefix("block."),
        case .rectangle(let shape)? = group.children.first
      else { return nil }
      return shape.frame
    }
    #expect(frames.count == 2)
    #expect((frames[1].height / frames[0].height - 2).magnitude < 1e-9)
    #expect((frames[0].bottom - frames[1].bottom).magnitude < 1e-9)
  }

  @Test func pointsWhoseIntervalHoldsTheReferenceAreHollow() throws {
    let figure = try differences(3, panels: 1) { [0.2, 2, -2][$0] }
      .laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    let style = try repositoryStyle("tmlr")
    let hollow = nodes(figure.scene.nodes).compactMap { node -> Int? in
      guard case .path(let shape) = node, shape.fill == style.colors.background,
        shape.stroke?.color == style.colors.categories[0]
      else { return nil }
      return shape.elements.count { $0 == .close }
    }
    #expect(hollow == [1])
    #expect(texts(figure).contains("interval holds 0"))
  }

  @Test func logarithmicAxesHaveRoundEndsAndEqualDecades() {
    let axis = NumericAxis([0.013, 0.4], scale: .logarithmic)
    #expect(axis.range == 0.01...0.5)
    let named = axis.ticks.filter { !$0.spans.isEmpty }.map { $0.spans.map(\.text).joined() }
    #expect(named == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5"])
    #expect(NumericAxis([2.2, 4], scale: .logarithmic).ticks.allSatisfy { !$0.spans.isEmpty })
    let decades = NumericAxis([0.01, 1], scale: .logarithmic).ticks.filter { !$0.spans.isEmpty }
    #expect(decades.map(\.value) == [0.01, 0.1, 1])
    let wide = NumericAxis([1, 1e4], scale: .logarithmic)
    let fractions = [1.0, 10, 100, 1000, 1e4].compactMap { wide.fraction($0) }
    #expect(zip(fractions, fractions.dropFirst()).allSatisfy { ($1 - $0 - 0.25).magnitude < 1e-12 })
    #expect(wide.fraction(0) == nil)
    #expect(wide.fraction(-3) == nil)
    #expect(wide.fraction(.nan) == nil)
    let tiny = NumericAxis([2e-9, 3e-3], scale: .logarithmic)
    #expect(tiny.ticks.contains { $0.spans.last?.script == .superscript })
  }

  @Test func linearAxesEndAtRoundNumbersAndHoldConstants() {
    #expect(NumericAxis([0.2, 9.7], include: [0]).range == 0...10)
    let constant = NumericAxis([5, 5])
    #expect(constant.range.contains(5) && constant.range.lowerBound < 5 && constant.range.upperBound > 5)
    #expect(NumericAxis([]).range == 0...1)
    let around = NumericAxis([-3, 7])
    #expect(around.ticks.contains { $0.value == 0 && $0.spans == [.init("0")] || $0.spans == [.init("0.0")] })
  }

  @Test func wrongShapesAreErrorsThatSayWhat() throws {
    let style = try repositoryStyle("tmlr")
    #expect(throws: FigureError("a picture of 2×2 needs 12 bytes, got 3")) {
      try Picture(width: 2, height: 2, rgb: [1, 2, 3])
    }
    #expect(throws: FigureError("row 'r' of an image grid has 1 tiles, expected 2")) {
      try ImageGridFigure(
        panels: [.init(columns: ["a", "b"], rows: [.init(label: "r", tiles: [.init(nil)])])],
        description: description("x")
      ).laidOut(style: style, measurer: measurer)
    }
    #expect(throws: FigureError("series 's' of a figure of bars needs 2 values and interval ends each")) {
      try BarFigure(
        panels: [.init(groups: ["a", "b"], series: [.init(name: "s", values: [1])])], valueLabel: "",
        description: description("x")
      ).laidOut(style: style, measurer: measurer)
    }
    #expect(throws: FigureError("series 's' of a polar figure has the value -1.0; distances are not negative")) {
      try PolarFigure(
        panels: [.init(title: "", series: [.init(name: "s", angles: [0], values: [-1])])], valueLabel: "",
        description: description("x")
      ).laidOut(style: style, measurer: measurer)
    }
    #expect(throws: FigureError("series 's' of a plot needs 1 values, interval ends and labels each")) {
      try PlotFigure(
        panels: [.init(series: [.init(name: "s", x: [1], y: [1, 2])])], horizontal: .init("x"), vertical: .init("y"),
        mark: .line, description: description("x")
      ).laidOut(style: style, measurer: measurer)
    }
  }
}
