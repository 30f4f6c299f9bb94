import Experiments
import Foundation
import Results
import Testing

/// What an experiment comes to: every step as a command that could have been typed.
@Suite struct StepTests {
  let place: Place

  init() throws {
    place = try Place()
    try place.fill()
  }

  /// The images of an entry are the same of every step, whatever seed the step has.
  @Test func aSampleHasTheSeedOfTheExperiment() throws {
    let graph = try place.graph(
      """
      output: out
      seed: 3
      images: {photos: {folder: photos, sample: 2}, other: {folder: photos, sample: "2:9"}}
      models: {vit: zoo/vit}
      features: {taps: [embed]}
      inverses: {images: other, seed: 5}

      """)
    let lines = graph.steps.map { "\($0.name): \(place.short($0.commandLine))" }
    #expect(
      lines == [
        "features/vit: palimpsest extract --model HERE/zoo/vit --images HERE/photos --sample 2:3 --taps embed --seed 3 --out "
          + "HERE/out/stores/vit.h5",
        "inverses/vit-modular: palimpsest train --model HERE/zoo/vit --images HERE/photos --sample 2:9 --seed 5 --out "
          + "HERE/out/inverses/vit-modular",
      ])
    #expect(graph.steps[0].settings.contains(GivenSetting("sample", "2:3")))
    #expect(throws: ExperimentError.self) {
      try place.graph("output: o\nimages: {a: {folder: photos, sample: 2, limit: 2}}\nmodels: {vit: zoo/vit}\n")
    }
  }

  @Test func everyStepIsACommandThatCouldHaveBeenTyped() throws {
    let graph = try place.graph(
      """
      title: It's a study
      output: out
      seed: 3
      device: cpu
      images:
        shown: {folder: photos, limit: 2}
        drawn: {scenes: {count: 5, size: 64x64}}
      models: {vit: zoo/vit, rare: {path: zoo/swin, size: 96x96}}
      features: {taps: [embed, block.1], conditions: [gray]}
      inverses:
        - {images: drawn, models: [vit], epochs: 2, exact-embedding: true}
        - {name: quick, inverse: ridge, features: features, models: [vit]}
      reconstructions: {inverses: [quick], intermediate: true}
      analyses:
        - {analysis: similarity, tokens: mean}
        - {analysis: quality, name: psnr, metrics: [psnr]}
        - efficiency
      figures: {names: {vit: ViT-B/16}, models: [vit, rare], depth: {range: 10..40}}
      report: {style: neurips}

      """)
    let lines = graph.steps.map { "\($0.name): \(place.short($0.commandLine))" }
    #expect(
      lines == [
        "images/drawn: palimpsest scenes --count 5 --seed 3 --size 64x64 --out HERE/out/images/drawn",
        "features/vit: palimpsest extract --model HERE/zoo/vit --images HERE/photos --limit 2 --taps embed,block.1 --conditions "
          + "gray --seed 3 --device cpu --out HERE/out/stores/vit.h5",
        "features/rare: palimpsest extract --model HERE/zoo/swin --size 96x96 --images HERE/photos --limit 2 --taps "
          + "embed,block.1 --conditions gray --seed 3 --device cpu --out HERE/out/stores/rare.h5",
        "inverses/vit-modular: palimpsest train --model HERE/zoo/vit --images HERE/out/images/drawn/images --exact-embedding "
          + "--epochs 2 --seed 3 --device cpu --out HERE/out/inverses/vit-modular",
        "inverses/vit-quick: palimpsest train --model HERE/zoo/vit --features HERE/out/stores/vit.h5 --inverse ridge --seed 3 "
          + "--device cpu --out HERE/out/inverses/vit-quick",
        "reconstructions/vit-quick: palimpsest reconstruct --model HERE/zoo/vit --inverse HERE/out/inverses/vit-quick --images "
          + "HERE/photos --limit 2 --intermediate --device cpu --out HERE/out/stores/vit-quick.h5",
        "analyses/similarity: palimpsest analyze similarity HERE/out/stores/vit.h5 HERE/out/stores/rare.h5 --tokens mean --seed "
          + "3 --device cpu --out HERE/out/results/similarity",
        "analyses/psnr: palimpsest analyze quality HERE/out/stores/vit-quick.h5 --model HERE/zoo/vit --metrics psnr --seed 3 "
          + "--device cpu --out HERE/out/results/psnr",
        "analyses/efficiency-vit: palimpsest analyze efficiency HERE/out/inverses/vit-modular HERE/out/inverses/vit-quick --out "
          + "HERE/out/results/efficiency-vit",
        "report: palimpsest report HERE/out/results --out HERE/out/report --style neurips --title 'It'\\''s a study' "
          + "--set names.vit=ViT-B/16 --set models=vit,rare --set depth.range=10..40",
      ])
    #expect(graph["inverses/vit-modular"]?.needs == ["images/drawn"])
    #expect(graph["reconstructions/vit-quick"]?.needs == ["inverses/vit-quick"])
    #expect(graph["report"]?.needs == ["analyses/similarity", "analyses/psnr", "analyses/efficiency-vit"])
    #expect(graph["features/vit"]?.units == 4)
  }

  @Test func entriesThatAreLikeOthersTakeOverTheirKeys() throws {
    let graph = try place.graph(
      """
      images: {shown: photos}
      models: {vit: zoo/vit}
      inverses:
        - {name: base, epochs: 3, seed: 5, schedule: cosine}
        - {name: chains, like: base, mode: end-to-end, epochs: 4}

      """)
    #expect(
      place.short(graph.steps[1].commandLine)
        == "palimpsest train --model HERE/zoo/vit --images HERE/photos --mode end-to-end --epochs 4 --schedule cosine --seed 5 "
        + "--out HERE/study-results/inverses/vit-chains")
  }

  /// Conditions and annotations reach the analyses that ask for them, also by way of the features.
  @Test func analysesTakeTheStoresTheyCanRead() throws {
    let graph = try place.graph(
      """
      images: {drawn: {scenes: {count: 2}}}
      models: {vit: zoo/vit}
      features: [{conditions: [red]}, {name: plain}]
      inverses: {inverse: ridge, features: features}
      reconstructions: {features: features}
      analyses:
        - color
        - {analysis: color, name: recovery, reconstructions: [ridge]}

      """)
    #expect(graph["analyses/color"]?.needs == ["features/vit"])
    #expect(graph["analyses/recovery"]?.needs == ["reconstructions/vit-ridge"])
    #expect(
      graph["analyses/color"]?.value(of: "--annotations") == place.path + "/study-results/images/drawn/annotations.json"
    )
  }

  /// A file that an analysis reads lies beside the experiment and counts by what stands in it.
  @Test func filesOfAnalysesAreReadFromBesideTheExperiment() throws {
    try place.write("weights", to: "weights/lpips.safetensors")
    let study = """
      images: {shown: photos}
      models: {vit: zoo/vit}
      inverses: {inverse: ridge}
      reconstructions: {}
      analyses: {analysis: quality, metrics: [psnr, lpips], lpips: weights/lpips.safetensors}

      """
    let step = try #require(try place.graph(study)["analyses/quality"])
    #expect(step.value(of: "--lpips") == place.path + "/weights/lpips.safetensors")
    #expect(step.inputs.contains(Step.Input("lpips", .file(place.path + "/weights/lpips.safetensors"))))
    #expect(!step.settings.contains { $0.name == "lpips" })
    #expect(
      problems(study.replacingOccurrences(of: "weights/", with: "nowhere/"), in: place) == [
        "study.yaml, line 5: quality: lpips: HERE/nowhere/lpips.safetensors is not there; relative paths are relative to the "
          + "experiment's file"
      ])
  }

  @Test func loadedInversesAreOfEachModel() throws {
    try place.write("{}", to: "old/vit/plan.json")
    try place.write("{}", to: "old/swin/plan.json")
    let graph = try place.graph(
      """
      images: {shown: photos}
      models: {vit: zoo/vit, swin: zoo/swin}
      inverses: {name: old, load: "old/{model}"}
      reconstructions: {models: [swin]}

      """)
    #expect(graph.steps.map(\.name) == ["reconstructions/swin-old"])
    #expect(graph.steps[0].inputs.contains(Step.Input("inverse", .folder(place.path + "/old/swin"))))
  }

  @Test func stepsComeBehindWhatTheyNeedAndCirclesAreRefused() throws {
    func step(_ name: String, _ needs: [String]) -> Step {
      Step(name: name, kind: .analyze, arguments: [], needs: needs, output: name)
    }
    let graph = try StepGraph([step("c", ["b"]), step("a", []), step("b", ["a"])])
    #expect(graph.steps.map(\.name) == ["a", "b", "c"])
    #expect(graph.closure(of: ["b"]) == ["a", "b"])
    #expect(throws: ExperimentError("a needs b needs a: a circle; break it")) {
      try StepGraph([step("a", ["b"]), step("b", ["a"])])
    }
    #expect(throws: ExperimentError("a needs z, which is not there")) { try StepGraph([step("a", ["z"])]) }
    #expect(throws: ExperimentError("there are two steps a; give one of them another name")) {
      try StepGraph([step("a", []), step("a", [])])
    }
    #expect(throws: ExperimentError("--only: there is no step 'd' (did you mean 'a'?); there are a, b, c")) {
      try graph.named("d", flag: "--only")
    }
  }

  @Test func theExampleIsRead() throws {
    let zoo = place.path + "/zoo"
    let graph = try place.graph(ExampleExperiment.text(zoo: zoo))
    #expect(graph.steps.count == 10)
    #expect(graph.steps.last?.name == "report")
  }
}

