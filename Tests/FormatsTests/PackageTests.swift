import Foundation
import Testing

/// `Package.swift` against the `import` lines of the sources: an edge that is declared and not used, or used and not
/// declared, misleads whoever reads the dependencies.
@Suite struct PackageTests {
  private struct Target {
    let name: String
    let folder: URL
    let dependencies: Set<String>
  }

  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The targets whose folder holds Swift, in the file's order.
  private func targets() throws -> [Target] {
    let text = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
      .split(separator: "\n").filter { !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("//") }
      .joined(separator: "\n")
    return try text.matches(of: /\.(target|executableTarget|testTarget)\(/).compactMap { match in
      let body = try PackageTests.enclosed(text[match.range.upperBound...], by: "(", ")")
      let name = try String(#require(body.firstMatch(of: /name: "(\w+)"/)).1)
      var dependencies: Set<String> = []
      if let list = body.firstMatch(of: /dependencies: \[/) {
        let entries = try PackageTests.enclosed(body[list.range.upperBound...], by: "[", "]")
        dependencies = Set(
          entries.replacing(/, package: "[\w-]+"/, with: "").matches(of: /"(\w+)"/).map { String($0.1) })
      }
      let path = body.firstMatch(of: /path: "([\w\/]+)"/).map { String($0.1) }
      let folder = root.appendingPathComponent(path ?? "\(match.1 == "testTarget" ? "Tests" : "Sources")/\(name)")
      guard try !PackageTests.files(in: folder).isEmpty else { return nil }
      return Target(name: name, folder: folder, dependencies: dependencies)
    }
  }

  /// The text up to the bracket that closes one already opened.
  private static func enclosed(_ text: Substring, by open: Character, _ close: Character) throws -> Substring {
    var depth = 1
    for index in text.indices {
      if text[index] == open { depth += 1 }
      if text[index] == close { depth -= 1 }
      if depth == 0 { return text[..<index] }
    }
    throw CocoaError(.fileReadCorruptFile)
  }

  private static func files(in folder: URL) throws -> [URL] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return names.filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Fixtures") }.map {
      folder.appendingPathComponent($0)
    }
  }

  private func imports(of target: Target) throws -> Set<String> {
    try PackageTests.files(in: target.folder).reduce(into: []) { modules, file in
      let text = try String(contentsOf: file, encoding: .utf8)
      let lines = text.matches(
        of: /^(?:@\w+ )?(?:public |internal )?import (?:(?:struct|class|enum|func|protocol) )?(\w+)/
          .anchorsMatchLineEndings())
      modules.formUnion(lines.map { String($0.1) })
    }
  }

  /// A10: Activations declared Torch and did not import it.
  @Test func declaredDependenciesAreThoseThatAreImported() throws {
    let targets = try targets()
    #expect(targets.count > 30)
    let known = targets.reduce(into: Set(targets.map(\.name))) { $0.formUnion($1.dependencies) }
    for target in targets {
      let imported = try imports(of: target).intersection(known).subtracting([target.name])
      #expect(
        imported.subtracting(target.dependencies).sorted() == [], "\(target.name) imports what it does not declare")
      // Tests may have more at hand than they use, such as TestSupport.
      guard target.folder.path.contains("/Sources/") else { continue }
      #expect(
        target.dependencies.subtracting(imported).sorted() == [], "\(target.name) declares what it does not import")
    }
  }
}
