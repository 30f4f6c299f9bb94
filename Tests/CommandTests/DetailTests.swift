import Foundation
import Testing

/// `analyze detail` as a user runs it.
@Suite struct DetailTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(6)
  }

  @Test func spectraAreMeasured() throws {
    try here.trainAndReconstruct()
    let measured = try here.run("analyze", "detail", "back.h5", "--out", "results", "--json")
    #expect(measured.status == 0, "\(measured.error)")
    let rows = try here.table("results/detail.csv")
    #expect(rows[0] == ["store", "condition", "tap", "metric", "value", "low", "high", "n"])
    #expect(Set(rows.dropFirst().map { $0[2] }) == ["embed", "block.2"])
    let spectrum = try here.table("results/detail_spectrum.csv")
    #expect(
      spectrum[0] == [
        "store", "condition", "tap", "frequency", "frequency_per_patch", "power_input", "power_reconstruction",
        "power_ratio", "coherence", "frc", "n",
      ])
    // Two cuts, 64 pixels a side.
    #expect(spectrum.count == 1 + 2 * 32)
    #expect(spectrum.dropFirst().allSatisfy { (0...1).contains(Double($0[8]) ?? 2) && $0[10] == "6" })
    #expect(measured.json?["frequencies"] as? Int == 64)
    let again = try here.run("analyze", "detail", "back.h5", "--out", "again", "--quiet", "--threads", "1")
    #expect(again.status == 0 && again.output == "", "\(again.error)")
    #expect(try here.text(of: "again/detail.csv") == here.text(of: "results/detail.csv"))
  }

  @Test func whatCannotBeMeasuredIsRefused() throws {
    try here.extract("--taps", "embed", images: "scenes/images", to: "plain.h5")
    try expectRefusal(
      here, ["analyze", "detail", "plain.h5", "--out", "results"],
      "plain.h5 holds no reconstructions; make them with palimpsest reconstruct, after palimpsest train")
    #expect(try here.run("analyze", "detail", "plain.h5", "--out", "results", "--patch", "0").status == 2)
  }
}
