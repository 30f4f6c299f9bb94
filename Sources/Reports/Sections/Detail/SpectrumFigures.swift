import Figures
import Formats
import Results

/// Coherence, ring correlation and power ratio over spatial frequency: a panel a store and condition, a curve a tap, coloured by
/// its depth.
struct SpectrumFigures {
  let folder: AnalysisFolder
  let context: SectionContext

  static let kind = "spectra"
  /// What is drawn by frequency.
  private static let quantities: [Column] = [.coherence, .ringCorrelation, .powerRatio]
  /// How far taps go along the colour map: its end can hardly be seen on white.
  private static let lastColor = 0.88

  private struct Point {
    let frequency: Double
    let values: [Column: Double]
    let fields: [String]
  }

  private struct Spectra {
    let title: String
    let store: String
    var taps: [(name: String, points: [Point])]
  }

  private var study: Study { context.study }

  /// What a quantity is called.
  private static func label(_ quantity: Column) -> String {
    quantity == .powerRatio
      ? "Power ratio" : quantity == .ringCorrelation ? "Fourier ring correlation" : "Coherence"
  }

  /// A figure for each quantity.
  /// - Throws: `ReportError` with file and line.
  func all() throws -> [ReportFigure] {
    let file = folder.path(of: .detailSpectrum)
    let table = try CommaSeparatedValues(parsing: folder.text(of: .detailSpectrum), file: file)
    let known = Self.quantities.filter { table.column($0) != nil }
    guard let store = table.column(.store), let condition = table.column(.condition), let tap = table.column(.tap),
      let frequency = table.column(.frequency)
    else {
      let expected = [Column.store, .condition, .tap, .frequency].map(\.name).joined(separator: ",")
      throw ReportError("\(file): line 1: expected the columns \(expected)")
    }
    var points: [[String]: [Point]] = [:]
    var taps: [[String]: [String]] = [:]
    for record in table.records {
      guard let x = Double(record.fields[frequency]) else {
        throw ReportError("\(file): line \(record.line): frequency is '\(record.fields[frequency])', expected a number")
      }
      let values = known.compactMap { quantity in
        table.column(quantity).flatMap { Double(record.fields[$0]) }.map { (quantity, $0) }
      }
      let curve = [record.fields[store], record.fields[condition], record.fields[tap]]
      if points[curve] == nil { taps[Array(curve.prefix(2)), default: []].append(curve[2]) }
      points[curve, default: []].append(
        Point(frequency: x, values: Dictionary(values) { first, _ in first }, fields: record.fields))
    }
    let all = table.records.map { $0.fields[condition] }.unique
    let isSet = study.settings.list(.conditions, of: Self.kind) != nil
    let conditions = isSet ? study.chosen(all, by: .conditions, kind: Self.kind) : Array(all.prefix(1))
    let choice = study.choice(table.records.map { $0.fields[store] }.unique, kind: Self.kind)
    let spectra = conditions.flatMap { condition in
      choice.entries.compactMap { entry -> Spectra? in
        let key = [entry.store, condition]
        let course = folder.tapTree.course(of: taps[key] ?? [], in: entry.store).all
        let shown = study.chosen(course, by: .taps, kind: Self.kind)
        guard !shown.isEmpty else { return nil }
        return Spectra(
          title: entry.label + (conditions.count > 1 ? ", \(study.name(condition, kind: Self.kind))" : ""),
          store: entry.store, taps: shown.map { ($0, points[key + [$0]] ?? []) })
      }
    }
    guard !spectra.isEmpty else { return [] }
    // What was asked for of other figures alone changes nothing here.
    let asked = study.chosen(known.map(\.name), by: .metrics, kind: Self.kind)
    let quantities = asked.isEmpty ? known : asked.compactMap { name in known.first { $0.name == name } }
    // A legend names the curves of all panels: stores of other taps get a figure of their own.
    var groups: [[Spectra]] = []
    for spectrum in spectra {
      let index = groups.firstIndex { $0[0].taps.map(\.name) == spectrum.taps.map(\.name) }
      if let index { groups[index].append(spectrum) } else { groups.append([spectrum]) }
    }
    let isShared = groups.count == 1
    return groups.enumerated().flatMap { number, group in
      quantities.map { quantity in
        figure(
          quantity, of: group, conditions: conditions, header: table.header,
          suffix: isShared ? "" : "-\(number + 1)")
      }
    }
  }

  private func figure(
    _ quantity: Column, of spectra: [Spectra], conditions: [String], header: [String], suffix: String
  ) -> ReportFigure {
    let panels = spectra.map { spectrum -> PlotFigure.Panel in
      PlotFigure.Panel(
        title: spectrum.title,
        series: spectrum.taps.enumerated().map { index, tap in
          let points = tap.points.filter { $0.frequency > 0 }
          let depth = spectrum.taps.count > 1 ? Double(index) / Double(spectrum.taps.count - 1) : 0
          return PlotFigure.Series(
            name: study.name(tap.name, kind: Self.kind), x: points.map(\.frequency),
            y: points.map { $0.values[quantity] },
            look: SeriesLook(
              color: index, shape: index, paint: ColorMap.viridis.color(at: depth * Self.lastColor)))
        })
    }
    let isPower = quantity == .powerRatio
    let label = Self.label(quantity)
    let levels = quantity == .ringCorrelation ? [0.5, 1.0 / 7] : [0.5]
    let names = spectra.map(\.title)
    let description = FigureDescription(
      kind: Self.kind, title: "\(label) by spatial frequency",
      caption: "\(label) of reconstruction and input by spatial frequency (cycles per image, logarithmic), "
        + "\(conditions.count == 1 ? "condition" : "conditions") \(Sentences.list(conditions)); one curve a tap, from dark to light by depth. "
        + (levels.count > 1 ? "The dashed lines mark 0.5 and 1/7" : "The dashed line marks one half")
        + ". No intervals are drawn: those of the cut-off frequencies are in the table.",
      alternativeText: "Curves of \(label.lowercased()) over spatial frequency for the taps of "
        + "\(names.joined(separator: ", ")).",
      settings: [
        .init("kind", Self.kind), .init("quantity", quantity.name),
        .init("condition", conditions.joined(separator: ", ")), .init("style", context.style.name),
      ])
    return ReportFigure(
      name: "\(context.identifier)-\(quantity.name)\(suffix)", kind: Self.kind,
      heading: "\(label) by spatial frequency" + (suffix.isEmpty ? "" : ", \(Sentences.list(names))"),
      content: PlotFigure(
        panels: panels, horizontal: .init("Spatial frequency (cycles per image)", scale: .logarithmic),
        vertical: .init(label, scale: isPower ? .logarithmic : .linear, include: isPower ? [] : [0, 1]), mark: .line,
        levels: levels, description: description),
      data: CommaSeparatedValues.line(header)
        + spectra.flatMap(\.taps).flatMap(\.points).map { CommaSeparatedValues.line($0.fields) }.joined())
  }
}
