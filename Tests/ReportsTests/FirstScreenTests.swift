import Foundation
import Reports
import Testing

/// What the page says before its sections. Numbers are those of `writeQuality`, sentences by hand.
@Suite struct FirstScreenTests {
  /// The page with entities and the spaces that do not break as people read them.
  private func read(_ folder: ResultsFolder) throws -> String {
    try folder.page().replacing("&#39;", with: "'").replacing("&lt;", with: "<").replacing("\u{00A0}", with: " ")
  }

  @Test func theQuestionThePicturesAndTheFindingsComeFirst() throws {
    let page = try read(ResultsFolder.ofEveryKind())
    #expect(
      page.contains(
        "<p class=\"question\">How much of an image can be read back from each depth of ViT, Swin, A and B, and what becomes of "
          + "its detail?</p>"))
    let places = try [
      "class=\"question\"", "data-explorer=\"reconstructions\"", "class=\"numbers\"", "id=\"findings\"",
      "id=\"compared\"",
      "<section id=\"similarity\"",
    ].map { try #require(page.range(of: $0)?.lowerBound, "\($0)") }
    #expect(places == places.sorted())
  }

  @Test func theFirstFindingIsWhatTheNumbersSay() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    _ = try folder.builder.build()
    let page = try read(folder)
    for text in [
      "<strong>B keeps most of the picture to the deepest layer, A least.</strong> Reconstructed from the deepest layer, images "
        + "reach a PSNR of 24.0 dB (B, block.3) and 20.0 dB (A, block.3). From the first layer it is up to 30.0 dB.",
      "The 95 % intervals reach at most 1.0 dB from these values, over 200 images. All of them lie apart.",
      "<li><strong>24.0 to 20.0 dB</strong> PSNR of the images that come back from the deepest layer: B the highest, A the "
        + "lowest. <a href=\"#quality-psnr\">Figure 1</a></li>",
    ] { #expect(page.contains(text), "\(text)") }
  }

  @Test func overlapAndMissingIntervalsAreSaidInWords() throws {
    let folder = try ResultsFolder()
    try folder.write(qualityHeader + "A,original,x,psnr,20,18,22,50\nB,original,x,psnr,21,19,23,50\n", "quality.csv")
    _ = try folder.builder.build()
    var page = try read(folder)
    #expect(page.contains("No model clearly keeps more of the picture to its deepest layer than another."))
    #expect(page.contains("Those of B and A overlap, so which of these is better is open."))
    try folder.write(qualityHeader + "A,original,x,psnr,20,,,50\nB,original,x,psnr,21,,,50\n", "quality.csv")
    _ = try folder.builder.build()
    page = try read(folder)
    #expect(page.contains("No intervals were computed, over 50 images: how far these values would move"))
    #expect(page.contains("In these numbers B keeps most of the picture to the deepest layer."))
  }

  /// Of 20 images, what happens to one in eight is missing in 0.875²⁰ = 7 % of the samples, what happens to one in seven in 4.6 %.
  @Test func whatFewImagesCannotKnowIsSaid() throws {
    let folder = try ResultsFolder()
    try folder.write(qualityHeader + "A,original,x,psnr,20,18,22,20\nB,original,x,psnr,25,24,26,20\n", "quality.csv")
    _ = try folder.builder.build()
    #expect(try read(folder).contains("over 20 images. They know nothing of what happens to one image in 8 or fewer."))
  }

