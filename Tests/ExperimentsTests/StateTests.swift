import Experiments
import Foundation
import Testing

/// Which steps are done again, and when.
@Suite struct StateTests {
  let place: Place
  private let text = """
    output: out
    images: {shown: photos}
    models: {vit: zoo/vit, swin: zoo/swin}
    features: {taps: all}
    analyses:
      - {analysis: similarity, tokens: mean}
      - {analysis: similarity, name: within, pairs: within}

    """

  init() throws {
    place = try Place()
    try place.fill()
  }

  private func state(_ text: String? = nil, tool: String = "1") throws -> ExperimentState {
    let experiment = try Experiment(parsing: text ?? self.text, file: "study.yaml")
    let paths = place.paths(experiment)
    return ExperimentState(
      graph: try StepGraph(experiment, paths: paths, file: "study.yaml"), paths: paths,
      folder: StateFolder(paths.state), tool: tool)
  }

  /// Does what is to do, as `palimpsest run` would: every output holds its step's hash. Returns the steps done.
  @discardableResult
  private func run(_ text: String? = nil, tool: String = "1", forced: Set<String> = []) throws -> [String] {
    let state = try state(text, tool: tool)
    try state.folder.open()
    var before: [String: Verdict] = [:]
    var done: [String] = []
    for step in state.graph.steps {
      let verdict = state.verdict(of: step, forced: forced.contains(step.name), before: before)
      before[step.name] = .upToDate
      guard !verdict.isUpToDate else { continue }
      try state.begin(step, goesOn: verdict == .toGoOn, terms: "")
      let file = step.kind == .analyze || step.kind == .report ? step.output + "/table.csv" : step.output
      let url = URL(fileURLWithPath: file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("\(step.name) \(state.key(of: step).hash)".utf8).write(to: url)
      try state.finish(step, seconds: 2, wentOn: false, startedAt: "", finishedAt: "")
      done.append(step.name)
    }
    return done
  }

  private let all = ["features/vit", "features/swin", "analyses/similarity", "analyses/within", "report"]

  @Test func nothingIsDoneTwice() throws {
    #expect(try run() == all)
    #expect(try run() == [])
    #expect(try state().verdicts().values.allSatisfy(\.isUpToDate))
  }

  @Test func aSettingOfAnAnalysisTouchesThatAnalysisAndTheReport() throws {
    try run()
    let changed = text.replacingOccurrences(of: "tokens: mean", with: "tokens: prefix")
    let verdicts = try state(changed).verdicts()
    #expect(verdicts["analyses/similarity"] == .toDo("tokens was mean"))
    #expect(verdicts["report"] == .toDo("analyses/similarity changed"))
    #expect(try run(changed) == ["analyses/similarity", "report"])
    #expect(try run(changed) == [])
  }

  @Test func contentOfAnImageTouchesAllThatComesFromIt() throws {
    try run()
    try place.write("picture b.png", to: "photos/b.png")
    #expect(try run() == [], "the same content under a new time")
    try place.write("another picture", to: "photos/b.png")
    #expect(try state().verdicts()["features/vit"] == .toDo("images changed"))
    #expect(try run() == all)
    try place.write("picture", to: "photos/d.png")
    #expect(try run() == all)
  }

  @Test func oneModelTouchesWhatComesFromIt() throws {
    try run()
    try place.write("a log", to: "zoo/vit/training.log")
    #expect(try run() == [])
    try place.write("other weights", to: "zoo/vit/model.safetensors")
    #expect(try run() == ["features/vit", "analyses/similarity", "analyses/within", "report"])
  }

  @Test func anotherVersionMakesEverythingAnew() throws {
    try run()
    #expect(try state(tool: "2").verdicts()["report"] == .toDo("made by version 1"))
    #expect(try run(tool: "2") == all)
  }

  @Test func orderAndSpellingOfTheFileDoNotMatter() throws {
    try run()
    let other = """
      models:
        vit: ./zoo/vit
        swin: zoo/../zoo/swin
      images:
        shown: {folder: photos}
      analyses: [{tokens: mean, analysis: similarity}, {pairs: within, name: within, analysis: similarity}]
      features: {taps: [all]}
      output: out

      """
    #expect(try run(other) == [])
  }

  @Test func outputsThatAreMissingOrAlteredAreMadeAgain() throws {
    try run()
    let place = place
    try place.remove("out/results/within/table.csv")
    #expect(
      try state().verdicts()["analyses/within"]
        == .toDo("\(place.path)/out/results/within/table.csv is missing"))
    // What comes out is the same, so that nothing after it is done.
    #expect(try run() == ["analyses/within"])
    try place.write("nonsense", to: "out/stores/vit.h5")
    let verdicts = try state().verdicts()
    #expect(verdicts["features/vit"] == .toDo("\(place.path)/out/stores/vit.h5 was altered"))
    #expect(verdicts["analyses/similarity"] == .depends(on: "features/vit"))
    #expect(try run() == ["features/vit"])
    // Touched only: the content decides.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: place.path + "/out/stores/vit.h5")
    #expect(try run() == [])
  }

