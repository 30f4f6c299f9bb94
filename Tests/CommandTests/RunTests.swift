import Foundation
import Testing

/// `run` as a user runs it: a study in a file, done again only where something changed.
@Suite struct RunTests {
  let here: Workspace
  private static let study = """
    output: out
    images:
      shown: scenes/images
    models: {vit: models/vit, swin: models/swin}
    features: {taps: all}
    inverses: {inverse: ridge, features: features}
    reconstructions: {inverses: [ridge], models: [vit]}
    analyses:
      - {analysis: similarity, tokens: mean, bootstrap: 20}
      - {analysis: quality, metrics: [mse, psnr], bootstrap: 20}
    report: {title: A study}

    """

  private static let all = [
    "features/vit", "features/swin", "inverses/vit-ridge", "inverses/swin-ridge", "reconstructions/vit-ridge",
    "analyses/similarity", "analyses/quality", "report",
  ]

  init() throws {
    here = try Workspace()
    try here.drawImages(12)
    try here.makeFolder("models")
    try here.copyModel("timm-vit", to: "models/vit")
    try here.copyModel("hf-swin", to: "models/swin")
    try here.write(Self.study, to: "study.yaml")
  }

  /// Runs the study; the steps with a status, in their order.
  private func steps(_ more: String..., status: String = "done", ends: Int32 = 0) throws -> [String] {
    let outcome = try here.run(["run", "study.yaml", "--json", "--threads", "2"] + more)
    #expect(outcome.status == ends, "\(outcome.error)")
    let steps = try #require(outcome.json?["steps"] as? [[String: Any]], "\(outcome.output) \(outcome.error)")
    return steps.filter { $0["status"] as? String == status }.compactMap { $0["name"] as? String }
  }

  private func change(_ text: String, to other: String) throws {
    let study = try here.text(of: "study.yaml")
    #expect(study.contains(text))
    try here.write(study.replacingOccurrences(of: text, with: other), to: "study.yaml")
  }

