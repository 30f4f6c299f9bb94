import Activations
import Analysis
import Formats
import Foundation
import TestSupport
import Testing

/// Images of several stores are the same by what they hold.
@Suite struct ImageIdentityTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What a store records of its images.
  enum Knowledge { case digests, pixels, names }

  /// Eight images of 2×2 pixels with one tap of two channels.
  private func store(
    _ name: String, pictures: [UInt8], knowing: Knowledge, paths: [String]? = nil, recipe: String = "{\"a\":1}"
  ) throws -> FeatureStore {
    let header = StoreHeader(
      model: "toy", family: "other", checkpointSHA256: name, configuration: "{}", preprocessing: recipe,
      createdBy: "tests", createdAt: "2026-11-30T00:00:00Z", seed: 0)
    var plan = StorePlan(
      header: header, images: pictures.indices.map { StoreImage(path: paths?[$0] ?? "\($0).png") },
      taps: [StoreTap(name: "x", tokens: 1, channels: 2)],
      inputSize: knowing == .names ? nil : ImageSize(height: 2, width: 2), blockSize: pictures.count)
    plan.recordsContents = knowing == .digests
    let path = folder.path(name + ".h5")
    let writer = try FeatureStoreWriter.open(at: path, plan: plan)
    let features = pictures.enumerated().flatMap { [Float($0.element), Float(($0.offset * 7) % 5)] }
    let pixels = pictures.flatMap { [UInt8](repeating: $0, count: 12) }
    try features.withUnsafeBytes { features in
      try pixels.withUnsafeBytes { pixels in
        try writer.write(
          FeatureBlock(
            condition: 0, block: 0, outcomes: pictures.map { _ in .read(height: 2, width: 2) },
            contents: knowing == .digests ? pictures.map { ContentIdentity(of: [$0]) } : [], taps: [features],
            inputs: knowing == .names ? nil : pixels))
      }
    }
    try writer.close()
    return try FeatureStore(path: path)
  }

  private func notes(_ stores: [(String, FeatureStore)]) throws -> [String] {
    var settings = Similarity.Settings()
    settings.selection.bootstrap = 0
    return try Similarity.analyze(
      stores.map { NamedSource(name: $0.0, source: try StoreSource($0.1)) }, settings: settings
    ).notes.filter { $0.contains("hold") || $0.contains("pixels") }
  }

  private let pictures: [UInt8] = [10, 200, 30, 170, 50, 90, 120, 220]
  private var others: [UInt8] { pictures.enumerated().map { $0.offset == 5 ? 91 : $0.element } }

  @Test func digestsTellImagesApart() throws {
    let a = try store("a", pictures: pictures, knowing: .digests)
    #expect(try notes([("a", a), ("b", store("b", pictures: pictures, knowing: .digests))]) == [])
    let c = try store("c", pictures: others, knowing: .digests)
    #expect(
      message { try notes([("a", a), ("c", c)]) }
        == "the images of c are not those of a, though they have the same names (first: 5.png); make both stores of the same "
        + "images")
    // Quality and the others ask as well, where stores have some images in common.
    #expect(
      message { try Quality.analyze([QualityStore(name: "a", store: a), QualityStore(name: "c", store: c)]) }?
        .contains("(first: 5.png)") == true)
  }

  @Test func pixelsTellImagesApartWhereThereAreNoDigests() throws {
    let a = try store("a", pictures: pictures, knowing: .digests)
    let b = try store("b", pictures: pictures, knowing: .pixels)
    #expect(try notes([("a", a), ("b", b)]) == [])
    let c = try store("c", pictures: others, knowing: .pixels)
    #expect(message { try notes([("a", a), ("c", c)]) }?.contains("(first: 5.png)") == true)
    #expect(message { try notes([("c", c), ("b", b)]) }?.contains("(first: 5.png)") == true)
  }

  @Test func namesAloneAreSaidToBeThat() throws {
    let a = try store("a", pictures: pictures, knowing: .digests)
    let said =
      "b does not record what the images hold: that they are those of the other stores is known by their names alone"
    #expect(try notes([("a", a), ("b", store("b", pictures: pictures, knowing: .names))]) == [said])
    // Pixels that were made otherwise say nothing.
    let d = try store("d", pictures: others, knowing: .pixels, recipe: "{\"a\":2}")
    #expect(try notes([("a", a), ("d", d)]) == [said.replacing("b does", with: "d does")])
  }

  /// Two images of one name: only what they hold can pair them.
  @Test func imagesOfOneNameArePairedByWhatTheyHold() throws {
    let paths = ["x.png", "x.png"] + (2..<8).map { "\($0).png" }
    let a = try store("a", pictures: pictures, knowing: .digests, paths: paths)
    #expect(try notes([("a", a), ("b", store("b", pictures: pictures, knowing: .digests, paths: paths))]) == [])
    let swapped = [pictures[1], pictures[0]] + pictures[2...]
    let c = try store("c", pictures: swapped, knowing: .digests, paths: paths)
    #expect(message { try notes([("a", a), ("c", c)]) }?.contains("(first: x.png)") == true)
    let d = try store("d", pictures: pictures, knowing: .names, paths: paths)
    #expect(message { try notes([("a", a), ("d", d)]) }?.contains("several images have the name 'x.png'") == true)
  }
}