  /// Content decides: other bytes of the same number are another output.
  @Test func anOutputOfTheSameSizeWithOtherContentIsMadeAgain() throws {
    try run()
    let place = place
    for (file, step) in [
      ("out/stores/vit.h5", "features/vit"), ("out/results/within/table.csv", "analyses/within"),
    ] {
      let text = try place.text(of: file)
      try place.write(String(text.dropLast()) + (text.hasSuffix("0") ? "1" : "0"), to: file)
      #expect(try state().verdicts()[step] == .toDo("\(place.path)/\(file) was altered"))
      #expect(try run() == [step])
    }
  }

  @Test func anotherSeedTouchesEveryStepThatDraws() throws {
    try run("seed: 3\n" + text)
    let verdicts = try state("seed: 4\n" + text).verdicts()
    for step in all where step != "report" {
      #expect(verdicts[step] == .toDo("seed was 3"), "\(step)")
    }
  }

  @Test func theOutputFolderCanBeMoved() throws {
    try run()
    try FileManager.default.moveItem(atPath: place.path + "/out", toPath: place.path + "/moved")
    #expect(try run(text.replacingOccurrences(of: "output: out", with: "output: moved")) == [])
  }

  @Test func aStepThatComesOutOtherwiseIsReadAnew() throws {
    try run()
    let state = try state()
    let step = try #require(state.graph["features/vit"])
    try state.folder.open()
    try state.begin(step, goesOn: false, terms: "")
    try place.write("other bytes of the same settings", to: "out/stores/vit.h5")
    try state.finish(step, seconds: 1, wentOn: false, startedAt: "", finishedAt: "")
    #expect(try self.state().verdicts()["analyses/similarity"] == .toDo("features/vit was made again"))
  }

  @Test func whatWasBegunGoesOnOnlyUnderTheSameHashAndTerms() throws {
    let state = try state()
    let step = try #require(state.graph["features/vit"])
    try state.folder.open()
    try state.begin(step, goesOn: false, terms: "threads 2")
    try place.write("half a store", to: "out/stores/vit.h5")
    #expect(try self.state().verdict(of: step, terms: "threads 2", before: [:]) == .toGoOn)
    #expect(try self.state().verdict(of: step, terms: "threads 4", before: [:]) == .toDo("begun otherwise"))
    let other = try self.state(text.replacingOccurrences(of: "taps: all", with: "taps: stages"))
    let changed = try #require(other.graph["features/vit"])
    #expect(other.verdict(of: changed, terms: "threads 2", before: [:]) == .toDo("begun otherwise"))
    // Going on keeps what is there; starting again removes it.
    try state.begin(step, goesOn: true, terms: "threads 2")
    #expect(try place.text(of: "out/stores/vit.h5") == "half a store")
    try state.begin(changed, goesOn: false, terms: "threads 2")
    #expect(!FileManager.default.fileExists(atPath: place.path + "/out/stores/vit.h5"))
  }

  @Test func forcedStepsAreDoneAgain() throws {
    try run()
    #expect(try run(forced: ["analyses/within"]) == ["analyses/within"])
  }

  @Test func whatNoRunMadeIsNotOverwritten() throws {
    try place.write("mine", to: "out/stores/vit.h5")
    let state = try state()
    #expect(
      throws: ExperimentError(
        "\(place.path)/out/stores/vit.h5 is there, but no run of this experiment made it; move it away, or choose another "
          + "output")
    ) { try state.requireOwnOutputs(of: state.graph.steps) }
  }

  @Test func twoRunsDoNotWorkInOneFolder() throws {
    let first = try state()
    try first.folder.open()
    let second = try state()
    #expect(
      throws: ExperimentError(
        "another palimpsest run is at work in \(place.path)/out; wait for it, or choose another output")
    ) { try second.folder.open() }
  }

  @Test func stepsThatAreGoneAreTold() throws {
    try run()
    let fewer = text.replacingOccurrences(of: "  - {analysis: similarity, name: within, pairs: within}\n", with: "")
    let state = try state(fewer)
    #expect(state.leftOver().map(\.step) == ["analyses/within"])
    for record in state.leftOver() { try state.forgetAnalysis(record) }
    #expect(!FileManager.default.fileExists(atPath: place.path + "/out/results/within"))
    #expect(try self.state(fewer).leftOver().isEmpty)
  }

  @Test func theSameKeyHasTheSameHashOnEveryMachine() throws {
    let step = Step(
      name: "features/vit", kind: .extract, arguments: ["extract"],
      settings: [GivenSetting("taps", "all"), GivenSetting("dtype", "float16")],
      inputs: [Step.Input("model", .model("m"))], needs: ["images/s"], output: "x")
    let key = StepKey(step, tool: "0.1.0", inputs: ["ab"], needs: ["cd"])
    // printf of the canonical JSON through sha256sum.
    #expect(key.hash == "b7a7bc822d954782954c1d58d582d7a71e5d4d878f391ec8b93f4753e8b88ed8")
  }
}
