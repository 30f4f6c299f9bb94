import Activations
import Foundation
import Testing

/// `reconstruct --intermediate` and `--teacher-forced` as a user runs them.
@Suite struct ReconstructInsideTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(8)
  }

  /// Without flags: networks of the default kind, trained for two epochs.
  private func train(_ model: String, to out: String, _ more: String...) throws {
    let epochs = more.contains("--inverse") ? [] : ["--epochs", "2"]
    let outcome = try here.run(
      [
        "train", "--model", "\(Program.fixtures)/\(model)", "--images", "scenes/images", "--out", out, "--quiet",
        "--threads", "1",
      ] + epochs + more)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  private func command(_ model: String, _ inverse: String, _ out: String, _ more: String...) -> [String] {
    [
      "reconstruct", "--model", "\(Program.fixtures)/\(model)", "--inverse", inverse, "--images", "scenes/images",
      "--out", out, "--threads", "1",
    ] + more
  }

  @Test func layersInsideArePushedThroughBothEnds() throws {
    try train("timm-vit", to: "inverse")
    let outcome = try here.run(command("timm-vit", "inverse", "inside.h5", "--intermediate", "--conditions", "red"))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error == "" || !outcome.error.contains("left out"))
    let inside = try FeatureStore(path: here.path("inside.h5"))
    let names = ["embed", "block.2", "block.0@block.2", "block.0@embed", "block.1@block.2", "block.1@embed"]
    for condition in ["original", "red"] {
      #expect(try inside.reconstructions(of: condition) == names)
      #expect(try inside.taps(condition: condition).map(\.name) == ["embed", "block.0", "block.1", "block.2"])
    }
    #expect(try here.run("verify", "inside.h5").status == 0)
    // The cuts are inverted as without the flag.
    let plain = try here.run(command("timm-vit", "inverse", "plain.h5"))
    #expect(plain.status == 0, "\(plain.error)")
    let store = try FeatureStore(path: here.path("plain.h5"))
    for tap in ["embed", "block.2"] {
      #expect(try store.readReconstruction(tap: tap, row: 3) == inside.readReconstruction(tap: tap, row: 3))
    }
    #expect(
      try inside.readReconstruction(tap: "block.1@embed", row: 3)
        != inside.readReconstruction(tap: "block.1@block.2", row: 3))
  }

  @Test func whatNoInverseFitsIsSaidOnce() throws {
    try train("hf-detr", to: "inverse", "--size", "64x64")
    let outcome = try here.run(
      command("hf-detr", "inverse", "inside.h5", "--intermediate", "--size", "64x64", "--json"))
    #expect(outcome.status == 0, "\(outcome.error)")
    let skipped = try #require(outcome.json?["skipped"] as? [String])
    #expect(skipped.contains("decoder.0@encoder.1") && skipped.contains("backbone.layer1@projection"))
    #expect(
      outcome.error.components(
        separatedBy: "left out, because no inverse fits them: \(skipped.joined(separator: ", "))\n"
      )
      .count == 2)
    let names = try #require(outcome.json?["reconstructions"] as? [String])
    #expect(names.contains("encoder.0@projection") && names.contains("decoder.0@decoder.1"))
    #expect(try FeatureStore(path: here.path("inside.h5")).reconstructions(of: "original") == names)
  }

  @Test func splicingGivesAMatrixAndATable() throws {
    try train("timm-swin", to: "inverse")
    let arguments = command("timm-swin", "inverse", "spliced.h5", "--teacher-forced", "--conditions", "gray")
    let outcome = try here.run(arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let store = try FeatureStore(path: here.path("spliced.h5"))
    let (starts, joints) = (["embed", "stage.0", "stage.1", "stage.2"], ["image", "embed", "stage.0", "stage.1"])
    let summaries = try #require(outcome.json?["joints"] as? [[String: Any]])
    #expect(summaries.map { $0["condition"] as? String } == ["original", "gray"])
    for (summary, condition) in zip(summaries, ["original", "gray"]) {
      #expect(try store.joints(of: condition) == StoreJoints(starts: starts, joints: joints))
      #expect(summary["starts"] as? [String] == starts)
      #expect(summary["joints"] as? [String] == joints)
      let means = try #require(summary["means"] as? [[Any]])
      for row in 0..<4 {
        for column in 0..<4 {
          let values = try (0..<store.count).map {
            try store.readJoints(condition: condition, row: $0)[row * 4 + column]
          }
          #expect(values.allSatisfy { column <= row ? $0 > 0 && $0.isFinite : $0.isNaN })
          let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
          #expect(
            column <= row ? abs((means[row][column] as? Double ?? .nan) - mean) < 1e-9 : means[row][column] is NSNull)
        }
      }
    }
    try jointsByDirection(means: try #require(summaries[0]["means"] as? [[Any]]))
    // A person gets the same again, though nothing is left to do.
    let again = try here.run(arguments)
    #expect(again.output.contains("spliced.h5: complete already; nothing to do\n"))
    let lines = again.output.split(separator: "\n", omittingEmptySubsequences: false)
    let title = "mean squared error at each joint, original; the last in a row is the module's own"
    let table = try #require(lines.firstIndex { $0 == title })
    #expect(lines[table + 1].split(separator: " ") == ["start", "image", "embed", "stage.0", "stage.1"])
    #expect(lines[table + 2].split(separator: " ").count == 2)
    #expect(lines[table + 5].split(separator: " ").count == 5)
    #expect(try here.run("verify", "spliced.h5").status == 0)
  }

  /// The errors at the joints by direction come to those that splicing measured: Swin has no prefix tokens.
  private func jointsByDirection(means: [[Any]]) throws {
    let measured = try here.run(
      "analyze", "quality", "spliced.h5", "--metrics", "mse", "--joints", "inverse", "--out", "quality")
    #expect(measured.status == 0, "\(measured.error)")
    let rows = try here.table("quality/joints.csv").dropFirst()
    let pairs = [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (3, 3)]
    let cuts = ["embed", "stage.0", "stage.1", "stage.2"]
    #expect(rows.count == 2 * pairs.count && rows.suffix(6).allSatisfy { $0[1] == "gray" })
    for (row, (start, joint)) in zip(rows, pairs) {
      #expect(row.prefix(4) == ["spliced", "original", cuts[start], cuts[joint - 1]])
      let mean = try #require(means[start][joint] as? Double)
      #expect(abs((Double(row[7]) ?? .nan) / mean - 1) < 1e-4, "\(row), \(mean)")
    }
    let spectra = try here.table("quality/joint_spectra.csv").dropFirst()
    #expect(spectra.count == rows.reduce(0) { $0 + (Int($1[5]) ?? 0) })
    let first = spectra.prefix { $0[2] == "stage.0" && $0[1] == "original" }
    #expect(abs(first.reduce(0) { $0 + (Double($1[8]) ?? .nan) } - 1) < 1e-9)
    try expectRefusal(
      here, ["analyze", "quality", "spliced.h5", "--joints", "quality", "--out", "other"],
      "--joints quality: no inverse networks are here (no plan.json); give what palimpsest train wrote")
  }

  @Test func inspectListsWhatIsBesideTheTaps() throws {
    try train("timm-vit", to: "inverse")
    let made = try here.run(command("timm-vit", "inverse", "a.h5", "--teacher-forced"))
    #expect(made.status == 0, "\(made.error)")
    let text = try here.run("inspect", "a.h5").output
    for line in [
      "/reconstructions/original/embed    8×64×64×3", "/reconstructions/original/block.2  8×64×64×3",
      "/joints/original                   8×2×2",
    ] {
      #expect(text.contains(line), "\(text)")
    }
    let json = try #require(try here.run("inspect", "a.h5", "--json").json)
    let joints = try #require((json["joints"] as? [[String: Any]])?.first)
    #expect(joints["starts"] as? [String] == ["embed", "block.2"])
    #expect(joints["joints"] as? [String] == ["image", "embed"])
    #expect(
      (json["reconstructions"] as? [[String: Any]])?.map { $0["path"] as? String } == [
        "/reconstructions/original/embed", "/reconstructions/original/block.2",
      ])
  }

  @Test func aKilledSplicingGoesOnAndEndsWithTheSameBytes() throws {
    try train("timm-vit", to: "inverse")
    func arguments(_ out: String) -> [String] {
      command(
        "timm-vit", "inverse", out, "--batch-size", "1", "--conditions", "red,green,blue,gray", "--teacher-forced",
        "--intermediate")
    }
    let whole = try here.run(arguments("whole.h5"))
    #expect(whole.status == 0, "\(whole.error)")
    for milliseconds in [0, 20, 5, 40, 10] {
      let identifier = try Program.start(
        arguments("killed.h5"), in: here.folder, output: here.path(".output"), error: here.path(".error"))
      while !here.exists("killed.h5"), !Program.hasEnded(identifier) { usleep(500) }
      usleep(UInt32(milliseconds) * 1000)
      kill(identifier, SIGKILL)
      _ = Program.wait(for: identifier)
    }
    let finished = try here.run(arguments("killed.h5"))
    #expect(finished.status == 0, "\(finished.error)")
    let differences = try StoreContents(here.path("killed.h5")).differences(
      from: StoreContents(here.path("whole.h5")))
    #expect(differences == [])
  }

  @Test func chainsWithoutJointsAreRefused() throws {
    try train("timm-vit", to: "chains", "--mode", "end-to-end")
    try expectRefusal(
      here, command("timm-vit", "chains", "a.h5", "--teacher-forced"),
      "--teacher-forced needs inverses of --mode modular: of --mode end-to-end each depth has a chain of its own, trained "
        + "on the image error alone, whose joints stand for no activation; leave --teacher-forced out")
    try train("timm-vit", to: "mean", "--inverse", "mean-image")
    try expectRefusal(
      here, command("timm-vit", "mean", "a.h5", "--teacher-forced"),
      "--teacher-forced: --inverse mean-image leads from every depth straight to the image, without joints; "
        + "leave --teacher-forced out")
    let inside = try here.run(command("timm-vit", "chains", "b.h5", "--intermediate"))
    #expect(inside.status == 0, "\(inside.error)")
    #expect(!here.exists("a.h5"))
  }
}
