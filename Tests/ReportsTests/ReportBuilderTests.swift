import Foundation
import Reports
import Testing

@Suite struct ReportBuilderTests {
  private func twoModels(_ measures: [(String, String)] = [("cka_linear", "debiased")]) throws -> ResultsFolder {
    let folder = try ResultsFolder()
    try folder.write(similarityCSV([("ViT", vitTaps), ("Swin", swinTaps)], measures: measures), "similarity.csv")
    return folder
  }

  /// The JSON the page's script reads.
  private func data(of page: String) throws -> [String: Any] {
    let start = try #require(page.range(of: "id=\"report-data\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    let object = try JSONSerialization.jsonObject(with: Data(page[start.upperBound..<end.lowerBound].utf8))
    return try #require(object as? [String: Any])
  }

  @Test func everyReferenceOfThePageIsAFileOfTheReport() throws {
    let folder = try twoModels()
    let summary = try folder.builder.build()
    let page = try folder.page()
    var references = 0
    for match in page.matches(of: /(?:href|src)="([^"#:]+)"/) {
      references += 1
      #expect(summary.files.contains(String(match.1)), "\(match.1)")
    }
    #expect(references > 20)
    #expect(!page.contains("http://"))
    #expect(!page.contains("https://"))
    #expect(summary.figures == 4)
    #expect(summary.files.contains("figures/all-models-cka_linear-debiased.pdf"))
    #expect(Set(summary.files) == Set(try folder.contents().keys))
  }

  @Test func twoBuildsAreByteEqual() throws {
    let folder = try twoModels()
    _ = try folder.builder.build()
    let first = try folder.contents()
    _ = try folder.builder.build()
    #expect(try folder.contents() == first)
  }

