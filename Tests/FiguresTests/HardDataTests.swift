import Figures
import Testing

/// What constant, single and coinciding values must not do to a figure.
@Suite struct HardDataTests {
  let measurer = EvenMeasurer()

  /// Every node with its place on the page, those in groups included.
  private func nodes(_ nodes: [SceneNode]) -> [SceneNode] {
    nodes.flatMap { node -> [SceneNode] in
      if case .group(let group) = node { return [node] + self.nodes(group.children) }
      return [node]
    }
  }

  private func paths(_ figure: Figure) -> [PathShape] {
    nodes(figure.scene.nodes).compactMap { node in
      if case .path(let shape) = node { return shape }
      return nil
    }
  }

  /// The leftmost point of a shape, in the coordinates of its group.
  private func left(_ shape: PathShape) -> Double {
    shape.elements.compactMap { element -> Double? in
      switch element {
      case .move(let point), .line(let point): point.x
      case .curve(let control1, let control2, let end): min(control1.x, control2.x, end.x)
      case .close: nil
      }
    }.min() ?? .infinity
  }

  private func lines(_ values: [[Double?]]) -> LineFigure {
    let series = values.enumerated().map { place, values in
      LineFigure.Series(
        name: "s\(place)", values: values, low: values.map { _ in nil }, high: values.map { _ in nil })
    }
    let labels = (0..<values[0].count).map { "block.\($0)" }
    return LineFigure(
      panels: [.init(title: "ViT", labels: labels, series: series)], valueLabel: "CKA", range: 0...1,
      description: description("test"))
  }

  @Test func curvesThatLieOnEachOtherAreSeenInTurn() throws {
    let style = try repositoryStyle("tmlr")
    let figure = try lines([[0.5, 0.5, nil, 0.5, 0.5], [0.5, 0.5, nil, 0.5, 0.5], [0.2, 0.3, 0.4, 0.5, 0.6]])
      .laidOut(style: style, measurer: measurer)
    func dashes(_ color: Int) -> [[Double]] {
      paths(figure).compactMap(\.stroke).filter {
        $0.color == style.colors.categories[color] && $0.width == style.lines.curve
      }.map(\.dash)
    }
    // The first of each is the sample in the legend.
    #expect(dashes(0) == [[], [], []])
    let unit = style.lines.curve * 3
    #expect(dashes(1) == [[], [unit, unit], [unit, unit]])
    #expect(dashes(2) == [[], []])
  }

  /// Heads of a network: points of their own behind a gap, which no line or band joins.
  @Test func detachedPlacesAreJoinedToNothing() throws {
    let style = try repositoryStyle("tmlr")
    func figure(detached: Int) throws -> Figure {
      let values: [Double?] = [0.9, 0.8, 0.7, 0.2, 0.3]
      let series = LineFigure.Series(
        name: "s", values: values, low: values.map { $0.map { $0 - 0.1 } }, high: values.map { $0.map { $0 + 0.1 } })
      return try LineFigure(
        panels: [
          .init(title: "DETR", labels: ["a", "b", "c", "logits", "boxes"], series: [series], detached: detached)
        ],
        valueLabel: "CKA", range: 0...1, description: description("test")
      ).laidOut(style: style, measurer: measurer)
    }
    /// The x of the points of every curve.
    func curves(_ figure: Figure) -> [[Double]] {
      paths(figure).filter { $0.stroke?.color == style.colors.categories[0] && $0.stroke?.width == style.lines.curve }
        .map { shape in
          shape.elements.compactMap { element in
            switch element {
            case .move(let point), .line(let point): point.x
            default: nil
            }
          }
        }
    }
    let (joined, split) = (try figure(detached: 0), try figure(detached: 2))
    #expect(curves(joined).map(\.count) == [5])
    #expect(curves(split).map(\.count) == [3])
    let step = try #require(curves(split).first.map { $0[1] - $0[0] })
    // Five places and a gap as wide as one more.
    let whole = try #require(curves(joined).first)
    #expect(abs(step * 5 - (whole[4] - whole[0])) < 1e-6)
    // A band of three, and a whisker at each head.
    let whiskers = paths(split).filter {
      $0.stroke?.color == style.colors.categories[0] && $0.stroke?.width == style.lines.curve * 0.8
    }
    #expect(whiskers.count == 2)
  }

