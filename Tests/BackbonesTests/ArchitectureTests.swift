import Backbones
import Foundation
import NeuralNet
import Testing

/// Backbones without weights, from what is recorded of them.
@Suite struct ArchitectureTests {
  private static let checkpoints = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/checkpoints")

  private static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints.path)) ?? []
    return all.filter {
      FileManager.default.fileExists(atPath: checkpoints.appendingPathComponent("\($0)/config.json").path)
    }.sorted()
  }()

  @Test func thereAreCheckpointsOfEveryFamily() { #expect(Self.names.count > 40) }

  /// The same taps and the same parameters as the model it was recorded of, whatever its checkpoint decided.
  @Test(arguments: names)
  func anArchitectureIsRebuiltAlike(name: String) throws {
    let model = try ModelRegistry.load(at: Self.checkpoints.appendingPathComponent(name)).backbone
    let recorded = try JSONEncoder().encode(BackboneArchitecture(of: model))
    let architecture = try JSONDecoder().decode(BackboneArchitecture.self, from: recorded)
    let rebuilt = try ModelRegistry.backbone(architecture, place: "plan.json")
    #expect(rebuilt.family == model.family)
    let size = model.nativeSize ?? (height: 64, width: 96)
    #expect(
      try rebuilt.taps(height: size.height, width: size.width) == model.taps(height: size.height, width: size.width))
    let (a, b) = (rebuilt.namedParameters(), model.namedParameters())
    #expect(a.map(\.name) == b.map(\.name))
    #expect(a.map(\.parameter.shape) == b.map(\.parameter.shape))
  }

  @Test func whatDescribesNoNetworkIsRefused() throws {
    func message(_ change: (String) -> String) throws -> String {
      let model = try ModelRegistry.load(at: Self.checkpoints.appendingPathComponent("timm-vit")).backbone
      let text = String(decoding: try JSONEncoder().encode(BackboneArchitecture(of: model)), as: UTF8.self)
      let architecture = try JSONDecoder().decode(BackboneArchitecture.self, from: Data(change(text).utf8))
      do {
        _ = try ModelRegistry.backbone(architecture, place: "plan.json")
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(try message { $0 } == "no error")
    #expect(
      try message { $0.replacingOccurrences(of: "\"depth\":3", with: "\"depth\":0") }
        == "plan.json: depth is 0; a network has from 1 to 1048576 of it")
    #expect(
      try message { $0.replacingOccurrences(of: "\"transformer\"", with: "\"other\"") }
        == "plan.json: the architecture 'vit' has no configuration; fetch the file again")
  }
}
