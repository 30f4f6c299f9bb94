import Foundation
import Reports
import Testing

@Suite struct GlossaryTests {
  /// The rows `| **word**, **word** | meaning |` of docs/glossary.md, without marks of emphasis, code and links.
  private func rows() throws -> [(words: [String], text: String)] {
    let file = templates.deletingLastPathComponent().appendingPathComponent("docs/glossary.md")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
      line -> (words: [String], text: String)? in
      guard let row = line.wholeMatch(of: /\| (\*\*.+?) \| (.+) \|/) else { return nil }
      let text = String(row.2).replacing(/\[([^\]]+)\]\([^)]+\)/) { $0.1 }.replacing("`", with: "").replacing("**", with: "")
      return (row.1.matches(of: /\*\*([^*]+)\*\*/).map { String($0.1) }, text)
    }
  }

  @Test func termsOfThePageAreThoseOfTheGlossary() throws {
    let rows = try rows()
    #expect(rows.count > 40)
    for term in Glossary.terms {
      let row = try #require(rows.first { $0.words.contains(term.words[0]) }, "\(term.words[0])")
      #expect(term.text == row.text)
    }
  }

  @Test func thePageExplainsItsWordsAndMetrics() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    _ = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("<dt>tap</dt><dd>a named point in the model at which activations are read"))
    #expect(
      page.contains(
        "<dt>SSIM</dt><dd>Structural similarity with a Gaussian window of 11×11 pixels, mean over the channels. Higher is "
          + "better.</dd>"))
    // In the table a sign says which values are the better ones.
    #expect(page.contains(">PSNR (dB) <span title=\"higher is better\">↑</span></th>"))
  }
}
