import Foundation
import Results
import Testing

/// What has to hold of every analysis in the registry.
@Suite struct RegistryTests {
  private let all = AnalysisDefinition.all

  @Test func namesAndFilesAreUnique() {
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.tables.map(\.file)).count == all.tables.count)
    for table in all.tables {
      #expect(Set(table.header).count == table.header.count, "\(table.file)")
      #expect(!table.row.isEmpty && table.columns.allSatisfy { !$0.meaning.isEmpty }, "\(table.file)")
    }
  }

  /// A table is shown by the report, or says why not.
  @Test func tablesAreShownOrSayWhyNot() {
    for analysis in all {
      #expect(!analysis.mainTable.isExportOnly, "\(analysis.name)")
      for table in analysis.tables {
        if let reason = table.exportReason { #expect(!reason.isEmpty, "\(table.file)") }
        #expect(!table.columns.contains(.metric) || !table.metrics.isEmpty, "\(table.file)")
      }
      if case .none(let reason) = analysis.bench { #expect(!reason.isEmpty, "\(analysis.name)") }
    }
  }

  /// One name has one meaning wherever a column of it is.
  @Test func columnsOfOneNameAreOne() {
    var meanings: [String: String] = [:]
    for column in all.tables.flatMap(\.columns) {
      #expect(meanings[column.name, default: column.meaning] == column.meaning, "\(column.name)")
      meanings[column.name] = column.meaning
    }
  }

  @Test func metricsOfOneIdentifierAreOne() {
    var known: [String: MetricDefinition] = [:]
    for metric in all.tables.flatMap(\.metrics) {
      #expect(known[metric.identifier, default: metric] == metric, "\(metric.identifier)")
      known[metric.identifier] = metric
      #expect(!metric.definition.isEmpty && !metric.title.isEmpty)
      #expect(MetricDefinition.named(metric.identifier) == metric)
    }
    #expect(known.count > 50)
  }

  @Test func everyFileIsFoundByItsName() throws {
    for table in all.tables where !table.isPerMode { #expect(all.table(named: table.file) == table) }
    #expect(all.table(named: "similarity_grid-7.csv") == .similarityOfMode)
    #expect(all.table(named: "similarity_null_mean.csv") == .similarityNullOfMode)
    #expect(all.table(named: "similarity_null.csv") == .similarityNull)
    #expect(all.table(named: "similarity_images.csv") == .similarityImages)
    #expect(TableDefinition.similarityOfMode.name(mode: "grid:7") == "similarity_grid-7.csv")
    #expect(TableDefinition.similarityOfMode.mode(of: "similarity_grid-7.csv") == "grid:7")
    for foreign in ["similarity_grid-0.csv", "similarity_.csv", "other.csv", "similarity_mean.txt", "curves.csv"] {
      #expect(all.table(named: foreign) == nil, "\(foreign)")
    }
  }

  // MARK: Metrics by name

  @Test func baselinesHaveNoBest() {
    let shuffled = MetricDefinition.named("nearest_accuracy_shuffled")
    #expect(shuffled.title == "Nearest prototype is the own class, shuffled")
    #expect(shuffled.better == .none && shuffled.range == 0...1)
    #expect(MetricDefinition.unshuffled("cosine_shuffled") == "cosine")
    #expect(MetricDefinition.unshuffled("cosine") == nil)
  }

  @Test func unknownMetricsGoByTheirName() {
    let unknown = MetricDefinition.named("my_own_score")
    #expect(unknown.title == "My own score" && unknown.better == .none && unknown.unit == nil)
    #expect(!unknown.isBetter(1, than: 0))
  }

  @Test func betterIsHigherOrLowerAsDefined() {
    #expect(MetricDefinition.named("psnr").isBetter(30, than: 20))
    #expect(MetricDefinition.named("mse").isBetter(0.1, than: 0.2))
    #expect(MetricDefinition.named("psnr").label == "PSNR (dB)")
    #expect(MetricDefinition.named("hue_half_angle").key == "half_angle")
  }

  @Test func everyMeasureHasItsEstimators() {
    for measure in SimilarityMeasure.allCases {
      #expect(measure.definition.key == measure.rawValue)
      #expect(MeasureDefinition.named(measure.rawValue) == measure.definition)
      #expect(!measure.definition.estimators.isEmpty && !measure.definition.method.isEmpty)
    }
    #expect(MeasureDefinition.named("cka_linear")?.title == "Linear CKA")
    #expect(Set(SimilarityMeasure.allCases.flatMap(\.definition.estimators)) == Set(SimilarityEstimator.allCases))
  }

  // MARK: Documentation

  /// Every metric that a table can hold is defined in the documentation, every measure and every estimator too.
  @Test func everyMetricIsDocumented() throws {
    let text = try String(contentsOf: Repository.url("docs/definitions.md"), encoding: .utf8)
    for analysis in all where analysis.name != AnalysisDefinition.efficiency.name {
      for metric in analysis.tables.flatMap(\.metrics) {
        #expect(text.contains("`\(metric.key)`"), "\(analysis.name): \(metric.key)")
      }
    }
    for measure in SimilarityMeasure.allCases {
      #expect(text.contains("`\(measure.rawValue)`"), "\(measure.rawValue)")
    }
  }

  /// Pages of the documentation are what the registry says.
  @Test(arguments: [
    ("tables.md", ResultsDocumentation.markdown()), ("figure-settings.md", FigureSetting.markdown),
  ])
  func pagesAreOfTheRegistry(name: String, expected: String) throws {
    let url = Repository.url("docs/\(name)")
    let found = try? String(contentsOf: url, encoding: .utf8)
    guard found != expected else { return }
    let fresh = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    try Data(expected.utf8).write(to: fresh)
    Issue.record("docs/\(name) is stale; what it should be is in \(fresh.path): copy it there")
  }

  /// A setting names figures that there are, and a value is judged by its kind.
  @Test func settingsOfFiguresAreOfTheRegistry() throws {
    let kinds = AnalysisDefinition.all.figures
    for setting in FigureSetting.all { #expect(setting.figures.allSatisfy(kinds.contains), "\(setting.key)") }
    #expect(Set(FigureSetting.all.map(\.key)).count == FigureSetting.all.count)
    #expect(FigureSetting.range.problem(with: "10..40") == nil && FigureSetting.range("-1..2.5") == -1...2.5)
    #expect(FigureSetting.range.problem(with: "40..10") == "is '40..10'; give LOW..HIGH")
    #expect(FigureSetting.panels.problem(with: "store") == "is 'store'; give metric, model, method")
    #expect(FigureSetting.parts(of: "depth.range") == (figure: "depth", key: "range"))
    #expect(FigureSetting.of("names.vit-learned")?.key == "names" && FigureSetting.of("names") == nil)
  }
}

enum Repository {
  static func url(_ path: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent(path)
  }
}