  @Test func dataOfThePageAreTheNumbersOfTheFile() throws {
    let folder = try twoModels([("cka_linear", "debiased"), ("cka_rbf", "biased")])
    _ = try folder.builder.build()
    let data = try data(of: folder.page())
    let variants = try #require(data["variants"] as? [[String: Any]])
    #expect(variants.map { $0["id"] as? String } == ["cka_linear-debiased", "cka_rbf-biased"])
    let table = try SimilarityTable(
      parsing: String(contentsOf: folder.results.appendingPathComponent("similarity.csv"), encoding: .utf8), file: "s")
    let values = try #require(variants[0]["value"] as? [Double])
    #expect(values.count == 14 * 15 / 2)
    for (value, row) in zip(values, table.rows) { #expect((value - (row.value ?? 9)).magnitude < 1e-6) }
    #expect(variants[0]["n"] as? [Int] == [512])
    let figures = try #require(data["figures"] as? [[String: Any]])
    #expect(figures.count == 6)
    #expect(try folder.page().contains("<select id=\"variant-of-similarity\" data-selector=\"similarity\">"))
  }

  @Test func regionsOfThePageLieInTheFigure() throws {
    let folder = try twoModels()
    _ = try folder.builder.build()
    for figure in try #require(try data(of: folder.page())["figures"] as? [[String: Any]]) {
      let width = try #require(figure["width"] as? Double)
      for panel in try #require(figure["panels"] as? [[String: Any]]) {
        let columns = try #require(panel["columns"] as? [Int])
        let edges = try #require(panel["x"] as? [Double])
        // Width and height.
        let cell = try #require(panel["cell"] as? [Double])
        #expect(columns.count == edges.count && cell.count == 2)
        #expect(edges.allSatisfy { $0 >= 0 && $0 + cell[0] <= width })
        #expect(edges == edges.sorted())
      }
    }
  }

  @Test func hostileNamesDoNoHarmAnywhere() throws {
    let folder = try ResultsFolder()
    let taps = [
      "</script><script>alert(3)</script>", "a\"\u{301} onmouseover=alert(2) x=\"", "{{title}}", "<!--", "block,\"0\"",
    ]
    try folder.write(similarityCSV([(hostileName, taps), ("b'&\\_%$#{}", ["x", "y"])]), "similarity.csv")
    try folder.write(
      """
      {"format":"palimpsest.provenance","version":1,"command":["palimpsest","<b>","a'b"],
       "settings":[{"name":"<i>","value":"</dl><script>alert(4)</script>"}],
       "inputs":[{"path":"<svg/onload=alert(5)>","sha256":"ab","bytes":1}],
       "stores":[{"name":"<img src=x onerror=alert(1)>.png","model":"\\"><u>","taps":["{{title}}"]}]}
      """, "provenance.json")
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(page.matches(of: /<script/).count == 2)
    #expect(page.matches(of: /<\/script>/).count == 2)
    for harm in ["<img src=x", "<svg", "<b>", "<i>", "<u>", "<!--"] { #expect(!page.contains(harm), "\(harm)") }
    // By bytes: a quote with a combining mark is one character to Swift, but a quote to a browser.
    let start = try #require(page.range(of: "id=\"report-data\">"))
    let bytes = Array(page[..<start.lowerBound].utf8)
    for harm in ["\"\u{301} onmouseover", "x=\"\""] {
      #expect(!bytes.contains(harm), "\(harm)")
    }
    #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;.png"))
    #expect(page.contains("{{title}}"))
    #expect(page.contains("palimpsest &#39;&lt;b&gt;&#39; &#39;a&#39;\\&#39;&#39;b&#39;"))
    let variants = try #require(try data(of: page)["variants"] as? [[String: Any]])
    let stores = try #require(variants[0]["stores"] as? [[String: Any]])
    #expect(stores[0]["name"] as? String == hostileName)
    #expect((stores[0]["taps"] as? [String]).map(Set.init) == Set(taps))
    for file in summary.files {
      #expect(file.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>\"'&:*?\\|".utf8.contains($0) }, "\(file)")
    }
    let latex = String(
      decoding: try #require(try folder.contents()["tables/closest-taps-cka_linear-debiased.tex"]), as: UTF8.self)
    #expect(latex.contains("\\textless{}img src=x onerror=alert(1)\\textgreater{}.png"))
    #expect(latex.contains("b'\\&\\textbackslash{}\\_\\%\\$\\#\\{\\}"))
  }

  @Test func wordsAgreeWithTheNumbers() throws {
    let folder = try ResultsFolder()
    try folder.write(
      header
        + """
        A,a,A,a,cka_linear,debiased,40,1,1,1
        A,a,A,b,cka_linear,debiased,40,0.4,0.3,0.5
        A,a,A,c,cka_linear,debiased,40,,,
        A,b,A,b,cka_linear,debiased,40,1,1,1
        A,b,A,c,cka_linear,debiased,40,0.9,0.85,0.95
        A,c,A,c,cka_linear,debiased,40,1,1,1
        B,x,B,x,cka_linear,debiased,40,1,1,1
        A,a,B,x,cka_linear,debiased,40,-0.02,-0.1,0.05
        A,b,B,x,cka_linear,debiased,40,0.7,0.6,0.8
        A,c,B,x,cka_linear,debiased,40,0.1,0,0.2

        """, "similarity.csv")
    _ = try folder.builder.build()
    let page = try folder.page()
    for sentence in [
      "the most similar two taps are A b and B x (CKA 0.700 [0.600, 0.800]), the least similar A a and B x (−0.020 "
        + "[−0.100, 0.050]); the median is 0.100.",
      "In A, neighbouring layers change most from a to b (CKA 0.400 [0.300, 0.500]) and least from b to c (0.900 [0.850, "
        + "0.950]). The interval of the former lies below those of all other steps.",
      "1 value is below 0.", "1 pair has no value", "With n = 40 images the numbers are rough",
      "n = 40 images: 6 pairs of different taps.",
    ] { #expect(page.contains(sentence), "\(sentence)") }
  }

  @Test func overlappingIntervalsAreNotCalledSettled() throws {
    let folder = try ResultsFolder()
    try folder.write(
      header + "A,a,A,b,cka_linear,debiased,400,0.4,0.3,0.5\nA,b,A,c,cka_linear,debiased,400,0.5,0.45,0.6\n",
      "similarity.csv")
    _ = try folder.builder.build()
    #expect(try folder.page().contains("so which step is the largest is not settled."))
  }

  @Test func oneModelHasNoFiguresAcrossModels() throws {
    let folder = try ResultsFolder()
    try folder.write(similarityCSV([("ViT", ["embed"])]), "similarity.csv")
    let summary = try folder.builder.build()
    #expect(summary.figures == 1)
    #expect(try !folder.page().contains("Across models"))
    #expect(try !folder.page().contains("Along the depth"))
  }

  @Test func noValueAtAllIsStillAReport() throws {
    let folder = try ResultsFolder()
    try folder.write(
      header + "A,a,B,x,cka_linear,debiased,8,,,\nA,a,A,a,cka_linear,debiased,8,,,\n", "similarity.csv")
    let summary = try folder.builder.build()
    #expect(summary.figures == 3)
    #expect(try folder.page().contains("2 pairs have no value"))
  }

  @Test func foldersThatAreNotReportsAreLeftAlone() throws {
    let folder = try twoModels()
    try FileManager.default.createDirectory(at: folder.output, withIntermediateDirectories: true)
    let precious = folder.output.appendingPathComponent("thesis.tex")
    try "words".write(to: precious, atomically: true, encoding: .utf8)
    #expect(
      throws: ReportError("\(folder.output.path) is not empty and holds no report; choose another folder with --out")
    ) { try folder.builder.build() }
    #expect(try String(contentsOf: precious, encoding: .utf8) == "words")
  }

  @Test func failedBuildKeepsTheOldReportAndLeavesNothingBehind() throws {
    let folder = try twoModels()
    _ = try folder.builder.build()
    let before = try folder.contents()
    try folder.write(header + "A,a\n", "similarity.csv")
    #expect(throws: ReportError.self) { try folder.builder.build() }
    #expect(try folder.contents() == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.root.path).sorted() == ["report", "results"])
  }

  @Test func missingInputsAreExplained() throws {
    let folder = try ResultsFolder()
    #expect {
      try folder.builder.build()
    } throws: {
      "\($0)".hasPrefix("no results in ")
    }
    var builder = folder.builder
    builder.results = folder.root.appendingPathComponent("nowhere")
    #expect {
      try builder.build()
    } throws: {
      "\($0)".contains("nowhere is not a folder of results")
    }
    try folder.write(similarityCSV([("ViT", vitTaps)]), "similarity.csv")
    builder = folder.builder
    builder.style = "nature"
    #expect {
      try builder.build()
    } throws: {
      "\($0)".hasPrefix("no style 'nature'")
    }
  }
}

extension [UInt8] {
  /// Whether the bytes of `text` occur.
  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    return count >= wanted.count
      && (0...count - wanted.count).contains { self[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }
}
