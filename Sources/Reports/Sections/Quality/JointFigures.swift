import Figures
import Formats
import Results

/// The errors at the joints of chains: how large each is and where it lies, and its course over the directions of the activation.
struct JointFigures {
  let table: JointTable
  let prefix: String
  let style: FigureStyle
  let study: Study

  static let kind = "joints"
  static let spectrumKind = "joint-spectra"

  /// The rows of a kind of figures, store after store, under the first condition and at the taps that are wanted.
  private func rows(_ kind: String) -> (
    choice: Study.Choice, rows: [(entry: Study.Choice.Entry, rows: [JointTable.Row])]
  ) {
    let stores = table.rows.map { $0.names[0] }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let choice = study.choice(stores, kind: kind)
    let condition = table.rows.first?.names[1]
    let found = choice.entries.map { entry in
      let own = table.rows.filter { $0.names[0] == entry.store && $0.names[1] == condition }
      let taps = own.map { $0.names[3] }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let wanted = study.chosen(taps, by: .taps, kind: kind)
      return (entry, own.filter { wanted.contains($0.names[3]) })
    }
    return (choice, found.filter { !$0.1.isEmpty })
  }

  /// A line each for a chain and a joint that it passes.
  func figure() -> ReportFigure? {
    let (_, found) = rows(Self.kind)
    guard !found.isEmpty else { return nil }
    let groups = found.map { entry, rows in
      ForestFigure.Group(
        title: entry.label,
        rows: rows.map { row in
          ForestFigure.Row(
            label: "\(study.name(row.names[2], kind: Self.kind)) \u{2192} \(study.name(row.names[3], kind: Self.kind))",
            estimates: [
              ForestFigure.Estimate(row.ratio(.error, .variance)),
              ForestFigure.Estimate(row.number(.seenShare), mark: row.ratio(.seenDirections, .directions)),
              ForestFigure.Estimate(row.ratio(.imageError, .isotropicImageError)),
            ],
            look: SeriesLook(
              color: entry.look.color, shape: entry.look.shape, line: entry.look.line, paint: entry.look.paint))
        })
    }
    var share = PlotFigure.Axis("Error (share of variance)", include: [0])
    share.include = [0]
    let description = FigureDescription(
      kind: Self.kind, title: "Errors at the joints of chains",
      caption:
        "Each line is a chain of inverses from the tap before the arrow, with the error that it has at the joint behind the arrow. "
        + "Left: the error as a share of the variance of the true activation. Middle: the share of the error that lies in the directions "
        + "which make up 99 % of the picture; the upright stroke is the share of these directions of all, which is chance. Right: the "
        + "error of the picture that follows, over that of an error of the same size in no direction; below 1 the error lies where the "
        + "picture does not look. No intervals.",
      alternativeText: "Dot plot of the errors at joints for \(groups.map(\.title).joined(separator: ", ")).",
      settings: [.init("kind", Self.kind), .init("style", style.name)])
    return ReportFigure(
      name: "\(prefix)-joints", kind: Self.kind, heading: "Errors at the joints of chains",
      content: ForestFigure(
        fields: [
          ForestFigure.Field(share), ForestFigure.Field(.init("Share in directions seen", include: [0, 1])),
          ForestFigure.Field(.init("Picture's error, over alike in all directions", scale: .logarithmic), reference: 1),
        ], groups: groups, description: description, markLabel: "chance"),
      data: text(found.flatMap(\.rows)))
  }

  private func text(_ rows: [JointTable.Row]) -> String {
    CommaSeparatedValues.line(["store", "condition", "start", "tap", "error_share", "seen_share", "chance", "factor"])
      + rows.map { row in
        let numbers = [
          row.ratio(.error, .variance), row.number(.seenShare), row.ratio(.seenDirections, .directions),
          row.ratio(.imageError, .isotropicImageError),
        ]
        return CommaSeparatedValues.line(row.names + numbers.map { $0.map { "\($0)" } ?? "" })
      }.joined()
  }

  /// Equal groups of directions that a curve has a point for.
  private static let groups = 16

