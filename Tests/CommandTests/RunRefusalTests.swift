import Foundation
import Testing

/// Experiments that cannot be meant: told before any work, with exit status 2.
@Suite struct RunRefusalTests {
  let here: Workspace
  private let head = """
    output: out
    images: {shown: scenes/images}
    models: {vit: vit}

    """

  init() throws {
    here = try Workspace()
    try here.drawImages(2)
    try here.copyModel("timm-vit", to: "vit")
  }

  private func refuse(_ text: String, _ sentences: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    try here.write(head + text, to: "study.yaml")
    let outcome = try here.run("run", "study.yaml")
    #expect(
      outcome.error == sentences.map { "palimpsest: study.yaml, \($0)\n" }.joined(), sourceLocation: sourceLocation)
    #expect(outcome.status == 2 && outcome.output == "", sourceLocation: sourceLocation)
    #expect(!here.exists("out"), sourceLocation: sourceLocation)
  }

  @Test func filesAreChecked() throws {
    try expectRefusal(
      here, ["run"], "give the file of an experiment; palimpsest run --example prints one (see palimpsest run --help)")
    try expectRefusal(
      here, ["run", "none.yaml"], "none.yaml: no such file; palimpsest run --example prints an experiment to begin with"
    )
    try here.write([0xFF, 0xFE, 0x00], to: "bytes.yaml")
    try expectRefusal(here, ["run", "bytes.yaml"], "bytes.yaml is not UTF-8 text; save it again as UTF-8")
  }

  @Test func typosAndMissingModelsAreTold() throws {
    try refuse(
      "feature: {}\n",
      "line 4: experiment: unknown key 'feature' (did you mean 'features'?); known are title, summary, notes, output, seed, "
        + "device, threads, images, models, features, inverses, reconstructions, analyses, figures, report")
    try refuse(
      "features: {models: [vti], dtype: half}\n", "line 4: dtype is 'half'; give float32 or float16")
    try here.makeFolder("empty")
    try here.write("images: {shown: scenes/images}\nmodels: {vit: empty}\nfeatures: {}\n", to: "model.yaml")
    try expectRefusal(
      here, ["run", "model.yaml"],
      "model.yaml, line 3: features/vit: HERE/empty: neither model.safetensors nor model.safetensors.index.json is there; "
        + "convert other formats with save_pretrained or safetensors' save_file")
  }

  @Test func impossibleTapsAreTold() throws {
    try refuse(
      "features: {taps: [blok.1]}\ninverses: {modules: [embed, block.7]}\n",
      "line 4: features/vit: --taps: the model has no tap 'blok.1'; it has embed, block.0, block.1, block.2, norm, logits, "
        + "and 'all' and 'stages' are understood; what is inside blocks is named as in block.0.attention.q",
      "line 5: inverses/vit-modular: --modules: a chain cannot be cut at 'block.7'; this model can be cut at embed, block.0, "
        + "block.1, block.2")
  }

  @Test func settingsThatACommandRefusesAreTold() throws {
    try refuse(
      "features: {}\ninverses: {inverse: ridge, epochs: 3}\n",
      "line 5: inverses/vit-ridge: --epochs is for networks; --inverse ridge is made in one pass, without steps")
  }

  @Test func valuesThatAnAnalysisDoesNotKnowAreFoundWhenTheFileIsRead() throws {
    try refuse(
      "features: {}\nanalyses: [{analysis: similarity, tokens: meen}]\n",
      "line 5: tokens: 'meen' is unknown (did you mean 'mean'?); give flatten, mean, prefix, grid:G or object")
  }

  @Test func whatIsThereAlreadyIsKept() throws {
    try here.makeFolder("out/stores")
    try here.write("mine", to: "out/stores/vit.h5")
    try here.write(head + "features: {}\n", to: "study.yaml")
    try expectRefusal(
      here, ["run", "study.yaml"],
      "out/stores/vit.h5 is there, but no run of this experiment made it; move it away, or choose another output")
    #expect(try here.text(of: "out/stores/vit.h5") == "mine")
  }
}
