import Foundation
import HDF5
import Testing

/// Killed or interrupted at any moment, the store opens, passes verify, and ends with the same bytes.
@Suite struct InterruptionTests {
  let here: Workspace
  /// Enough that a signal finds work to do however late the system delivers it.
  private static let images = 120

  init() throws {
    here = try Workspace()
    try here.drawImages(Self.images)
  }

  /// Two rows an image, one at a time, so that a kill finds some done and some not.
  private func command(_ store: String, _ compression: String) -> [String] {
    [
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", "scenes/images", "--batch-size", "1",
      "--conditions", "red", "--compression", compression, "--threads", "1", "--out", store,
    ]
  }

  /// How many rows a running process has finished: marks in the file, read past libhdf5, which would lock it; or with
  /// compression what the journal's length tells, at most 20 kB a row.
  private func rowsDone(_ store: String, _ compression: String) throws -> Int {
    if compression != "none" {
      let attributes = try? FileManager.default.attributesOfItem(atPath: here.path(store + ".journal"))
      return ((attributes?[.size] as? NSNumber)?.intValue ?? 0) / 20_000
    }
    guard here.exists(store) else { return 0 }
    // The same command lays out the same file.
    let marks = try HDF5File.open(here.path("whole.h5"), isTrusted: true).dataset("/progress/original")
    let address =
      marks.layout == .contiguous
      ? try #require(try marks.contiguousExtent()).address : try #require(try marks.chunkExtent(at: [0])).address
    let bytes = try here.bytes(of: store)
    return bytes.count < address + Self.images ? 0 : bytes[address..<address + Self.images].count { $0 == 1 }
  }

  /// Starts the command, waits until `isUnderWay`, then so many milliseconds, then sends `signal`.
  private func end(
    _ arguments: [String], by signal: Int32, after milliseconds: Int, from isUnderWay: () throws -> Bool
  ) throws -> (status: Int32, error: String) {
    let identifier = try Program.start(
      arguments, in: here.folder, output: here.path(".output"), error: here.path(".error"))
    while try !isUnderWay(), !Program.hasEnded(identifier) { usleep(500) }
    usleep(UInt32(milliseconds) * 1000)
    kill(identifier, signal)
    return (Program.wait(for: identifier), try here.text(of: ".error"))
  }

  @Test(arguments: ["none", "deflate"])
  func aKilledExtractGoesOnAndEndsWithTheSameBytes(compression: String) throws {
    let whole = try here.run(command("whole.h5", compression))
    #expect(whole.status == 0, "\(whole.error)")
    let expected = try StoreContents(here.path("whole.h5"))

    var kills = 0
    // Before anything is written, and where so many bytes of rows are there.
    for (bytes, milliseconds) in [(0, 3), (0, 60), (1, 0), (6, 0), (0, 110), (14, 2), (20, 1), (26, 0)] {
      let ended = try end(command("killed.h5", compression), by: SIGKILL, after: milliseconds) {
        try bytes == 0 || rowsDone("killed.h5", compression) >= bytes
      }
      if ended.status == 128 + SIGKILL, bytes > 0 { kills += 1 }
      guard here.exists("killed.h5") else { continue }
      let verified = try here.run("verify", "killed.h5")
      #expect(verified.status == 0, "\(verified.error)")
    }
    // The test would prove nothing if every run had ended before its signal.
    #expect(kills >= 1)

    let finished = try here.run(command("killed.h5", compression))
    #expect(finished.status == 0, "\(finished.error)")
    #expect(try StoreContents(here.path("killed.h5")).differences(from: expected) == [])
    #expect(try here.run("verify", "killed.h5").status == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: here.folder).filter { $0.hasPrefix("killed.h5.") }
    #expect(left == [])
  }

  @Test(arguments: ["none", "deflate"])
  func anInterruptKeepsWhatIsDoneAndSaysHowToGoOn(compression: String) throws {
    #expect(try here.run(command("whole.h5", compression)).status == 0)
    let ended = try end(command("stopped.h5", compression), by: SIGINT, after: 0) {
      try rowsDone("stopped.h5", compression) >= 5
    }
    #expect(ended.status == 130)
    #expect(ended.error == "palimpsest: interrupted; the same command goes on where it stopped\n")
    #expect(try here.run("verify", "stopped.h5").status == 0)

    let rest = try here.run(command("stopped.h5", compression))
    #expect(rest.status == 0, "\(rest.error)")
    #expect(
      try StoreContents(here.path("stopped.h5")).differences(from: StoreContents(here.path("whole.h5"))) == [])
  }
}
