import Figures
import FiguresCairo
import Foundation
import TestSupport
import Testing

@Suite struct StyleFileTests {
  @Test func everyStyleOfTheRepositoryIsValidAndNamedAsItsFile() throws {
    let names = FigureStyle.available(templates: templates)
    #expect(names == ["cvpr", "iclr", "icml", "neurips", "poster", "slide", "tmlr"])
    for name in names { #expect(try FigureStyle.named(name, templates: templates).name == name) }
  }

  @Test func venuesHaveTheirWidths() throws {
    let widths: [(String, Double, Double?)] = [
      ("tmlr", 6.5, nil), ("neurips", 5.5, nil), ("iclr", 5.5, nil), ("icml", 6.75, 3.25), ("cvpr", 6.875, 3.25),
    ]
    for (name, text, column) in widths {
      let style = try FigureStyle.named(name, templates: templates)
      #expect(style.textWidthInches == text)
      #expect(style.columnWidthInches == column)
    }
  }

  @Test func unknownStyleListsThoseThereAre() {
    #expect {
      try FigureStyle.named("nature", templates: templates)
    } throws: { error in
      "\(error)".hasPrefix("no style 'nature' in ")
        && "\(error)".hasSuffix("there are cvpr, iclr, icml, neurips, poster, slide, tmlr")
    }
  }

  @Test(arguments: [
    ("\"dotsPerInch\": 300", "\"dotsPerInch\": \"fine\"", "'dotsPerInch' is not a Double"),
    ("\"ink\": \"#1a1a1a\"", "\"ink\": \"blackish\"", "'colors.ink': 'blackish' is not a colour; write it as #rrggbb"),
    ("\"tick\": 7", "\"tack\": 7", "'sizes.tick' is missing"),
    ("\"tick\": 7", "\"tick\": 5", "style 'tmlr': sizes.tick is 5.0; expected 6.0 to 200 points"),
    ("\"viridis\"", "\"jet\"", "no colour map 'jet'; there are viridis, cividis, magma, coolwarm"),
    ("{", "", "it is not JSON"),
  ])
  func brokenStylesAreExplained(old: String, new: String, message: String) throws {
    let original = try String(
      contentsOf: templates.appendingPathComponent("styles/tmlr.json"), encoding: .utf8)
    try #require(original.contains(old))
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let file = temporary.url.appendingPathComponent("style.json")
    try original.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
    #expect {
      try FigureStyle.named(file.path, templates: templates)
    } throws: {
      "\($0)".hasSuffix(message)
    }
  }
}
