import Figures
import Formats
import Results

extension EfficiencyAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [EfficiencySection.self] }
}

/// The section of `analyze efficiency`: what trainings cost and reach.
struct EfficiencySection: ReportSection {
  static let definition = AnalysisDefinition.efficiency

  let folder: AnalysisFolder
  let context: SectionContext

  /// What the table of costs shows, in this order: metric, heading, digits, divisor.
  private static let costs: [(metric: EfficiencyMetric, heading: String, digits: Int, divisor: Double)] = [
    (.parameters, "Parameters (million)", 3, 1e6),
    (.trainingOperationsPerImage, "Training (GFLOP an image)", 3, 1e9),
    (.secondsPerStep, "Seconds a step", 4, 1), (.trainingSeconds, "Seconds in all", 1, 1),
    (.peakResidentBytes, "Peak memory (GiB)", 2, 1_073_741_824),
  ]
  /// Costs that hang on the machine.
  private static let times: [EfficiencyMetric] = [.secondsPerStep, .trainingSeconds]
  /// What every version of the table of costs has.
  private static let costColumns: [Column] = [.run, .mode, .inverse, .module, .metric, .value, .unit]
  /// What the column `module` says of a whole run.
  private static let wholeRun = "all"

  func section() throws -> AnalysisSection? {
    var section = context.empty(
      folder,
      introduction:
        "What the trainings of inverses cost, and what image error each reaches at equal time, equal images and "
        + "equal operations. Every training was run once: no interval tells how far another seed or machine would lie.")
    let file = folder.path(of: .efficiency)
    let costs = try CommaSeparatedValues(parsing: folder.text(of: .efficiency), file: file)
    let comparable = ComparableRuns(costs)
    section.tables.append(
      try costTable(costs, comparable, indices: Self.indices(Self.costColumns, costs, file), file: file))
    if folder.has(.efficiencyEqual) {
      let file = folder.path(of: .efficiencyEqual)
      let equal = try CommaSeparatedValues(parsing: folder.text(of: .efficiencyEqual), file: file)
      if let (table, finding) = try equalTable(equal, comparable, file: file) {
        section.tables.append(table)
        section.findings.append(finding)
        section.figures.append(equalFigure(equal, comparable))
      }
    }
    if folder.has(.efficiencyCurves) {
      let training = TrainingFigures(folder: folder, context: context, comparable: comparable) { runs in
        looks(runs, comparable, TrainingFigures.kind)
      }
      section.figures += try [training.errors()].compactMap { $0 } + curves(comparable)
      section.further += try [training.losses()].compactMap { $0 }
    }
    if folder.has(.efficiencyTest) { section.tables.append(try testTable(comparable)) }
    section.question = Question(rank: 4) { _ in
      "What does it cost to train inverse networks, and how near to the images do they come"
    }
    section.methods = [
      Method(
        "Efficiency",
        "Operations are those that libtorch's dispatcher counted; seconds are wall-clock on the machine of each training, whose "
          + "device and threads the table of costs names where they are recorded: not on the machine under Provenance, which only "
          + "joined the tables. Trainings on different devices or numbers of threads are not compared in time; trainings of "
          + "other weights, or with other images held out, are not compared in error. Within a budget the best finished epoch "
          + "counts, without interpolation. Errors at equal budgets and in the curves are of the validation images, which choose the "
          + "epoch and the ridge too; those in the table of test images are of images that neither trained nor chose."
      )
    ]
    return section
  }

  /// The indices of columns.
  static func indices(_ columns: [Column], _ table: CommaSeparatedValues, _ file: String) throws(ReportError)
    -> [Int]
  {
    let indices = columns.compactMap { table.column($0) }
    guard indices.count == columns.count else {
      throw ReportError("\(file): line 1: expected the columns \(columns.map(\.name).joined(separator: ","))")
    }
    return indices
  }

