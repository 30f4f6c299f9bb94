import Figures
import Foundation
import Testing

@Suite struct ComposedFigureTests {
  let measurer = EvenMeasurer()

  private func depth(_ models: [String]) -> LineFigure {
    let looks = models.indices.map { SeriesLook(color: $0, shape: $0) }
    return LineFigure(
      panels: [
        .init(
          title: "", labels: ["embed", "block.0"],
          series: zip(models, looks).map {
            .init(name: $0, values: [30, 20], low: [29, 19], high: [31, 21], look: $1)
          })
      ], valueLabel: "PSNR (dB)", range: 0...40, description: description("depth"),
      legend: zip(models, looks).map { LegendItem($0, $1) })
  }

  private func texts(_ figure: Figure) -> [String] { figure.scene.placedTexts(measurer).map(\.run.text) }

  @Test func thePageIsExactlyAsWideAsItIsAskedToBe() throws {
    let grid = try imageGrid(rows: 2, columns: 3)
    let composed = ComposedFigure(
      rows: [
        .init([.init(depth(["a", "b"]), share: 2), .init(grid, share: 1)]), .init([.init(bars(groups: 3, series: 2))]),
      ], description: description("compose"))
    for name in styleNames {
      let style = try repositoryStyle(name)
      let figure = try composed.laidOut(style: style, measurer: measurer, width: style.textWidth)
      #expect(figure.scene.size.width == style.textWidth, "\(name)")
      let placed = figure.scene.placedTexts(measurer)
      #expect(placed.allSatisfy { figure.scene.page.contains($0.bounds, tolerance: 0.01) }, "\(name)")
    }
    var own = composed
    own.width = 3.25
    #expect(try own.laidOut(style: repositoryStyle("cvpr"), measurer: measurer).scene.size.width == 234)
  }

  @Test func partsAreLetteredAndHaveOneLegend() throws {
    let rows = [ComposedFigure.Row([.init(depth(["a", "b"])), .init(depth(["b", "c"]), title: "DINO")])]
    let style = try repositoryStyle("tmlr")
    let shared = try texts(
      ComposedFigure(rows: rows, description: description("compose")).laidOut(style: style, measurer: measurer))
    #expect(shared.contains("(a)") && shared.contains("(b) DINO"))
    // b is the second model of one part and the first of the other: two colours, which are two entries.
    #expect(shared.count { $0 == "a" } == 1 && shared.count { $0 == "c" } == 1)
    let own = try texts(
      ComposedFigure(rows: rows, letters: false, legend: .none, description: description("compose")).laidOut(
        style: style, measurer: measurer))
    #expect(!own.contains("(a)") && !own.contains("a"))
  }

  /// What is written is read again, pictures apart, which come back by `grids` in their order.
  @Test func aCompositionIsKeptAsData() throws {
    let grids = try [imageGrid(rows: 1, columns: 2), imageGrid(rows: 2, columns: 1)]
    let composed = ComposedFigure(
      rows: [.init(grids.map { .init($0) }), .init([.init(depth(["a"]))])], width: 5,
      description: description("compose"))
    let data = try JSONEncoder().encode(FigureContent(composed))
    var read = try JSONDecoder().decode(FigureContent.self, from: data).figure
    #expect(read.grids.flatMap(\.panels).flatMap(\.rows).flatMap(\.tiles).allSatisfy { $0.picture == nil })
    read.grids = composed.grids
    let style = try repositoryStyle("tmlr")
    #expect(
      try read.laidOut(style: style, measurer: measurer, width: nil).scene
        == composed.laidOut(style: style, measurer: measurer, width: nil).scene)
    let numbers = composed.numbers(pictures: ["p", "q", "r", "s"], style: style)
    #expect(numbers.header.first == "part" && numbers.letters == ["a", "b", "c"])
    let place = try #require(numbers.header.firstIndex(of: "picture"))
    #expect(numbers.texts.map { $0[place] } == ["p", "q", "r", "s", "", ""])
    #expect(numbers.texts.map { $0[0] } == ["a", "a", "b", "b", "c", "c"])
  }

  @Test func aPartWithoutWidthIsRefused() throws {
    let composed = ComposedFigure(
      rows: [.init([.init(depth(["a"]), share: 0)])], description: description("compose"))
    #expect(throws: FigureError("the width of a part is 0.0; expected more than 0 and less than 1000")) {
      try composed.laidOut(style: repositoryStyle("tmlr"), measurer: measurer)
    }
  }
}

@Suite struct HeatMapNumbersTests {
  /// Numbers of layers repeat in every stage: in the table each row is one, or programs that read it would take two for one.
  @Test func rowsOfOneNumberAreTold() throws {
    let block = HeatMapBlock(
      name: "swin", labels: ["embed", "0", "1", "0", "", "norm", "norm"],
      groups: [.init("S1", first: 1, count: 2), .init("S2", first: 3, count: 2)])
    let map = HeatMap(rows: [block], columns: [block], values: Array(repeating: 0.5, count: 49), range: 0...1)
    let figure = HeatMapFigure(
      maps: [map], colorMap: try ColorMap.named("viridis"), valueLabel: "CKA", description: description("map"))
    let names = try figure.numbers(pictures: [], style: repositoryStyle("tmlr")).texts.prefix(7).map { $0[4] }
    #expect(names == ["embed", "S1 0", "S1 1", "S2 0", "S2", "norm", "norm (2)"])
  }
}
