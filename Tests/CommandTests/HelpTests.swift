import Foundation
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  @Test(arguments: [
    "", "demo", "run", "extract", "train", "import", "reconstruct", "analyze", "analyze similarity", "analyze quality",
    "analyze color", "analyze detail", "analyze shape", "analyze prototypes", "report", "figure", "lint", "bundle",
    "replay", "scenes",
    "inspect", "verify", "bench", "bench extract", "bench similarity", "bench quality", "bench color", "bench detail",
    "bench shape", "bench prototypes",
  ])
  func helpExplainsEveryCommandWithAnExample(command: String) throws {
    let words = command.split(separator: " ").map(String.init)
    let outcome = try here.run(words + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    #expect(outcome.output.hasPrefix("OVERVIEW: "))
    let example = "  palimpsest " + command
    #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix(example) }, "no example: \(outcome.output)")
    // An example that is wrapped cannot be copied: what follows one is indented as well, or a new paragraph.
    let overview = outcome.output.components(separatedBy: "\nUSAGE:")[0].components(separatedBy: "\n")
    let wrapped = zip(overview, overview.dropFirst()).filter { line, next in
      line.hasPrefix("  ") && !next.isEmpty && !next.hasPrefix("  ")
    }
    #expect(wrapped.isEmpty, "\(wrapped)")
  }

  @Test func theVersionIsOneLine() throws {
    let outcome = try here.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    #expect(outcome.output.wholeMatch(of: /palimpsest \d+\.\d+\.\d+\n/) != nil, "\(outcome.output)")
  }

  @Test func withoutACommandTheHelpIsShown() throws {
    let outcome = try here.run([])
    #expect(outcome.status == 0)
    #expect(outcome.output == (try here.run("--help")).output)
  }
}