  private func costTable(
    _ costs: CommaSeparatedValues, _ comparable: ComparableRuns, indices: [Int], file: String
  ) throws(ReportError) -> ResultTable {
    var runs: [[String]] = []
    var values: [[String]: Double] = [:]
    for record in costs.records where record.fields[indices[3]] == Self.wholeRun {
      let run = [record.fields[indices[0]], record.fields[indices[1]], record.fields[indices[2]]]
      if !runs.contains(run) { runs.append(run) }
      guard let value = Double(record.fields[indices[5]]) else {
        throw ReportError("\(file): line \(record.line): value is '\(record.fields[indices[5]])', expected a number")
      }
      values[run + [record.fields[indices[4]]]] = value
    }
    let known = Self.costs.filter { cost in
      runs.contains { values[$0 + [cost.metric.rawValue]] != nil }
        && (comparable.haveOneMachine || !Self.times.contains(cost.metric))
    }
    let hasDevices = comparable.knowsDevices
    let rows = runs.map { run -> (names: [String], group: String, values: [ResultTable.Value?]) in
      (
        run + (hasDevices ? [comparable.device(of: run[0]), comparable.threads(of: run[0])] : []),
        comparable.checkpoint(of: run[0]),
        known.map { cost in
          values[run + [cost.metric.rawValue]].map { ResultTable.Value($0 / cost.divisor) }
        }
      )
    }
    return ResultTable(
      name: "\(context.identifier)-cost",
      caption: "What each training cost, measured while it ran. Bold: the least of a model."
        + (comparable.haveOneMachine
          ? "" : " Seconds are left out: the trainings ran on different devices or threads."),
      nameColumns: ["Run", "Mode", "Inverse"] + (hasDevices ? ["Device", "Threads"] : []),
      columns: known.map { ResultTable.Column($0.heading, better: .low, digits: $0.digits) }, rows: rows,
      commaSeparated: costs.text)
  }

  /// Whether a row of the table at equal budgets compares what can be compared.
  private static func isComparable(_ budget: String, _ run: String, _ comparable: ComparableRuns) -> Bool {
    comparable.hasComparableErrors(run)
      && (budget != EfficiencyBudget.time.rawValue || comparable.haveComparableTimes)
  }

  private func equalTable(
    _ equal: CommaSeparatedValues, _ comparable: ComparableRuns, file: String
  ) throws(ReportError) -> (ResultTable, Finding)? {
    let indices = try Self.indices([.budget, .limit, .unit, .cut, .run, .peakSignalToNoise], equal, file)
    var keys: [[String]] = []
    var runs: [String] = []
    var values: [[String]: Double] = [:]
    for record in equal.records {
      let fields = indices.map { record.fields[$0] }
      guard Self.isComparable(fields[0], fields[4], comparable) else { continue }
      guard let limit = Double(fields[1]), let value = Double(fields[5]) else {
        throw ReportError("\(file): line \(record.line): limit and psnr must be numbers")
      }
      let amount =
        fields[2] == EfficiencyBudget.images.unit
        ? Numbers.grouped(Int(saturating: limit)) + " images"
        : fields[2] == EfficiencyBudget.operations.unit
          ? "\(Numbers.fixed(limit / 1e12, digits: 2)) TFLOP"
          : "\(Numbers.fixed(limit, digits: 1)) \(fields[2])"
      let key = ["\(fields[0]): \(amount)", fields[3]]
      if !keys.contains(key) { keys.append(key) }
      if !runs.contains(fields[4]) { runs.append(fields[4]) }
      values[key + [fields[4]]] = value
    }
    guard !keys.isEmpty else { return nil }
    // A line a run, so that the best of a budget and cut stands in one column.
    let rows = keys.flatMap { key in
      runs.compactMap { run -> (names: [String], group: String, values: [ResultTable.Value?])? in
        values[key + [run]].map { value in
          (key + [run], key.joined(separator: "\u{1F}"), [ResultTable.Value(value)])
        }
      }
    }
    let items = keys.compactMap { key -> String? in
      let reached = runs.compactMap { run in values[key + [run]].map { (run, $0) } }.sorted { $0.1 > $1.1 }
      guard reached.count > 1 else { return nil }
      let list = reached.map { "\($0.0) \(Numbers.fixed($0.1, digits: 2)) dB" }.joined(separator: ", ")
      return "Within \(key[0]), from \(key[1]): \(list)."
    }
    let table = ResultTable(
      name: "\(context.identifier)-equal",
      caption: "PSNR on held-out images reached within equal budgets. Bold: the best of a budget and cut.",
      nameColumns: ["Budget", "Cut", "Run"], columns: [ResultTable.Column(QualityMetric.psnr.definition)], rows: rows,
      commaSeparated: equal.text)
    return (
      table,
      Finding(
        lead: "At equal budgets",
        text: "PSNR that each training reached, best first; single runs, so that small differences mean little:",
        items: items)
    )
  }

