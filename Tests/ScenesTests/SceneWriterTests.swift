import Formats
import Foundation
import Imaging
import Scenes
import Testing

@Suite struct SceneWriterTests {
  private struct Instances: Decodable {
    struct Image: Decodable {
      let id: Int
      let fileName: String
      let width: Int
      let height: Int
      let split: String
      let label: String
    }
    struct Annotation: Decodable {
      struct Runs: Decodable {
        let size: [Int]
        let counts: String
      }
      let id: Int
      let imageId: Int
      let categoryId: Int
      let bbox: [Int]
      let area: Int
      let iscrowd: Int
      let segmentation: Runs
      let dominant: Bool
    }
    struct Category: Decodable {
      let id: Int
      let name: String
    }
    let images: [Image]
    let annotations: [Annotation]
    let categories: [Category]
  }

  private func generator(_ count: Int, seed: UInt64 = 21, width: Int = 64) throws -> SceneGenerator {
    try SceneGenerator(count: count, seed: seed, width: width, height: 48)
  }

  @Test func sameSeedWritesTheSameBytesWhateverTheThreads() throws {
    let scratch = try SceneScratch()
    let first = try generator(20).write(to: scratch.folder("a"), threads: 1)
    let second = try generator(20).write(to: scratch.folder("b"), threads: 3)
    #expect(first == second)
    #expect(first.images == 20 && first.drawn == 20 && first.objects >= 20)
    let (a, b) = (try SceneScratch.files(scratch.folder("a")), try SceneScratch.files(scratch.folder("b")))
    #expect(a.map(\.path) == b.map(\.path))
    #expect(a.count == 20 + 7)
    for (one, other) in zip(a, b) { #expect(one.data == other.data, "\(one.path) differs") }
  }

  @Test func aLongerRunBeginsWithAShorterOne() throws {
    let scratch = try SceneScratch()
    try generator(6).write(to: scratch.folder("short"))
    try generator(17).write(to: scratch.folder("long"))
    for file in try SceneScratch.files(scratch.folder("short")) where file.path.hasPrefix("images/") {
      #expect(file.data == (try Data(contentsOf: scratch.folder("long").appendingPathComponent(file.path))))
    }
    for name in ["labels.csv", "splits.csv", "scenes.jsonl"] {
      let short = try Data(contentsOf: scratch.folder("short").appendingPathComponent(name))
      let long = try Data(contentsOf: scratch.folder("long").appendingPathComponent(name))
      #expect(long.starts(with: short) && long.count > short.count)
    }
  }

  @Test func annotationsAgreeWithTheScenes() throws {
    let scratch = try SceneScratch()
    let generator = try generator(12)
    try generator.write(to: scratch.folder("a"))
    let file = scratch.folder("a").appendingPathComponent("annotations.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let instances = try decoder.decode(Instances.self, from: Data(contentsOf: file))
    #expect(instances.categories.map(\.name) == SceneClass.all.map(\.name))
    #expect(instances.annotations.map(\.id) == Array(1...instances.annotations.count))
    #expect(instances.images.map(\.id) == Array(0..<12))
    for image in instances.images {
      let scene = try generator.scene(at: image.id)
      let found = instances.annotations.filter { $0.imageId == image.id }
      #expect(image.fileName == "0000" + (image.id < 10 ? "0" : "") + "\(image.id).png")
      #expect(found.count == scene.objects.count)
      #expect(found.filter(\.dominant).map(\.categoryId) == [scene.dominant?.kind.id])
      for (annotation, object) in zip(found, scene.objects) {
        #expect(annotation.categoryId == object.kind.id && annotation.iscrowd == 0)
        #expect(annotation.area == object.mask.area && annotation.bbox == object.mask.box)
        #expect(annotation.segmentation.size == [48, 64])
        #expect(annotation.segmentation.counts == object.mask.compressedRunLengths)
      }
    }
  }

  @Test func labelsAndSplitsNameEveryImage() throws {
    let scratch = try SceneScratch()
    let generator = try generator(40)
    try generator.write(to: scratch.folder("a"))
    let labels = try SceneScratch.rows(scratch.folder("a").appendingPathComponent("labels.csv"))
    let splits = try SceneScratch.rows(scratch.folder("a").appendingPathComponent("splits.csv"))
    #expect(labels[0] == ["path", "label", "sha256"] && splits[0] == ["path", "split"])
    #expect(labels.count == 41 && splits.count == 41)
    for index in [0, 7, 39] {
      let scene = try generator.scene(at: index)
      #expect(labels[index + 1][1] == scene.label && splits[index + 1][1] == scene.split.rawValue)
    }
    let parts = Dictionary(grouping: splits.dropFirst()) { $0[1] }.mapValues(\.count)
    #expect((26...38).contains(parts["train"] ?? 0))
    // The split depends on seed and number alone, not on the size.
    let larger = try SceneGenerator(count: 1, seed: 21, width: 96, height: 96)
    for index in 0..<10 { #expect(try larger.scene(at: index).split.rawValue == splits[index + 1][1]) }
  }

  @Test func anInterruptedRunGoesOnAndEndsTheSame() throws {
    struct Stop: Error {}
    let scratch = try SceneScratch()
    let (whole, broken) = (scratch.folder("whole"), scratch.folder("broken"))
    try generator(24).write(to: whole)
    #expect(throws: Stop.self) {
      try generator(24).write(to: broken, threads: 1) { done, _ in if done >= 8 { throw Stop() } }
    }
    // What a kill leaves: half a line, a half-written file, an image that is in no line yet.
    let journal = broken.appendingPathComponent("scenes.jsonl")
    let lines = try Data(contentsOf: journal)
    try (lines + Data("{\"id\":8,\"file".utf8)).write(to: journal)
    try Data("half".utf8).write(to: broken.appendingPathComponent(".partial-000008.png"))
    try Data("torn".utf8).write(to: broken.appendingPathComponent("images/000009.png"))
    let summary = try generator(24).write(to: broken)
    #expect(summary.drawn == 16)
    let (a, b) = (try SceneScratch.files(whole), try SceneScratch.files(broken))
    #expect(a.map(\.path) == b.map(\.path))
    for (one, other) in zip(a, b) { #expect(one.data == other.data, "\(one.path) differs") }
    #expect(try generator(24).write(to: broken).drawn == 0)
  }

  /// What kills leave before the first image (scripts/fuzz.py): the folder of images alone, or with the settings.
  @Test func aRunThatHadHardlyBegunGoesOn() throws {
    let scratch = try SceneScratch()
    let generator = try generator(3)
    try generator.write(to: scratch.folder("whole"))
    let whole = try SceneScratch.files(scratch.folder("whole"))
    for kept in [[], ["scenes.json"]] {
      let folder = scratch.folder("begun-\(kept.count)")
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("images"), withIntermediateDirectories: true)
      for name in kept {
        try FileManager.default.copyItem(
          at: scratch.folder("whole").appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      try generator.write(to: folder)
      #expect(try SceneScratch.files(folder).map(\.path) == whole.map(\.path))
      #expect(try SceneScratch.files(folder).map(\.data) == whole.map(\.data))
    }
  }

  @Test func aMissingImageIsDrawnAgain() throws {
    let scratch = try SceneScratch()
    let folder = scratch.folder("a")
    try generator(9).write(to: folder)
    let image = folder.appendingPathComponent("images/000003.png")
    let before = try Data(contentsOf: image)
    try FileManager.default.removeItem(at: image)
    #expect(try generator(9).write(to: folder).drawn == 6)
    #expect(try Data(contentsOf: image) == before)
  }

  @Test func impossibleRequestsAreRefusedWithAReason() throws {
    #expect(throws: SceneError("--count is 0, but at least 1 image has to be drawn")) {
      try SceneGenerator(count: 0)
    }
    #expect(throws: SceneError("--count is -4, but at least 1 image has to be drawn")) {
      try SceneGenerator(count: -4)
    }
    #expect(
      throws: SceneError(
        "--count is 1000001, but one folder holds at most 1000000 images; draw several with other seeds")
    ) { try SceneGenerator(count: 1_000_001) }
    #expect(throws: SceneError("--size is 16x256, but both sides have to be 32…4096 pixels")) {
      try SceneGenerator(count: 1, width: 16)
    }
    #expect(throws: SceneError("the context probability is 1.5, but has to be 0…1")) {
      try SceneGenerator(count: 1, contextProbability: 1.5)
    }
  }

  @Test func foldersOfOthersAreLeftAlone() throws {
    let scratch = try SceneScratch()
    let folder = scratch.folder("photos")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: folder.appendingPathComponent("cat.jpg"))
    #expect(
      throws: SceneError(
        "\(folder.path) is not empty (it holds cat.jpg) and was not made by `palimpsest scenes`; "
          + "choose another --out or empty it")
    ) { try generator(2).write(to: folder) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["cat.jpg"])
    let file = folder.appendingPathComponent("cat.jpg")
    #expect(
      throws: SceneError("\(file.path) is a file, but scenes are written to a folder; choose another --out")
    ) { try generator(2).write(to: file) }
    let inside = file.appendingPathComponent("scenes")
    let error = #expect(throws: FileWritingError.self) { try generator(2).write(to: inside) }
    #expect(
      error?.description.hasPrefix("cannot write \(inside.path): Not a directory; ") == true,
      "\(error?.description ?? "")")
  }

  @Test func scenesOfOtherSettingsAreNotMixed() throws {
    let scratch = try SceneScratch()
    let folder = scratch.folder("a")
    try generator(8).write(to: folder)
    #expect(
      throws: SceneError(
        "\(folder.path) holds scenes of seed 21, 64x48, context probability 0.8, drawings' version 1, "
          + "but asked for are seed 22, 64x48, 0.8, 1; choose another --out")
    ) { try generator(8, seed: 22).write(to: folder) }
    #expect(
      throws: SceneError(
        "\(folder.path) already holds 8 scenes of this seed; ask for at least as many with --count or choose "
          + "another --out")
    ) { try generator(3).write(to: folder) }
    #expect(try generator(10).write(to: folder).drawn == 2)
  }

  @Test func aDiskTooSmallIsNoticedBeforehand() throws {
    let scratch = try SceneScratch()
    let error = #expect(throws: SceneError.self) {
      try SceneGenerator(count: 1_000_000, width: 4096, height: 4096).write(to: scratch.folder("a")) { _, _ in
        throw CancellationError()
      }
    }
    #expect(error?.description.contains("1000000 images of 4096x4096 take about 25169920 MB") == true)
  }
}
