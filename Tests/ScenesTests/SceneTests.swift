import Imaging
import Scenes
import Testing

@Suite struct SceneTests {
  /// 72 small scenes: each class is the subject of three.
  static let scenes: [DrawnScene] = {
    guard let generator = try? SceneGenerator(count: 72, seed: 11, width: 96, height: 80) else { return [] }
    return (0..<72).compactMap { try? generator.scene(at: $0) }
  }()

  @Test func everySceneIsDrawnAtItsSize() {
    #expect(SceneTests.scenes.count == 72)
    for scene in SceneTests.scenes {
      #expect(scene.width == 96 && scene.height == 80)
      #expect(scene.pixels.count == 96 * 80 * 3)
      #expect(!scene.objects.isEmpty)
      #expect(Set(scene.pixels).count > 60, "scene \(scene.index) is nearly flat")
    }
  }

  @Test func sameSeedDrawsTheSameBytesAndAnotherSeedDoesNot() throws {
    let first = try SceneGenerator(count: 5, seed: 3, width: 96, height: 64)
    let again = try SceneGenerator(count: 900, seed: 3, width: 96, height: 64)
    let other = try SceneGenerator(count: 5, seed: 4, width: 96, height: 64)
    for index in [0, 4, 30] {
      let scene = try first.scene(at: index)
      #expect(try scene.png() == again.scene(at: index).png())
      #expect(scene.pixels != (try other.scene(at: index)).pixels)
    }
    #expect(try first.scene(at: 0).pixels != first.scene(at: 1).pixels)
  }

  @Test func masksAreDisjointAndInsideTheImage() {
    for scene in SceneTests.scenes {
      var count = [Int](repeating: 0, count: scene.width * scene.height)
      for object in scene.objects {
        #expect(object.mask.width == scene.width && object.mask.height == scene.height)
        for (place, visible) in object.mask.pixels.enumerated() where visible { count[place] += 1 }
      }
      #expect(count.allSatisfy { $0 <= 1 }, "two masks of scene \(scene.index) share a pixel")
    }
  }

  @Test func boxesAreTheTightestAroundTheMasks() {
    for scene in SceneTests.scenes {
      for object in scene.objects {
        let visible = object.mask.pixels.indices.filter { object.mask.pixels[$0] }
        let columns = visible.map { $0 % scene.width }
        let rows = visible.map { $0 / scene.width }
        let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
        let (top, bottom) = (rows.min() ?? 0, rows.max() ?? 0)
        #expect(object.mask.area == visible.count && visible.count > 0)
        #expect(object.mask.box == [left, top, right - left + 1, bottom - top + 1])
      }
    }
  }

  @Test func objectsDifferFromWhatIsBehindThem() {
    // Across the outline of a subject the picture changes more than a step further out: the mask is on the object.
    var (across, beside) = (0, 0)
    for scene in SceneTests.scenes {
      guard let object = scene.dominant else { continue }
      let mask = object.mask
      for row in 4..<scene.height - 4 {
        for column in 4..<scene.width - 4 {
          let place = row * scene.width + column
          guard mask.pixels[place], !mask.pixels[place - 1] else { continue }
          func difference(_ first: Int, _ second: Int) -> Int {
            (0..<3).reduce(0) { $0 + abs(Int(scene.pixels[first * 3 + $1]) - Int(scene.pixels[second * 3 + $1])) }
          }
          across += difference(place + 1, place - 2)
          beside += difference(place - 2, place - 4)
        }
      }
    }
    #expect(across > 2 * beside)
  }

  @Test func labelIsTheClassWithTheMostVisiblePixels() {
    for scene in SceneTests.scenes {
      let areas = scene.objects.map { $0.mask.area }.sorted(by: >)
      #expect(scene.label == scene.objects.first { $0.mask.area == areas[0] }?.kind.name)
      if areas.count > 1 { #expect(Double(areas[1]) <= 0.7 * Double(areas[0])) }
    }
  }

  @Test func everyBlockOfImagesIsAboutEachClassOnce() {
    for block in 0..<3 {
      let labels = SceneTests.scenes[block * 24..<block * 24 + 24].map(\.label)
      #expect(labels.sorted() == SceneClass.all.map(\.name).sorted())
    }
    #expect(SceneTests.scenes[0..<24].map(\.label) != SceneTests.scenes[24..<48].map(\.label))
  }

  @Test func canonicalColoursAreSeenInThePixels() {
    var seen: Set<String> = []
    for scene in SceneTests.scenes {
      for object in scene.objects where object.mask.area > 150 {
        guard let canonical = object.kind.canonicalHue else { continue }
        seen.insert(object.kind.name)
        let hue = scene.meanHue(object)
        #expect(SceneHue.distance(hue, canonical) < 16, "\(object.kind.name) of scene \(scene.index) has hue \(hue)")
      }
    }
    #expect(seen.count == SceneClass.all.filter { $0.canonicalHue != nil }.count)
  }

  @Test func classesWithoutACanonicalColourAppearInManyHues() {
    let free = SceneTests.scenes.flatMap(\.objects).filter { $0.kind.canonicalHue == nil }
    let sectors = Set(free.map { Int($0.hue / 60) })
    #expect(sectors == [0, 1, 2, 3, 4, 5])
    let cars = free.filter { ["car", "balloon", "mug"].contains($0.kind.name) }
    #expect(Set(cars.map { Int($0.hue / 30) }).count >= 4)
  }

  @Test func fourOfFiveObjectsAreInTheContextOfTheirClass() throws {
    let objects = SceneTests.scenes.flatMap(\.objects)
    let share = Double(objects.count { $0.inContext }) / Double(objects.count)
    #expect(share > 0.7 && share < 0.95)
    for scene in SceneTests.scenes {
      for object in scene.objects { #expect(object.inContext == (object.kind.context == scene.context)) }
    }
    let never = try SceneGenerator(count: 8, seed: 2, width: 64, height: 64, contextProbability: 0)
    for index in 0..<8 { #expect(try never.scene(at: index).dominant?.inContext == false) }
  }

  @Test func someObjectsAreHiddenInPart() {
    let occlusions = SceneTests.scenes.flatMap(\.objects).map(\.occlusion)
    #expect(occlusions.allSatisfy { (0...0.66).contains($0) })
    #expect(occlusions.count { $0 > 0.1 } > occlusions.count / 12)
    #expect(occlusions.count { $0 < 0.01 } > occlusions.count / 4)
  }

  @Test(arguments: [(32, 32), (200, 33), (33, 200)])
  func smallAndLongPicturesHaveAVisibleSubject(width: Int, height: Int) throws {
    let generator = try SceneGenerator(count: 1, seed: 6, width: width, height: height)
    for index in 0..<24 {
      let scene = try generator.scene(at: index)
      #expect(scene.pixels.count == width * height * 3)
      #expect((scene.dominant?.mask.area ?? 0) >= 12)
    }
  }
}
