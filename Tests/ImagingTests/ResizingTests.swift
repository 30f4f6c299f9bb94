import Imaging
import TestSupport
import Testing

@Suite struct ResizingTests {
  struct Case: Decodable {
    let source: Place
    let expected: Place
    let interpolation: Interpolation
    let box: [Float]?
    let arithmetic: PixelImage.Arithmetic
  }

  @Test func everyFilterGivesPillowsAndPyTorchsPixels() throws {
    let (cases, raw) = try Fixture<Case>.load("resize")
    #expect(cases.count >= 150)
    for (index, item) in cases.enumerated() {
      let resized = item.source.image(raw).resized(
        width: item.expected.width, height: item.expected.height, interpolation: item.interpolation,
        box: item.box.map { ($0[0], $0[1], $0[2], $0[3]) }, arithmetic: item.arithmetic)
      let difference = largestDifference(resized, item.expected.image(raw))
      #expect(difference == 0, "case \(index): \(item.interpolation) \(item.arithmetic)")
    }
  }

  @Test func aWindowOfAResizeIsTheResizeCropped() {
    let image = gradient(width: 53, height: 71)
    let window = PixelImage.Region(left: 5, top: 3, width: 17, height: 11)
    for interpolation in Interpolation.allCases {
      for (width, height) in [(29, 31), (53, 20), (90, 71), (30, 200), (40, 15)] {
        for arithmetic in [PixelImage.Arithmetic.pillow, .torch] {
          let whole = image.resized(
            width: width, height: height, interpolation: interpolation, arithmetic: arithmetic)
          let part = image.resized(
            width: width, height: height, interpolation: interpolation, window: window, arithmetic: arithmetic)
          #expect(part == whole.cropped(to: window), "\(interpolation) \(width)x\(height) \(arithmetic)")
        }
      }
    }
  }

  @Test func theSameSizeIsTheSamePixels() {
    let image = gradient(width: 31, height: 17)
    for interpolation in Interpolation.allCases {
      #expect(image.resized(width: 31, height: 17, interpolation: interpolation) == image)
    }
  }

  @Test func oneColourStaysThatColour() {
    let image = PixelImage(width: 37, height: 3, pixels: [UInt8](repeating: 201, count: 37 * 3 * 3))
    for interpolation in Interpolation.allCases {
      for (width, height) in [(1, 1), (200, 90), (5, 40)] {
        let resized = image.resized(width: width, height: height, interpolation: interpolation)
        #expect(resized.pixels.allSatisfy { $0 == 201 }, "\(interpolation)")
      }
    }
  }

  @Test func pillowsNumbersNameFilters() throws {
    #expect(
      try (0..<6).map { try Interpolation(pillow: $0) } == [.nearest, .lanczos, .bilinear, .bicubic, .box, .hamming])
    #expect(message { _ = try Interpolation(pillow: 6) } == "resample 6 is none of Pillow's filters 0 to 5")
  }
}
