import Figures
import Formats
import Foundation
import Reports
import Results
import TestAnalysis
import Testing

/// Reports of what the analyses themselves wrote: `scripts/fixtures/results.sh` makes the folder.
@Suite struct RealResultsTests {
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/results")

  /// A copy of the results in a temporary place.
  private func copied() throws -> ResultsFolder {
    let folder = try ResultsFolder()
    try FileManager.default.removeItem(at: folder.results)
    try FileManager.default.copyItem(at: Self.fixture, to: folder.results)
    return folder
  }

  private func text(_ path: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
  }

  private func table(_ path: String, in folder: URL) throws -> CommaSeparatedValues {
    try CommaSeparatedValues(parsing: text(path, in: folder), file: path)
  }

  @Test func everyAnalysisHasASectionAndItsFigures() throws {
    let folder = try copied()
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(summary.warnings == [])
    for definition in AnalysisDefinition.all {
      #expect(page.contains("<h2 id=\"\(definition.name)-heading\">\(definition.title)</h2>"), "\(definition.name)")
    }
  }

  /// Similarity took 48 images of the store, colour the first 5.
  @Test func imagesOfAStoreAreARangeWhereAnalysesTookDifferentNumbers() throws {
    let folder = try copied()
    _ = try folder.builder.build()
    let page = try folder.page()
    let row = try #require(
      page.split(separator: "\n").first { $0.contains("<th scope=\"row\">vit-plain</th><td>vit_tiny") })
    #expect(row.contains("<td class=\"number\">5 (color, tokens), 48 (prototypes, similarity)</td>"))
  }

  @Test func sortsOfFiguresAreThoseOfTheRegistry() throws {
    let style = try JSONDecoder().decode(
      FigureStyle.self, from: Data(contentsOf: templates.appendingPathComponent("styles/tmlr.json")))
    let drawn = Set(try ReportContent(results: Self.fixture, style: style, openStore: nil).figures.map(\.kind))
    #expect(drawn.subtracting(AnalysisDefinition.all.figures) == [])
    // Its colours are those of features alone: what becomes of a changed colour ("shares") needs reconstructions.
    #expect(drawn.isSuperset(of: ["null", "differences", "hue", "spectra", "equal", "efficiency", "depth"]))
  }

  @Test func everyTableIsListedWithItsChecksum() throws {
    let folder = try copied()
    let summary = try folder.builder.build()
    let page = try folder.page()
    var tables = 0
    for analysis in try FileManager.default.contentsOfDirectory(atPath: folder.results.path) {
      let place = folder.results.appendingPathComponent(analysis)
      for name in try FileManager.default.contentsOfDirectory(atPath: place.path) where name.hasSuffix(".csv") {
        tables += 1
        let definition = try #require(AnalysisDefinition.all.tables.first { $0.matches(name) }, "\(name)")
        let use = definition.isExportOnly ? "for other programs: " : "shown"
        #expect(page.contains("<th scope=\"row\">\(analysis)/\(name)</th><td>\(use)"), "\(name)")
      }
    }
    #expect(tables >= 22)
    // A table that is changed is noticed, whichever it is.
    let changed = folder.results.appendingPathComponent("prototypes/medoids.csv")
    try (String(contentsOf: changed, encoding: .utf8) + "a,b,c,d,1,1\n").write(
      to: changed, atomically: true, encoding: .utf8)
    #expect(try folder.builder.build().warnings.contains { $0.hasPrefix("medoids.csv in prototypes is not the file") })
    #expect(summary.files.contains("tables/medoids.csv"))
  }

  /// Sign, interval and p-values are those of the results, row by row.
  @Test func differencesOfTheReportAreThoseOfTheResults() throws {
    let folder = try copied()
    _ = try folder.builder.build()
    let written = try table("quality/quality_differences.csv", in: folder.results)
    let shown = try table("tables/quality-differences-all.csv", in: folder.output)
    #expect(shown.header == written.header)
    #expect(shown.records.map(\.fields) == written.records.map(\.fields))
    let drawn = try table("tables/quality-differences.csv", in: folder.output)
    #expect(!drawn.records.isEmpty)
    for record in drawn.records { #expect(written.records.contains { $0.fields == record.fields }) }
    // The page prints each of them with its adjusted p-value.
    let page = try folder.page()
    func column(_ column: Column) throws -> Int { try #require(written.column(column.name)) }
    let (metric, match) = (try column(.metric), try column(.match))
    let (difference, adjusted) = (try column(.difference), try column(.adjustedPValue))
    let psnr = written.records.filter { $0.fields[metric] == "psnr" }
    #expect(psnr.contains { $0.fields[match] == "depth" } && psnr.contains { $0.fields[match] == "name" })
    for record in psnr {
      #expect(page.contains("data-key=\"\(record.fields[difference])\""))
      #expect(page.contains("data-key=\"\(record.fields[adjusted])\""))
    }
  }

  @Test func nullBandsAreShown() throws {
    let folder = try copied()
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("<strong>Chance.</strong> Over 99 random pairings of the images"))
    let identifier = "cka_linear-debiased-mean"
    for file in [
      "figures/null-\(identifier).pdf", "tables/similarity_null.csv", "tables/similarity_null_prefix.csv",
      "tables/similarity-calibrated.csv",
    ] {
      #expect(summary.files.contains(file), "\(file)")
    }
    let written = try table("similarity/similarity_null.csv", in: folder.results)
    let drawn = try table("tables/null-\(identifier).csv", in: folder.output)
    #expect(drawn.header == written.header)
    #expect(drawn.records.map(\.fields) == written.records.map(\.fields))
    // The closest taps of two models carry what the null table says of them.
    let closest = try table("tables/closest-taps-\(identifier).csv", in: folder.output)
    let record = try #require(closest.records.first)
    // The table has each pair once, with either tap first.
    let names: [String] = Array(record.fields[0...5])
    let turned: [String] = [names[2], names[3], names[0], names[1], names[4], names[5]]
    let found = written.records.first { row in
      let pair: [String] = Array(row.fields[0...5])
      return pair == names || pair == turned
    }
    let null = try #require(found)
    #expect(Array(record.fields.suffix(5)) == Array(null.fields[8...12]))
    // And the page's script has the p-value of every pair.
    #expect(page.contains("\"chance\":{\"adjusted\":["))
    let curves = try text("data/along-depth-\(identifier).json", in: folder.output)
    #expect(curves.contains("\"chance\""))
  }

  @Test func everyTokenModeIsAVariant() throws {
    let folder = try copied()
    let summary = try folder.builder.build()
    let page = try folder.page()
    for mode in ["mean", "prefix"] {
      #expect(
        page.contains("<option value=\"cka_linear-debiased-\(mode)\">Linear CKA (debiased), tokens: \(mode)</option>"))
      #expect(summary.files.contains("figures/all-models-cka_linear-debiased-\(mode).svg"))
    }
    let written = try text("similarity/similarity_prefix.csv", in: folder.results)
    #expect(try text("tables/similarity_prefix.csv", in: folder.output) == written)
    #expect(
      try text("tables/similarity-token-modes.csv", in: folder.output)
        == text("similarity/token_conclusions.csv", in: folder.results))
    #expect(page.contains("<strong>Token modes.</strong> Which tap of another model matches a tap best"))
  }

  @Test func classesAndPositionsAreShown() throws {
    let folder = try copied()
    _ = try folder.builder.build()
    let page = try folder.page()
    let classes = try table("prototypes/prototypes_classes.csv", in: folder.results)
    #expect(
      try table("tables/prototypes-classes.csv", in: folder.output).records.map(\.fields)
        == classes.records.map(\.fields))
    #expect(page.contains("<strong>Classes.</strong> How often the nearest prototype"))
    #expect(
      try table("tables/prototypes-places.csv", in: folder.output).records.map(\.fields)
        == table("prototypes/places.csv", in: folder.results).records.map(\.fields))
  }

  @Test func tablesThatNoAnalysisWritesAreNamed() throws {
    let folder = try copied()
    try folder.write("a,b\n1,2\n", in: "quality", "quality_future.csv")
    try folder.write("a,b\n1,2\n", in: "future", "future.csv")
    try folder.write("{\"format\":\"palimpsest.provenance\",\"version\":1}", in: "future", "provenance.json")
    let warnings = try folder.builder.build().warnings
    #expect(
      warnings == [
        "future/future.csv belongs to no analysis that this version knows: it is not shown.",
        "quality_future.csv in quality is not a table of any analysis that this version knows: it is not shown.",
      ])
  }
}

