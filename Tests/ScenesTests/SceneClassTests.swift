import Imaging
import Scenes
import Testing

@Suite struct SceneClassTests {
  @Test func identifiersCountFromOneAndNamesAreDistinct() {
    #expect(SceneClass.all.map(\.id) == Array(1...24))
    #expect(Set(SceneClass.all.map(\.name)).count == 24)
    #expect(SceneClass.named("whale")?.canonicalHue == 213)
    #expect(SceneClass.named("unicorn") == nil)
  }

  @Test func partnersKnowEachOther() {
    for kind in SceneClass.all {
      for partner in kind.shapePartners {
        #expect(SceneClass.named(partner)?.shapePartners.contains(kind.name) == true)
        #expect(SceneClass.named(partner)?.context == kind.context)
      }
      for partner in kind.texturePartners {
        #expect(SceneClass.named(partner)?.texturePartners.contains(kind.name) == true)
        #expect(SceneClass.named(partner)?.context == kind.context)
      }
    }
  }

  @Test func everyContextHasClassesOfItsOwn() {
    for context in SceneClass.Context.allCases {
      #expect(SceneClass.all.contains { $0.context == context })
    }
  }

  /// The mean colour under the mask of specimens of one hue, over many seeds, in 0…255.
  private func meanColor(of name: String, seeds: Range<UInt64>) throws -> [Double] {
    let kind = try #require(SceneClass.named(name))
    var sum = [0.0, 0.0, 0.0]
    var count = 0.0
    for seed in seeds {
      let scene = try SceneGenerator.specimen(of: kind, hue: 210, seed: seed, size: 96)
      for (place, visible) in scene.objects[0].mask.pixels.enumerated() where visible {
        for channel in 0..<3 { sum[channel] += Double(scene.pixels[place * 3 + channel]) }
        count += 1
      }
    }
    return sum.map { $0 / count }
  }

  @Test(arguments: [["striped ball", "dotted ball", "checkered ball"], ["smooth hat", "knitted hat"]])
  func texturePartnersHaveTheSameMeanColour(partners: [String]) throws {
    let means = try partners.map { try meanColor(of: $0, seeds: 0..<40) }
    for mean in means {
      for channel in 0..<3 {
        #expect(abs(mean[channel] - means[0][channel]) < 5, "\(partners) have the mean colours \(means)")
      }
    }
  }

  @Test func texturePartnersHaveOneOutlineAndShapePartnersDoNot() throws {
    func mask(_ name: String) throws -> SceneMask {
      let kind = try #require(SceneClass.named(name))
      return try SceneGenerator.specimen(of: kind, seed: 5, size: 96).objects[0].mask
    }
    #expect(try mask("striped ball") == mask("dotted ball"))
    #expect(try mask("striped ball") == mask("checkered ball"))
    #expect(try mask("star badge").area * 5 < mask("hexagon badge").area * 4)
    #expect(try mask("mug") != mask("vase"))
  }

  @Test func aSpecimenCanHaveAnotherThanItsCanonicalColour() throws {
    let banana = try #require(SceneClass.named("banana"))
    for hue in [0.0, 120, 240] {
      let scene = try SceneGenerator.specimen(of: banana, hue: hue, seed: 1, size: 96)
      #expect(SceneHue.distance(scene.meanHue(scene.objects[0]), hue) < 10)
    }
    let own = try SceneGenerator.specimen(of: banana, seed: 1, size: 96)
    #expect(SceneHue.distance(own.meanHue(own.objects[0]), 50) < 12)
    #expect(throws: SceneError("the size is 8, but has to be 32…4096 pixels")) {
      try SceneGenerator.specimen(of: banana, seed: 1, size: 8)
    }
  }
}

@Suite struct SceneMaskTests {
  @Test func runsAreCountedDownTheColumns() {
    let pixels = [false, true, false, true, true, false]
    let mask = SceneMask(width: 3, height: 2, pixels: pixels)
    // Columns: (off, on), (on, on), (off, off).
    #expect(mask.runLengths == [1, 3, 2])
    #expect(mask.area == 3 && mask.box == [0, 0, 2, 2])
  }

  @Test func emptyAndFullMasks() {
    let empty = SceneMask(width: 4, height: 3, pixels: Array(repeating: false, count: 12))
    let full = SceneMask(width: 4, height: 3, pixels: Array(repeating: true, count: 12))
    #expect(empty.runLengths == [12] && empty.box == [0, 0, 0, 0])
    #expect(full.runLengths == [0, 12] && full.box == [0, 0, 4, 3])
    // As pycocotools 2.0 writes them.
    #expect(empty.compressedRunLengths == "<")
    #expect(full.compressedRunLengths == "0<")
  }

  @Test func compressedRunsAreThoseOfPycocotools() {
    // mask.encode of a 40×50 disc of radius 15.3 around (22, 18), pycocotools 2.0.
    var pixels = [Bool](repeating: false, count: 40 * 50)
    for y in 0..<50 {
      for x in 0..<40 { pixels[y * 40 + x] = Double((x - 22) * (x - 22) + (y - 18) * (y - 18)) <= 15.3 * 15.3 }
    }
    #expect(SceneMask(width: 40, height: 50, pixels: pixels).compressedRunLengths == expectedDisc)
  }

  private let expectedDisc = #"];7X16K4M2N2N2N2N2O0O2O000O2O000000000001N10001N101N2N2N2N2N3L5Jh2"#
}