/// An analysis that is one entry in the registry is one that an experiment can name.
@Suite struct AddedAnalysisTests {
  private static let added = AnalysisDefinition(
    name: "contrast", title: "Contrast", abstract: "Measure the contrast of reconstructions.",
    why: "whether contrast survives", sources: [.features], computes: false,
    options: [OptionDefinition("window", .integer(atLeast: 1), "side of a window in pixels")],
    tables: [
      TableDefinition("contrast.csv", row: "store and tap", columns: [.store, .tap] + .estimate, role: .main)
    ], figures: ["depth"], bench: .none(because: "a test"), example: "vit.h5")

  @Test func itsStepIsItsCommand() throws {
    let place = try Place()
    try place.fill()
    let text = """
      images: {shown: photos}
      models: {vit: zoo/vit}
      features: {}
      analyses:
      - {analysis: contrast, window: 7}

      """
    let experiment = try Experiment(parsing: text, file: "study.yaml", analyses: AnalysisDefinition.all + [Self.added])
    let steps = try StepGraph(experiment, paths: place.paths(experiment), file: "study.yaml").steps
    let step = try #require(steps.first { $0.name == "analyses/contrast" })
    #expect(step.arguments.prefix(2) == ["analyze", "contrast"] && step.why == "whether contrast survives")
    #expect(step.arguments.contains("--window") && step.arguments.contains("7"))
    #expect(problems(text, in: place).first?.contains("there is no analysis 'contrast'") == true)
  }
}

