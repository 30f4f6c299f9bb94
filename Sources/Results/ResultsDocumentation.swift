import Foundation

/// The page of the documentation that lists every table, column, metric and measure: docs/tables.md.
public enum ResultsDocumentation {
  /// The whole page.
  ///
  /// - Parameter definitions: the analyses it is of.
  public static func markdown(_ definitions: [AnalysisDefinition] = AnalysisDefinition.all) -> String {
    let introduction = """
      # Tables

      Every CSV file that an analysis writes, its columns and its metrics. This page is made from `Sources/Results`; a test fails
      where the two differ. How the numbers are computed is in [definitions.md](definitions.md).

      Files are UTF-8, RFC 4180, lines ended by a line feed. Numbers have as many digits as it takes to read the same number back;
      an empty field is a number that the definition does not give. A metric whose name ends with `_shuffled` is the baseline of
      shuffled pairs or labels.

      A text that a spreadsheet would run as a formula (it begins with `=`, `@`, `+`, `-`, a tab or a carriage return and is no
      number) has an apostrophe before it, and so has one that begins with apostrophes before such a character; Palimpsest takes
      one away when it reads a table, and other programs should.


      """
    return introduction + definitions.map(section).joined(separator: "\n") + "\n" + trainings + "\n" + measures
  }

  private static func section(_ definition: AnalysisDefinition) -> String {
    var text = "## \(definition.title)\n\n`palimpsest analyze \(definition.name)`: \(lowercased(definition.abstract))\n"
    for table in definition.tables {
      text += "\n### `\(table.file)`\n\nA row for each \(table.row)."
      if table.role == .main { text += " It makes a folder one of this analysis." }
      if let reason = table.exportReason { text += " A report leaves it out: \(reason)." }
      text += "\n\n" + columns(of: table)
    }
    let metrics = definition.tables.flatMap(\.metrics).reduce(into: [MetricDefinition]()) { known, metric in
      if !known.contains(metric) { known.append(metric) }
    }
    guard !metrics.isEmpty else { return text }
    let rows = metrics.map { metric in
      let source = metric.reference.map { " (\($0))" } ?? ""
      let better = metric.better == .none ? "" : metric.better.rawValue
      return ["`\(metric.key)`", metric.title, metric.unit ?? "", better, metric.definition + source]
    }
    return text + "\n### Metrics\n\n" + grid(["Metric", "Name", "Unit", "Better", "What"], rows)
  }

  private static var trainings: String {
    "## Trainings\n\nWhat `palimpsest train` writes into its folder.\n"
      + TableDefinition.ofTraining.map { table in
        "\n### `\(table.file)` of a training\n\nA row for each \(table.row).\n\n" + columns(of: table)
      }.joined()
  }

  private static func columns(of table: TableDefinition) -> String {
    grid(["Column", "What"], table.columns.map { ["`\($0.name)`", $0.meaning] })
  }

  private static var measures: String {
    let rows = SimilarityMeasure.allCases.map(\.definition).map { measure in
      [
        "`\(measure.key)`", measure.title, measure.estimators.map { "`\($0.rawValue)`" }.joined(separator: ", "),
        "\(measure.method) (\(measure.reference))",
      ]
    }
    let estimators = SimilarityEstimator.allCases.map(\.definition).map { estimator in
      ["`\(estimator.key)`", "\(estimator.method) (\(estimator.reference))"]
    }
    return "## Measures of similarity\n\n" + grid(["Measure", "Name", "Estimators", "What"], rows) + "\n"
      + grid(["Estimator", "What"], estimators)
  }

  private static func grid(_ header: [String], _ rows: [[String]]) -> String {
    let lines = [header, header.map { _ in "---" }] + rows
    return lines.map { fields in
      "|" + fields.map { $0.isEmpty ? " |" : " \($0.replacing("|", with: "∣")) |" }.joined() + "\n"
    }.joined()
  }

  /// A sentence as what follows a colon.
  private static func lowercased(_ sentence: String) -> String {
    sentence.prefix(1).lowercased() + sentence.dropFirst()
  }
}
