import Imaging
import TestSupport
import Testing

@Suite struct ColorConditionTests {
  struct Case: Decodable {
    let name: String
    let source: Place
    let expected: Place
  }

  @Test func everyConditionGivesOpenCVsPixels() throws {
    let (cases, raw) = try Fixture<Case>.load("color")
    #expect(cases.count >= 28)
    for item in cases {
      let changed = try ColorCondition(parsing: item.name).apply(to: item.source.image(raw))
      let difference = largestDifference(changed, item.expected.image(raw))
      #expect(difference == 0, "\(item.name)")
    }
  }

  @Test func aMaskKeepsTheOtherPixels() throws {
    let image = gradient(width: 40, height: 10)
    let mask = Mask(width: 40, height: 10, values: (0..<400).map { $0 % 3 == 0 ? 1 : 0 })
    for name in ["red", "hue+120", "gray", "saturation*0.2", "brightness*2", "permute-gbr"] {
      let condition = try ColorCondition(parsing: name)
      let whole = condition.apply(to: image)
      let part = condition.apply(to: image, mask: mask)
      for pixel in 0..<400 {
        let bytes = 3 * pixel..<3 * pixel + 3
        #expect(Array(part.pixels[bytes]) == Array((mask.values[pixel] == 1 ? whole : image).pixels[bytes]))
      }
      #expect(part != image)
    }
    #expect(try ColorCondition(parsing: "original").apply(to: image) == image)
  }

  @Test func whatIsErasedGetsTheMeanOfTheRest() throws {
    let image = PixelImage(width: 3, height: 1, pixels: [10, 0, 200, 13, 1, 201, 99, 99, 99])
    let condition = try ColorCondition(parsing: "erase")
    let mask = Mask(width: 3, height: 1, values: [0, 0, 1])
    #expect(condition.needsMask)
    #expect(condition.apply(to: image, mask: mask).pixels == [10, 0, 200, 13, 1, 201, 12, 1, 201])
    #expect(condition.apply(to: image, mask: Mask(width: 3, height: 1)) == image)
    let all = Mask(width: 3, height: 1, values: [1, 1, 1])
    #expect(condition.apply(to: image, mask: all).pixels == [UInt8](repeating: 128, count: 9))
  }

  @Test func whatIsSwappedIsTheOtherImages() throws {
    let image = PixelImage(width: 3, height: 2, pixels: (0..<18).map { UInt8($0) })
    let other = PixelImage(width: 2, height: 1, pixels: [100, 101, 102, 200, 201, 202])
    let condition = try ColorCondition(parsing: "swap")
    let mask = Mask(width: 3, height: 2, values: [0, 1, 0, 0, 0, 1])
    #expect(condition.needsMask && condition.needsOther)
    let changed = condition.apply(to: image, mask: mask, other: other)
    #expect(changed.pixels == [0, 1, 2, 200, 201, 202, 6, 7, 8, 9, 10, 11, 12, 13, 14, 100, 101, 102])
    #expect(condition.apply(to: image, mask: mask) == image)
  }

  @Test func namesStayAsWrittenAndFitAnHDF5Group() throws {
    for name in ["original", "hue+12.25", "saturation*0.5", "brightness*3", "permute-bgr", "permute-rgb"] {
      #expect(try ColorCondition(parsing: name).name == name)
      #expect(!name.contains("/"))
    }
  }

  @Test func anUnknownNameSaysWhatWasMeant() {
    let forms = ColorCondition.forms.joined(separator: ", ")
    #expect(
      message { _ = try ColorCondition(parsing: "grey") }
        == "unknown condition 'grey' (did you mean 'gray'?); conditions are \(forms)")
    #expect(
      message { _ = try ColorCondition(parsing: "hue+x") }
        == "condition 'hue+x': expected degrees from 0 after 'hue+', as in 'hue+1.5'")
    for name in [
      "", "hue-3", "hue+-3", "hue+1e3", "hue+", "hue+nan", "saturation*-1", "permute-rrg", "permute-", "a/b",
    ] {
      #expect(message { _ = try ColorCondition(parsing: name) } != nil, "\(name)")
    }
  }
}
