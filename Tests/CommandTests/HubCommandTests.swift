import Foundation
import TestSupport
import Testing

/// Models by their names, through the program: what is fetched, what is recorded, what offline means.
@Suite struct HubCommandTests {
  let here: Workspace
  let hub: FakeHub

  init() throws {
    here = try Workspace()
    func files(_ name: String) throws -> [String: [UInt8]] {
      let folder = "\(Program.fixtures)/\(name)"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
        $0.contains(".json") || $0.contains(".safetensors")
      }
      return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))) }
      )
    }
    hub = try FakeHub(["org/small-vit": files("hf-vit"), "private/vit": files("timm-vit")], token: "hf_right")
    try here.drawImages(4, in: "photos", size: "32x32")
  }

  /// Runs the program with the Hub and a cache of its own.
  private func run(_ variables: [String] = [], _ arguments: String...) throws -> Outcome {
    let environment = [
      "-u", "HF_TOKEN", "-u", "HF_HUB_OFFLINE", "-u", "HF_HOME", "-u", "TRANSFORMERS_OFFLINE",
      "HF_ENDPOINT=\(hub.front.address)", "HF_HUB_CACHE=\(here.path("cache"))", "HOME=\(here.folder)", "no_proxy=*",
    ]
    return try here.run(environment + variables + [Program.path.get()] + arguments, program: "/usr/bin/env")
  }

  private let commit = FakeHub.commit

  @Test func aModelOfTheHubIsFetchedAndItsCommitRecorded() throws {
    let outcome = try run(
      [], "extract", "--model", "org/small-vit", "--images", "photos/images", "--out", "vit.h5", "--quiet")
    #expect(outcome.status == 0, "\(outcome.error)")
    let inspected = try run([], "inspect", "vit.h5", "--json")
    let attributes = try #require(inspected.json?["attributes"] as? [String: String])
    #expect(attributes["model_source"] == "org/small-vit@\(commit)")
    #expect(attributes["model"] == "small-vit")
    // What the program computes of the folder is what it computes of the name.
    let local = try here.extract(images: "photos/images", model: "hf-vit", to: "local.h5")
    #expect(local.status == 0)
    let other = try #require(try run([], "inspect", "local.h5", "--json").json?["attributes"] as? [String: String])
    #expect(other["checkpoint_sha256"] == attributes["checkpoint_sha256"])
    #expect(other["model_source"] == nil)
    let results = try run([], "analyze", "similarity", "vit.h5", "local.h5", "--out", "results", "--quiet")
    #expect(results.status == 0, "\(results.error)")
    let provenance = try here.text(of: "results/provenance.json")
    #expect(provenance.contains("\"model_source\" : \"org/small-vit@\(commit)\""))
  }

  @Test func aTrainingAndWhatItReconstructsNameTheCommit() throws {
    let trained = try run(
      [], "train", "--model", "org/small-vit", "--images", "photos/images", "--inverse", "ridge", "--threads", "1",
      "--out", "inverse",
      "--quiet")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(try here.text(of: "inverse/plan.json").contains("org/small-vit@\(commit)"))
    // The folder of the cache is the same model.
    let back = try run(
      ["HF_HUB_OFFLINE=1"], "reconstruct", "--model", "cache/models--org--small-vit", "--inverse", "inverse",
      "--images",
      "photos/images", "--out", "back.h5", "--quiet", "--threads", "1")
    #expect(back.status == 0, "\(back.error)")
    let attributes = try #require(try run([], "inspect", "back.h5", "--json").json?["attributes"] as? [String: String])
    #expect(attributes["model_source"] == "org/small-vit@\(commit)")
  }

  @Test func whatWasFetchedIsThereWithoutANetwork() throws {
    let missing = try run(["HF_HUB_OFFLINE=1"], "inspect", "org/small-vit")
    #expect(missing.status == 2)
    #expect(
      missing.error
        == "palimpsest: org/small-vit is not in the cache HERE/cache, and HF_HUB_OFFLINE=1 forbids the network; fetch it where there is "
        + "a network: palimpsest fetch org/small-vit; nothing lies at the path org/small-vit either\n")
    #expect(hub.front.requests.isEmpty)
    let fetched = try run([], "fetch", "org/small-vit")
    #expect(fetched.status == 0, "\(fetched.error)")
    #expect(fetched.output.hasPrefix("org/small-vit@\(commit): "))
    #expect(fetched.output.hasSuffix("\n  HERE/cache/models--org--small-vit/snapshots/\(commit)\n"))
    let asked = hub.front.requests.count
    for name in ["org/small-vit", "org/small-vit@\(commit)"] {
      #expect(try run(["TRANSFORMERS_OFFLINE=1"], "verify", name).status == 0)
    }
    #expect(hub.front.requests.count == asked)
  }

  @Test func aGatedModelSaysWhatIsMissing() throws {
    let refused = try run([], "extract", "--model", "private/vit", "--images", "photos/images", "--out", "x.h5")
    #expect(refused.status == 2)
    #expect(
      refused.error
        == "palimpsest: private/vit is gated: accept its conditions at \(hub.front.address)/private/vit, then give a token of your "
        + "account (\(hub.front.address)/settings/tokens): none is set, neither HF_TOKEN nor in HERE/.cache/huggingface/token\n"
    )
    #expect(try run(["HF_TOKEN=hf_right"], "fetch", "private/vit").status == 0)
  }

  @Test func aStudyGivesAllItsStepsOneCommit() throws {
    try here.write(
      """
      images: {photos: photos/images}
      models: {vit: org/small-vit}
      features: [{taps: [embed]}]
      """, to: "study.yaml")
    let done = try run([], "run", "study.yaml", "--quiet")
    #expect(done.status == 0, "\(done.error)")
    let attributes = try #require(
      try run([], "inspect", "study-results/stores/vit.h5", "--json").json?["attributes"] as? [String: String])
    #expect(attributes["model_source"] == "org/small-vit@\(commit)")
    let again = try run(["HF_HUB_OFFLINE=1"], "run", "study.yaml", "--json")
    #expect(again.output.contains("\"status\" : \"up-to-date\""), "\(again.output)")
    #expect(again.output.contains("--model org/small-vit@\(commit) "))
  }
}