  /// PSNR reached within each budget, a panel a cut, a bar a run.
  private func equalFigure(_ equal: CommaSeparatedValues, _ comparable: ComparableRuns) -> ReportFigure {
    let indices = [Column.cut, .budget, .run, .peakSignalToNoise].compactMap { equal.column($0) }
    let records = equal.records.filter {
      Self.isComparable($0.fields[indices[1]], $0.fields[indices[2]], comparable)
    }
    func entries(_ index: Int) -> [String] {
      records.map { $0.fields[indices[index]] }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let (budgets, cuts, runs) = (entries(1), entries(0), entries(2))
    let values = Dictionary(
      records.map { record in (indices.prefix(3).map { record.fields[$0] }, Double(record.fields[indices[3]])) }
    ) { first, _ in first }
    let kind = "equal"
    let looks = looks(runs, comparable, kind)
    let panels = cuts.map { cut in
      BarFigure.Panel(
        title: context.study.name(cut, kind: kind), groups: budgets,
        series: runs.map { run in
          BarFigure.Series(
            name: context.study.name(run, kind: kind), values: budgets.map { values[[cut, $0, run]] ?? nil },
            look: looks[run])
        })
    }
    let description = FigureDescription(
      kind: "bars", title: "PSNR at equal budgets",
      caption:
        "PSNR on held-out images that each training reached within the same \(Self.list(budgets)), one panel a cut. One run each, no "
        + "intervals.",
      alternativeText: "Grouped bars of PSNR for \(runs.joined(separator: ", ")) at \(cuts.count) cuts.",
      settings: [
        .init("kind", "bars"), .init("metric", QualityMetric.psnr.rawValue), .init("style", context.style.name),
      ])
    return ReportFigure(
      name: "\(context.identifier)-equal", kind: kind, heading: "PSNR at equal budgets",
      content: BarFigure(panels: panels, valueLabel: QualityMetric.psnr.definition.label, description: description),
      data: equal.text)
  }

  /// All trainings of one model share its colour; what tells them apart is the line and the filling.
  private func looks(_ runs: [String], _ comparable: ComparableRuns, _ kind: String) -> [String: SeriesLook] {
    context.study.looks(ofRuns: runs, checkpoint: runs.first.map(comparable.checkpoint) ?? "", kind: kind)
  }

  /// "time, images or operations".
  private static func list(_ names: [String]) -> String {
    names.count > 1 ? names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1] : names.first ?? ""
  }

  /// PSNR against what was spent, a panel a cut, a curve a run.
  private func curves(_ comparable: ComparableRuns) throws -> [ReportFigure] {
    let file = folder.path(of: .efficiencyCurves)
    let text = try folder.text(of: .efficiencyCurves)
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try Self.indices([.run, .cut, .images, .operations, .seconds, .peakSignalToNoise], table, file)
    var runs: [String] = []
    var cuts: [String] = []
    for record in table.records where comparable.hasComparableErrors(record.fields[indices[0]]) {
      if !runs.contains(record.fields[indices[0]]) { runs.append(record.fields[indices[0]]) }
      if !cuts.contains(record.fields[indices[1]]) { cuts.append(record.fields[indices[1]]) }
    }
    let budgets: [(column: Int, name: String, label: String, caption: String, divisor: Double)] = [
      (4, "time", "Time (s)", "the seconds", 1), (2, "images", "Images seen", "the images", 1),
      (3, "operations", "Operations (TFLOP)", "the operations", 1e12),
    ]
    let kind = "efficiency"
    let looks = looks(runs, comparable, kind)
    return budgets.compactMap { budget in
      guard budget.name != EfficiencyBudget.time.rawValue || comparable.haveComparableTimes else { return nil }
      let panels = cuts.map { cut in
        PlotFigure.Panel(
          title: context.study.name(cut, kind: kind),
          series: runs.compactMap { run in
            let records = table.records.filter { $0.fields[indices[0]] == run && $0.fields[indices[1]] == cut }
            let x = records.map {
              Double($0.fields[indices[budget.column]]).flatMap { $0 > 0 ? $0 / budget.divisor : nil }
            }
            guard x.contains(where: { $0 != nil }) else { return nil }
            return PlotFigure.Series(
              name: context.study.name(run, kind: kind), x: x, y: records.map { Double($0.fields[indices[5]]) },
              look: looks[run])
          })
      }
      guard panels.contains(where: { $0.series.contains { $0.x.contains { $0 != nil } } }) else { return nil }
      let description = FigureDescription(
        kind: "lines", title: "Error against \(budget.name)",
        caption:
          "PSNR on held-out images at the end of every epoch against \(budget.caption) spent (logarithmic), "
          + "one panel a cut. A map in closed form is a single point. One run each, no intervals.",
        alternativeText:
          "Curves of PSNR against \(budget.name) for \(runs.joined(separator: ", ")) at \(cuts.count) cuts.",
        settings: [
          .init("kind", "curves"), .init("budget", budget.name), .init("style", context.style.name),
        ])
      return ReportFigure(
        name: "\(context.identifier)-\(budget.name)", kind: kind, heading: "Error against \(budget.name)",
        content: PlotFigure(
          panels: panels, horizontal: .init(budget.label, scale: .logarithmic), vertical: .init("PSNR (dB)"),
          mark: .lineWithPoints, description: description,
          legend: runs.compactMap { run in
            let name = context.study.name(run, kind: kind)
            let isDrawn = panels.contains { $0.series.contains { $0.name == name } }
            return isDrawn ? looks[run].map { LegendItem(name, $0) } : nil
          }), data: text)
    }
  }
}