@Suite struct ReportSectionTests {
  /// The same analysis without a section.
  private enum Unreported: RegisteredAnalysis {
    static var definition: AnalysisDefinition { ContrastAnalysis.definition }
  }

  private func folder() throws -> ResultsFolder {
    let folder = try ResultsFolder()
    try folder.write("store,tap,metric,value,low,high,n\nA,embed,contrast,0.5,,,8\n", "contrast.csv")
    return folder
  }

  @Test func everyAnalysisOfTheRegistryHasASection() {
    for analysis in AnalysisDefinition.registered {
      let sections = ReportSections.of(analysis)
      #expect(!sections.isEmpty, "\(analysis.definition.name)")
      #expect(sections.allSatisfy { $0.definition.name == analysis.definition.name }, "\(analysis.definition.name)")
    }
  }

  /// The registry with one more analysis in it is all that a report needs.
  @Test func anAnalysisIsAddedInOneLine() throws {
    let folder = try folder()
    var builder = folder.builder
    builder.analyses.append(ContrastAnalysis.self)
    _ = try builder.build()
    let page = try folder.page()
    #expect(page.contains("<h2 id=\"contrast-heading\">Contrast</h2>") && page.contains("<p>It is about contrast.</p>"))
    #expect(page.contains("<th scope=\"row\">contrast.csv</th><td>shown"))
  }

  @Test func anAnalysisWithoutASectionIsNotLost() throws {
    let folder = try folder()
    var builder = folder.builder
    builder.analyses.append(Unreported.self)
    #expect(
      try builder.build().warnings.contains(
        "contrast.csv is of the analysis 'contrast', for which there is no section: its files are listed under Provenance "
          + "and not shown."))
    #expect(try folder.page().contains("<th scope=\"row\">contrast.csv</th>"))
  }
}
