import Figures
import Formats
import Results

extension DetailAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [DetailSection.self] }
}

/// The section of `analyze detail`: which spatial frequencies come back.
struct DetailSection: ReportSection {
  static let definition = AnalysisDefinition.detail

  let folder: AnalysisFolder
  let context: SectionContext

  /// What is drawn by frequency.
  private static let quantities: [Column] = [.coherence, .ringCorrelation, .powerRatio]

  /// What a quantity is called.
  private static func label(_ quantity: Column) -> String {
    quantity == .powerRatio
      ? "Power ratio" : quantity == .ringCorrelation ? "Fourier ring correlation" : "Coherence"
  }

  func section() throws -> AnalysisSection? {
    var section = try EstimateSection(
      folder: folder, table: .detail,
      introduction:
        "Which spatial frequencies of the input come back from every tap: coherence, Fourier ring correlation and power ratio of "
        + "reconstruction and input by radial frequency, and where they fall below one half.", context: context,
      // Cycles per patch are those per image on another scale.
      leavesOut: [DetailMetric.cutoffCoherencePerPatch, .cutoffPowerPerPatch].map(\.rawValue).contains
    ).section()
    if folder.has(.detailSpectrum) { section.figures = try spectra() + section.figures }
    let table = try folder.estimates(.detail, required: [.store, .tap, .metric])
    let name = DepthFigure(
      table: table, prefix: context.identifier, style: context.style, tree: folder.tapTree
    ).name(of: DetailMetric.cutoffCoherence.rawValue)
    let words = DetailHeadlines(
      table: table, tree: folder.tapTree, models: context.models,
      figure: section.allFigures.first { $0.name == name }?.name ?? "")
    if let headline = words.headline() { section.headlines = [headline] }
    section.keyNumbers = [words.keyNumber()].compactMap { $0 }
    section.aspect = "detail"
    return section
  }

  private struct Point {
    let frequency: Double
    let values: [Column: Double]
    let fields: [String]
  }

  /// Coherence and power ratio over frequency: one panel a store, one curve a tap, under the first condition.
  private func spectra() throws -> [ReportFigure] {
    let file = folder.path(of: .detailSpectrum)
    let table = try CommaSeparatedValues(parsing: folder.text(of: .detailSpectrum), file: file)
    let wanted = Self.quantities.filter { table.column($0) != nil }
    guard let store = table.column(.store), let condition = table.column(.condition), let tap = table.column(.tap),
      let frequency = table.column(.frequency)
    else {
      let expected = [Column.store, .condition, .tap, .frequency].map(\.name).joined(separator: ",")
      throw ReportError("\(file): line 1: expected the columns \(expected)")
    }
    var stores: [(name: String, taps: [(name: String, points: [Point])])] = []
    guard let first = table.records.first?.fields[condition] else { return [] }
    for record in table.records where record.fields[condition] == first {
      guard let x = Double(record.fields[frequency]) else {
        throw ReportError("\(file): line \(record.line): frequency is '\(record.fields[frequency])', expected a number")
      }
      let values = wanted.compactMap { quantity in
        table.column(quantity).flatMap { Double(record.fields[$0]) }.map { (quantity, $0) }
      }
      let point = Point(
        frequency: x, values: Dictionary(values) { first, _ in first }, fields: record.fields)
      if stores.last?.name != record.fields[store] { stores.append((record.fields[store], [])) }
      let index = stores.count - 1
      if stores[index].taps.last?.name != record.fields[tap] { stores[index].taps.append((record.fields[tap], [])) }
      stores[index].taps[stores[index].taps.count - 1].points.append(point)
    }
    // A legend names the curves of all panels: stores of other taps get a figure of their own.
    let isShared = stores.allSatisfy { $0.taps.map(\.name) == stores[0].taps.map(\.name) }
    let groups = isShared ? [stores] : stores.map { [$0] }
    return groups.enumerated().flatMap { number, stores in
      wanted.map { quantity in
        figure(
          quantity, of: stores, condition: first, header: table.header,
          suffix: isShared ? "" : "-\(number + 1)", style: context.style)
      }
    }
  }

  private func figure(
    _ quantity: Column, of stores: [(name: String, taps: [(name: String, points: [Point])])], condition first: String,
    header: [String], suffix: String, style: FigureStyle
  ) -> ReportFigure {
    // More curves a panel can hardly be told apart: the taps are thinned evenly.
    let panels = stores.map { store -> PlotFigure.Panel in
      PlotFigure.Panel(
        title: store.name,
        series: Self.thinned(store.taps).map { tap in
          let points = tap.points.filter { $0.frequency > 0 }
          return PlotFigure.Series(
            name: tap.name, x: points.map(\.frequency), y: points.map { $0.values[quantity] })
        })
    }
    let isPower = quantity == .powerRatio
    let label = Self.label(quantity)
    let levels = quantity == .ringCorrelation ? [0.5, 1.0 / 7] : [0.5]
    let description = FigureDescription(
      kind: "spectra", title: "\(label) by spatial frequency",
      caption: "\(label) of reconstruction and input by spatial frequency (cycles per image, logarithmic), condition "
        + "\(first); one curve a tap. \(levels.count > 1 ? "The dashed lines mark 0.5 and 1/7" : "The dashed line marks one half"). No intervals are drawn: those of the cut-off "
        + "frequencies are in the table.",
      alternativeText: "Curves of \(label.lowercased()) over spatial frequency for the taps of "
        + "\(stores.map(\.name).joined(separator: ", ")).",
      settings: [
        .init("kind", "spectra"), .init("quantity", quantity.name), .init("condition", first),
        .init("style", style.name),
      ])
    return ReportFigure(
      name: "\(context.identifier)-\(quantity.name)\(suffix)", kind: "spectra",
      heading: "\(label) by spatial frequency" + (suffix.isEmpty ? "" : ", \(stores[0].name)"),
      content: PlotFigure(
        panels: panels, horizontal: .init("Spatial frequency (cycles per image)", scale: .logarithmic),
        vertical: .init(label, scale: isPower ? .logarithmic : .linear, include: isPower ? [] : [0, 1]), mark: .line,
        levels: levels, description: description),
      data: CommaSeparatedValues.line(header)
        + stores.flatMap(\.taps).flatMap(\.points).map { CommaSeparatedValues.line($0.fields) }.joined())
  }

  private static func thinned<Element>(_ all: [Element]) -> [Element] {
    guard all.count > 8 else { return all }
    return (0..<8).map { all[$0 * (all.count - 1) / 7] }
  }
}
