import Foundation
import Testing

/// Reports as one file, checked and redrawn, as a user does it.
@Suite struct BundleTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.makeFolder("results/quality & more")
    var table = "store,condition,tap,metric,value,low,high,n\n"
    for (place, tap) in ["embed", "block.0", "block.1"].enumerated() {
      table += "a,original,\(tap),psnr,\(30 - place * 5),\(29 - place * 5),\(31 - place * 5),64\n"
    }
    try here.write(table, to: "results/quality & more/quality.csv")
    try here.write(
      """
      {"format":"palimpsest.provenance","version":1,"tool":{"name":"palimpsest","version":"0.1.0"},
       "command":["palimpsest","analyze","quality","a.h5"],"finished_at":"2026-11-26T10:01:00Z"}
      """, to: "results/quality & more/provenance.json")
    let reported = try here.run("report", "results", "--out", "my report", "--quiet")
    #expect(reported.status == 0, "\(reported.error)")
  }

  @Test func aReportIsBundledCheckedAndRedrawn() throws {
    let bundled = try here.run(
      "bundle", "my report", "--out", "b.zip", "--author", "Curie, Marie", "--license", "CC-BY-4.0", "--json")
    #expect(bundled.status == 0 && bundled.error == "", "\(bundled.error)")
    #expect(bundled.json?["figures"] as? Int == 1)
    #expect(bundled.json?["pixels"] as? String == "full")
    #expect(!here.exists(".b.zip.partial"))
    let again = try here.run(
      "bundle", "my report", "--out", "again.zip", "--author", "Curie, Marie", "--license", "CC-BY-4.0")
    #expect(again.status == 0 && again.output.contains("SHA-256 \(bundled.json?["sha256"] as? String ?? "none")"))
    #expect(try here.bytes(of: "b.zip") == here.bytes(of: "again.zip"))

    let verified = try here.run("verify", "b.zip")
    #expect(verified.status == 0 && verified.output.hasPrefix("b.zip: whole, "), "\(verified.output)\(verified.error)")
    let inspected = try here.run("inspect", "b.zip", "--json")
    let files = (inspected.json?["files"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
    #expect(files.contains("results/quality & more/quality.csv") && files.contains("report/data/quality-psnr.json"))

    // No report, no results: the bundle alone.
    try FileManager.default.removeItem(atPath: here.path("results"))
    try FileManager.default.removeItem(atPath: here.path("my report"))
    let replayed = try here.run("replay", "b.zip", "--keep", "redrawn", "--json")
    #expect(replayed.status == 0 && replayed.error == "", "\(replayed.error)")
    #expect(replayed.json?["passes"] as? Bool == true)
    #expect((replayed.json?["figures"] as? [[String: Any]])?.first?["status"] as? String == "same")
    #expect(replayed.json?["fromResults"] as? Int == 1)
    #expect(here.exists("redrawn/quality-psnr.pdf"))
  }

  @Test func theBundleOfARunHasItsExperiment() throws {
    try here.drawImages(8)
    try here.write(
      """
      images: {drawn: scenes/images}
      models: {vit: \(Program.fixtures)/timm-vit}
      features: {tokens: mean}
      analyses: [{analysis: similarity, bootstrap: 20}]
      """, to: "study.yaml")
    let ran = try here.run("run", "study.yaml", "--quiet")
    #expect(ran.status == 0, "\(ran.error)")
    let bundled = try here.run("bundle", "study-results/report", "--out", "study.zip")
    #expect(bundled.status == 0 && bundled.error == "", "\(bundled.error)")
    let inspected = try here.run("inspect", "study.zip")
    #expect(inspected.output.contains("experiment.yaml "), "\(inspected.output)")
    #expect(try here.run("replay", "study.zip").status == 0)
  }

  @Test func aDamagedBundleIsRefusedByName() throws {
    #expect(try here.run("bundle", "my report", "--out", "b.zip", "--quiet").status == 0)
    // PNG files are stored as they are: a byte within the first of them.
    var bytes = try here.bytes(of: "b.zip")
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x89, 0x50, 0x4E, 0x47]) })
    bytes[start + 300] ^= 1
    try here.write(bytes, to: "bad.zip")
    let verified = try here.run("verify", "bad.zip")
    #expect(verified.status == 1)
    #expect(verified.error.contains("report/figures/quality-psnr.png: damaged"), "\(verified.error)")
    let replayed = try here.run("replay", "bad.zip")
    #expect(replayed.status == 2)
    #expect(
      replayed.error.hasPrefix("palimpsest: bad.zip is not whole: report/figures/quality-psnr.png: damaged"),
      "\(replayed.error)")
    try here.write(Array(bytes.prefix(1000)), to: "short.zip")
    for command in ["verify", "inspect", "replay"] {
      let outcome = try here.run(command, "short.zip")
      #expect(outcome.status == 2)
      #expect(outcome.error.hasPrefix("palimpsest: short.zip cannot be read as a zip: "), "\(outcome.error)")
    }
  }

  @Test func aFigureThatDiffersEndsWithStatusOne() throws {
    let data = try here.text(of: "my report/data/quality-psnr.json")
    try here.write(
      data.replacingOccurrences(of: "[30,25,20]", with: "[30,26,20]"), to: "my report/data/quality-psnr.json")
    let outcome = try here.run("replay", "my report")
    #expect(outcome.status == 1)
    #expect(
      outcome.error
        == "quality-psnr: differs (figures/quality-psnr.pdf, figures/quality-psnr.svg, figures/quality-psnr.png, "
        + "figures/quality-psnr.csv)\n"
        + "palimpsest: my report: 1 of 1 figures differ from those redrawn from their data; the versions are the same, so they "
        + "or their data were changed after they were drawn\n")
  }

  @Test func whatCannotBeBundledIsOneSentence() throws {
    try here.makeFolder("empty")
    try expectRefusal(
      here, ["bundle", "empty", "--out", "b.zip"],
      "HERE/empty is not a report: it has no index.html of palimpsest report; give the folder of one")
    try expectRefusal(
      here, ["bundle", "my report", "--out", "my report/b.zip"],
      "--out my report/b.zip lies in the report and would be part of it; choose another place")
    try expectRefusal(
      here, ["bundle", "my report", "--out", "b.zip", "--license", "free for all"],
      "--license is 'free for all'; give an identifier of https://spdx.org/licenses, such as CC-BY-4.0")
    try expectRefusal(
      here, ["bundle", "my report", "--out", "b.zip", "--date", "today"],
      "--date is 'today'; give a day such as 2026-11-26")
    try expectRefusal(
      here, ["bundle", "my report", "--out", "none/b.zip"],
      "--out none/b.zip: there is no folder HERE/none; make it, or choose another place")
    #expect(try here.run("report", "results", "--out", "one", "--single-file", "--quiet").status == 0)
    try expectRefusal(
      here, ["bundle", "one", "--out", "b.zip"],
      "HERE/one has no data/report.json: it is a report of --single-file or of an older version, without the data of its "
        + "figures; make it again with palimpsest report")
    try expectRefusal(
      here, ["replay", "results"],
      "results: neither a model (model.safetensors) nor results (provenance.json) are in this folder")
    #expect(!here.exists("b.zip") && !here.exists(".b.zip.partial"))
  }

  @Test func killedAtAnyInstantThereIsNoHalfBundle() throws {
    try here.write((0..<40 << 20).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }, to: "my report/large.bin")
    try here.write("what was there before", to: "b.zip")
    var kills = 0
    for _ in 0..<6 {
      let process = try Program.start(
        ["bundle", "my report", "--out", "b.zip"], in: here.folder, output: here.path("out"), error: here.path("err"))
      while !here.exists(".b.zip.partial"), !Program.hasEnded(process) { usleep(2000) }
      usleep(useconds_t(kills * 40_000))
      kill(process, SIGKILL)
      if Program.wait(for: process) == 128 + SIGKILL {
        kills += 1
        #expect(try here.text(of: "b.zip") == "what was there before")
      } else {
        try here.write("what was there before", to: "b.zip")
      }
    }
    #expect(kills > 0)
    #expect(try here.run("bundle", "my report", "--out", "b.zip", "--quiet").status == 0)
    #expect(try here.run("verify", "b.zip", "--quiet").status == 0)
    #expect(!here.exists(".b.zip.partial"))
  }
}
