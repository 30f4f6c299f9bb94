import Formats
import Foundation
import Reports
import TestSupport
import Testing

/// Reports as one file, and what must not pass as one.
@Suite struct BundleTests {
  private let folder: ResultsFolder

  init() throws {
    folder = try ResultsFolder.ofEveryKind()
  }

  @Test func aBundleHoldsEverythingAndPasses() throws {
    let summary = try folder.bundle()
    let contents = try folder.unpack()
    #expect(contents.count == summary.files)
    for name in [
      "README.md", "CITATION.cff", "SHA256SUMS", "definitions.md", "ro-crate-metadata.json", "pictures.csv",
      "report/index.html", "report/figures/quality-psnr.pdf", "report/tables/quality.tex",
      "report/data/quality-psnr.json",
      "report/explorer/reconstructions-sheet-1-1.jpg",
      "results/similarity/similarity.csv", "results/similarity/provenance.json", "results/quality/quality_images.csv",
      "results/colour of it/color.csv",
    ] { #expect(contents[name] != nil, "\(name)") }
    #expect(contents.keys.contains { $0.hasPrefix("report/data/pictures/") && $0.hasSuffix(".png") })
    for (name, data) in try folder.contents() { #expect(contents["report/\(name)"] == data, "\(name)") }
    #expect(try folder.problems(of: "bundle.zip") == [])
    #expect(summary.notes.contains { $0.contains("There is no provenance.json in detail") })
    #expect(summary.pictures > 10)
  }

  @Test func theSameRunGivesTheSameBytes() throws {
    let first = try folder.bundle(as: "first.zip")
    // Another place, another time, another order of the files on the disk.
    let copy = folder.root.appendingPathComponent("reports/copy")
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    for (name, data) in try folder.contents().sorted(by: { $0.key > $1.key }) {
      let file = copy.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file)
    }
    let second = try BundleBuilder(
      report: copy, output: folder.root.appendingPathComponent("second.zip"), definitions: folder.definitions,
      results: folder.results, license: BundleLicense(nil), toolVersion: "1.2.3"
    ).build()
    #expect(first.sha256 == second.sha256)
    #expect(
      try Data(contentsOf: folder.root.appendingPathComponent("first.zip"))
        == Data(contentsOf: folder.root.appendingPathComponent("second.zip")))
  }

