import Activations
import Foundation
import Testing

/// Stores in shards as a user makes and reads them.
@Suite struct ShardTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(20)
  }

  private func extract(_ out: String, _ more: [String], environment: [String] = []) throws -> Outcome {
    try here.run(
      environment + [
        Program.path.get(), "extract", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images",
        "--threads", "1", "--batch-size", "2", "--conditions", "red", "--out", out,
      ] + more, program: "/usr/bin/env")
  }

  private func differences(_ first: String, _ second: String) throws -> [String] {
    try StoreContents(here.path(first)).differences(from: StoreContents(here.path(second)))
  }

  @Test(arguments: ["none", "deflate"]) func sevenShardsAreTheStore(compression: String) throws {
    #expect(try extract("whole.h5", ["--compression", compression]).status == 0)
    // One process makes all, one after the other.
    let all = try extract("vit.h5", ["--compression", compression, "--shards", "7"])
    #expect(all.status == 0, "\(all.error)")
    #expect(all.output.contains("no launcher was found: one task: all shards of 7 of vit.h5.shards\n"), "\(all.output)")
    let again = try extract("vit.h5", ["--compression", compression, "--shards", "7", "--shard", "3", "--json"])
    #expect(again.json?["rowsComputed"] as? Int == 0 && again.json?["shards"] as? [Int] == [3])
    #expect(again.json?["store"] as? String == "vit.h5.shards")
    let merged = try here.run("merge", "vit.h5.shards/", "--out", "copy.h5", "--copy")
    #expect(merged.status == 0, "\(merged.error)")
    #expect(try differences("copy.h5", "whole.h5") == [])
    #expect(try here.run("merge", "vit.h5.shards", "--out", "view.h5").status == 0)
    for store in ["vit.h5.shards", "vit.h5.shards/", "copy.h5", "view.h5"] {
      let verified = try here.run("verify", store)
      #expect(verified.status == 0, "\(store): \(verified.error)")
      #expect(try here.run("inspect", store).output.contains("20, 0 could not be read"))
    }
    // Analyses give the same numbers, and call the store by its name.
    var tables: [String] = []
    for (store, out) in [("whole.h5", "a"), ("vit.h5.shards/", "b"), ("view.h5", "c")] {
      let outcome = try here.run(
        "analyze", "similarity", store, "--out", out, "--bootstrap", "0", "--threads", "1", "--quiet")
      #expect(outcome.status == 0, "\(outcome.error)")
      tables.append(try here.text(of: out + "/similarity.csv"))
    }
    #expect(tables[1] == tables[0].replacing("whole,", with: "vit,"))
    #expect(tables[2] == tables[0].replacing("whole,", with: "view,"))
    #expect(try here.text(of: "b/provenance.json").contains(#""path" : "vit.h5.shards/""#))
  }

  @Test func aSecondTaskOnOneStoreIsRefusedAndToldOfShards() throws {
    let many = try extract("vit.h5", [], environment: ["RANK=0", "WORLD_SIZE=4"])
    #expect(many.status == 2)
    #expect(
      many.error
        == "palimpsest: this is one of several tasks of a job (RANK 0 of 4), and all of them would write vit.h5; add --shards N "
        + "--shard auto, so that each makes its own shards, or start one task\n")
    #expect(!here.exists("vit.h5"))
    // Each its own file is no fault, nor is an array of which each task has its own store.
    #expect(try extract("part-2.h5", [], environment: ["RANK=2", "WORLD_SIZE=4"]).status == 0)
    let array = [
      "SLURM_ARRAY_JOB_ID=9", "SLURM_ARRAY_TASK_MIN=0", "SLURM_ARRAY_TASK_MAX=3", "SLURM_ARRAY_TASK_COUNT=4",
    ]
    #expect(try extract("one.h5", [], environment: array + ["SLURM_ARRAY_TASK_ID=0"]).status == 0)
    #expect(try extract("two.h5", [], environment: array + ["SLURM_ARRAY_TASK_ID=1"]).status == 0)
    let second = try extract("one.h5", [], environment: array + ["SLURM_ARRAY_TASK_ID=1"])
    #expect(second.status == 2 && second.error.contains("add --shards N --shard auto"), "\(second.error)")
    // The same task, started again, goes on.
    #expect(try extract("one.h5", [], environment: array + ["SLURM_ARRAY_TASK_ID=0"]).status == 0)
  }

  @Test func tasksOfAnArrayMakeTheirShardsAndAPartIsStartedAgain() throws {
    func task(_ id: Int, _ first: Int, _ last: Int, _ count: Int) -> [String] {
      [
        "SLURM_ARRAY_JOB_ID=9", "SLURM_ARRAY_TASK_ID=\(id)", "SLURM_ARRAY_TASK_MIN=\(first)", "SLURM_ARRAY_TASK_STEP=1",
        "SLURM_ARRAY_TASK_MAX=\(last)", "SLURM_ARRAY_TASK_COUNT=\(count)",
      ]
    }
    let shards = ["--shards", "4", "--shard", "auto", "--quiet"]
    for id in [1, 2, 4] { #expect(try extract("vit.h5", shards, environment: task(id, 1, 4, 4)).status == 0) }
    #expect(
      try here.run("status", "vit.h5.shards").output.hasPrefix(
        "vit.h5.shards: 4 shards: 3 done, 0 running, 0 stale, 1 missing; 32 of 40 rows\n"))
    let refused = try here.run("analyze", "similarity", "vit.h5.shards", "--out", "results")
    #expect(refused.status == 2)
    #expect(refused.error.contains("shard 2 of 4 is missing (00002-of-00004.h5, images 10 to 13)"), "\(refused.error)")
    let rest = try extract("vit.h5", ["--shards", "4"], environment: task(3, 3, 3, 1))
    #expect(rest.status == 0, "\(rest.error)")
    #expect(
      rest.output.contains(
        "Slurm job 9: SLURM_ARRAY_TASK_ID 3 of an array of 1 from 3: shard 2 of 4 of vit.h5.shards\n"), "\(rest.output)"
    )
    let status = try here.run("status", "vit.h5.shards/", "--json")
    #expect(status.json?["counts"] as? [String: Int] == ["done": 4, "running": 0, "stale": 0, "missing": 0])
    #expect(try here.run("verify", "vit.h5.shards").status == 0)
    #expect(
      try FeatureStore(path: here.path("vit.h5.shards/00002-of-00004.h5")).attribute("launch")
        == "Slurm job 9: SLURM_ARRAY_TASK_ID 3 of an array of 1 from 3")
  }

  @Test(arguments: [
    (["--shards", "0"], "--shards is 0; give 1 to 99999"),
    (["--shards", "4", "--shard", "4"], "--shard is 4 of 4 shards; give 0 to 3, or auto"),
    (["--shard", "1"], "--shard goes with --shards N; give both (see palimpsest extract --help)"),
    (["--decoders", "0"], "--decoders is 0; give at least 1 (see palimpsest extract --help)"),
  ]) func whatCannotBeIsRefused(options: [String], sentence: String) throws {
    let outcome = try extract("vit.h5", options)
    #expect(outcome.status == 2)
    #expect(outcome.error == "palimpsest: \(sentence)\n")
    #expect(!here.exists("vit.h5.shards"))
  }

  @Test func aPlanIsKeptForAllShards() throws {
    #expect(try extract("vit.h5", ["--shards", "4", "--shard", "0", "--quiet"]).status == 0)
    let other = try extract("vit.h5", ["--shards", "4", "--shard", "1", "--tokens", "mean"])
    #expect(other.status == 2)
    #expect(
      other.error.contains("were planned with tokens all, this command has mean; give another --out or remove them"),
      "\(other.error)")
  }

  @Test func threeWorkersAtOnceEndWithTheStore() throws {
    #expect(try extract("whole.h5", []).status == 0)
    let arguments = [
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--threads", "1",
      "--batch-size",
      "2", "--conditions", "red", "--out", "vit.h5", "--shards", "5", "--quiet",
    ]
    // None is told which shards are its own: each takes what the others leave.
    let workers = try (0..<3).map { number in
      try Program.start(
        arguments, in: here.folder, output: here.path(".out\(number)"), error: here.path(".error\(number)"))
    }
    #expect(workers.map { Program.wait(for: $0) } == [0, 0, 0])
    let rest = try here.run(arguments)
    #expect(rest.status == 0, "\(rest.error)")
    #expect(try here.run("merge", "vit.h5.shards", "--out", "vit.h5", "--copy", "--quiet").status == 0)
    #expect(try differences("vit.h5", "whole.h5") == [])
  }

  @Test(arguments: [SIGTERM, SIGUSR1, SIGUSR2]) func aSignalOfTheSchedulerEndsWithWorkLeft(signal: Int32) throws {
    #expect(try extract("whole.h5", ["--compression", "deflate"]).status == 0)
    let arguments = [
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--threads", "1",
      "--batch-size",
      "2", "--conditions", "red", "--out", "vit.h5", "--shards", "2", "--shard", "0", "--compression", "deflate",
      "--requeue", "2",
    ]
    let worker = try Program.start(
      arguments, in: here.folder, output: here.path(".output"), error: here.path(".error"))
    let journal = "vit.h5.shards/00000-of-00002.h5.journal"
    while !(here.exists(journal) && ((try? here.bytes(of: journal).count) ?? 0) > 1000), !Program.hasEnded(worker) {
      usleep(500)
    }
    kill(worker, signal)
    #expect(Program.wait(for: worker) == 75)
    #expect(
      try here.text(of: ".error")
        == "--requeue: this is no job of Slurm (SLURM_JOB_ID is not set); start the same command again\n"
        + "palimpsest: interrupted; the same command goes on where it stopped\n")
    // Its chunks were not put together: that takes time that is not there.
    #expect(here.exists(journal))
    for shard in ["0", "1"] {
      let rest = try extract("vit.h5", ["--compression", "deflate", "--shards", "2", "--shard", shard])
      #expect(rest.status == 0, "\(rest.error)")
    }
    #expect(try here.run("merge", "vit.h5.shards", "--out", "vit.h5", "--copy").status == 0)
    #expect(try differences("vit.h5", "whole.h5") == [])
  }

  @Test func reconstructionsAreMadeInShardsFromImagesAndFromShards() throws {
    let model = ["--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--threads", "1", "--quiet"]
    #expect(try here.run(["train", "--inverse", "ridge", "--out", "inverse"] + model).status == 0)
    let common = ["reconstruct", "--inverse", "inverse", "--batch-size", "4"]
    #expect(try here.run(common + model + ["--out", "whole.h5"]).status == 0)
    #expect(try here.run(common + model + ["--out", "back.h5", "--shards", "3"]).status == 0)
    #expect(try here.run("merge", "back.h5.shards", "--out", "back.h5", "--copy").status == 0)
    #expect(try differences("back.h5", "whole.h5") == [])
    // Out of the activations of one sharded store, into another.
    let features = ["--features", "back.h5.shards", "--threads", "1", "--quiet"]
    let inside = try here.run(common + features + ["--out", "again.h5", "--shards", "2"])
    #expect(inside.status == 0, "\(inside.error)")
    #expect(try here.run("merge", "again.h5.shards", "--out", "again.h5", "--copy").status == 0)
    #expect(try differences("again.h5", "whole.h5") == [])
    #expect(try FeatureStore(path: here.path("again.h5")).attribute("features_sha256")?.count == 64)
  }

  @Test func theStatusOfAnExperimentIsThatOfItsSteps() throws {
    try here.write(
      """
      output: out
      images: {scenes: scenes/images}
      models: {vit: \(Program.fixtures)/timm-vit}
      features: {tokens: mean}
      analyses: [{analysis: similarity, bootstrap: 0}]
      report: false

      """, to: "study.yaml")
    let before = try here.run("status", "study.yaml", "--json")
    #expect(before.status == 0, "\(before.error)")
    #expect(
      before.json?["counts"] as? [String: Int] == ["done": 0, "running": 0, "stale": 0, "missing": 2],
      "\(before.output)")
    #expect(try here.run("run", "study.yaml", "--only", "features", "--quiet").status == 0)
    let after = try here.run("status", "study.yaml")
    #expect(after.output.hasPrefix("study.yaml: 2 steps: 1 done, 0 running, 0 stale, 1 missing"), "\(after.output)")
  }
}
