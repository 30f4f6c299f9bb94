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

  private let root = URL(fileURLWithPath: Program.zoo).deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The code of the documentation's article is that of the example.
  @Test func theArticleShowsLinesOfTheExample() throws {
    func lines(_ path: String) throws -> [String] {
      try text(path).components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let example = Set(try lines("docs/example/Sources/example/Example.swift"))
    var (isCode, shown) = (false, 0)
    for line in try lines("docs/Palimpsest.docc/FromAStoreToAFigure.md") {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if isCode, !line.isEmpty {
        shown += 1
        #expect(example.contains(line), "\(line)")
      }
    }
    #expect(shown > 20 && !isCode)
  }

  /// What the documentation's pages link to is public: `scripts/docs-api` follows the links themselves.
  @Test(arguments: ["Palimpsest", "FromAStoreToAFigure"])
  func theDocumentationLinksToPublicTypes(page: String) throws {
    let links = try text("docs/Palimpsest.docc/\(page).md").matches(of: /``\/(\w+)\/(\w+)``/)
    #expect(!links.isEmpty)
    var declared: [Substring: Set<Substring>] = [:]
    for module in Set(links.map(\.1)) {
      let paths = try FileManager.default.subpathsOfDirectory(
        atPath: root.appendingPathComponent("Sources/\(module)").path)
      for path in paths where path.hasSuffix(".swift") {
        for line in try text("Sources/\(module)/\(path)").split(separator: "\n") where line.hasPrefix("public ") {
          let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
          guard let kind = words.firstIndex(where: { ["struct", "class", "enum", "protocol"].contains($0) }) else {
            continue
          }
          declared[module, default: []].formUnion(words.dropFirst(kind + 1).prefix(1))
        }
      }
    }
    for link in links { #expect(declared[link.1]?.contains(link.2) == true, "\(link.0)") }
  }
}