  @Test func theCrateSaysWhatWasRun() throws {
    _ = try folder.bundle()
    let contents = try folder.unpack()
    let data = try #require(contents["ro-crate-metadata.json"])
    let crate = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let graph = try #require(crate["@graph"] as? [[String: Any]])
    let entities = Dictionary(graph.map { ($0["@id"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    #expect(entities.count == graph.count)
    let actions = graph.filter { $0["@type"] as? String == "CreateAction" }
    #expect(actions.compactMap { $0["name"] as? String }.sorted() == ["Report", "quality", "similarity"])
    let action = try #require(actions.first { $0["name"] as? String == "similarity" })
    #expect(action["description"] as? String == "palimpsest analyze similarity a.h5 'b b.h5'")
    #expect(action["endTime"] as? String == "2026-11-26T10:01:00+00:00")
    #expect((action["result"] as? [String: String])?["@id"] == "results/similarity/similarity.csv")
    let objects = (action["object"] as? [[String: String]])?.compactMap { $0["@id"] } ?? []
    #expect(objects.contains("#file-" + String(repeating: "ab", count: 32)))
    // Every reference leads to an entity, or to an address on the web.
    func references(_ value: Any) -> [String] {
      if let object = value as? [String: Any] {
        if object.count == 1, let identifier = object["@id"] as? String { return [identifier] }
        return object.values.flatMap(references)
      }
      return (value as? [Any])?.flatMap(references) ?? []
    }
    for identifier in graph.flatMap({ references($0) }) where !identifier.hasPrefix("https://") {
      #expect(entities[identifier] != nil, "\(identifier)")
    }
    #expect(entities["results/colour%20of%20it/color.csv"] != nil)
    #expect(entities["./"]?["datePublished"] as? String == "2026-11-26")
  }

  @Test func figuresOfABundleAreThoseOfItsData() throws {
    for pixels in BundlePixels.allCases {
      _ = try folder.bundle(as: "\(pixels).zip", pixels: pixels)
      #expect(try folder.problems(of: "\(pixels).zip") == [])
      let place = folder.root.appendingPathComponent("\(pixels)")
      try BundleFile(folder.path("\(pixels).zip")).extract(to: place) { $0.hasPrefix("report/") }
      let (outcomes, differences) = try FigureReplay(
        report: place.appendingPathComponent("report"), toolVersion: "1.2.3"
      ).run()
      #expect(outcomes.count > 10 && outcomes.allSatisfy { $0.status == .same }, "\(pixels): \(outcomes)")
      #expect(differences == [])
    }
  }

  @Test func withoutPixelsNoPictureIsLeft() throws {
    // A picture that somebody put there.
    try Data([0x89]).write(to: folder.output.appendingPathComponent("figures/photo of me.JPG"))
    let full = try folder.bundle(as: "full.zip")
    let summary = try folder.bundle(as: "ids.zip", pixels: .idsOnly)
    let all = try folder.unpack("full.zip")
    let contents = try folder.unpack("ids.zip")
    #expect(all["report/figures/photo of me.JPG"] != nil)
    #expect(contents["report/figures/photo of me.JPG"] == nil)
    #expect(summary.notes.contains { $0.hasPrefix("report/figures/photo of me.JPG is left out") })
    #expect(full.pictures == summary.pictures)
    #expect(contents["pictures.csv"] == all["pictures.csv"])
    #expect(!contents.keys.contains { $0.hasPrefix("report/data/") && $0.hasSuffix(".png") })
    let svg = String(decoding: try #require(contents["report/figures/reconstructions-of-A.svg"]), as: UTF8.self)
    #expect(svg.contains(">no picture</text>") && !svg.contains("data:image"))
    #expect(
      contents["report/explorer/reconstructions-sheet-1-1.jpg"]
        != all["report/explorer/reconstructions-sheet-1-1.jpg"])
    // Which images they were stands in the list.
    let table = try CommaSeparatedValues(
      parsing: String(decoding: try #require(contents["pictures.csv"]), as: UTF8.self), file: "pictures.csv")
    #expect(table.records.count == summary.pictures)
    #expect(table.records.contains { $0.fields[2] == hostileName })
    // SHA-256 of 288 bytes of 0: the pixels of the first image.
    let black = table.records.first { $0.fields[2] == hostileName && $0.fields[3] == "input" }
    #expect(black?.fields[6] == sha256OfZeros288)
    let figures = contents.filter { $0.key.hasPrefix("report/figures/quality-") }
    for (name, data) in figures { #expect(all[name] == data, "\(name)") }
  }

  /// `head -c 288 /dev/zero | sha256sum`
  private let sha256OfZeros288 = "2d5565fb483d8ea4525a7a9229677d1038ad34b6e22c8d5152e1d7f7b9817597"

  /// A blind review's bundle names nobody, and is whole.
  @Test func anAnonymousBundleTellsNobodysFolder() throws {
    let folder = try ResultsFolder()
    try folder.writeEveryKind()
    let provenance = folder.results.appendingPathComponent("similarity/provenance.json")
    let text = try String(contentsOf: provenance, encoding: .utf8)
      .replacing(
        "\"b b.h5\"", with: #""/home/alice/<b> & \"b\"/stores/vit.h5","/data/alice","--out=/home/alice/results""#
      )
      .replacing("\"flatten\"", with: "\"/home/alice/annotations.json\"")
      .replacing("\"a.h5\",\"sha", with: "\"/data/of/our/group/alice/stores/a.h5\",\"sha")
    try Data(text.utf8).write(to: provenance)
    _ = try folder.builder.build()
    let summary = try folder.bundleForBlindReview(home: "/home/alice")
    #expect(!summary.notes.contains { $0.contains("still stands in") }, "\(summary.notes)")
    let contents = try folder.unpack()
    for (name, data) in contents {
      for telling in ["alice", folder.root.path] {
        #expect(data.range(of: Data(telling.utf8)) == nil, "\(name) has \(telling)")
      }
    }
    let cut = try #require(contents["results/similarity/provenance.json"].map { String(decoding: $0, as: UTF8.self) })
    for expected in [#""…/vit.h5","…","--out=…/results""#, #""…/annotations.json""#, #""…/a.h5""#] {
      #expect(cut.contains(expected), "\(expected)")
    }
    #expect(try folder.problems(of: "bundle.zip") == [])
  }

  @Test func oddNamesSurvive() throws {
    let names = ["a b.csv", "Größe 日本.csv", hostileName, "nfd-e\u{301}.txt", "'quote\".tex", "%20.csv", "#x?y.csv"]
    for name in names { try Data(name.utf8).write(to: folder.output.appendingPathComponent(name)) }
    _ = try folder.bundle()
    #expect(try folder.problems(of: "bundle.zip") == [])
    let contents = try folder.unpack()
    for name in names { #expect(contents["report/\(name)"] == Data(name.utf8), "\(name)") }
  }

  @Test(arguments: ["a\\b.csv", "a\nb.csv"])
  func namesThatAreUnsafeElsewhereAreRefused(name: String) throws {
    try Data().write(to: folder.output.appendingPathComponent(name))
    #expect {
      try folder.bundle()
    } throws: {
      "\($0)".contains("report/\(name) cannot go into a bundle: the name holds a ")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("bundle.zip")))
  }

  @Test func linksAreRefused() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.output.appendingPathComponent("passwords.txt").path, withDestinationPath: "/etc/passwd")
    #expect {
      try folder.bundle()
    } throws: {
      "\($0)".hasSuffix("passwords.txt is a link; a bundle holds files only: put a copy in its place")
    }
  }

  @Test func resultsOfAnotherRunAreRefused() throws {
    try folder.write(
      "{\"format\":\"palimpsest.provenance\",\"version\":1,\"finished_at\":\"2026-11-27T10:01:00Z\"}", in: "similarity",
      "provenance.json")
    #expect {
      try folder.bundle()
    } throws: {
      "\($0)".hasSuffix("are not those the report was made of; make the report again with palimpsest report")
    }
  }

  // MARK: Altered bundles

  @Test func everyChangeIsNamed() throws {
    _ = try folder.bundle()
    let whole = try folder.unpack()
    let table = "report/tables/quality.csv"

    var altered = whole
    altered[table] = Data(try #require(whole[table]).dropLast())
    try folder.repack(altered, as: "altered.zip")
    #expect(
      try folder.problems(of: "altered.zip") == [
        "\(table): was altered: its SHA-256 is not that in SHA256SUMS",
        "\(table): its SHA-256 is not that in ro-crate-metadata.json",
      ])

    var missing = whole
    missing[table] = nil
    try folder.repack(missing, as: "missing.zip")
    #expect(
      try folder.problems(of: "missing.zip") == [
        "\(table): is missing", "\(table): ro-crate-metadata.json describes it, but it is missing",
      ])

    var surplus = whole
    surplus["report/evil.js"] = Data("alert(1)".utf8)
    try folder.repack(surplus, as: "surplus.zip")
    #expect(
      try folder.problems(of: "surplus.zip") == [
        "report/evil.js: is not in SHA256SUMS: it was added, or is not part of the bundle",
        "report/evil.js: ro-crate-metadata.json does not describe it",
      ])

    var listless = whole
    listless["SHA256SUMS"] = nil
    try folder.repack(listless, as: "listless.zip")
    #expect(try folder.problems(of: "listless.zip") == ["SHA256SUMS: is missing"])

    try folder.repack(whole, as: "again.zip")
    #expect(try folder.problems(of: "again.zip") == [])
  }

