import Activations
import Foundation
import Imaging
import Pipelines
import TestSupport
import Testing

/// Images in tar and zip files: the store of the folder that they were made of. The archives are `scripts/fixtures/archives.py`'s, by Python's
/// tarfile and zipfile.
@Suite struct ArchiveImagesTests {
  private static let archives = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/archives").path

  private let workspace: JobWorkspace

  init() throws { workspace = try JobWorkspace() }

  private func store(_ images: String, _ name: String, labels: LabelSource? = nil) throws -> FeatureStore {
    var job = workspace.extraction(to: name)
    job.images = ImageFiles(images, labels: labels)
    job.taps = "logits"
    _ = try job.run()
    return try FeatureStore(path: workspace.path(name))
  }

  @Test(arguments: ["gnu.tar", "pax.tar", "stored.zip", "deflated.zip", "shards"])
  func anArchiveIsTheFolderItWasMadeOf(name: String) throws {
    let labels: LabelSource? = name == "shards" ? nil : .folders
    let (folder, archive) = (
      try store(Self.archives + "/folder", "folder.h5", labels: labels),
      try store(Self.archives + "/" + name, "archive.h5", labels: labels)
    )
    #expect(archive.imagePaths == folder.imagePaths && archive.imagePaths.count == 6)
    #expect(archive.imageContents == folder.imageContents)
    #expect(archive.errors.allSatisfy { $0.isEmpty })
    let rows = Array(0..<6)
    let (own, expected) = (
      try archive.readRows(tap: "logits", rows: rows), try folder.readRows(tap: "logits", rows: rows)
    )
    #expect(own == expected)
    if name == "shards" {
      // Of .cls and .json beside the pictures; one has neither.
      #expect(archive.labels == [3, 1, 0, -1, 1, 2] && archive.classes == ["0", "1", "2", "3"])
    } else {
      #expect(archive.classes == ["a", "b"] && archive.labels == folder.labels)
    }
  }

  @Test func aTrainingAndItsSizesComeFromAnArchive() throws {
    var training = workspace.training(to: "inverse")
    training.source = .images(Self.archives + "/gnu.tar")
    training.inverse = .ridge
    _ = try training.run()
    let entries = try ImageFolder.listing(of: Self.archives + "/gnu.tar").entries
    let sizes = try entries.map { try $0.size() }
    #expect(sizes == Array(repeating: .init(height: 16, width: 24), count: 6))
    let recorded = try String(
      contentsOf: workspace.folder.appendingPathComponent("inverse/images.csv"), encoding: .utf8)
    let sum = try entries[0].content()
    #expect(recorded.contains("\(entries[0].relativePath),\(sum)"))
  }

  @Test func whatIsNoArchiveIsRefusedByName() throws {
    func refusal(_ name: String, _ bytes: [UInt8]) throws -> String {
      let path = workspace.path(name)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do {
        _ = try ImageFolder.listing(of: path)
        return "nothing"
      } catch { return "\(error)".replacingOccurrences(of: path, with: name) }
    }
    let text = try refusal("text.tar", Array("no tar at all, but a text".utf8))
    #expect(text.hasPrefix("text.tar: damaged or no archive ("), "\(text)")
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Self.archives + "/gnu.tar")))
    let short = try refusal("short.tar", Array(whole.prefix(700)))
    #expect(short.hasPrefix("short.tar: damaged or no archive ("), "\(short)")
    let empty = try refusal("empty.tar", [UInt8](repeating: 0, count: 10_240))
    #expect(empty.hasPrefix("empty.tar: no images in it"), "\(empty)")
    // Two archives with a picture of one name.
    try FileManager.default.createDirectory(atPath: workspace.path("twice"), withIntermediateDirectories: true)
    for name in ["x.tar", "y.tar"] { try Data(whole).write(to: URL(fileURLWithPath: workspace.path("twice/" + name))) }
    let error = #expect(throws: ImagingError.self) { try ImageFolder.listing(of: workspace.path("twice")) }
    #expect(error?.reason.contains(" is in \(workspace.path("twice/x.tar")) and in ") == true)
  }
}
