import Backbones
import Testing

struct WindowGeometryTests {
  static let geometries = [
    WindowGeometry(grid: [8, 8], window: [4, 4], shift: [2, 2], padsBeforeRolling: false),
    WindowGeometry(grid: [7, 15], window: [3, 5], shift: [1, 2], padsBeforeRolling: false),
    WindowGeometry(grid: [7, 15], window: [4, 4], shift: [2, 2], padsBeforeRolling: true),
    WindowGeometry(grid: [4, 10], window: [4, 4], shift: [0, 2], padsBeforeRolling: false),
    WindowGeometry(grid: [2, 3], window: [4, 4], shift: [2, 2], padsBeforeRolling: false),
  ]

  @Test(arguments: geometries, [false, true])
  func mergingUndoesPartition(geometry: WindowGeometry, shifted: Bool) {
    let sources = geometry.sources(shifted: shifted)
    let destinations = geometry.destinations(shifted: shifted)
    #expect(sources.count == geometry.count * geometry.area)
    #expect(destinations.map { sources[$0] } == Array(0..<geometry.grid[0] * geometry.grid[1]))
    // Every token stands in exactly one window.
    #expect(sources.compactMap { $0 }.sorted() == Array(0..<geometry.grid[0] * geometry.grid[1]))
  }

  @Test func windowsComeInRasterOrderAndHoldRasterOrder() {
    let geometry = WindowGeometry(grid: [4, 4], window: [2, 2], shift: [1, 1], padsBeforeRolling: false)
    #expect(
      geometry.sources(shifted: false).compactMap { $0 } == [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15])
    #expect(
      geometry.sources(shifted: true).compactMap { $0 } == [5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0])
    #expect(geometry.regions() == [0, 0, 0, 0, 1, 2, 1, 2, 3, 3, 6, 6, 4, 5, 7, 8])
  }

  @Test func offsetsShareARowOfTheBiasTable() {
    let geometry = WindowGeometry(grid: [4, 6], window: [2, 3], shift: [0, 0], padsBeforeRolling: false)
    let rows = geometry.biasRows()
    // A token with itself: the middle of the table of 3 × 5 offsets.
    #expect((0..<6).allSatisfy { rows[$0 * 6 + $0] == 7 })
    #expect(rows[0 * 6 + 5] == 0 && rows[5 * 6 + 0] == 14)
    #expect(Set(rows).count == 15)
  }

  @Test func timmDecidesAnAxisAtATimeAndTransformersForBoth() {
    let timm = WindowRules.timm(alwaysPartitions: false, followsInput: true)
    let wide = timm.geometry(window: [4, 4], grid: [4, 10], nativeGrid: [4, 10])
    #expect(wide.window == [4, 4] && wide.shift == [0, 2] && !wide.padsBeforeRolling)
    let small = timm.geometry(window: [7, 7], grid: [4, 6], nativeGrid: [4, 6])
    #expect(small.window == [4, 6] && small.shift == [0, 0])
    let always = WindowRules.timm(alwaysPartitions: true, followsInput: true)
      .geometry(window: [4, 4], grid: [2, 3], nativeGrid: [2, 3])
    #expect(always.window == [4, 4] && always.shift == [2, 2])
    let transformers = WindowRules.transformers.geometry(window: [4, 4], grid: [4, 10], nativeGrid: [4, 10])
    #expect(transformers.window == [4, 4] && transformers.shift == [0, 0] && transformers.padsBeforeRolling)
  }
}
