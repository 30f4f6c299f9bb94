import Backbones
import Foundation
import NeuralNet
import Testing

/// The tables of architectures against timm's own registry, as `scripts/fixtures/timm_architectures.py` read it.
struct TimmArchitectureTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/timm-architectures.json")

  /// timm's settings by name; without the record of versions.
  private static func registry() throws -> [String: [String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [String: Any]] ?? [:]
    return object.filter { $0.key != "versions" }
  }

  @Test func theTablesHoldTheNamesOfTimm() throws {
    let tables = Set(ViTArchitecture.vits.keys).union(DeiT.table.keys).union(SwinArchitecture.all.keys).union(
      ConvNeXtArchitecture.all.keys)
    #expect(try tables == Set(Self.registry().keys))
  }

  @Test func everyViTAndDeiTIsWhatTimmMakesOfItsName() throws {
    let registry = try Self.registry()
    for (name, architecture) in ViTArchitecture.vits.merging(DeiT.table, uniquingKeysWith: { first, _ in first }) {
      let settings = try #require(registry[name], "\(name)")
      let configuration = architecture.configuration
      let integers: [(String, Int)] = [
        ("patch", configuration.patchSize.height), ("patch", configuration.patchSize.width),
        ("width", configuration.embeddingDimension), ("depth", configuration.depth), ("heads", configuration.heads),
        ("perceptron", configuration.mlpDimension), ("registers", configuration.registerTokens),
        ("inputSize", configuration.inputSize.height), ("inputSize", configuration.inputSize.width),
      ]
      for (key, value) in integers { #expect(settings[key] as? Int == value, "\(name): \(key)") }
      let booleans: [(String, Bool)] = [
        ("qkvBias", configuration.hasQueryKeyValueBias), ("layerScale", configuration.hasLayerScale),
        ("classToken", configuration.hasClassToken), ("distillationToken", configuration.hasDistillationToken),
        ("patchPositionsOnly", configuration.positions == .patches), ("preNorm", configuration.hasNormBeforeBlocks),
        ("normAfterPooling", configuration.finalNorm == .afterPooling),
        ("finalNorm", configuration.finalNorm != .absent),
      ]
      #expect(settings["gated"] as? Bool ?? false == configuration.hasGatedMLP, "\(name)")
      for (key, value) in booleans { #expect(settings[key] as? Bool == value, "\(name): \(key)") }
      let rotary = configuration.rotary.map { $0.kind == .centred ? "dinov3" : "cat" } ?? "none"
      #expect(settings["rotary"] as? String ?? "none" == rotary, "\(name)")
      #expect(settings["rotaryTemperature"] as? Double ?? 0 == configuration.rotary?.temperature ?? 0, "\(name)")
      #expect(settings["learnedPositions"] as? Bool ?? true == (configuration.positions != .absent), "\(name)")
      let pools = ["token": ViTConfiguration.Pooling.classToken, "avg": .average, "map": .attention]
      #expect(pools[settings["pool"] as? String ?? ""] == configuration.pooling, "\(name)")
      #expect(Activation(named: settings["activation"] as? String ?? "") == configuration.activation, "\(name)")
      #expect(settings["epsilon"] as? Double == configuration.epsilon, "\(name)")
    }
  }

  @Test func everySwinIsWhatTimmMakesOfItsName() throws {
    let registry = try Self.registry()
    for (name, architecture) in SwinArchitecture.all {
      let settings = try #require(registry[name], "\(name)")
      #expect(settings["patch"] as? Int == 4, "\(name)")
      #expect(settings["width"] as? Int == architecture.width, "\(name)")
      #expect(settings["depths"] as? [Int] == architecture.depths, "\(name)")
      #expect(settings["heads"] as? [Int] == architecture.heads, "\(name)")
      #expect(settings["windows"] as? [Int] == architecture.windows, "\(name)")
      #expect(settings["inputSize"] as? Int == architecture.inputSize, "\(name)")
    }
  }

  @Test func everyConvNeXtIsWhatTimmMakesOfItsName() throws {
    let registry = try Self.registry()
    let stems = ["patch": ConvNeXtConfiguration.Stem.patches, "overlap": .overlapping]
      .merging(["overlap_tiered": .tiered, "overlap_act": .activated]) { $1 }
    let norms = ["layernorm": ConvNeXtConfiguration.Norm.layer, "rmsnorm2d": .rootMeanSquare, "simplenorm": .deviation]
    for (name, configuration) in ConvNeXtArchitecture.all {
      let settings = try #require(registry[name], "\(name)")
      #expect(settings["widths"] as? [Int] == configuration.widths, "\(name)")
      #expect(settings["depths"] as? [Int] == configuration.depths, "\(name)")
      #expect(settings["kernels"] as? [Int] == configuration.kernels, "\(name)")
      #expect(stems[settings["stem"] as? String ?? ""] == configuration.stem, "\(name)")
      #expect(norms[settings["norm"] as? String ?? ""] == configuration.norm, "\(name)")
      #expect(settings["epsilon"] as? Double == configuration.epsilon, "\(name)")
      #expect(configuration.epsilon == configuration.finalEpsilon, "\(name)")
      #expect(Activation(named: settings["activation"] as? String ?? "") == configuration.activation, "\(name)")
      #expect(settings["responseNorm"] as? Bool == configuration.hasResponseNorm, "\(name)")
      #expect(settings["layerScale"] as? Bool == configuration.hasLayerScale, "\(name)")
      #expect(settings["normFirst"] as? Bool == (configuration.finalNorm == .beforePooling), "\(name)")
      #expect(settings["classifierWidth"] as? Int == configuration.classifierWidth ?? 0, "\(name)")
    }
  }
}
