import Figures
import Results

extension QualityAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [QualitySection.self, ReconstructionsSection.self] }
}

/// The section of `analyze quality`.
struct QualitySection: ReportSection {
  static let definition = AnalysisDefinition.quality

  let folder: AnalysisFolder
  let context: SectionContext

  /// Metrics whose figure is shown at once, in this order.
  private static let shown = [QualityMetric.psnr, .ssim].map(\.rawValue)
  /// Those that the table of a paper shows.
  private static let paper = [QualityMetric.psnr, .ssim, .lpips].map(\.rawValue)

  func section() throws -> AnalysisSection? {
    let table = try folder.estimates(.quality, required: [.store, .condition, .tap, .metric])
    let depth = DepthFigure(
      table: table, prefix: context.identifier, style: context.style, tree: folder.tapTree,
      study: context.study)
    var section = context.empty(
      folder,
      introduction:
        "How much of each image comes back from every tap: reconstructions against the pixels the model saw, "
        + "means over images. Definitions are in docs/definitions.md of Palimpsest.")
    let metrics = table.entries(.metric)
    let main = Self.shown.filter(metrics.contains)
    let lead = main.isEmpty ? Array(metrics.prefix(1)) : main
    section.findings = findings(EstimateFindings(table: table, tree: folder.tapTree), lead: lead, metrics: metrics)
    section.figures = lead.compactMap(depth.figure)
    section.further = metrics.filter { !lead.contains($0) }.compactMap(depth.figure)
    let differences = try self.differences(of: table, warnings: &section.warnings)
    section.tables = [
      EstimateTableLayout(
        table: table, name: context.identifier, subject: "Quality of reconstructions",
        models: context.models, differences: differences,
        paperMetrics: Self.paper.filter(metrics.contains)
      ).table(metrics: metrics)
    ]
    if let differences { add(differences, to: &section, quality: table, metrics: lead) }
    section.figures += [
      QualityScatter(table: table, prefix: context.identifier, style: context.style, study: context.study).figure()
    ].compactMap { $0 }
    let drawn = Set(section.allFigures.map(\.name))
    let headlines = QualityHeadlines(
      table: table, differences: differences, tree: folder.tapTree, models: context.models
    ) { metric in
      let name = depth.name(of: metric)
      return drawn.contains(name) ? name : ""
    }
    section.headlines = headlines.headlines()
    section.keyNumbers = headlines.keyNumbers()
    section.question = Question(rank: 0) { "How much of an image can be read back from each depth of \($0)" }
    section.methods = [
      Method(
        "Quality of reconstructions",
        "MSE, MAE and PSNR on pixel values in 0 to 1; SSIM (Wang et al., 2004), MS-SSIM (2003), GMSD (Xue et al., 2014), "
          + "HaarPSI (Reisenhofer et al., 2018), CIEDE2000 (mean colour difference), LPIPS 0.1 (Zhang et al., 2018). Every value "
          + "is the mean over images; PSNR is the mean of the images' PSNR. Shown to a detector again, boxes are paired one to "
          + "one by overlap, and sums are divided by the larger number of objects."
      )
    ]
    if folder.has(.qualityDifferences) { section.methods.append(DifferenceFigure.method) }
    if let joints = try JointTable(folder: folder), let table = joints.table(name: "\(context.identifier)-joints") {
      section.tables.append(table)
      section.methods.append(JointTable.method)
      let figures = JointFigures(
        table: joints, prefix: context.identifier, style: context.style, study: context.study)
      section.figures += [figures.figure()].compactMap { $0 }
      section.further += try [figures.spectra(folder: folder)].compactMap { $0 }
    }
    let distributions = try self.distributions(of: lead, quality: table)
    section.further += distributions.prefix(1)
    section.onDemand += distributions.dropFirst()
    if distributions.count > 1 {
      section.introduction +=
        " The page shows 1 of \(distributions.count) figures of the kind '\(DistributionPlot.kind)'; palimpsest figure draws each."
    }
    return section
  }

