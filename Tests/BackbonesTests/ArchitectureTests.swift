import Backbones
import Formats
import Foundation
import NeuralNet
import Testing

/// Backbones without weights, from what is recorded of them.
@Suite struct ArchitectureTests {
  /// The same taps and the same parameters as the model it was recorded of, whatever its checkpoint decided.
  @Test(arguments: ContractCase.all)
  func anArchitectureIsRebuiltAlike(of contract: ContractCase) throws {
    let model = try contract.model().backbone
    let recorded = try JSONEncoder().encode(BackboneArchitecture(of: model))
    let architecture = try JSONDecoder().decode(BackboneArchitecture.self, from: recorded)
    let rebuilt = try ModelRegistry.backbone(architecture, place: "plan.json")
    #expect(rebuilt.family == model.family)
    let size = model.nativeSize ?? ImageSize(height: 64, width: 96)
    #expect(
      try rebuilt.taps(height: size.height, width: size.width) == model.taps(height: size.height, width: size.width))
    let (a, b) = (rebuilt.namedParameters(), model.namedParameters())
    #expect(a.map(\.name) == b.map(\.name))
    #expect(a.map(\.parameter.shape) == b.map(\.parameter.shape))
  }

  @Test func whatDescribesNoNetworkIsRefused() throws {
    func message(_ change: (String) -> String) throws -> String {
      let model = try Reference("timm-vit").model().backbone
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
        == "plan.json: depth is 0; a network has from 1 to 4096 of it")
    #expect(
      try message { $0.replacingOccurrences(of: "\"transformer\"", with: "\"other\"") }
        == "plan.json: the architecture 'vit' has no configuration; fetch the file again")
  }

  /// Plans that were written before are read, and written with the same keys.
  @Test(arguments: [
    ("timm-vit", "transformer"), ("timm-deit3", "transformer"), ("timm-swin", "swin"), ("hf-detr", "detr"),
  ])
  func recordedKeysStay(name: String, key: String) throws {
    let architecture = BackboneArchitecture(of: try Reference(name).model().backbone)
    let fields = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(architecture)) as? [String: Any])
    #expect(Set(fields.keys) == ["family", key])
    let configuration = try #require(fields[key] as? [String: Any])
    let block = (configuration["stages"] as? [[String: Any]])?.first ?? configuration
    #expect(block["mlpDimension"] == nil)
    #expect((block["perceptronDimension"] != nil) == (key != "detr"))
  }

  @Test func architecturesAreEqualWhereTheirConfigurationsAre() throws {
    let (vit, deit) = (try Reference("timm-vit").model().backbone, try Reference("timm-deit3").model().backbone)
    #expect(BackboneArchitecture(of: vit) == BackboneArchitecture(of: vit))
    #expect(BackboneArchitecture(of: vit) != BackboneArchitecture(of: deit))
    var other = ViTConfiguration()
    other.depth = 2
    #expect(
      BackboneArchitecture(of: other.network(family: .vit))
        != BackboneArchitecture(of: ViTConfiguration().network(family: .vit)))
  }
}
