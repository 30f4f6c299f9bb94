import Activations
import Foundation
import Testing

/// `import` as a user runs it.
@Suite struct ImportTests {
  let here: Workspace
  private static let modules = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("InversionTests/Fixtures/imports").path
  private static let model = Program.fixtures + "/timm-vit-non-square"

  init() throws { here = try Workspace() }

  private func command(_ out: String, _ modules: String, _ more: String...) throws -> [String] {
    for name in ["vit-bb", "vit-enc", "vit-enc-1", "vit-enc-2", "detr-bb"] where !here.exists("\(name).safetensors") {
      try here.copy("\(Self.modules)/\(name).safetensors", to: "\(name).safetensors")
    }
    return ["import", "--model", Self.model, "--modules", modules, "--out", out] + more
  }

  /// Inspected, verified and used, the folder is as one that train made.
  @Test func anImportIsAFolderOfInverses() throws {
    let files = "vit-bb.safetensors,vit-enc.safetensors"
    let outcome = try here.run(command("inverse", files, "--json"))
    #expect(outcome.status == 0, "\(outcome.error)")
    let modules = try #require(outcome.json?["modules"] as? [[String: Any]])
    #expect(modules.map { $0["module"] as? String } == ["embed", "block.1"])
    #expect(modules.map { $0["referenceClass"] as? String } == ["EnhancedVitBackbone", "InverseViTEncoder"])
    let names = try FileManager.default.contentsOfDirectory(atPath: here.path("inverse")).sorted()
    #expect(
      names == [
        "block.1.best.safetensors", "block.1.last.safetensors", "embed.best.safetensors", "embed.last.safetensors",
        "plan.json",
      ])

    let inspected = try here.run("inspect", "inverse")
    #expect(inspected.status == 0, "\(inspected.error)")
    #expect(inspected.output.contains("  mode                 modular, profile paper\n"))
    #expect(inspected.output.contains("  training             not known: images, rates and losses"))
    #expect(inspected.output.contains("InverseViTEncoder    vit-enc.safetensors\n"))
    let lines = try here.run("inspect", "inverse", "--json").json?["modules"] as? [[String: Any]]
    #expect(lines?.map { $0["parameters"] as? Int } == modules.map { $0["parameters"] as? Int })
    #expect(try here.run("verify", "inverse").status == 0)

    try here.drawImages(2)
    func reconstruct(_ more: String...) throws -> Outcome {
      try here.run(
        [
          "reconstruct", "--model", Self.model, "--inverse", "inverse", "--images", "scenes/images", "--out", "back.h5",
        ] + more)
    }
    let native = try reconstruct("--preprocess", "native")
    #expect(native.status == 2)
    #expect(native.error.contains("leave --preprocess out"), "\(native.error)")
    let back = try reconstruct("--quiet")
    #expect(back.status == 0, "\(back.error)")
    let store = try FeatureStore(path: here.path("back.h5"))
    #expect(try store.reconstructions(of: "original") == ["embed", "block.1"])
    // The same again changes nothing; other modules do not mix with these.
    let first = try here.bytes(of: "inverse/block.1.best.safetensors")
    #expect(try here.run(command("inverse", files, "--quiet")).status == 0)
    #expect(try here.bytes(of: "inverse/block.1.best.safetensors") == first)
    let other = try here.run(command("inverse", "vit-bb.safetensors", "--quiet"))
    #expect(other.status == 2)
    #expect(other.error.hasPrefix("palimpsest: HERE/inverse holds another training: cuts is "), "\(other.error)")
  }

  @Test func cutsCanBeNamed() throws {
    let files = "vit-bb.safetensors,block.0=vit-enc-1.safetensors,block.1=vit-enc-2.safetensors"
    let outcome = try here.run(command("inverse", files))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("profile paper\n"))
    #expect(outcome.output.hasSuffix("inverse: 3 modules; reconstruct takes its preprocessing and size from there\n"))
  }

  @Test func whatCannotBeImportedIsRefused() throws {
    try expectRefusal(
      here, command("inverse", "detr-bb.safetensors"),
      "HERE/detr-bb.safetensors: the reference's EnhancedBatchNormalizedConvolutionalDecoder is not an inverse of vit "
        + "models")
    try expectRefusal(
      here, command("inverse", "gone.safetensors"), "--modules gone.safetensors: no such file; check the path")
    try expectRefusal(
      here, command("inverse", "embed=gone.safetensors"),
      "--modules embed=gone.safetensors: no such file; check the path")
    try expectRefusal(
      here, command("inverse", "vit-bb.safetensors", "--preprocess", "cut"),
      "--preprocess is 'cut'; give native, exact or paper")
    #expect(!here.exists("inverse/plan.json"))
  }
}
