import Reports
import Testing

/// Which stores are of one model, by hand.
@Suite struct StudyModelsTests {
  private func store(_ name: String, _ checkpoint: String?, family: String? = nil, model: String? = nil)
    -> Provenance.Store
  {
    Provenance.Store(
      name: name, model: model, family: family, checkpointSHA256: checkpoint, images: nil, taps: nil,
      preprocessing: nil, tokens: nil)
  }

  @Test func storesOfOneCheckpointAreOneModel() {
    let models = StudyModels([
      store("vit", "1", family: "vit"), store("swin", "2", family: "swin"), store("vit-learned", "1", family: "vit"),
      store("vit-ridge", "1", family: "vit"), store("swin-learned", "2", family: "swin"),
    ])
    #expect(models.models == ["ViT", "Swin"])
    #expect(models.name(of: "vit-ridge") == .init(model: "ViT", method: "ridge"))
    #expect(models.name(of: "swin") == .init(model: "Swin", method: ""))
    #expect(models.label(of: "vit-learned") == "ViT (learned)")
    #expect(models.methods(of: ["vit-learned", "swin-learned", "vit-ridge"]) == ["learned", "ridge"])
  }

  @Test func anEndingThatAllHaveIsTheInverse() {
    let models = StudyModels([store("a-learned", "1"), store("b-learned", "2")])
    #expect(models.models == ["a", "b"])
    #expect(models.name(of: "b-learned").method == "learned")
    // A number says which of several it is, not by what it was inverted.
    #expect(StudyModels([store("run-1", "1"), store("run-2", "2")]).models == ["run-1", "run-2"])
  }

  @Test func storesWithNothingInCommonGoByTheNameOfTheirModel() {
    let models = StudyModels([store("net", "1", model: "vit_small"), store("ridge", "1", model: "vit_small")])
    #expect(models.models == ["vit_small"])
    #expect(models.methods(of: ["net", "ridge"]) == ["net", "ridge"])
  }

  @Test func namesThatWouldBeOneStayApart() {
    // Two checkpoints whose stores would both be called "vit".
    let models = StudyModels([
      store("vit-a", "1"), store("vit-b", "1"), store("vit_c", "2"), store("vit_d", "2"),
    ])
    #expect(models.models == ["vit-a", "vit-b", "vit_c", "vit_d"])
    #expect(models.name(of: "unheard") == .init(model: "unheard", method: ""))
  }

  @Test func familiesAreWrittenAsTheFieldWritesThem() {
    let models = StudyModels([
      store("deit", "1", family: "deit", model: "deit3_small_patch16_224"), store("detr", "2", family: "detr"),
      store("ours", "3", family: "vit"),
    ])
    #expect(models.models == ["DeiT III", "DETR", "ours"])
  }

  /// Without checkpoints, names that make a grid are models and methods; others stay what they are called.
  @Test func namesAloneMakeAGridOfModelsAndMethods() {
    let names = ["vit-learned", "deit-learned", "vit-ridge", "deit-ridge", "other-thing"]
    let models = StudyModels(names.map { store($0, nil) })
    #expect(models.models == ["vit", "deit", "other-thing"])
    #expect(models.methods == ["learned", "ridge"])
    #expect(models.name(of: "deit-ridge") == .init(model: "deit", method: "ridge"))
    #expect(StudyModels([store("net-a", nil), store("net-b", nil)]).models == ["net-a", "net-b"])
  }

  /// A model is found by what people call it and by what its stores are called, and by the beginning of its checkpoint.
  @Test func aModelHasBothItsNames() {
    let models = StudyModels([store("vit-learned", "0123", family: "vit"), store("vit-ridge", "0123", family: "vit")])
    #expect(models.spellings(of: "ViT") == ["ViT", "vit"])
    #expect(models.model(ofCheckpoint: "01") == "ViT")
    #expect(models.model(ofCheckpoint: "") == nil && models.model(ofCheckpoint: "2") == nil)
  }

  /// One store of a model: what stands behind another model is its inverse, also where that has a hyphen of its own.
  @Test func anEndingThatStandsBehindAnotherModelIsTheInverse() {
    let models = StudyModels([
      store("vit-ridge-64", "1"), store("vit-ridge-512", "1"), store("swin-ridge-64", "2"), store("detr", "3"),
    ])
    // What the names of the first model have in common is "vit-ridge", so 64 is what tells them apart.
    #expect(models.name(of: "swin-ridge-64") == .init(model: "swin-ridge", method: "64"))
    #expect(models.name(of: "detr") == .init(model: "detr", method: ""))
  }
}
