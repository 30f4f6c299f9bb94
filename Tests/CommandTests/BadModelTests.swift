import Foundation
import Testing

/// Checkpoints that cannot be used: exit status 2 and one sentence that says what, where and how to mend it.
@Suite struct BadModelTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  private func refuse(
    _ model: String, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try refuse(model, [], sentence, sourceLocation: sourceLocation)
  }

  private func refuse(
    _ model: String, _ more: [String], _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectRefusal(
      here, ["extract", "--model", model, "--images", images(of: "timm-vit"), "--out", "store.h5"] + more, sentence,
      sourceLocation: sourceLocation)
    #expect(!here.exists("store.h5"), sourceLocation: sourceLocation)
  }

  /// A folder with the configuration of a small ViT and a safetensors file of these bytes.
  private func model(_ name: String, holding bytes: [UInt8]) throws {
    try here.makeFolder(name)
    try here.copy(Program.fixtures + "/timm-vit/config.json", to: name + "/config.json")
    try here.write(bytes, to: name + "/model.safetensors")
  }

  /// The length of a header and the header.
  private func header(_ text: String, length: Int? = nil) -> [UInt8] {
    withUnsafeBytes(of: UInt64(length ?? text.utf8.count).littleEndian) { Array($0) } + Array(text.utf8)
  }

  @Test func missingModelsAreNamed() throws {
    try refuse(
      "nowhere", "HERE/nowhere: no such model; give a folder with config.json and model.safetensors, or a file")
    try refuse("", "--model is empty; give a folder or a .safetensors file")
    try here.makeFolder("empty")
    try refuse(
      "empty",
      "HERE/empty: neither model.safetensors nor model.safetensors.index.json is there; convert other formats with "
        + "save_pretrained or safetensors' save_file")
    try here.makeFolder("bare")
    try here.copy(Program.fixtures + "/timm-vit/model.safetensors", to: "bare/model.safetensors")
    for path in ["bare", "bare/model.safetensors"] {
      try refuse(
        path,
        "HERE/\(path): there is no config.json; name the model with --architecture, for example vit_base_patch16_224")
    }
  }

  @Test func filesThatAreNotSafetensorsAreNeverOpened() throws {
    let pickle: [UInt8] = [0x80, 0x02, 0x7D, 0x71, 0x00, 0x58, 0x04, 0, 0, 0] + Array("head.weightq.".utf8)
    let archive: [UInt8] = Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 40)
    for (name, bytes) in [("pickle", pickle), ("zip", archive), ("text", Array("hello, I am text".utf8))] {
      try model(name, holding: bytes)
      let sentence = ": not a safetensors file (no JSON header); pickled checkpoints are never opened"
      try refuse(name, "HERE/\(name)/model.safetensors\(sentence)")
      try here.write(bytes, to: "\(name).bin")
      try refuse("\(name).bin", ["--architecture", "vit_base_patch16_224"], "HERE/\(name).bin\(sentence)")
    }
    try model("short", holding: [1, 2, 3, 4])
    try refuse(
      "short", "HERE/short/model.safetensors: 4 bytes are too few for a safetensors file; give one, or its folder")
  }

  @Test func headersThatDoNotFitTheirFileAreRefused() throws {
    try model("long", holding: header("{\"a\":1}", length: 1 << 40))
    try refuse(
      "long",
      "HERE/long/model.safetensors: the header is said to take 1099511627776 bytes, the file has 7 after the length: the "
        + "file is truncated or no safetensors file")
    try model("range", holding: header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"))
    try refuse(
      "range",
      "HERE/range/model.safetensors: tensor 'a' ends at byte 8 of the data, which has 0: the file is truncated; fetch it again"
    )
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Program.fixtures + "/timm-vit/model.safetensors")))
    bytes.removeLast(100)
    try model("cut", holding: bytes)
    try refuse(
      "cut",
      "HERE/cut/model.safetensors: tensor 'pos_embed' ends at byte 492712 of the data, which has 492612: the file is "
        + "truncated; fetch it again")
  }

  @Test func architecturesAreSuggested() throws {
    let bare = Program.fixtures + "/timm-vit/model.safetensors"
    try refuse(
      bare, ["--architecture", "vit_bse_patch16_224"],
      "FIXTURES/timm-vit/model.safetensors: unknown architecture 'vit_bse_patch16_224' "
        + "(did you mean 'vit_base_patch16_224'?); ViT, DINOv2, DINOv3, CLIP, SigLIP, MAE, EVA, DeiT, DeiT III, Swin, DETR, ResNet, ConvNeXt and "
        + "ConvNeXt V2 are known"
    )
    // A8: this was "did you mean 'test_vit'?".
    try refuse(
      bare, ["--architecture", "efficientnet_b0"],
      "FIXTURES/timm-vit/model.safetensors: unknown architecture 'efficientnet_b0'; ViT, DINOv2, DINOv3, CLIP, SigLIP, MAE, EVA, DeiT, "
        + "DeiT III, Swin, DETR, ResNet, ConvNeXt and ConvNeXt V2 are known"
    )
    try here.copyModel("timm-vit", to: "other")
    try here.write("{\"model_type\": \"bert\"}", to: "other/config.json")
    try refuse(
      "other",
      "HERE/other: config.json is of model_type 'bert'; vit, vit_mae, vit_msn, ijepa, dinov2, dinov2_with_registers, clip, "
        + "clip_vision_model, siglip, siglip_vision_model, deit, swin, detr, resnet, convnext and convnextv2 of "
        + "transformers and timm's vit, eva, deit, deit3, swin, resnet, convnext and convnextv2 are known")
    try here.write("{\"architecture\": ", to: "other/config.json")
    try refuse(
      "other",
      "HERE/other/config.json: not valid JSON: the end of the file where a value should be on line 1; correct it, or fetch the "
        + "file again")
  }

  @Test func everyTensorThatDoesNotFitIsReportedAtOnce() throws {
    let folder = try here.copyModel("timm-vit", to: "changed")
    var text = Array(try here.bytes(of: folder + "/model.safetensors"))
    // Same length: the header stays in step with the data.
    for (old, new) in [("blocks.1.attn.qkv.weight", "blocks.1.attn.qkv.wEIGHT"), ("\"norm.bias\"", "\"norm.bIAS\"")] {
      let range = try #require(text.firstRange(of: Array(old.utf8)))
      text.replaceSubrange(range, with: Array(new.utf8))
    }
    try here.write(text, to: folder + "/model.safetensors")
    try refuse(
      folder,
      "HERE/changed: the checkpoint does not fit the configuration (read as timm): 2 missing (blocks.1.attn.qkv.weight, "
        + "norm.bias); 2 unexpected (blocks.1.attn.qkv.wEIGHT, norm.bIAS); take the configuration that was saved with these "
        + "weights, or the weights that it was saved with")
  }
}
