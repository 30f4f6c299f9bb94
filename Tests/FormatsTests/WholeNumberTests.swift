import Formats
import Testing

@Suite struct WholeNumberTests {
  @Test(arguments: [
    (0.0, 0), (-0.0, 0), (2.9, 2), (-2.9, -2), (9.2e18, 9_200_000_000_000_000_000), (9.3e18, Int.max),
    (-9.3e18, Int.min), (1e300, .max), (-1e300, .min), (.infinity, .max), (-.infinity, .min), (.nan, 0), (5e-324, 0),
  ])
  func everyNumberHasAWholeOne(value: Double, whole: Int) {
    #expect(Int(saturating: value) == whole)
  }

  @Test func narrowTypesEndAtTheirEnds() {
    #expect(UInt8(saturating: 255.9) == 255)
    #expect(UInt8(saturating: 256) == 255)
    #expect(UInt8(saturating: -1) == 0)
    #expect(UInt32(saturating: 4e9) == 4_000_000_000)
    #expect(Int32(saturating: -1e10) == .min)
  }

  @Test func productsThatOverflowAreNone() {
    #expect(Int.product(3, 5, 7) == 105)
    #expect(Int.product() == 1)
    #expect(Int.product(1 << 40, 1 << 40) == nil)
    #expect(Int.product(-1, Int.min) == nil)
    #expect(Int.product(1 << 40, 1 << 40, 0) == nil)
  }
}
