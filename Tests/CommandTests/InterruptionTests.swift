import Foundation
import Testing

/// Killed or interrupted at any moment, the store opens, passes verify, and ends with the same bytes.
@Suite struct InterruptionTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(24)
  }

  /// 48 rows, one at a time, so that a kill finds some done and some not.
  private func command(_ store: String, _ compression: String) -> [String] {
    [
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--batch-size", "1",
      "--conditions", "red", "--compression", compression, "--threads", "1", "--out", store,
    ]
  }

  /// Starts the command, waits until `isUnderWay`, then so many milliseconds, then sends `signal`.
  private func end(
    _ arguments: [String], by signal: Int32, after milliseconds: Int, from isUnderWay: () -> Bool
  ) throws -> (status: Int32, error: String) {
    let identifier = try Program.start(
      arguments, in: here.folder, output: here.path(".output"), error: here.path(".error"))
    while !isUnderWay(), !Program.hasEnded(identifier) { usleep(500) }
    usleep(UInt32(milliseconds) * 1000)
    kill(identifier, signal)
    return (Program.wait(for: identifier), try here.text(of: ".error"))
  }

  @Test(arguments: ["none", "deflate"])
  func aKilledExtractGoesOnAndEndsWithTheSameBytes(compression: String) throws {
    let whole = try here.run(command("whole.h5", compression))
    #expect(whole.status == 0, "\(whole.error)")
    let expected = try StoreContents(here.path("whole.h5"))

    let marker = compression == "none" ? "killed.h5" : "killed.h5.journal"
    var kills = 0
    // From the start of the process: loading, opening, the first rows; then from where rows are written.
    for (fromStart, milliseconds) in [
      (true, 3), (true, 60), (false, 0), (false, 25), (false, 3), (true, 110), (false, 60), (true, 170), (false, 40),
    ] {
      let ended = try end(command("killed.h5", compression), by: SIGKILL, after: milliseconds) {
        fromStart || here.exists(marker)
      }
      if ended.status == 128 + SIGKILL { kills += 1 } else { #expect(ended.status == 0, "\(ended.error)") }
      guard here.exists("killed.h5") else { continue }
      let verified = try here.run("verify", "killed.h5")
      #expect(verified.status == 0, "\(verified.error)")
    }
    #expect(kills >= 3)

    let finished = try here.run(command("killed.h5", compression))
    #expect(finished.status == 0, "\(finished.error)")
    #expect(try StoreContents(here.path("killed.h5")).differences(from: expected) == [])
    #expect(try here.run("verify", "killed.h5").status == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: here.folder).filter { $0.hasPrefix("killed.h5.") }
    #expect(left == [])
  }

  @Test(arguments: ["none", "deflate"])
  func anInterruptKeepsWhatIsDoneAndSaysHowToGoOn(compression: String) throws {
    let marker = compression == "none" ? "stopped.h5" : "stopped.h5.journal"
    let ended = try end(command("stopped.h5", compression), by: SIGINT, after: 10) { here.exists(marker) }
    #expect(ended.status == 130)
    #expect(ended.error == "palimpsest: interrupted; the same command goes on where it stopped\n")
    #expect(try here.run("verify", "stopped.h5").status == 0)

    let rest = try here.run(command("stopped.h5", compression))
    #expect(rest.status == 0, "\(rest.error)")
    #expect(try here.run(command("whole.h5", compression)).status == 0)
    #expect(
      try StoreContents(here.path("stopped.h5")).differences(from: StoreContents(here.path("whole.h5"))) == [])
  }
}