  @Test func valuesThatDifferByRoundingOnlyAreOneValueOfTheAxis() {
    let axis = NumericAxis([0.5, 0.500_000_06, 0.5])
    #expect(axis.ticks.map { $0.spans.map(\.text).joined() } == ["0.45", "0.50", "0.55"])
    #expect(NumericAxis([0]).range == -1...1)
    // Counted in steps of 0.2, whose sum is not exact.
    #expect(NumericAxis([1000, 1001]).range == 1000...1001)
  }

  @Test func aLineWithoutLengthIsAPointWithItsInterval() throws {
    let style = try repositoryStyle("tmlr")
    let figure = try PlotFigure(
      panels: [
        .init(
          series: [.init(name: "s", x: [3, 3, 3], y: [0.5, 0.5, 0.5], low: [0.4, 0.4, 0.4], high: [0.6, 0.6, 0.6])]
        )
      ], horizontal: .init("frequency", scale: .logarithmic), vertical: .init("power"), mark: .line,
      description: description("test")
    ).laidOut(style: style, measurer: measurer)
    let color = style.colors.categories[0]
    #expect(paths(figure).contains { $0.fill == color })
    #expect(paths(figure).contains { $0.stroke?.color == color && $0.elements.count == 2 })
  }

  @Test func pointsKeepClearOfTheAxesAndNamesOfTheLevels() throws {
    let style = try repositoryStyle("tmlr")
    let figure = try PlotFigure(
      panels: [
        .init(series: [.init(name: "s", x: [1, 2, 4], y: [1, 0.5, 2], labels: ["first", "second", "third"])])
      ],
      horizontal: .init("x"), vertical: .init("y"), mark: .points, levels: [0.5], description: description("test")
    ).laidOut(style: style, measurer: measurer)
    let marks = paths(figure).filter { $0.fill == style.colors.categories[0] }
    let axis = paths(figure).first { $0.stroke?.color == style.colors.ink && $0.elements.count == 3 }
    let edge = left(try #require(axis))
    #expect(marks.count == 3)
    for mark in marks { #expect(left(mark) > edge + style.lines.axis) }
    let texts = figure.scene.placedTexts(measurer)
    let level = try #require(texts.first { $0.run.text.hasPrefix("0.5") }).bounds.center.y
    let name = try #require(texts.first { $0.run.text == "second" }).bounds
    #expect(name.bottom <= level || name.y >= level)
  }

  @Test func theAxisLiesOverTheBars() throws {
    let style = try repositoryStyle("tmlr")
    let figure = try BarFigure(
      panels: [.init(groups: ["a", "b"], series: [.init(name: "s", values: [1, 2])])], valueLabel: "dB",
      description: description("test")
    ).laidOut(style: style, measurer: measurer)
    let all = nodes(figure.scene.nodes)
    let lastBar = try #require(
      all.lastIndex { node in
        if case .rectangle(let shape) = node { return shape.fill == style.colors.categories[0] }
        return false
      })
    let axis = try #require(
      all.lastIndex { node in
        if case .path(let shape) = node {
          return shape.stroke?.color == style.colors.ink && shape.elements.count == 3
        }
        return false
      })
    #expect(axis > lastBar)
  }

