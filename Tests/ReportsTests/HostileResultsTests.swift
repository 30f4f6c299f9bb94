import Formats
import Foundation
import Reports
import TestSupport
import Testing

/// Results whose numbers and names nobody expects.
@Suite struct HostileResultsTests {
  private let provenance = """
    {"format":"palimpsest.provenance","version":1,"tool":{"name":"palimpsest","version":"1.2.3"},
     "command":["palimpsest","analyze","quality","a.h5"],"finished_at":"2026-11-26T10:01:00Z",
     "outputs":[{"path":"quality.csv"}],"stores":[{"name":"NAME"}]}
    """

  private func quality(_ store: String, _ values: [String], count: String = "64") -> String {
    qualityHeader
      + values.enumerated().map { place, value in
        "\(store),original,block.\(place),ssim,\(value),\(value),\(value),\(count)\n"
      }.joined()
  }

  /// 1.9e18 once ended the program, and so did a count of 2^63.
  @Test(arguments: ["2e18", "-1e300"])
  func hugeNumbersAreDrawn(value: String) throws {
    let folder = try ResultsFolder()
    try folder.write(quality("A", ["0.9", value, "0.2"], count: "9223372036854775808"), "quality.csv")
    let summary = try folder.builder.build()
    #expect(summary.figures == 1)
    #expect(!summary.warnings.contains { $0.contains("left out") }, "\(summary.warnings)")
  }

  @Test func aFigureThatCannotBeDrawnDoesNotCostTheReport() throws {
    let folder = try ResultsFolder()
    try folder.write(
      quality("A", ["0.9", "1e305"]) + "A,original,block.0,psnr,20,19,21,64\nA,original,block.1,psnr,18,17,19,64\n",
      "quality.csv")
    let summary = try folder.builder.build()
    #expect(summary.figures == 1)
    #expect(
      summary.warnings.contains {
        $0.hasPrefix("Figure 'quality-ssim' is left out: ") && $0.hasSuffix("nothing beyond 1e+300 can be drawn.")
      }, "\(summary.warnings)")
    #expect(summary.files.contains("figures/quality-psnr.pdf") && !summary.files.contains("figures/quality-ssim.pdf"))
  }

  @Test func aCountThatIsNoWholeNumberIsRefusedWithItsLine() throws {
    let folder = try ResultsFolder()
    try folder.write(quality("A", ["0.9", "0.8"], count: "12.5"), "quality.csv")
    let text = message { try folder.builder.build() }
    #expect(text?.hasSuffix("quality.csv: line 2: n is '12.5', expected a whole number") == true, "\(text ?? "")")
  }

  /// Names that once became one.
  @Test func noFolderOverwritesTheFilesOfAnother() throws {
    let folder = try ResultsFolder()
    let names = ["实验一", "实验二", "a b", "a+b", "A b"]
    for (place, name) in names.enumerated() {
      try folder.write(quality("store\(place)", ["0.\(place + 1)", "0.05"]), in: name, "quality.csv")
      try folder.write(provenance.replacing("NAME", with: "store\(place)"), in: name, "provenance.json")
    }
    let summary = try folder.builder.build()
    let contents = try folder.contents()
    let copies = contents.filter { $0.key.hasSuffix("-provenance.json") }
    #expect(copies.count == names.count, "\(copies.keys.sorted())")
    #expect(Set(copies.keys.map { $0.lowercased() }).count == names.count)
    #expect(Set(copies.values).count == names.count)
    for name in ["实验一-provenance.json", "实验二-provenance.json"] {
      #expect(summary.files.contains { $0.precomposedStringWithCanonicalMapping == name }, "\(name)")
    }
    try folder.bundle()
    #expect(try folder.problems(of: "bundle.zip") == [])
  }

  /// Every file of a blind bundle is searched for names that were planted in paths.
  @Test func plantedNamesAreNowhereInABlindBundle() throws {
    let folder = try ResultsFolder()
    let planted = """
      {"format":"palimpsest.provenance","version":1,"tool":{"name":"palimpsest","version":"1.2.3"},
       "command":["palimpsest","analyze","quality","../../alice/other/vitz.h5","--out=../../alice/out",
       "/data/of/our/zhang-lab/vit.h5","~/secret-plan/x.h5"],
       "finished_at":"2026-11-26T10:01:00Z","settings":[{"name":"annotations","value":"../alice/coco.json"}],
       "inputs":[{"path":"../../alice/other/vitz.h5","sha256":"\(String(repeating: "ab", count: 32))"},
       {"path":"/data/of/our/zhang-lab/vit.h5"},{"path":"stores/kept.h5"}],
       "outputs":[{"path":"quality.csv"}],"stores":[{"name":"A"}]}
      """
    try folder.write(quality("A", ["0.9", "0.5"]), "quality.csv")
    try folder.write(planted, "provenance.json")
    let experiment = folder.root.appendingPathComponent("study.yaml")
    try Data("images: {shown: ../../alice/photos}\nmodels: {vit: \"/data/zhang-lab/vit\"}\n".utf8).write(to: experiment)
    var report = folder.builder
    report.experiment = experiment
    _ = try report.build()
    let summary = try folder.bundleForBlindReview(home: "/home/alice")
    #expect(!summary.notes.contains { $0.contains("still stands in") }, "\(summary.notes)")
    let contents = try folder.unpack()
    for (name, data) in contents {
      let text = String(decoding: data, as: UTF8.self).lowercased()
      for telling in ["alice", "zhang-lab", "secret-plan"] {
        #expect(!text.contains(telling), "\(name) has \(telling)")
      }
    }
    let cut = String(decoding: try #require(contents["results/provenance.json"]), as: UTF8.self)
    for expected in ["…/vitz.h5", "…/vit.h5", "…/x.h5", "…/coco.json", "\"stores/kept.h5\""] {
      #expect(cut.contains(expected), "\(expected)")
    }
    #expect(try folder.problems(of: "bundle.zip") == [])
  }

  /// What cannot be cut is told: a title, a name in a table.
  @Test func whatStillTellsIsSaid() throws {
    let folder = try ResultsFolder()
    try folder.write(quality("alice_vit", ["0.9", "0.5"]), "quality.csv")
    try folder.write(provenance, "provenance.json")
    var report = folder.builder
    report.title = "Alice's study"
    report.command = ["palimpsest", "report", "results", "--title", "Alice's study"]
    _ = try report.build()
    var builder = BundleBuilder(
      report: folder.output, output: folder.root.appendingPathComponent("bundle.zip"), definitions: folder.definitions,
      license: try BundleLicense(nil), toolVersion: "1.2.3")
    builder.isAnonymous = true
    builder.home = "/home/alice"
    let notes = try builder.build().notes
    let told = try #require(notes.first { $0.hasPrefix("'alice' still stands in ") })
    let files = try folder.unpack().filter {
      String(decoding: $0.value, as: UTF8.self).lowercased().contains("alice")
        && ["json", "html", "csv", "tex", "yaml", "md", "cff"].contains(($0.key as NSString).pathExtension)
    }
    for name in ["CITATION.cff", "README.md", "ro-crate-metadata.json", "report/data/report.json", "report/index.html"]
    {
      #expect(files[name] != nil, "\(name)")
    }
    #expect(told.contains("and \(files.count - 6) more files"), "\(told) \(files.keys.sorted())")
    #expect(notes.contains { $0.hasPrefix("the title 'Alice's study' stands in the page") })
  }
}

