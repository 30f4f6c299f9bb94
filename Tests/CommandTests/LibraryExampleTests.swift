import Foundation
import Testing

/// `docs/example`, the program that uses Palimpsest as a library. It is built here with what is public alone;
/// `scripts/check_example` builds it as the package of its own that it is.
@Suite struct LibraryExampleTests {
  @Test func theExampleOpensAStoreRunsABackboneComparesAndDraws() throws {
    let here = try Workspace()
    let program = URL(fileURLWithPath: try Program.path.get()).deletingLastPathComponent()
      .appendingPathComponent("LibraryExample").path
    let templates = URL(fileURLWithPath: Program.zoo).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("templates").path
    try here.makeFolder("out")
    let started = try Program.start(
      [Program.zoo + "/vit", templates, here.path("out")], in: here.folder, output: here.path("output"),
      error: here.path("error"), program: program)
    #expect(Program.wait(for: started) == 0)
    #expect(try here.text(of: "error") == "")
    let lines = try here.text(of: "output").split(separator: "\n").map(String.init)
    // The backbone's own features are those of the store.
    let line = try #require(lines.first { $0.contains("computed again, the largest difference is ") })
    let difference = try #require(line.split(separator: " ").last.flatMap { Double($0) })
    #expect(difference < 1e-5)
    for name in ["features.h5", "cka.pdf", "cka.svg", "cka.png", "cka.json"] { #expect(here.exists("out/\(name)")) }
  }
}
