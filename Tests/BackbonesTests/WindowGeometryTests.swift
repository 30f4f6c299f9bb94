import Backbones
import Formats
import Testing

struct WindowGeometryTests {
  static let geometries = [
    WindowGeometry(
      grid: ImageSize(height: 8, width: 8), window: ImageSize(height: 4, width: 4),
      shift: ImageSize(height: 2, width: 2), padsBeforeRolling: false),
    WindowGeometry(
      grid: ImageSize(height: 7, width: 15), window: ImageSize(height: 3, width: 5),
      shift: ImageSize(height: 1, width: 2), padsBeforeRolling: false),
    WindowGeometry(
      grid: ImageSize(height: 7, width: 15), window: ImageSize(height: 4, width: 4),
      shift: ImageSize(height: 2, width: 2), padsBeforeRolling: true),
    WindowGeometry(
      grid: ImageSize(height: 4, width: 10), window: ImageSize(height: 4, width: 4),
      shift: ImageSize(height: 0, width: 2), padsBeforeRolling: false),
    WindowGeometry(
      grid: ImageSize(height: 2, width: 3), window: ImageSize(height: 4, width: 4),
      shift: ImageSize(height: 2, width: 2), padsBeforeRolling: false),
  ]

  @Test(arguments: geometries, [false, true])
  func mergingUndoesPartition(geometry: WindowGeometry, shifted: Bool) {
    let sources = geometry.sources(shifted: shifted)
    let destinations = geometry.destinations(shifted: shifted)
    #expect(sources.count == geometry.count * geometry.area)
    #expect(destinations.map { sources[$0] } == Array(0..<geometry.grid.area))
    // Every token stands in exactly one window.
    #expect(sources.compactMap { $0 }.sorted() == Array(0..<geometry.grid.area))
  }

  @Test func windowsComeInRasterOrderAndHoldRasterOrder() {
    let geometry = WindowGeometry(
      grid: ImageSize(height: 4, width: 4), window: ImageSize(height: 2, width: 2),
      shift: ImageSize(height: 1, width: 1), padsBeforeRolling: false)
    #expect(
      geometry.sources(shifted: false).compactMap { $0 } == [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15])
    #expect(
      geometry.sources(shifted: true).compactMap { $0 } == [5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0])
    #expect(geometry.regions() == [0, 0, 0, 0, 1, 2, 1, 2, 3, 3, 6, 6, 4, 5, 7, 8])
  }

  @Test func offsetsShareARowOfTheBiasTable() {
    let geometry = WindowGeometry(
      grid: ImageSize(height: 4, width: 6), window: ImageSize(height: 2, width: 3),
      shift: ImageSize(height: 0, width: 0), padsBeforeRolling: false)
    let rows = geometry.biasRows()
    // A token with itself: the middle of the table of 3 × 5 offsets.
    #expect((0..<6).allSatisfy { rows[$0 * 6 + $0] == 7 })
    #expect(rows[0 * 6 + 5] == 0 && rows[5 * 6 + 0] == 14)
    #expect(Set(rows).count == 15)
  }

  @Test func timmDecidesAnAxisAtATimeAndTransformersForBoth() {
    let timm = WindowRules.timm(alwaysPartitions: false, followsInput: true)
    let wide = timm.geometry(
      window: ImageSize(height: 4, width: 4), grid: ImageSize(height: 4, width: 10),
      nativeGrid: ImageSize(height: 4, width: 10))
    #expect(
      wide.window == ImageSize(height: 4, width: 4) && wide.shift == ImageSize(height: 0, width: 2)
        && !wide.padsBeforeRolling)
    let small = timm.geometry(
      window: ImageSize(height: 7, width: 7), grid: ImageSize(height: 4, width: 6),
      nativeGrid: ImageSize(height: 4, width: 6))
    #expect(small.window == ImageSize(height: 4, width: 6) && small.shift == ImageSize(height: 0, width: 0))
    let always = WindowRules.timm(alwaysPartitions: true, followsInput: true)
      .geometry(
        window: ImageSize(height: 4, width: 4), grid: ImageSize(height: 2, width: 3),
        nativeGrid: ImageSize(height: 2, width: 3))
    #expect(always.window == ImageSize(height: 4, width: 4) && always.shift == ImageSize(height: 2, width: 2))
    let transformers = WindowRules.transformers.geometry(
      window: ImageSize(height: 4, width: 4), grid: ImageSize(height: 4, width: 10),
      nativeGrid: ImageSize(height: 4, width: 10))
    #expect(
      transformers.window == ImageSize(height: 4, width: 4) && transformers.shift == ImageSize(height: 0, width: 0)
        && transformers.padsBeforeRolling)
  }
}