  /// What `quality_differences.csv` holds; nil, with a warning where there should be one, where the folder has none.
  private func differences(of quality: EstimateTable, warnings: inout [String]) throws -> DifferenceTable? {
    guard folder.has(.qualityDifferences) else {
      if quality.entries(.store).count > 1 {
        warnings.append(
          "There is no \(TableDefinition.qualityDifferences.file) \(folder.place): paired differences of the models, with their "
            + "intervals and p-values, are not shown. 'palimpsest analyze quality' of these stores writes it, where they "
            + "have images in common.")
      }
      return nil
    }
    return try DifferenceTable(
      parsing: folder.text(of: .qualityDifferences), file: folder.path(of: .qualityDifferences))
  }

  private func add(
    _ differences: DifferenceTable, to section: inout AnalysisSection, quality: EstimateTable, metrics: [String]
  ) {
    let figure = DifferenceFigure(
      differences: differences, quality: quality, metric: metrics.first ?? "", prefix: context.identifier,
      style: context.style, tree: folder.tapTree, study: context.study)
    section.figures += [figure.figure()].compactMap { $0 }
    section.findings += [figure.finding()].compactMap { $0 }
    let forest = ForestPlot(
      differences: differences, quality: quality, prefix: context.identifier, style: context.style,
      tree: folder.tapTree,
      study: context.study)
    let named = context.study.settings.list(.metrics, of: ForestPlot.kind) != nil
    section.further += (named ? Array(metrics.prefix(1)) : metrics).compactMap { forest.figure(lead: $0) }
    section.tables.append(differences.table(metrics: metrics, name: "\(context.identifier)-differences-all"))
  }

  /// How the metrics lie over single images.
  private func distributions(of metrics: [String], quality: EstimateTable) throws -> [ReportFigure] {
    guard folder.has(.qualityImages) else { return [] }
    return try metrics.compactMap { metric in
      DistributionPlot(
        quality: quality, values: try ImageValues(file: folder.path(of: .qualityImages), metric: metric),
        prefix: context.identifier, style: context.style, tree: folder.tapTree, study: context.study
      ).figure()
    }
  }

  private func findings(_ found: EstimateFindings, lead: [String], metrics: [String]) -> [Finding] {
    var findings = [Finding(lead: Finding.measured, text: found.overview(found.table.rows))]
    for metric in lead {
      findings += [found.courses(metric)].compactMap { $0 }
    }
    if let metric = lead.first, let text = found.deepest(metric) {
      findings.append(Finding(lead: "Deepest layers", text: text))
    }
    let agreement = QualityMetric.top1Agreement
    if metrics.contains(agreement.rawValue) {
      var stores: [String] = []
      var rows: [[String]] = []
      let items = found.runs(agreement.rawValue).compactMap { run -> String? in
        guard !stores.contains(run.store) else { return nil }
        stores.append(run.store)
        guard let row = found.deepest(run), let tap = found.table.index(of: .tap) else { return nil }
        rows.append([
          ([run.store] + run.variant).joined(separator: ", "), row.labels[tap], agreement.definition.text(row),
        ])
        return "\(([run.store] + run.variant).joined(separator: ", ")): \(agreement.definition.text(row)) from "
          + "\(row.labels[tap])."
      }
      findings.append(
        Finding(
          lead: "Shown to the model again",
          text: "Share of images whose reconstruction from the deepest layer gets the class of the input:",
          items: items,
          header: ["Model", "Deepest layer", agreement.definition.title], rows: rows
        ))
    }
    if let count = found.table.rows.compactMap(\.count).min(), count < 100 {
      findings.append(
        Finding(
          lead: "Few images",
          text:
            "With n = \(count) images the numbers are rough: take at least a few hundred before drawing conclusions."))
    }
    return findings
  }
}
