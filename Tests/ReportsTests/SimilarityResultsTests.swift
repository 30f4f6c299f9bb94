import Foundation
import Reports
import Testing

@Suite struct SimilarityResultsTests {
  @Test func orderComesFromTheProvenanceThenFromTheRows() throws {
    let folder = try ResultsFolder()
    try folder.write(similarityCSV([("swin", ["logits", "embed", "extra"]), ("vit", ["embed"])]), "similarity.csv")
    try folder.write(
      """
      {"format":"palimpsest.provenance","version":1,"stores":[
        {"name":"vit","taps":["embed","unused"]},{"name":"swin","taps":["embed","logits"]}]}
      """, "provenance.json")
    let results = try SimilarityResults(folder: ResultsCollection(folder.results).folders[0])
    let variant = try #require(results.variants.first)
    #expect(variant.stores.map(\.name) == ["vit", "swin"])
    #expect(variant.stores.map(\.taps) == [["embed"], ["embed", "logits", "extra"]])
    #expect(variant.size == 4)
  }

  @Test func matrixIsSymmetricAndLacksWhatTheFileLacks() throws {
    let folder = try ResultsFolder()
    try folder.write(
      header + "A,x,A,x,cka_linear,debiased,8,1,,\nA,y,A,x,cka_linear,debiased,8,0.25,0.1,0.4\n"
        + "A,x,A,y,cka_linear,debiased,8,0.25,0.1,0.4\n", "similarity.csv")
    let variant = try #require(
      try SimilarityResults(folder: ResultsCollection(folder.results).folders[0]).variants.first)
    #expect(variant.stores.map(\.taps) == [["x", "y"]])
    #expect(variant.row(0, 1)?.value == 0.25)
    #expect(variant.row(1, 0)?.value == 0.25)
    #expect(variant.row(1, 1) == nil)
    #expect(variant.rows.count == 2)
  }

  @Test func contradictionsAreTold() throws {
    let folder = try ResultsFolder()
    try folder.write(
      header + "A,x,A,y,cka_linear,debiased,8,0.2,,\nA,y,A,x,cka_linear,debiased,8,0.3,,\n", "similarity.csv")
    let results = try SimilarityResults(folder: ResultsCollection(folder.results).folders[0])
    #expect(
      results.warnings.contains(
        "Linear CKA (debiased): 1 pairs of taps occur again with another value; the first is shown."))
  }

  @Test func changedNumbersAreNoticed() throws {
    let folder = try ResultsFolder()
    try folder.write(similarityCSV([("vit", vitTaps)]), "similarity.csv")
    try folder.write(
      """
      {"format":"palimpsest.provenance","version":1,
       "outputs":[{"path":"out/similarity.csv","sha256":"\(String(repeating: "0", count: 64))","bytes":1}]}
      """, "provenance.json")
    let warnings = try folder.builder.build().warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("its SHA-256 differs") == true)
  }

  @Test func provenanceTakesSettingsInEveryShape() throws {
    for settings in [
      "[{\"name\":\"b\",\"value\":\"1\"},{\"name\":\"a\",\"value\":true}]", "[[\"b\",1],[\"a\",true]]",
    ] {
      let text = "{\"format\":\"palimpsest.provenance\",\"version\":1,\"settings\":\(settings)}"
      let read = try Provenance.decoded(from: Data(text.utf8), file: "p.json")
      #expect(read.settings == ["b": "1", "a": "true"])
    }
    let object = "{\"format\":\"palimpsest.provenance\",\"version\":1,\"settings\":{\"b\":[1,2],\"a\":null}}"
    #expect(
      try Provenance.decoded(from: Data(object.utf8), file: "p.json").settings == ["a": "", "b": "1, 2"])
  }

  @Test func provenanceIsReadBackAsWritten() throws {
    let provenance = Provenance(
      tool: .init(name: "palimpsest", version: "1"), command: ["palimpsest", "analyze"],
      startedAt: "2026-11-23T07:00:00Z", finishedAt: nil, seed: 7, threads: 2, settings: ["k": "v"],
      inputs: [.init(path: "a.h5", sha256: "ab", bytes: 3, role: "store", description: ["n": "4"])], outputs: [],
      host: .init(cpu: "c", cores: 2, memoryBytes: 1, os: "o"),
      stores: [
        .init(
          name: "a", model: "m", family: "vit", checkpointSHA256: "cd", images: 4, taps: ["embed"],
          preprocessing: "native", tokens: "all", parents: [""], roles: ["trunk"])
      ], notes: ["2 images are left out"])
    let data = try provenance.encoded()
    #expect(try Provenance.decoded(from: data, file: "p.json") == provenance)
    let text = String(decoding: data, as: UTF8.self)
    for key in ["checkpoint_sha256", "started_at", "memory_bytes"] { #expect(text.contains("\"\(key)\"")) }
  }

  @Test(arguments: [
    ("{", "p.json: not a provenance file: it is not JSON"),
    ("{\"version\":1}", "p.json: not a provenance file: 'format' is missing"),
    ("{\"format\":\"x\",\"version\":1}", "p.json: format is 'x', expected 'palimpsest.provenance'"),
    (
      "{\"format\":\"palimpsest.provenance\",\"version\":2}",
      "p.json: version is 2, this Palimpsest reads version 1; update it"
    ),
  ])
  func brokenProvenanceIsExplained(text: String, message: String) {
    #expect(throws: ReportError(message)) { try Provenance.decoded(from: Data(text.utf8), file: "p.json") }
  }
}