@Suite struct JointStepTests {
  /// `joints: [NAME]` gives those inverses of that name that made a store, and no others.
  @Test func jointsAreMeasuredOfTheInversesThatMadeTheStores() throws {
    let place = try Place()
    try place.fill()
    let head = """
      output: out
      images: {photos: {folder: photos}}
      models: {vit: zoo/vit}
      features: {taps: [embed]}
      inverses: [{name: learned}, {name: ridge, inverse: ridge}, {name: other}]
      reconstructions: {inverses: [learned, ridge]}

      """
    let graph = try place.graph(head + "analyses: {analysis: quality, joints: [learned]}\n")
    let step = try #require(graph.steps.first { $0.kind == .analyze })
    let joints = step.arguments.indices.filter { step.arguments[$0] == "--joints" }.map { step.arguments[$0 + 1] }
    #expect(joints.map(place.short) == ["HERE/out/inverses/vit-learned"])
    #expect(step.needs.contains("inverses/vit-learned") && step.settings.contains(GivenSetting("joints", "learned")))
    for (name, problem) in [
      ("other", "the inverses other made none of the stores"), ("lerned", "there are no joints 'lerned'"),
    ] {
      let error = #expect(throws: ExperimentError.self) {
        try place.graph(head + "analyses: {analysis: quality, joints: [\(name)]}\n")
      }
      #expect("\(error.map { "\($0)" } ?? "")".contains(problem))
    }
  }
}