  @Test func onlyWhatChangedIsDoneAgain() throws {
    #expect(try steps("--dry-run", status: "to-do") == Self.all)
    #expect(!here.exists("out"))
    #expect(try steps() == Self.all)
    for name in [
      "stores/vit.h5", "stores/swin.h5", "stores/vit-ridge.h5", "inverses/vit-ridge/plan.json",
      "results/similarity/similarity.csv", "results/similarity/provenance.json", "results/quality/quality.csv",
      "report/index.html",
    ] { #expect(here.exists("out/" + name), "\(name)") }
    #expect(try steps() == [])
    #expect(try steps("--dry-run", status: "up-to-date") == Self.all)

    try change("bootstrap: 20}\n  - {analysis: quality", to: "bootstrap: 30}\n  - {analysis: quality")
    #expect(try steps("--dry-run", status: "to-do") == ["analyses/similarity", "report"])
    #expect(try steps() == ["analyses/similarity", "report"])

    // The content of a picture, not its time.
    let picture = try here.bytes(of: "scenes/images/000003.png")
    try here.write(picture, to: "scenes/images/000003.png")
    #expect(try steps() == [])
    try here.write(here.bytes(of: "scenes/images/000004.png"), to: "scenes/images/000003.png")
    #expect(try steps() == Self.all)

    // What a step wrote is looked after too, and a model's weights are content like any other.
    try FileManager.default.removeItem(atPath: here.path("out/results/quality/quality.csv"))
    #expect(try steps() == ["analyses/quality", "report"])
    try here.write("{\"note\": 1}", to: "models/swin/training.json")
    #expect(try steps() == [])
    #expect(try steps("--force", "analyses/similarity") == ["analyses/similarity", "report"])
  }

  @Test func everyStepIsACommandThatGivesTheSame() throws {
    let outcome = try here.run("run", "study.yaml", "--json", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
    let steps = try #require(outcome.json?["steps"] as? [[String: Any]])
    let line = try #require(steps.first { $0["name"] as? String == "analyses/similarity" }?["command"] as? String)
    #expect(
      line == "palimpsest analyze similarity out/stores/vit.h5 out/stores/swin.h5 --tokens mean --bootstrap 20 "
        + "--threads 1 --out out/results/similarity")
    let table = try here.text(of: "out/results/similarity/similarity.csv")
    let words = line.split(separator: " ").dropFirst().dropLast().map(String.init) + ["typed"]
    #expect(try here.run(words).status == 0)
    #expect(try here.text(of: "typed/similarity.csv") == table)
    let provenance = try here.text(of: "out/results/similarity/provenance.json")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(provenance.utf8)) as? [String: Any])
    #expect((object["command"] as? [String])?.joined(separator: " ") == line)
  }

  @Test func aFailedStepNamesItselfAndLeavesTheOthers() throws {
    // What is in the report's place is looked at when the report is made.
    try change("report: {title: A study}\n", to: "report: {title: A study, out: page}\n")
    try here.makeFolder("page")
    try here.write("mine", to: "page/notes.txt")
    let failed = try here.run("run", "study.yaml", "--threads", "2")
    #expect(failed.status == 1)
    #expect(
      failed.error.hasSuffix(
        "palimpsest: report failed: HERE/page is not empty and holds no report; choose another folder with --out\n"
          + "palimpsest: 1 of 8 steps failed (report); the others' results are kept, and the same command goes on\n"),
      "\(failed.error)")
    #expect(here.exists("out/results/quality/quality.csv"))
    try FileManager.default.removeItem(atPath: here.path("page"))
    #expect(try steps() == ["report"])
  }

  @Test func whatNeedsAFailedStepIsSkipped() throws {
    // Metrics of a reconstruction that was not made: of the store only the activations are there.
    try change("metrics: [mse, psnr]", to: "metrics: [mse, psnr], taps: [block.9]")
    let outcome = try here.run("run", "study.yaml", "--json", "--threads", "2")
    #expect(outcome.status == 1)
    let steps = try #require(outcome.json?["steps"] as? [[String: Any]])
    let statuses = steps.map { "\($0["name"] ?? "") \($0["status"] ?? "")" }
    #expect(
      statuses
        == Self.all.map { name in
          name + (name == "analyses/quality" ? " failed" : name == "report" ? " skipped" : " done")
        })
    #expect(
      outcome.error.hasSuffix(
        "palimpsest: 1 of 8 steps failed (analyses/quality), 1 that need them were skipped (report); the others' results "
          + "are kept, and the same command goes on\n"), "\(outcome.error)")
    try change(", taps: [block.9]", to: "")
    #expect(try self.steps() == ["analyses/quality", "report"])
  }

  @Test func onlySomeStepsCanBeDone() throws {
    #expect(try steps("--only", "similarity") == ["features/vit", "features/swin", "analyses/similarity"])
    #expect(try steps("--only", "features", status: "up-to-date") == ["features/vit", "features/swin"])
    try expectRefusal(
      here, ["run", "study.yaml", "--only", "simlarity"],
      "--only: there is no step 'simlarity' (did you mean 'similarity'?); there are "
        + Self.all.joined(separator: ", "))
  }

  @Test func anAnalysisThatIsGoneIsNotReported() throws {
    #expect(try steps() == Self.all)
    try change("  - {analysis: quality, metrics: [mse, psnr], bootstrap: 20}\n", to: "")
    let outcome = try here.run("run", "study.yaml", "--threads", "2")
    #expect(outcome.error == "analyses/quality is no longer in study.yaml; its numbers are removed\n")
    #expect(!here.exists("out/results/quality") && here.exists("out/results/similarity"))
  }

  @Test func theDryRunTellsSizesAndTimes() throws {
    let first = try here.run("run", "study.yaml", "--dry-run")
    #expect(first.status == 0, "\(first.error)")
    let lines = first.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("step "))
    #expect(
      lines[1].hasPrefix("features/vit") && lines[1].contains("to do: not done yet") && lines[1].hasSuffix("unknown"))
    let told = try #require(lines[1].firstMatch(of: /about ([\d.]+) KiB/)?.1)
    #expect(lines.last?.hasSuffix("8 of unknown time; nothing was done (--dry-run)") == true, "\(first.output)")
    let run = try here.run("run", "study.yaml", "--threads", "2")
    #expect(run.output.contains("the store takes \(told) KiB"), "\(run.output)")
    let second = try here.run("run", "study.yaml", "--dry-run", "--force", "features/vit")
    #expect(
      second.output.contains(/features\/vit +to do: asked for with --force +about .* KiB +[\d.]+ s \(last time\)/))
    #expect(second.output.contains("to do if features/vit comes out otherwise"))
  }

  @Test func theExampleWorks() throws {
    let example = try here.run("run", "--example")
    #expect(example.status == 0 && example.error == "")
    try here.write(example.output, to: "example.yaml")
    let outcome = try here.run("run", "example.yaml", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect((outcome.json?["steps"] as? [Any])?.count == 10)
    #expect(here.exists("study-results/report/index.html"))
  }
}
