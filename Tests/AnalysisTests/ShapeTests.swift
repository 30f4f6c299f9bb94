import Activations
import Analysis
import Foundation
import Testing

/// Structure against `scripts/fixtures/shape.py`, and what it must do whatever the images.
struct ShapeTests {
  struct Fixture: Decodable {
    struct Found: Decodable {
      let group: String
      let region: String
      let values: [String: Double]
    }
    struct Row: Decodable {
      let tap: String
      let row: Int
      let found: [Found]
    }
    struct Object: Decodable {
      let category: String
      let crowd: Bool
      let pixels: String
    }
    let rows: [Row]
    /// By tap and input the F-measure of every reconstruction's edges.
    let cross: [String: [[Double]]]
    /// By input that of the edges of white noise, mean over twenty pictures.
    let noise: [Double]
    let edges: [String]
    let ssim: [Double]
    let objects: [[Object]?]
  }

  let fixture: Fixture
  let file: FeatureStore

  init() throws {
    let folder = SimilarityFixtureTests.folder
    fixture = try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: folder.appendingPathComponent("shape.json")))
    file = try FeatureStore(path: folder.appendingPathComponent("shape.h5").path)
  }

  private func store() -> PixelStore {
    let objects = fixture.objects.map { image in
      image?.map { one in
        ObjectMask(category: one.category, isCrowd: one.crowd, pixels: one.pixels.utf8.map { $0 == 0x31 ? 1 : 0 })
      }
    }
    return PixelStore(name: "shape", store: file, objects: { row in objects[row] })
  }

  private func image(_ tap: String?, _ row: Int) throws -> RGBPixels {
    let bytes = try tap.map { try file.readReconstruction(tap: $0, row: row) } ?? file.readInput(row: row)
    return RGBPixels(height: 56, width: 44, bytes: bytes)
  }

  @Test func edgesAreThoseOfScikitImage() throws {
    for (place, expected) in fixture.edges.enumerated() {
      let found = Canny.edges(try image(place < 5 ? nil : "noise", place % 5))
      let wanted = expected.utf8.map { $0 == 0x31 ? UInt8(1) : 0 }
      #expect(found.count == wanted.count && wanted.contains(1))
      let wrong = zip(found, wanted).count { $0 != $1 }
      #expect(wrong == 0, "image \(place): \(wrong)")
    }
  }

  @Test func theMapIsThatOfScikitImage() throws {
    let map = try #require(SimilarityMap.values(image("noise", 0), image(nil, 0)))
    #expect(map.count == fixture.ssim.count)
    for (value, wanted) in zip(map, fixture.ssim) { #expect(abs(Double(value) - wanted) < 1e-4) }
    let same = try #require(SimilarityMap.values(image(nil, 0), image(nil, 0)))
    #expect(same.allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test func everyValueAgreesWithItsReference() throws {
    var figures: [ImageValue] = []
    let result = try Shape.analyze([store()], visit: { figures.append($0) })
    var wanted = 0
    for expected in fixture.rows {
      for found in expected.found {
        for (metric, value) in found.values {
          wanted += 1
          let labels = ["shape", "original", expected.tap, "\(expected.row).png", found.region, found.group, metric]
          let own = try #require(figures.first { $0.labels == labels }, "\(labels)")
          #expect(abs(own.value - value) < 2e-5, "\(labels): \(own.value), \(value)")
        }
      }
    }
    let referenced = Set(fixture.rows.flatMap { $0.found.flatMap(\.values.keys) })
    #expect(figures.count { referenced.contains($0.labels[6]) } == wanted && wanted > 200)
    for row in result.rows {
      let own = figures.filter {
        $0.labels[2] == row.labels[2] && $0.labels[4...] == row.labels[3...]
      }
      #expect(own.count == row.n)
      #expect(abs(own.map(\.value).reduce(0, +) / Double(row.n) - (row.value ?? .nan)) < 1e-12)
      // No interval of one image, nor where half of the images or more have the least or the greatest figure and fewer than five
      // another one.
      let values = own.map(\.value)
      let most = [values.min(), values.max()].map { end in values.count { $0 == end } }.max() ?? 0
      let isUnknown = most > 1 && 2 * most >= values.count && values.count - most < 5
      #expect((row.low == nil) == (row.n == 1 || isUnknown), "\(row.labels): \(values)")
    }
    #expect(
      result.rows.filter { $0.labels[2] == "blur" }.map { $0.labels[4] }.reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      } == ["all", "size:medium", "size:large", "class:box", "class:disc", "class:dot"])
    #expect(
      result.table.header == ["store", "condition", "tap", "region", "group", "metric", "value", "low", "high", "n"])
  }

  /// The shuffled ones are the mean over three reconstructions of other images.
  @Test func shuffledEdgesAreThoseOfOtherImages() throws {
    var figures: [[String]: Double] = [:]
    _ = try Shape.analyze([store()], visit: { figures[$0.labels] = $0.value })
    for (tap, cross) in fixture.cross {
      for image in 0..<5 {
        func value(_ metric: String) throws -> Double {
          try #require(figures[["shape", "original", tap, "\(image).png", "image", "all", metric]], "\(tap) \(metric)")
        }
        let others = (0..<5).filter { $0 != image }.map { cross[image][$0] }
        let means = others.flatMap { a in others.flatMap { b in others.map { (a + b + $0) / 3 } } }
        let (own, shuffled, excess) = try (value("edge_f"), value("edge_f_shuffled"), value("edge_f_excess"))
        #expect(abs(own - cross[image][image]) < 1e-9, "\(tap) \(image)")
        #expect(means.contains { abs($0 - shuffled) < 1e-9 }, "\(tap) \(image): \(shuffled)")
        #expect(abs(own - shuffled - excess) < 1e-12)
        let noise = try value("edge_f_noise")
        #expect(abs(noise - fixture.noise[image]) < 0.06, "\(noise), \(fixture.noise[image])")
      }
    }
  }

  /// A decoder that knows nothing of the image has nothing beyond chance, in every region: a mean image and one colour
  /// exactly, noise on average. One that knows it has.
  @Test func theExcessOfADecoderThatKnowsNothingIsZero() throws {
    var settings = Shape.Settings()
    settings.selection.bootstrap = 200
    let rows = try Shape.analyze([store()], settings: settings).rows
    var seen = 0
    for row in rows where row.labels[5] == "edge_f_excess" || row.labels[5] == "boundary_f_excess" {
      let value = try #require(row.value)
      switch row.labels[2] {
      case "mean", "flat":
        seen += 1
        #expect(abs(value) < 1e-12, "\(row)")
      case "white":
        seen += 1
        #expect(abs(value) < 0.1, "\(row)")
        if row.labels[3...4] == ["image", "all"] { #expect(abs(value) < 0.02, "\(row)") }
      case "same": if row.labels[3...4] == ["image", "all"] { #expect(value > 0.2, "\(row)") }
      default: break
      }
    }
    #expect(seen > 20)
  }

  /// Means over depth are of the same images: whether one counts is up to its input alone.
  @Test func theSameImagesCountAtEveryTap() throws {
    let result = try Shape.analyze([store()])
    let keys = Set(result.rows.map { Array($0.labels[3...]) })
    for key in keys {
      let counts = Set(result.rows.filter { Array($0.labels[3...]) == key }.map(\.n))
      #expect(counts.count == 1, "\(key): \(counts)")
      #expect(result.rows.count { Array($0.labels[3...]) == key } == 7, "\(key)")
    }
  }

  @Test func aPerfectReconstructionScoresPerfectly() throws {
    let result = try Shape.analyze([store()])
    let same = result.rows.filter { $0.labels[2] == "same" }
    #expect(same.count > 20)
    for row in same where row.labels[5] == "ssim_map" || row.labels[5] == "edge_f" {
      #expect(abs((row.value ?? 0) - 1) < 1e-5, "\(row)")
    }
    func value(_ metric: String) -> Double? {
      same.first { $0.labels[3...] == ["boundary", "all", metric] }?.value
    }
    #expect(value("boundary_f") == value("boundary_f_input") && value("boundary_f") != nil)
  }

  @Test func blocksAndThreadsChangeNothing() throws {
    let whole = try Shape.analyze([store()])
    var settings = Shape.Settings()
    settings.memoryLimit = 1
    settings.selection.threads = 1
    #expect(try Shape.analyze([store()], settings: settings).rows == whole.rows)
  }

  @Test func withoutMasksOnlyWholeImagesAreMeasured() throws {
    let result = try Shape.analyze([PixelStore(name: "shape", store: file)])
    #expect(Set(result.rows.map { $0.labels[3] }) == ["image"])
    #expect(
      result.notes == [
        "shape.csv looks at whole images of shape: give a COCO instances JSON with --annotations to tell objects, their "
          + "boundaries and the background apart"
      ])
  }

  /// COCO's 32² and 96² on an image of 640×480.
  @Test func sizesAreSharesOfThePicture() {
    let pixels = 640 * 480
    #expect(ObjectSize(area: 32 * 32 - 1, of: pixels) == .small)
    #expect(ObjectSize(area: 32 * 32, of: pixels) == .medium)
    #expect(ObjectSize(area: 96 * 96 - 1, of: pixels) == .medium)
    #expect(ObjectSize(area: 96 * 96, of: pixels) == .large)
    #expect(ObjectSize(area: 276, of: 96 * 96) == .medium && ObjectSize(area: 277, of: 96 * 96) == .large)
  }

  /// Half of what was taken away from 200 of 400 pixels is there again.
  @Test func theShareThatIsReturnedIsAProjection() throws {
    let whole = [UInt8](repeating: 200, count: 1200)
    let probe = (0..<1200).map { UInt8($0 < 600 ? 100 : 200) }
    let half = (0..<1200).map { UInt8($0 < 600 ? 150 : 0) }
    func share(_ probe: [UInt8], _ back: [UInt8]) -> Double? {
      ContextProbe.share(of: whole, over: probe, in: back.map { Float($0) })
    }
    #expect(share(probe, half) == 0.5)
    #expect(share(probe, probe) == 0)
    #expect(share(probe, whole) == 1)
    // Nothing changed, or too little to see.
    #expect(share(whole, half) == nil)
    let almost = (0..<1200).map { UInt8($0 < 600 ? 199 : 200) }
    #expect(share(almost, half) == nil)
  }

  /// A point becomes the threefold convolution of (1, 1, 1)/3 with itself, (1, 3, 6, 7, 6, 3, 1)/27; one colour stays.
  @Test func smoothingIsThreeMeansOverSquares() {
    let side = 9
    var point = [Float](repeating: 0, count: side * side * 3)
    point[(4 * side + 4) * 3 + 1] = 729
    let smoothed = Smoothing.smoothed(point, height: side, width: side, radius: 1)
    let weights: [Float] = [0, 1, 3, 6, 7, 6, 3, 1, 0]
    for row in 0..<side {
      for column in 0..<side {
        let pixel = (row * side + column) * 3
        #expect(abs(smoothed[pixel + 1] - weights[row] * weights[column]) < 1e-4)
        #expect(smoothed[pixel] == 0 && smoothed[pixel + 2] == 0)
      }
    }
    let flat = [Float](repeating: 0.25, count: 7 * 5 * 3)
    #expect(Smoothing.smoothed(flat, height: 7, width: 5, radius: 4) == flat)
    #expect(Smoothing.radii(height: 96, width: 200) == [1, 2, 4, 8, 16] && Smoothing.radii(height: 8, width: 8) == [1])
  }
}
