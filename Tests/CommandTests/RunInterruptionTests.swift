import Foundation
import Testing

/// Killed or interrupted at any moment, a run goes on and ends with the same results.
@Suite struct RunInterruptionTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(24)
    for name in ["whole", "killed", "stopped"] {
      try here.write(
        """
        output: \(name)
        threads: 1
        images: {shown: scenes/images}
        models: {vit: '\(Program.fixtures)/timm-vit'}
        features: {taps: all, batch-size: 2, conditions: [red, gray]}
        inverses: {epochs: 12, batch-size: 3, features: features}
        reconstructions: {batch-size: 2}
        analyses:
          - {analysis: similarity, tokens: mean, bootstrap: 50}
          - {analysis: quality, metrics: [mse, psnr], bootstrap: 50}

        """, to: "\(name).yaml")
    }
  }

  /// Starts a run and sends it a signal after so many milliseconds.
  private func end(_ study: String, by signal: Int32, after milliseconds: Int) throws -> (status: Int32, error: String)
  {
    let identifier = try Program.start(
      ["run", study + ".yaml"], in: here.folder, output: here.path(".output"), error: here.path(".error"))
    for _ in 0..<milliseconds where !Program.hasEnded(identifier) { usleep(1000) }
    kill(identifier, signal)
    return (Program.wait(for: identifier), try here.text(of: ".error"))
  }

  /// Results of a run that do not tell the time.
  private func requireSame(_ name: String, as other: String) throws {
    for store in ["vit", "vit-modular"] {
      let found = try StoreContents(here.path("\(name)/stores/\(store).h5"))
      #expect(try found.differences(from: StoreContents(here.path("\(other)/stores/\(store).h5"))) == [], "\(store)")
    }
    for file in [
      "results/similarity/similarity.csv", "results/similarity/similarity_images.csv", "results/quality/quality.csv",
      "results/quality/quality_images.csv", "inverses/vit-modular/embed.best.safetensors",
      "inverses/vit-modular/block.2.last.safetensors", "report/tables/similarity.csv",
    ] { #expect(try here.bytes(of: "\(name)/\(file)") == here.bytes(of: "\(other)/\(file)"), "\(file)") }
  }

  @Test func aKilledRunGoesOnAndEndsWithTheSameResults() throws {
    let whole = try here.run("run", "whole.yaml", "--json")
    #expect(whole.status == 0, "\(whole.error)")
    let seconds = try #require(whole.json?["seconds"] as? Double)
    var kills = 0
    // Spread over the run, and each time it begins with what is left.
    for share in [0.02, 0.1, 0.2, 0.3, 0.15, 0.25, 0.2, 0.3] {
      if try end("killed", by: SIGKILL, after: Int(share * seconds * 1000)).status == 128 + SIGKILL { kills += 1 }
      for store in ["vit", "vit-modular"] where here.exists("killed/stores/\(store).h5") {
        let verified = try here.run("verify", "killed/stores/\(store).h5")
        #expect(verified.status == 0, "\(verified.error)")
      }
    }
    #expect(kills >= 3)
    let rest = try here.run("run", "killed.yaml")
    #expect(rest.status == 0, "\(rest.error)")
    try requireSame("killed", as: "whole")
    let again = try here.run("run", "killed.yaml")
    #expect(again.output.contains("nothing to do: 6 steps are up to date"), "\(again.output)")
  }

  @Test func anInterruptKeepsWhatIsDoneAndSaysHowToGoOn() throws {
    let whole = try here.run("run", "whole.yaml", "--json")
    #expect(whole.status == 0, "\(whole.error)")
    let seconds = try #require(whole.json?["seconds"] as? Double)
    let ended = try end("stopped", by: SIGINT, after: Int(0.4 * seconds * 1000))
    #expect(ended.status == 130)
    // A step that keeps nothing of what it began is named.
    let goesOn = "palimpsest: interrupted; the same command goes on"
    #expect(
      ended.error.hasSuffix("\(goesOn) where it stopped\n")
        || ended.error.contains(#/interrupted; the same command goes on, with \S+ from its beginning\n$/#),
      "\(ended.error)")
    let rest = try here.run("run", "stopped.yaml")
    #expect(rest.status == 0, "\(rest.error)")
    #expect(rest.output.contains("features/vit: up to date"), "\(rest.output)")
    try requireSame("stopped", as: "whole")
  }
}
