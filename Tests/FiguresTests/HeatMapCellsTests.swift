import Figures
import Testing

/// Which colour stands where: a map that is neither square nor symmetric, and the scale beside it.
@Suite struct HeatMapCellsTests {
  /// Images with their frames in page coordinates.
  private func images(_ nodes: [SceneNode], offset: Point = Point(0, 0)) -> [(shape: ImageShape, top: Double)] {
    nodes.flatMap { node -> [(shape: ImageShape, top: Double)] in
      switch node {
      case .image(let shape): return [(shape, shape.frame.y + offset.y)]
      case .group(let group):
        return images(group.children, offset: Point(offset.x + group.offset.x, offset.y + group.offset.y))
      default: return []
      }
    }
  }

  private func figure() throws -> LaidOut {
    let map = HeatMap(
      rows: [HeatMapBlock(name: "A", labels: ["top", "bottom"])],
      columns: [HeatMapBlock(name: "B", labels: ["left", "middle", "right"])],
      values: [0, 0.2, 0.4, 0.6, 0.8, 1], annotations: .never)
    let laidOut = try figureOf([map], annotations: .never).laidOut(
      style: try repositoryStyle("tmlr"), measurer: EvenMeasurer())
    return LaidOut(scene: laidOut.scene, images: images(laidOut.scene.nodes))
  }

  private struct LaidOut {
    let scene: Scene
    let images: [(shape: ImageShape, top: Double)]
  }

  /// Two rows and three columns of six different values: transposed, the colours would stand elsewhere.
  @Test func everyValueIsDrawnInItsOwnRowAndColumn() throws {
    let cells = try #require(try figure().images.first { $0.shape.columns == 3 && $0.shape.rows == 2 }?.shape)
    for row in 0..<2 {
      for column in 0..<3 {
        let start = (row * 3 + column) * 4
        let value = 0.2 * Double(row * 3 + column)
        #expect(
          Array(cells.pixels[start..<start + 4]) == ColorMap.viridis.color(at: value).bytes,
          "row \(row), column \(column)")
      }
    }
  }

  @Test func theScaleHasItsLargestValueAtTheTop() throws {
    let figure = try figure()
    let bar = try #require(figure.images.first { $0.shape.columns == 1 && $0.shape.rows == 256 })
    #expect(Array(bar.shape.pixels.prefix(4)) == ColorMap.viridis.color(at: 1).bytes)
    #expect(Array(bar.shape.pixels.suffix(4)) == ColorMap.viridis.color(at: 0).bytes)
    let ticks = figure.scene.placedTexts(EvenMeasurer()).compactMap { text in
      Double(text.run.text).map { (value: $0, y: text.bounds.center.y) }
    }
    let (largest, smallest) = (
      try #require(ticks.max { $0.value < $1.value }), try #require(ticks.min { $0.value < $1.value })
    )
    #expect(largest.value == 1 && smallest.value == 0)
    #expect((largest.y - bar.top).magnitude < 1)
    #expect((smallest.y - bar.top - bar.shape.frame.height).magnitude < 1)
  }
}