  /// Error over variance of equal groups of directions, and the share of all directions where each group has its middle.
  private static func curve(_ directions: [(variance: Double, error: Double)]) -> (x: [Double?], y: [Double?]) {
    let count = min(groups, directions.count)
    let parts = (0..<count).map { place in
      directions[directions.count * place / count..<directions.count * (place + 1) / count]
    }
    let whole = Double(directions.count)
    return (
      parts.map { (Double($0.startIndex) + Double($0.endIndex)) / 2 / whole },
      parts.map { part in
        let (variance, error) = (part.reduce(0) { $0 + $1.variance }, part.reduce(0) { $0 + $1.error })
        return variance > 0 && error > 0 ? error / variance : nil
      }
    )
  }

  /// The share of the variance that is lost, direction by direction: a panel a store and joint, a curve a chain.
  func spectra(folder: AnalysisFolder) throws -> ReportFigure? {
    guard folder.has(.jointSpectra) else { return nil }
    let path = folder.path(of: .jointSpectra)
    let spectra = try CommaSeparatedValues(parsing: folder.text(of: .jointSpectra), file: path)
    let indices = try spectra.indices(of: TableDefinition.jointSpectra.columns, file: path)
    var courses: [[String]: [(variance: Double, error: Double)]] = [:]
    for record in spectra.records {
      let fields = TypedRecord(record, indices, path)
      courses[JointTable.nameColumns.map(fields.text), default: []].append(
        (try fields.number(.variance) ?? 0, try fields.number(.error) ?? 0))
    }
    let curves = courses.mapValues(Self.curve)
    let (_, found) = rows(Self.spectrumKind)
    // A chain is told by the pattern of its line: the colour is the model's.
    let starts = found.flatMap(\.rows).map { $0.names[2] }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    var panels: [PlotFigure.Panel] = []
    for (entry, rows) in found {
      let joints = rows.map { $0.names[3] }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      for joint in joints {
        let own = rows.filter { $0.names[3] == joint }
        let series = own.enumerated().compactMap { place, row -> PlotFigure.Series? in
          guard let curve = curves[row.names] else { return nil }
          let look = SeriesLook(color: entry.look.color, shape: 0, line: place, paint: entry.look.paint)
          return PlotFigure.Series(
            name: "from \(study.name(row.names[2], kind: Self.spectrumKind))", x: curve.x, y: curve.y, look: look)
        }
        guard !series.isEmpty else { continue }
        panels.append(
          .init(title: "\(entry.label): \(study.name(joint, kind: Self.spectrumKind))", series: series))
      }
    }
    guard !panels.isEmpty else { return nil }
    let most = panels.map(\.series.count).max() ?? 1
    let ordinals = ["nearest", "second nearest", "third nearest", "fourth nearest"]
    let legend = (0..<most).map { place in
      LegendItem(
        place < ordinals.count ? "chain from the \(ordinals[place]) cut" : "chain from cut \(place + 1)",
        SeriesLook(color: nil, shape: 0, line: place))
    }
    let description = FigureDescription(
      kind: Self.spectrumKind, title: "Errors at the joints by direction",
      caption:
        "Error at a joint over the variance of the true activation, in \(Self.groups) equal groups of the directions of the activation by "
        + "falling gain: the first ones show most of the picture. A panel a model and joint, a curve a chain, from the cuts \(starts.joined(separator: ", ")). At "
        + "the dashed line the error is as large as what varies.",
      alternativeText: "Curves of the error over directions for \(panels.map(\.title).joined(separator: ", ")).",
      settings: [.init("kind", Self.spectrumKind), .init("style", style.name)])
    return ReportFigure(
      name: "\(prefix)-joint-spectra", kind: Self.spectrumKind, heading: "Errors at the joints by direction",
      content: PlotFigure(
        panels: panels, horizontal: .init("Directions by falling gain", include: [0, 1]),
        vertical: .init("Error / variance", scale: .logarithmic), mark: .lineWithPoints, levels: [1],
        description: description,
        legend: legend), data: spectra.text)
  }
}