  @Test func theValueLabelStandsBesideTheMiddleOfThePlot() throws {
    let figure = try lines([[0, 1] + Array(repeating: 0.5, count: 38)]).laidOut(
      style: repositoryStyle("tmlr"), measurer: measurer)
    let texts = figure.scene.placedTexts(measurer)
    func middle(_ text: String) throws -> Double { try #require(texts.first { $0.run.text == text }).bounds.center.y }
    #expect((try middle("CKA") - (try middle("0.0") + middle("1.0")) / 2).magnitude < 1)
  }

  @Test(arguments: styleNames)
  func longNamesLeaveRoomForTheCellsOfManyMaps(styleName: String) throws {
    let long = "a model whose folder has a name that nobody would ever put into a figure"
    var map = square((0..<6).map { "\(long).block.\($0)" }, name: long)
    map.title = long
    let style = try repositoryStyle(styleName)
    let figure = try figureOf(Array(repeating: map, count: 4)).laidOut(style: style, measurer: measurer)
    #expect(figure.warnings.isEmpty)
    #expect(figure.regions[0].cell > style.sizes.tick * 0.7)
  }

  @Test func panelsFillTheirLinesEvenly() throws {
    let maps = try figureOf(Array(repeating: square((0..<40).map { "block.\($0)" }), count: 4)).laidOut(
      style: repositoryStyle("slide"), measurer: measurer)
    #expect(Set(maps.regions.map { $0.columns[0] }).count == 2)
    // Five would fit: 5, 5 and 1.
    let plots = try differences(5, panels: 11).laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    let titles = plots.scene.placedTexts(measurer).filter { $0.run.weight == .bold }
    #expect(Dictionary(grouping: titles) { ($0.bounds.y * 10).rounded() }.values.map(\.count).sorted() == [3, 4, 4])
  }

  @Test func numbersOfADialStandWhereTheCurveIsNot() throws {
    let figure = try PolarFigure(
      panels: [
        .init(title: "block.0", series: [.init(name: "s", angles: [0, 90, 180, 270], values: [0.4, 0.9, 0.4, 0.9])])
      ], valueLabel: "distance", description: description("test")
    ).laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    let texts = figure.scene.placedTexts(measurer)
    func x(_ text: String) throws -> Double {
      try #require(texts.first { $0.run.text.hasPrefix(text) }).bounds.center.x
    }
    #expect((try x("1.0") - (try x("block.0"))).magnitude > 20)
  }

  @Test func piecesOfABrokenGridStandBelowEachOther() throws {
    let columns = (0..<8).map { "c\($0)" }
    let rows = try (0..<9).map { row in
      ImageGridFigure.Row(
        label: "r\(row)",
        tiles: try columns.map { _ in .init(try picture(row, width: 4, height: 4), text: "21.345 dB") })
    }
    let figure = try ImageGridFigure(
      panels: [.init(columns: columns, rows: rows, gapsBehind: [0])], description: description("grid")
    ).laidOut(style: repositoryStyle("slide"), measurer: measurer)
    let frames = nodes(figure.scene.nodes).compactMap { node -> Rectangle? in
      if case .image(let shape) = node { return shape.frame }
      return nil
    }
    // Three blocks of three rows beside each other, two bands of four columns below each other; the gap behind the first
    // column makes only one of the bands wider.
    let lines = Dictionary(grouping: frames) { ($0.y * 10).rounded() }.values.map { line in
      line.map(\.x).sorted()
    }
    #expect(lines.count == 6)
    for line in lines where line.count == 12 {
      for place in [0, 4, 8] { #expect((line[place] - lines[0][place]).magnitude < 1e-6) }
    }
  }

  @Test func tinyAndHugeNumbersAreWrittenWithPowersOfTen() {
    func labels(_ values: [Double]) -> [String] {
      NumericAxis(values, include: [0]).ticks.map { $0.spans.map(\.text).joined() }
    }
    #expect(labels([4e-12]) == ["0", "1·10−12", "2·10−12", "3·10−12", "4·10−12"])
    #expect(labels([2e9]).first == "0")
    #expect(labels([2e9]).last == "2.0·109")
    #expect(labels([0.004]).last == "0.004")
  }

  @Test func aStripOfPicturesIsBrokenIntoBlocks() throws {
    let figure = try imageGrid(rows: 12, columns: 1).laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    #expect(figure.scene.size.height < figure.scene.size.width * 3)
  }
}