  /// Differences of A's two inverses: +2 and +3 dB, both significant; then one of them not.
  @Test func inversesOfOneModelAreCompared() throws {
    let folder = try ResultsFolder()
    try folder.write(
      qualityHeader
        + """
        m-net,original,embed,psnr,30,29,31,40
        m-net,original,norm,psnr,20,19,21,40
        m-ridge,original,embed,psnr,28,27,29,40
        m-ridge,original,norm,psnr,17,16,18,40

        """, "quality.csv")
    let header =
      "store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,rank_biserial\n"
    let first = "m-net,m-ridge,original,name,embed,embed,psnr,40,2,1.9,2.1,0.001,0.002,1,1\n"
    try folder.write(
      header + first + "m-net,m-ridge,original,name,norm,norm,psnr,40,3,2.9,3.1,0.001,0.002,1,1\n",
      "quality_differences.csv")
    try folder.write(
      #"{"format":"palimpsest.provenance","version":1,"stores":[{"name":"m-net","checkpoint_sha256":"1","images":40},{"name":"m-ridge","checkpoint_sha256":"1","images":40}]}"#,
      "provenance.json")
    _ = try folder.builder.build()
    var page = try read(folder)
    #expect(page.contains("<p class=\"muted\">One model, 40 images, reconstructed by two inverses: net and ridge.</p>"))
    #expect(page.contains("<h1>What is left of images in m</h1>"))
    #expect(
      page.contains(
        "The net inverse brings back more than the ridge one, at every depth that both were measured at.</strong> On the same "
          + "images its PSNR is higher by 2.0 dB (m, embed) to 3.0 dB (m, norm). <span class=\"muted\">All 2 differences are "
          + "significant (sign-flip test over 40 images, p < 0.05 after correction for multiple comparisons)."))
    // The best inverse stands for the model.
    #expect(page.contains("From the deepest layer of m an image comes back at 20.0 dB."))
    try folder.write(
      header + first + "m-net,m-ridge,original,name,norm,norm,psnr,40,-1,-3,1,0.4,0.8,1,1\n", "quality_differences.csv")
    _ = try folder.builder.build()
    page = try read(folder)
    #expect(page.contains("The net inverse brings back more than the ridge one at 1 of 2 depths."))
    #expect(page.contains("One of the 2 differences is significant"))
  }

  @Test func allButOneFigureOfASectionIsFolded() throws {
    let page = try read(ResultsFolder.ofEveryKind())
    let start = try #require(page.range(of: "<section id=\"quality\""))
    let end = try #require(page.range(of: "<section id=\"reconstructions\""))
    let section = page[start.lowerBound..<end.lowerBound]
    let fold = try #require(section.range(of: "<details class=\"fold\">"))
    #expect(section[..<fold.lowerBound].matches(of: /<figure/).count == 1)
    #expect(section[fold.lowerBound...].matches(of: /<figure/).count == 5)
    #expect(section.contains("<summary>5 more figures, 2 tables and"))
  }

  @Test func everyFigureIsListedOnce() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let page = try folder.page()
    let drawn = page.matches(of: /<figure id="([^"]+)">/).map { String($0.1) }
    let start = try #require(page.range(of: "<section id=\"figures\""))
    let listed = page[start.lowerBound...].matches(of: /<a href="#([^"]+)">Figure (\d+)\./)
    #expect(Set(listed.map { String($0.1) }) == Set(drawn) && listed.count == drawn.count)
    #expect(listed.map { Int($0.2) } == (1...drawn.count).map { Int?($0) })
  }

  // MARK: The machine

  @Test func pathsOfTheMachineAreShownOnlyWhereAsked() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    var builder = folder.builder
    builder.openStore = { _ in MemoryPictures() }
    _ = try builder.build()
    #expect(try !folder.page().contains("/nowhere/"))
    #expect(try folder.page().contains("…/b.h5"))
    builder.showsPaths = true
    _ = try builder.build()
    #expect(try folder.page().contains("/nowhere/b.h5"))
  }

  // MARK: The author

  @Test func theAuthorsWordsStandAtTheTopAndInTheirSections() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    var builder = folder.builder
    builder.text = try AuthoredText(
      summary: "We find *little*, see [the curve](#quality-psnr).",
      notes: ["quality=After [Dosovitskiy](https://arxiv.org/abs/1506.02753).", "compared=Of one seed."])
    let summary = try builder.build()
    #expect(!summary.warnings.contains { $0.contains("author") })
    let page = try folder.page()
    #expect(page.contains("<p>We find <em>little</em>, see <a href=\"#quality-psnr\">the curve</a>.</p>"))
    let note = try #require(page.range(of: "<a href=\"https://arxiv.org/abs/1506.02753\""))
    let section = try #require(page.range(of: "<section id=\"quality\""))
    #expect(note.lowerBound > section.lowerBound)
    #expect(page.contains("<p>Of one seed.</p>"))
    // It is recorded beside the figures, and goes into bundles with the page.
    #expect(try ReportRecord(of: folder.output).text == builder.text)
    let first = try folder.contents()
    _ = try builder.build()
    #expect(try folder.contents() == first)
  }

  @Test func aBlindBundleSaysThatTheAuthorsWordsStandInIt() throws {
    let folder = try ResultsFolder()
    try folder.write(qualityHeader + "A,original,x,psnr,20,18,22,50\n", "quality.csv")
    try folder.write(
      #"{"format":"palimpsest.provenance","version":1,"finished_at":"2026-11-26T10:01:00Z","stores":[{"name":"A"}]}"#,
      "provenance.json")
    var builder = folder.builder
    builder.text = try AuthoredText(summary: "As in our earlier work.")
    _ = try builder.build()
    let words = "the author's summary and notes stand in the page and data/report.json as they are"
    #expect(try folder.bundleForBlindReview(home: "/home/alice").notes.contains { $0.hasPrefix(words) })
    builder.text = nil
    _ = try builder.build()
    #expect(try !folder.bundleForBlindReview(home: "/home/alice").notes.contains { $0.hasPrefix(words) })
  }

  @Test func notesOfUnknownSectionsAreRefusedWithTheNearest() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    var builder = folder.builder
    builder.text = try AuthoredText(notes: ["qualty=x"])
    #expect(
      throws: ReportError(
        "--note: there is no section 'qualty' (did you mean 'quality'?); sections are quality, compared, methods")
    ) { try builder.build() }
    // One that other results would have is not an error, but it is not silent.
    builder.text = try AuthoredText(notes: ["shape=x"])
    #expect(
      try builder.build().warnings.contains("The note of 'shape' is not shown: these results have no such section."))
    #expect(throws: ReportError.self) { try AuthoredText(notes: ["quality"]) }
    #expect(throws: ReportError("--note: 'a' is given twice; put both texts into one note")) {
      try AuthoredText(notes: ["a=1", "a=2"])
    }
  }

  @Test func linksOfTheAuthorThatLeadNowhereAreNamed() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    var builder = folder.builder
    builder.text = try AuthoredText(summary: "[a](#quality-psnrr) and [b](javascript:x)")
    let warnings = try builder.build().warnings
    #expect(
      warnings.contains(
        "The author's text links to #quality-psnrr, which is no figure or section of the page (did you mean 'quality-psnr'?)."
      ))
    #expect(warnings.contains { $0.hasPrefix("The summary: '[b](javascript:x)' is shown as it was typed") })
  }
}

/// Findings that are too many to be read one after another.
@Suite struct FindingTableTests {
  private func page(models: Int) throws -> String {
    let folder = try ResultsFolder()
    let rows = (1...models).map { place in
      "M\(place),original,embed,psnr,3\(place),3\(place),3\(place),50\nM\(place),original,block.3,psnr,2\(place),2\(place),2\(place),50\n"
    }
    try folder.write(qualityHeader + rows.joined(), "quality.csv")
    _ = try folder.builder.build()
    return try folder.page()
  }

  @Test func threeAreSentencesAndFourATable() throws {
    let three = try page(models: 3)
    #expect(three.contains("<li>In M3, PSNR (dB) falls from 33.00 [33.00, 33.00] at embed"))
    #expect(!three.contains("<table class=\"compact\">"))
    let four = try page(models: 4)
    #expect(!four.contains("In M3, PSNR (dB) falls"))
    #expect(
      four.contains(
        "<tr><td>M3</td><td>embed: 33.00 [33.00, 33.00]</td><td>block.3: 23.00 [23.00, 23.00]</td><td>–</td></tr>"))
  }
}