/// Zips whose directory says another thing than the header before a file.
@Suite struct ZipDirectoryTests {
  private let folder: ResultsFolder
  private let bytes: [UInt8]
  /// Of the first record in the directory.
  private let record: Int

  init() throws {
    folder = try ResultsFolder()
    try folder.repack(["a.txt": Data("hello hello hello".utf8), "b.txt": Data("b".utf8)], as: "whole.zip")
    let whole = [UInt8](try Data(contentsOf: folder.root.appendingPathComponent("whole.zip")))
    record = try #require(whole.indices.first { whole[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    bytes = whole
  }

  private func problems(_ bytes: [UInt8]) throws -> [String] {
    try Data(bytes).write(to: folder.root.appendingPathComponent("changed.zip"))
    return try BundleFile(folder.path("changed.zip")).problems
  }

  @Test func ourOwnAgree() throws {
    #expect(try problems(bytes) == [])
  }

  /// Offsets as in section 4.3.12 of APPNOTE.TXT 6.3.10.
  @Test(arguments: [
    (6, "version"), (8, "flags"), (10, "is packed in a way"), (16, "what follows its data"),
    (20, "what follows its data"), (24, "its size"),
  ])
  func everyFieldIsCompared(offset: Int, word: String) throws {
    var changed = bytes
    changed[record + offset] ^= 0x04
    let found = try problems(changed)
    #expect(found.contains { $0.hasPrefix("a.txt: ") && $0.contains(word) }, "\(found)")
  }

  /// The record of zip64 where no file reaches.
  @Test(arguments: [UInt64(1) << 63, 1 << 62, 1 << 53, .max, 1 << 20])
  func aPlaceBehindTheFileIsNoPlace(place: UInt64) throws {
    let end = bytes.count - 22
    var changed = Array(bytes[..<end]) + [0x50, 0x4B, 6, 7, 0, 0, 0, 0]
    changed += (0..<8).map { UInt8(truncatingIfNeeded: place >> UInt64(8 * $0)) } + [1, 0, 0, 0]
    var last = Array(bytes[end...])
    (last[8], last[9], last[10], last[11]) = (0xFF, 0xFF, 0xFF, 0xFF)
    let text = message { try problems(changed + last) }
    #expect(
      text == "\(folder.path("changed.zip")) cannot be read as a zip: it ends within its directory", "\(text ?? "none")"
    )
  }
}
