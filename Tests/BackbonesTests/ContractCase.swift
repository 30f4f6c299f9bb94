import Backbones
import Foundation
import NeuralNet
import TestFamily
import Testing
import Torch

/// A checkpoint that the contract suite runs over.
struct ContractCase: Sendable, CustomTestStringConvertible {
  let name: String
  let family: Family
  let dialect: String
  /// Nil for the test's own family, whose checkpoint is written when it is needed.
  let folder: URL?

  var testDescription: String { "\(name) (\(family), \(dialect))" }

  /// Runs `body` with the checkpoint's folder.
  static func withFolder<Result>(_ folder: URL?, _ body: (URL) throws -> Result) throws -> Result {
    if let folder { return try body(folder) }
    let written = FileManager.default.temporaryDirectory.appendingPathComponent("palimpsest-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: written) }
    try PatchMixer.writeCheckpoint(to: written)
    return try body(written)
  }

  func model(randomWeightsSeed: UInt64? = nil) throws -> LoadedModel {
    try ContractCase.withFolder(folder) { try ModelRegistry.load(at: $0, randomWeightsSeed: randomWeightsSeed) }
  }

  // MARK: Which there are

  /// Every checkpoint of the fixtures, and that of the test's own family, with what the registry makes of it.
  static let all: [ContractCase] = {
    ModelRegistry.register(.patchMixer)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Reference.folder.path)) ?? []
    let folders = names.sorted().map { Reference.folder.appendingPathComponent($0) }.filter {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("config.json").path)
    }
    return ([nil] + folders).compactMap { folder in
      let model = try? withFolder(folder) { try ModelRegistry.load(at: $0) }
      return model.map { model in
        ContractCase(
          name: folder?.lastPathComponent ?? "patch-mixer", family: model.backbone.family, dialect: model.dialect,
          folder: folder)
      }
    }
  }()

  /// One of each dialect of each family, and those whose networks differ in what the contract is about.
  static let chosen: [ContractCase] = {
    let preferred = [
      "timm-vit", "timm-vit-average-pool", "timm-deit3", "hf-deit-teacher", "timm-swin-window3", "hf-swin-non-square",
      "hf-detr",
    ]
    var chosen = all.filter { preferred.contains($0.name) }
    for candidate in all
    where !chosen.contains(where: { $0.family == candidate.family && $0.dialect == candidate.dialect }) {
      chosen.append(candidate)
    }
    return chosen
  }()

  /// The dialects of families of which no case is, `family: dialect`.
  static func missing(for families: [ModelFamily], among cases: [ContractCase]) -> [String] {
    families.flatMap { family in
      family.dialects.filter { dialect in
        !cases.contains { $0.family == family.family && $0.dialect == dialect }
      }.map { "\(family.family): \($0)" }
    }
  }
}

/// Whether what is registered is also tested.
struct FixtureTests {
  @Test func everyDialectOfEveryFamilyHasAFixture() {
    let cases = ContractCase.all
    #expect(ContractCase.missing(for: ModelRegistry.families, among: cases) == [])
    #expect(ContractCase.missing(for: ModelRegistry.families, among: ContractCase.chosen) == [])
  }

  /// The opposite: each checkpoint is of a dialect that its family's entry names.
  @Test(arguments: ContractCase.all)
  func everyFixtureIsOfADialectOfItsFamily(of contract: ContractCase) throws {
    let entry = try #require(ModelRegistry.family(contract.family))
    #expect(entry.dialects.contains(contract.dialect))
  }

  @Test func aFamilyOrADialectWithoutAFixtureIsNoticed() {
    let family = ModelFamily(Family(rawValue: "new"), titles: ["New"], dialects: ["one library", "another"]) { _ in
      (PatchMixer.Configuration(), CheckpointDialect(name: "one library") { .stored($0) })
    }
    let untested = ["new: one library", "new: another"]
    #expect(ContractCase.missing(for: ModelRegistry.families + [family], among: ContractCase.all) == untested)
    let withoutDETR = ContractCase.all.filter { $0.family != .detr }
    #expect(
      ContractCase.missing(for: ModelRegistry.families, among: withoutDETR) == [
        "detr: original DETR", "detr: transformers, timm backbone", "detr: transformers, transformers backbone",
      ])
  }
}
