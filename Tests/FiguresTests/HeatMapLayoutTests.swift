import Figures
import Testing

@Suite struct HeatMapLayoutTests {
  let measurer = EvenMeasurer()

  @Test(arguments: styleNames)
  func everyTextStandsOnThePageAndNoneOverlap(styleName: String) throws {
    let style = try repositoryStyle(styleName)
    for width in Set([style.textWidth, style.columnWidth]) {
      for (name, maps) in heatMapCases {
        let figure = try figureOf(maps).laidOut(style: style, measurer: measurer, width: width)
        let texts = figure.scene.placedTexts(measurer)
        #expect(!texts.isEmpty)
        for text in texts {
          #expect(
            figure.scene.page.contains(text.bounds), "\(styleName), \(name): '\(text.run.text)' leaves the page")
          #expect(text.run.size >= FigureStyle.smallestSize)
        }
        for (index, first) in texts.enumerated() {
          for second in texts[(index + 1)...] {
            #expect(
              !first.bounds.overlaps(second.bounds, tolerance: 0.15 * first.run.size),
              "\(styleName), \(name): '\(first.run.text)' overlaps '\(second.run.text)'")
          }
        }
      }
    }
  }

  @Test func noTextOverlapsTheCells() throws {
    let style = try repositoryStyle("tmlr")
    for (name, maps) in heatMapCases {
      let figure = try figureOf(maps, annotations: .never).laidOut(style: style, measurer: measurer)
      for region in figure.regions {
        let first = try #require(region.columns.first)
        let last = try #require(region.columns.last)
        let top = try #require(region.rows.first)
        let bottom = try #require(region.rows.last)
        let cells = Rectangle(
          x: first, y: top, width: last - first + region.cell, height: bottom - top + region.cell)
        for text in figure.scene.placedTexts(measurer) {
          #expect(!text.bounds.overlaps(cells, tolerance: 0.1), "\(name): '\(text.run.text)' stands in the cells")
        }
      }
    }
  }

  @Test(arguments: styleNames)
  func figuresKeepWithinTheVenue(styleName: String) throws {
    let style = try repositoryStyle(styleName)
    for (name, maps) in heatMapCases {
      let figure = try figureOf(maps).laidOut(style: style, measurer: measurer)
      #expect(figure.scene.size.width <= style.textWidth + 0.5, "\(styleName), \(name)")
      #expect(figure.scene.size.height <= style.maximumHeight + 0.5, "\(styleName), \(name)")
      #expect(figure.warnings.isEmpty)
    }
  }

  @Test func cellsAreSquareAndOfOneSizeInAllPanels() throws {
    let style = try repositoryStyle("tmlr")
    let figure = try figureOf(withinModels()).laidOut(style: style, measurer: measurer)
    #expect(figure.regions.count == 4)
    let cell = figure.regions[0].cell
    for region in figure.regions {
      #expect(region.cell == cell)
      for edges in [region.rows, region.columns] {
        for (one, next) in zip(edges, edges.dropFirst()) { #expect((next - one - cell).magnitude < 0.002) }
      }
    }
    #expect(figure.regions.map(\.rows.count) == [19, 15, 15, 31])
    for image in images(figure.scene.nodes) where image.columns > 1 {
      #expect((image.frame.width / Double(image.columns) - image.frame.height / Double(image.rows)).magnitude < 1e-9)
    }
  }

  @Test func modelsAreSetApartByTheStylesGap() throws {
    let style = try repositoryStyle("tmlr")
    let region = try #require(try figureOf([allModels()]).laidOut(style: style, measurer: measurer).regions.first)
    #expect(region.rows.count == 80)
    let gaps = zip(region.rows, region.rows.dropFirst()).map { $1 - $0 - region.cell }
    let wide = gaps.indices.filter { gaps[$0] > 1 }
    #expect(wide == [18, 33, 48])
    for index in wide { #expect((gaps[index] - style.lines.blockGap).magnitude < 0.003) }
  }

  @Test func panelsShareOneColourBar() throws {
    let style = try repositoryStyle("tmlr")
    let figure = try figureOf(withinModels()).laidOut(style: style, measurer: measurer)
    let bars = figure.scene.placedTexts(measurer).filter { $0.run.text == "Linear CKA (debiased)" }
    #expect(bars.count == 1)
    #expect(images(figure.scene.nodes).count { $0.columns == 1 && $0.rows == 256 } == 1)
  }

  @Test func colourBarRunsFromNoughtToOneWhateverTheValues() throws {
    let style = try repositoryStyle("tmlr")
    for (_, maps) in heatMapCases {
      let texts = try figureOf(maps, annotations: .never).laidOut(style: style, measurer: measurer).scene
        .placedTexts(measurer).map(\.run.text)
      #expect(texts.contains("0.0") || texts.contains("0"))
      #expect(texts.contains("1.0") || texts.contains("1"))
    }
  }

  @Test func missingValuesAreGreyHatchedAndNamed() throws {
    let style = try repositoryStyle("tmlr")
    var map = square(["a", "b"])
    map.values = [1, nil, .nan, 1]
    let figure = try figureOf([map]).laidOut(style: style, measurer: measurer)
    let texts = figure.scene.placedTexts(measurer).map(\.run.text)
    #expect(texts.contains("no value"))
    #expect(texts.count { $0 == "1.00" } == 2)
    let image = try #require(images(figure.scene.nodes).first { $0.columns == 2 })
    #expect(Array(image.pixels[4..<8]) == style.colors.missing.bytes)
    #expect(Array(image.pixels[8..<12]) == style.colors.missing.bytes)

    let whole = try figureOf([square(["a", "b"])]).laidOut(style: style, measurer: measurer)
    #expect(!whole.scene.placedTexts(measurer).map(\.run.text).contains("no value"))
  }

  @Test func valuesBelowTheScaleTakeTheColourOfItsEndAndAreMarked() throws {
    let style = try repositoryStyle("tmlr")
    var map = square(["a", "b"])
    map.values = [1, -0.04, -0.04, 1]
    let plain = try figureOf([map], annotations: .never).laidOut(style: style, measurer: measurer)
    #expect(plain.scene.placedTexts(measurer).map(\.run.text).contains("below 0, coloured as 0"))
    let image = try #require(images(plain.scene.nodes).first { $0.columns == 2 })
    #expect(Array(image.pixels[4..<8]) == ColorMap.viridis.color(at: 0).bytes)

    let numbers = try figureOf([map]).laidOut(style: style, measurer: measurer)
    let texts = numbers.scene.placedTexts(measurer).map(\.run.text)
    #expect(texts.count { $0 == "\u{2212}0.04" } == 2)
    #expect(!texts.contains("below 0, coloured as 0"))
  }

  @Test func demandedNumbersWidenTheFigureAndSayIt() throws {
    let style = try repositoryStyle("tmlr")
    let map = square((0..<60).map { "block.\($0)" })
    let figure = try figureOf([map], annotations: .always).laidOut(style: style, measurer: measurer)
    #expect(figure.warnings.count == 1)
    #expect(figure.warnings.first?.contains("more than the 6.50 in of style 'tmlr'") == true)
    #expect(figure.scene.placedTexts(measurer).count > 3600)
  }

  @Test func layoutIsTheSameEveryTime() throws {
    let style = try repositoryStyle("icml")
    for (_, maps) in heatMapCases {
      let first = try figureOf(maps).laidOut(style: style, measurer: measurer)
      let second = try figureOf(maps).laidOut(style: style, measurer: measurer)
      #expect(first.scene == second.scene)
      #expect(first.regions == second.regions)
    }
  }

  @Test func errorsSayWhatIsWrong() throws {
    let style = try repositoryStyle("tmlr")
    var map = square(["a", "b"])
    map.values = [1, 0.5, 1]
    #expect(throws: FigureError("a heat map of 2 rows and 2 columns needs 4 values, got 3")) {
      try figureOf([map]).laidOut(style: style, measurer: measurer)
    }
    #expect(throws: FigureError("a figure of heat maps needs at least one")) {
      try figureOf([]).laidOut(style: style, measurer: measurer)
    }
    var small = style
    small.sizes.tick = 4
    #expect(throws: FigureError("style 'tmlr': sizes.tick is 4.0; expected 6.0 to 200 points")) {
      try figureOf([square(["a"])]).laidOut(style: small, measurer: measurer)
    }
  }

  private func images(_ nodes: [SceneNode]) -> [ImageShape] {
    nodes.flatMap { node -> [ImageShape] in
      switch node {
      case .image(let shape): [shape]
      case .group(let group): images(group.children)
      case .rectangle, .path, .text: []
      }
    }
  }
}
