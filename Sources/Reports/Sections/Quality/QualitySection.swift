import Figures

/// The section of `analyze quality`.
struct QualitySection {
  let folder: AnalysisFolder
  let identifier: String
  let heading: String
  let context: SectionContext

  /// Metrics whose figure is shown at once, in this order.
  private static let shown = ["psnr", "ssim"]

  func section() throws -> AnalysisSection {
    let table = try EstimateTable(
      parsing: folder.text(of: "quality.csv"), file: folder.path(of: "quality.csv"),
      required: ["store", "condition", "tap", "metric"])
    let depth = EstimateDepth(table: table, prefix: identifier, style: context.style)
    var section = AnalysisSection(
      identifier: identifier, heading: heading,
      introduction:
        "How much of each image comes back from every tap: reconstructions against the pixels the model saw, "
        + "means over images. Definitions are in docs/definitions.md of Palimpsest.",
      folder: folder)
    let metrics = table.entries("metric")
    let main = Self.shown.filter(metrics.contains)
    let lead = main.isEmpty ? Array(metrics.prefix(1)) : main
    section.findings = findings(depth, lead: lead, metrics: metrics)
    section.figures = lead.compactMap(depth.figure)
    section.further = metrics.filter { !lead.contains($0) }.compactMap(depth.figure)
    if folder.has("quality_images.csv"), metrics.contains("psnr") {
      let values = try ImageValues(file: folder.path(of: "quality_images.csv"), metric: "psnr")
      if let differences = PairedDifferences(table: table, values: values, prefix: identifier, style: context.style)
        .figure()
      {
        section.figures.append(differences)
      }
    }
    section.figures += [QualityScatter(table: table, prefix: identifier, style: context.style).figure()]
      .compactMap { $0 }
    section.tables = [
      EstimateSheet(depth: depth, name: identifier, subject: "Quality of reconstructions").table(metrics: metrics)
    ]
    section.methods = [
      (
        "Quality of reconstructions",
        "MSE, MAE and PSNR on pixel values in 0 to 1; SSIM (Wang et al., 2004), MS-SSIM (2003), GMSD (Xue et al., 2014), "
          + "HaarPSI (Reisenhofer et al., 2018), CIEDE2000 (mean colour difference), LPIPS 0.1 (Zhang et al., 2018). Every value "
          + "is the mean over images; PSNR is the mean of the images' PSNR. Shown to a detector again, boxes are paired one to "
          + "one by overlap, and sums are divided by the larger number of objects."
      )
    ]
    return section
  }

  private func findings(_ depth: EstimateDepth, lead: [String], metrics: [String]) -> [Finding] {
    var findings = [Finding(lead: "Measured", text: depth.overview(depth.table.rows))]
    for metric in lead {
      findings += [depth.courses(metric)].compactMap { $0 }
    }
    if let metric = lead.first, let text = depth.deepest(metric) {
      findings.append(Finding(lead: "Deepest taps", text: text))
    }
    if metrics.contains("top1_agreement") {
      let facts = MetricFacts.named("top1_agreement")
      var stores: [String] = []
      let items = depth.runs("top1_agreement").compactMap { run -> String? in
        guard !stores.contains(run.store) else { return nil }
        stores.append(run.store)
        guard let row = run.rows.last, let tap = depth.table.column("tap") else { return nil }
        return "\(([run.store] + run.variant).joined(separator: ", ")): \(facts.text(row)) from \(row.labels[tap])."
      }
      findings.append(
        Finding(
          lead: "Shown to the model again",
          text: "Share of images whose reconstruction from the deepest tap gets the class of the input:", items: items))
    }
    if let count = depth.table.rows.compactMap(\.count).min(), count < 100 {
      findings.append(
        Finding(
          lead: "Few images",
          text:
            "With n = \(count) images the numbers are rough: take at least a few hundred before drawing conclusions."))
    }
    return findings
  }
}

/// The table of all estimates: a line a store, condition and tap, a column a metric, the best marked.
struct EstimateSheet {
  let depth: EstimateDepth
  let name: String
  let subject: String

  /// - Parameter caption: in place of the usual one, which names the subject.
  /// - Parameter data: what the table as CSV holds, where it is more.
  func table(metrics: [String], caption: String? = nil, data all: EstimateTable? = nil) -> ResultTable {
    let table = depth.table
    let shown = metrics.filter { !$0.hasSuffix(EstimateDepth.shuffledSuffix) }
    let varied = depth.variedColumns
    let columns = ["store"] + varied + ["tap"]
    let index = EstimateIndex(table, by: columns + ["metric"])
    let places = columns.compactMap { table.column($0) }
    let keys = table.rows.map { row in places.map { row.labels[$0] } }
      .reduce(into: (seen: Set<[String]>(), keys: [[String]]())) {
        if $0.seen.insert($1).inserted { $0.keys.append($1) }
      }
      .keys
    // Where all stores have the same taps, models compete at each tap; else the taps of a model compete.
    let stores = table.entries("store")
    let taps = stores.map { index.entries("tap", where: [("store", $0)]) }
    let sharesTaps = stores.count > 1 && taps.allSatisfy { $0 == taps[0] }
    let rows = keys.map { key -> (names: [String], group: String, values: [EstimateTable.Row?]) in
      let group = sharesTaps ? Array(key.dropFirst()) : Array(key.dropLast())
      return (key, group.joined(separator: "\u{1F}"), shown.map { index.row(key + [$0]) })
    }
    let who = sharesTaps ? "of the models at each tap" : "of each model's taps"
    let source = all ?? table
    let data = source.rows.filter { row in source.column("metric").map { shown.contains(row.labels[$0]) } ?? true }
    return ResultTable(
      name: name,
      caption: caption
        ?? "\(subject), means over images\(table.countText(data).map { " (\($0))" } ?? ""). Brackets: 95 % intervals. "
        + "Bold: the best \(who), by each metric that has a best.",
      nameColumns: columns.map { ["store": "Model", "tap": "Tap"][$0] ?? $0.prefix(1).uppercased() + $0.dropFirst() },
      columns: shown.map(MetricFacts.named), rows: rows, commaSeparated: source.text(of: data))
  }
}
