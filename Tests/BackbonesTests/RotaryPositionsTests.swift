import Backbones
import Foundation
import NeuralNet
import Testing

/// What a checkpoint of timm's class `Eva` may not ask for.
extension OtherCheckpointsTests {
  private func refusal(_ edit: (inout [String: Any]) -> Void) throws -> String {
    let folder = try rewritten(
      "timm-vit-dinov3", to: UUID().uuidString,
      configuration: { fields in
        var arguments = fields["model_args"] as? [String: Any] ?? [:]
        edit(&arguments)
        fields["model_args"] = arguments
      }, rename: { $0 })
    let error = #expect(throws: BackboneError.self) { try ModelRegistry.load(at: folder) }
    return (error?.description ?? "").replacingOccurrences(of: folder.path, with: "HERE")
  }

  @Test func headsThatCannotBeTurnedAlongTwoAxesAreRefused() throws {
    #expect(
      try refusal { $0["num_heads"] = 8 }
        == "HERE: heads of 2 channels cannot be turned along two axes; 4 has to divide them")
  }

  /// The names of `Eva` switch on what they are made of, so that an argument that is off makes another network too.
  @Test func whatAnEvaIsMadeOfCannotBeSwitchedOff() throws {
    for (key, value) in [("use_rot_pos_emb", false), ("rope_rotate_half", false), ("swiglu_mlp", false)] {
      let message = try refusal { $0[key] = value }
      #expect(message.hasPrefix("HERE: model_args '\(key)' makes a network that is not known; known are "))
    }
  }

  /// A key's bias would be another network: the file holds those of queries and values alone.
  @Test func aTensorThatAnEvaHasNoPlaceForIsRefused() throws {
    let folder = try rewritten("timm-vit-dinov3", to: "stray") { $0.hasSuffix("attn.q_bias") ? $0 + ".extra" : $0 }
    let error = #expect(throws: CheckpointError.self) { try ModelRegistry.load(at: folder) }
    #expect(error?.description.contains("q_bias.extra") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("blocks.0.attn.q_bias") == true, "\(error?.description ?? "")")
  }
}
