import Backbones
import Foundation
import Testing

/// `docs/models.md` is written by `scripts/check_encoders.py`; that it was written since a family or a dialect came, tests see.
@Suite struct ModelsPageTests {
  private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs")

  private static let families = [Family.vit, .deit, .swin, .detr, .resnet, .convnext]

  @Test func thePageNamesEveryModelAndDialect() throws {
    let page = try String(contentsOf: Self.docs.appendingPathComponent("models.md"), encoding: .utf8)
    for family in Self.families {
      let entry = try #require(ModelRegistry.family(family))
      for modelType in entry.modelTypes { #expect(page.contains("`\(modelType)`"), "\(modelType)") }
      for dialect in entry.dialects { #expect(page.contains("| `\(family)` | \(dialect) |"), "\(family): \(dialect)") }
    }
  }

  /// Whatever stands on the page was within the bounds that it names.
  @Test func everyMeasuredDifferenceIsWithinItsBound() throws {
    struct Measured: Decodable { let largest: Double }
    struct Record: Decodable {
      let small: [String: Measured]
      let full: [String: Measured]
      let unseen: [String: Measured]
    }
    let data = try Data(contentsOf: Self.docs.appendingPathComponent("models.json"))
    let record = try JSONDecoder().decode(Record.self, from: data)
    #expect(record.small.count >= 80 && record.small.values.allSatisfy { $0.largest <= 1e-5 })
    #expect(record.full.count >= 11 && record.full.values.allSatisfy { $0.largest <= 1e-4 })
    #expect(record.unseen.count >= 9 && record.unseen.values.allSatisfy { $0.largest <= 1e-5 })
  }
}
