import Figures
import Formats
import Foundation
import Reports
import Results
import Testing

/// Maps of tokens: their colours and marks by hand from small tables.
@Suite struct TokenMapTests {
  /// Two models with a tap of 1×2 tokens each that share their components, and a tap of another width.
  private func results() throws -> ResultsFolder {
    let folder = try ResultsFolder()
    try folder.write(
      """
      store,condition,tap,metric,value,low,high,n
      vit,original,embed,token_norm,10,9,11,4
      vit,original,embed,outlier_share,0.5,0.4,0.6,4
      vit,original,embed,outlier_norm,15,,,4
      vit,original,embed,explained,0.9,,,4
      deit,original,embed,token_norm,20,19,21,4
      deit,original,stage.1,token_norm,5,4,6,4

      """, "tokens.csv")
    try folder.write(
      """
      store,condition,tap,channels,basis,component,basis_share,tap_share
      vit,original,embed,8,1,1,0.36,0.4
      vit,original,embed,8,1,2,0.16,0.3
      vit,original,embed,8,1,3,0.04,0.2
      deit,original,embed,8,1,1,0.36,0.3
      deit,original,embed,8,1,2,0.16,0.2
      deit,original,embed,8,1,3,0.04,0.1
      deit,original,stage.1,2,2,1,0.64,0.6
      deit,original,stage.1,2,2,2,0.25,0.4

      """, "token_components.csv")
    try folder.write(
      """
      store,condition,tap,path,grid_row,grid_column,norm,is_outlier,component_1,component_2,component_3
      vit,original,embed,a.png,0,0,8,0,0,0,0
      vit,original,embed,a.png,0,1,30,1,1.5,-1,0.25
      vit,original,embed,b.png,0,0,8,0,0,0,0
      vit,original,embed,b.png,0,1,9,0,0,0,0
      deit,original,embed,a.png,0,0,20,0,-0.75,0,0
      deit,original,embed,a.png,0,1,30,0,0,0,0
      deit,original,stage.1,a.png,0,0,5,0,0.8,0,

      """, "token_maps.csv")
    return folder
  }

  private func figures(_ folder: ResultsFolder, _ settings: [String] = []) throws -> [ReportFigure] {
    try ReportContent(
      results: folder.results, style: FigureStyle.named("tmlr", templates: templates), openStore: nil,
      settings: FigureSettings(texts: settings)
    ).figures
  }

  private func pixels(_ tile: ImageGridFigure.Tile) -> [[UInt8]] {
    let bytes = tile.picture?.pixels ?? []
    return stride(from: 0, to: bytes.count, by: 4).map { Array(bytes[$0..<$0 + 3]) }
  }

  /// ½ + component / (2 · 2.5 · √share): 1.5 of a component with the share 0.36 is the bright end, −1 of one with 0.16 the dark.
  @Test func colorsAreThoseOfTheComponents() throws {
    let figure = try #require(figures(results()).first { $0.kind == "token-map" })
    let grid = try #require(figure.content(as: ImageGridFigure.self))
    #expect(grid.panels.map(\.title) == ["vit", "deit"])
    #expect(grid.panels.map(\.columns) == [["embed"], ["embed", "stage.1"]])
    #expect(grid.panels.allSatisfy { $0.rows.count == 1 })
    #expect(pixels(grid.panels[0].rows[0].tiles[0]) == [[128, 128, 128], [255, 0, 191]])
    #expect(pixels(grid.panels[1].rows[0].tiles[0])[0] == [64, 128, 128])
    // Of two numbers there is no third component: its colour is the middle. 0.8 / (2 · 2.5 · 0.8) = 0.2.
    #expect(pixels(grid.panels[1].rows[0].tiles[1]) == [[179, 128, 128]])
    // What has other components stands behind a gap.
    #expect(grid.panels[1].gapsBehind == [0])
    #expect(
      grid.description.caption.contains(
        "Components are shared within each set: vit and deit (embed); deit (stage.1)."))
  }

  @Test func normsAreOverTheMeanOfTheTapAndOutliersHaveRings() throws {
    let figure = try #require(figures(results(), ["models=vit", "image-count=2"]).first { $0.kind == "norm-map" })
    let grid = try #require(figure.content(as: ImageGridFigure.self))
    #expect(grid.panels[0].rows.map(\.label) == ["a.png", "b.png"])
    let tiles = grid.panels[0].rows.flatMap(\.tiles)
    #expect(tiles.map(\.text) == ["10.0", "10.0"])
    #expect(tiles.map { $0.rings?.count ?? 0 } == [1, 0])
    #expect(tiles[0].rings?[0].area == .init(x: 0.5, y: 0, width: 0.5, height: 1))
    // 8 / 10 and 9 / 10 of those that are no outliers.
    #expect(grid.scale?.low == 0.8 && grid.scale?.high == 0.9)
    #expect(grid.ringMeaning == "outlier token")
    let map = ColorMap.viridis
    #expect(pixels(tiles[0]) == [map.color(at: 0), map.color(at: 1)].map { Array($0.bytes.prefix(3)) })
  }

  @Test func settingsAndValuesAreThoseOfTheFigure() throws {
    let folder = try results()
    let figure = try #require(
      figures(folder, ["norm-map.range=0..2", "norm-map.color-map=magma", "models=vit", "images=b"])
        .first { $0.kind == "norm-map" })
    let grid = try #require(figure.content(as: ImageGridFigure.self))
    #expect(grid.scale == .init(low: 0, high: 2, colorMap: "magma", label: "Token norm / mean of the tap"))
    let files = try figure.exported(as: "f", [], style: FigureStyle.named("tmlr", templates: templates))
    let values = try #require(files.first { $0.name == "f-values.csv" })
    #expect(
      String(decoding: values.data, as: UTF8.self)
        == "store,tap,path,grid_row,grid_column,norm,is_outlier\nvit,embed,b.png,0,0,8.0,0\nvit,embed,b.png,0,1,9.0,0\n"
    )
    #expect(try figures(folder, ["norm-map.taps=none"]).contains { $0.kind == "norm-map" } == false)
  }

  /// A report with maps is drawn, and its figures are drawn again from their data: the same bytes.
  @Test func mapsAreReplayed() throws {
    let folder = try results()
    _ = try folder.builder.build()
    let replay = try FigureReplay(report: folder.output, toolVersion: "1.2.3")
    let (outcomes, _) = try replay.run()
    #expect(outcomes.contains { $0.name == "tokens-token-map" } && outcomes.allSatisfy { $0.status == .same })
    #expect(try replay.compareData(withResults: folder.results).differing.isEmpty)
    // Equal pictures are one file, whatever figure they are in.
    let pictures = try folder.contents().keys.filter { $0.hasPrefix("data/pictures/") }
    #expect(!pictures.isEmpty && Set(pictures).count == pictures.count)
  }

  @Test func brokenTablesAreRefusedWithTheirLine() throws {
    let folder = try results()
    try folder.write(
      "store,condition,tap,path,grid_row,grid_column,norm,is_outlier,component_1,component_2,component_3\n"
        + "vit,original,embed,a.png,99999999,0,8,0,0,0,0\n", "token_maps.csv")
    #expect(throws: ReportError.self) { try figures(folder) }
  }
}