  @Test func aBundleCutShortIsNoZip() throws {
    _ = try folder.bundle()
    let data = try Data(contentsOf: folder.root.appendingPathComponent("bundle.zip"))
    try data.prefix(data.count - 40).write(to: folder.root.appendingPathComponent("short.zip"))
    #expect {
      try folder.problems(of: "short.zip")
    } throws: {
      "\($0)".contains("short.zip cannot be read as a zip")
    }
  }

  @Test func aByteThatFlippedIsFound() throws {
    _ = try folder.bundle()
    var data = try Data(contentsOf: folder.root.appendingPathComponent("bundle.zip"))
    let place = data.count / 2
    data[place] ^= 0x10
    try data.write(to: folder.root.appendingPathComponent("flipped.zip"))
    #expect(try folder.problems(of: "flipped.zip").count >= 1)
  }
}

/// Zips that Python's zipfile made, one flaw each; see scripts/fixtures/bundles.py.
@Suite struct HostileBundleTests {
  private struct Cases: Decodable {
    struct Case: Decodable {
      let entry: String
      let words: String
    }

    let cases: [String: Case]
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/bundles")

  @Test func everyOneIsRefusedWithTheEntrysName() throws {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent("cases.json"))
    let cases = try JSONDecoder().decode(Cases.self, from: data).cases
    #expect(cases.count == 16)
    for (name, expected) in cases.sorted(by: { $0.key < $1.key }) {
      let file = try BundleFile(Self.folder.appendingPathComponent("\(name).zip").path)
      let problems = try BundleCheck(file).problems
      #expect(
        problems.contains { $0.hasPrefix("\(expected.entry): ") && $0.contains(expected.words) },
        "\(name): \(problems)")
      // What is unsafe is not unpacked, whoever asks.
      let temporary = try TemporaryFolder()
      defer { withExtendedLifetime(temporary) {} }
      let target = temporary.url.appendingPathComponent("unpacked")
      #expect(throws: BundleError.self, "\(name)") { try file.extract(to: target) { _ in true } }
    }
  }

  @Test func anHonestZipOfTooManyFilesIsRefused() throws {
    let folder = try ResultsFolder()
    try folder.repack(["a": Data(), "b": Data(), "c": Data()], as: "many.zip")
    var limits = BundleFile.Limits()
    limits.entries = 2
    let problems = try BundleCheck(BundleFile(folder.path("many.zip"), limits: limits)).problems
    #expect(problems == ["\(folder.path("many.zip")): holds more than 2 files"])
  }
}
