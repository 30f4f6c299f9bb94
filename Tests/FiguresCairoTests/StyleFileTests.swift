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
    (
      "\"tick\": 7", "\"tack\": 7",
      "unknown key 'sizes.tack' (did you mean 'tick'?); known are title, label, tick, annotation"
    ),
    ("    \"tick\": 7,\n", "", "'sizes.tick' is missing"),
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

  /// Only what is other than in the style that is extended has to be written.
  @Test func aStyleExtendsAnother() throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    func write(_ text: String, _ name: String) throws -> String {
      let file = temporary.url.appendingPathComponent(name)
      try text.write(to: file, atomically: true, encoding: .utf8)
      return file.path
    }
    let own = try write(#"{"extends": "neurips", "name": "own", "sizes": {"tick": 9}}"#, "own.json")
    let style = try FigureStyle.named(own, templates: templates)
    let base = try FigureStyle.named("neurips", templates: templates)
    #expect(style.sizes.tick == 9 && style.sizes.label == base.sizes.label && style.name == "own")
    #expect(style.textWidthInches == 5.5 && style.colors == base.colors)
    let second = try write(#"{"extends": "own.json", "dotsPerInch": 72}"#, "second.json")
    #expect(try FigureStyle.named(second, templates: templates).sizes.tick == 9)
    let unknown = try write(#"{"extends": "neurips", "textWidthInche": 3}"#, "unknown.json")
    #expect {
      try FigureStyle.named(unknown, templates: templates)
    } throws: {
      "\($0)".contains("unknown key 'textWidthInche' (did you mean 'textWidthInches'?)")
    }
    let circle = try write(#"{"extends": "circle.json"}"#, "circle.json")
    #expect {
      try FigureStyle.named(circle, templates: templates)
    } throws: {
      "\($0)".hasSuffix("styles extend each other in a circle")
    }
  }
}
