import FigureLint
import Foundation
import Testing

/// Files of other programs: the drawing of `scripts/fixtures/figures.py` is judged the same however it is written, and a file
/// of which a part cannot be read does not pass.
@Suite struct ForeignFileTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Fixtures")

  private func check(_ name: String) throws -> LintReport {
    let data = try Data(contentsOf: Self.fixtures.appendingPathComponent(name))
    return try FigureLinter(style: nil).check([UInt8](data), file: name)
  }

  private func problems(_ name: String) throws -> [String] {
    try check(name).findings.filter { $0.severity != .note }.map { "\($0.severity.rawValue) (\($0.check)): \($0.text)" }
  }

  private static let drawing = [
    "warning (size): a text is smaller than 6 points, the smallest 'tiny' (2 points); set it larger",
    "warning (contrast): 'tiny' (#bbbbbb) on #ffffff has a contrast of 1.9 : 1, less than 4.5 : 1; use a darker or lighter ink",
    "warning (lines): the thinnest line is 0.10 points wide and may vanish in print; use 0.25 points at least",
  ]
  private static let bare =
    "error (fonts): font 'Helvetica' (Type 1) is not embedded, so it will look different elsewhere; embed it"

  @Test(arguments: [
    "style", "attributes", "illustrator-classes", "illustrator-entities", "inkscape", "svglite", "important", "use",
  ])
  func aDrawingIsJudgedTheSameHoweverItsStyleIsWritten(name: String) throws {
    #expect(try problems("svg/\(name).svg") == Self.drawing)
  }

  @Test(arguments: [
    "plain", "flate", "ascii85-flate", "ascii85", "hexadecimal", "run-length", "lzw", "object-streams",
    "encrypted-without-password", "updated",
  ])
  func aDrawingIsJudgedTheSameHoweverItsStreamsArePacked(name: String) throws {
    #expect(try problems("pdf/\(name).pdf") == [Self.bare] + Self.drawing)
  }

  @Test(arguments: [
    ("reportlab.pdf", [bare]), ("ghostscript.pdf", [bare]), ("matplotlib-type42.pdf", []), ("cairo.pdf", []),
    ("matplotlib-text.svg", []),
    (
      "matplotlib.pdf",
      [
        "error (fonts): font 'DejaVuSans' is Type 3, which many venues refuse; embed TrueType or Type 1 (matplotlib: pdf.fonttype 42)"
      ]
    ),
  ])
  func programsAreReadWhole(name: String, fonts: [String]) throws {
    #expect(try problems("programs/\(name)") == fonts + Self.drawing)
  }

  /// Letters as outlines have no size that could be checked.
  @Test(arguments: ["matplotlib.svg", "cairo.svg"])
  func lettersDrawnAsShapesAreNotTakenForAFigureWithoutText(name: String) throws {
    #expect(
      try problems("programs/\(name)") == [
        Self.drawing[2],
        "unread (reading): letters are drawn as shapes, so their size, font and contrast are not checked; save text as text (matplotlib: svg.fonttype none)",
      ])
  }

  /// No reader shows all of such a file.
  @Test(arguments: [
    ("unknown-filter.pdf", "a content stream could not be decoded, so what it draws is not checked"),
    ("damaged-stream.pdf", "a content stream could not be decoded, so what it draws is not checked"),
    ("missing-form.pdf", "'X1', which the page draws, is missing"),
    ("truncated-stream.pdf", "a content stream could not be decoded, so what it draws is not checked"),
    ("unknown-operators.pdf", "the page's content is damaged: it has operators that PDF does not know"),
    (
      "truncated.svg",
      "line 4 is not well-formed XML (unclosed token): what stands there and behind may be missing"
    ),
    (
      "instruction.svg",
      "line 4 is not well-formed XML (unclosed token): what stands there and behind may be missing"
    ),
    (
      "undeclared-entity.svg",
      "line 4 is not well-formed XML (undefined entity): what stands there and behind may be missing"
    ),
    ("outside-entity.svg", "the entity '&word;' is not declared in the file, so its text is missing"),
    ("outside-entities.svg", "the entity '&st0;' is not declared in the file, so its text is missing"),
    ("outside-picture.svg", "the picture 'picture.png' is not in the file, so others will not see it; embed it"),
  ])
  func aBrokenFileFails(name: String, sentence: String) throws {
    let report = try check("unread/\(name)")
    #expect(report.findings.contains(LintFinding(.error, "reading", sentence)), "\(report.findings)")
    #expect(report.verdict == .fails)
  }

  @Test(arguments: [
    (
      "damaged-table.pdf",
      "the table of the file's objects is damaged, so parts of the figure may be missing; save it again"
    ),
    ("imported-style.svg", "the style rule '@import url(outside.css)' is not followed"),
    ("attribute-rule.svg", "the style rule 'text[class~=\"small\"]' is not followed"),
    ("html.svg", "a foreignObject holds what is not SVG, which is not checked"),
    ("unknown-colour.svg", "the colour 'lab(50% 10 10)' is not understood"),
    ("relative-size.svg", "the font size '2vw' is not understood"),
  ])
  func whatCannotBeReadDoesNotPass(name: String, sentence: String) throws {
    let report = try check("unread/\(name)")
    #expect(report.findings.contains(LintFinding(.unread, "reading", sentence)))
    #expect(!report.passes)
    #expect(report.verdict == (report.findings.contains { $0.severity == .error } ? .fails : .unknown))
  }

  /// The page names a font that is not embedded: that is said even where nothing that uses it could be read.
  @Test func fontsOfAPageThatCannotBeReadAreJudged() throws {
    #expect(
      try problems("unread/unknown-filter.pdf") == [
        Self.bare,
        "error (reading): a content stream could not be decoded, so what it draws is not checked",
      ])
  }

  @Test func filesWithAPasswordAreRefused() throws {
    #expect(throws: LintError("unread/password.pdf is encrypted and cannot be checked; save it without a password")) {
      try check("unread/password.pdf")
    }
  }

  @Test func nothingOutsideTheFileIsRead() throws {
    let svg = try Data(contentsOf: Self.fixtures.appendingPathComponent("unread/outside-entity.svg"))
    let texts = try FigureLinter.texts([UInt8](svg)).map(\.text)
    #expect(texts == ["readable"])
  }

  @Test func entitiesInTextAreExpanded() throws {
    let svg =
      "<!DOCTYPE svg [<!ENTITY word \"hello\">]><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"90\">"
      + "<text>&word; you</text></svg>"
    #expect(try FigureLinter.texts(Array(svg.utf8)).map(\.text) == ["hello you"])
  }

  /// Entities that multiply to a billion letters end in a sentence, not in a full memory.
  @Test func entitiesThatMultiplyAreStopped() throws {
    var entities = "<!ENTITY e0 \"\(String(repeating: "laugh", count: 20))\">"
    for level in 1...9 {
      entities += "<!ENTITY e\(level) \"\(String(repeating: "&e\(level - 1);", count: 10))\">"
    }
    let svg =
      "<!DOCTYPE svg [\(entities)]><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><g style=\"&e9;\"/></svg>"
    let report = try FigureLinter(style: nil).check(Array(svg.utf8), file: "laughs.svg")
    #expect(report.verdict == .fails)
  }

  /// References in a circle end too.
  @Test func usesInACircleAreStopped() throws {
    let svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><g id=\"a\"><use href=\"#a\"/></g></svg>"
    let report = try FigureLinter(style: nil).check(Array(svg.utf8), file: "circle.svg")
    #expect(report.findings.map(\.text) == ["elements are followed to a depth of 256 only"])
    #expect(report.verdict == .unknown)
  }

  @Test func onlyTheFirstPageIsCheckedAndThatIsSaid() throws {
    let plain = try String(contentsOf: Self.fixtures.appendingPathComponent("pdf/plain.pdf"), encoding: .isoLatin1)
    let two = plain.replacing("/Kids [3 0 R] /Count 1", with: "/Kids [3 0 R 3 0 R] /Count 2")
    let report = try FigureLinter(style: nil).check(Array(two.utf8), file: "two.pdf")
    #expect(report.findings.contains(LintFinding(.unread, "reading", "only the first of its 2 pages is checked")))
  }
}
