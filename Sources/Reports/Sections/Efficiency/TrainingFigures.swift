import Figures
import Formats
import Results

/// The course of trainings: the error of the images and the loss of every module, epoch after epoch.
struct TrainingFigures {
  let folder: AnalysisFolder
  let context: SectionContext
  let comparable: ComparableRuns
  /// Looks of trainings by their names.
  let looks: ([String]) -> [String: SeriesLook]

  static let kind = "training"
  /// What the column `inverse` says of maps in closed form.
  private static let closedForm = "ridge"

  /// One row of a table, as curves take it.
  private struct Step {
    let run: String
    /// Module or cut, and the split.
    let place: String
    let epoch: Double
    let value: Double?
  }

  private func steps(
    _ table: TableDefinition, place: [Column], value: Column
  ) throws -> (steps: [Step], floors: Set<String>, text: String) {
    let file = folder.path(of: table)
    let text = try folder.text(of: table)
    let read = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try read.indices(of: table.columns, file: file)
    var floors: Set<String> = []
    var offsets: [String: Double] = [:]
    var lasts: [String: Double] = [:]
    var phases: [String: String] = [:]
    let steps = try read.records.map { record -> Step in
      let fields = TypedRecord(record, indices, file)
      let run = fields.text(.run)
      if fields.text(.inverse) == Self.closedForm { floors.insert(run) }
      // The epochs of a second phase go on from the first one's.
      if let phase = phases[run], phase != fields.text(.phase) { offsets[run] = lasts[run] ?? 0 }
      phases[run] = fields.text(.phase)
      let epoch = (try fields.number(.epoch) ?? 0) + (offsets[run] ?? 0)
      lasts[run] = max(lasts[run] ?? 0, epoch)
      return Step(
        run: run, place: place.map(fields.text).joined(separator: ", "), epoch: epoch, value: try fields.number(value))
    }
    return (steps, floors, text)
  }

  /// The error of the validation images from each cut; a map in closed form is a level.
  func errors() throws -> ReportFigure? {
    let (all, floors, text) = try steps(.efficiencyCurves, place: [.cut], value: .peakSignalToNoise)
    let steps = all.filter { comparable.hasComparableErrors($0.run) }
    let last = steps.filter { !floors.contains($0.run) }.map(\.epoch).max() ?? 0
    return figure(
      steps, floors: floors, last: last, name: "psnr", heading: "Error over the epochs", text: text,
      vertical: .init(QualityMetric.psnr.definition.label),
      caption:
        "PSNR of the validation images from each cut at the end of every epoch, one panel a cut. Epoch 0 is the least-squares map that a "
        + "training begins with"
        + (floors.isEmpty
          ? "." : "; the level is a map in closed form, which a training has to exceed."))
  }

  /// The loss of every module, training and validation images apart.
  func losses() throws -> ReportFigure? {
    guard folder.has(.efficiencyHistory) else { return nil }
    let (steps, floors, text) = try steps(.efficiencyHistory, place: [.module, .split], value: .loss)
    // A map in closed form has no course.
    let trained = steps.filter { !floors.contains($0.run) }
    return figure(
      trained, floors: [], last: trained.map(\.epoch).max() ?? 0, name: "loss", heading: "Loss over the epochs",
      text: text,
      vertical: .init("Loss", scale: .logarithmic),
      caption: "Loss of every module at the end of every epoch (logarithmic), one panel a module and kind of images. "
        + "Losses of different trainings and of different modules have different definitions, and are not compared.")
  }

  private func figure(
    _ steps: [Step], floors: Set<String>, last: Double, name: String, heading: String, text: String,
    vertical: PlotFigure.Axis, caption: String
  ) -> ReportFigure? {
    func distinct(_ names: [String]) -> [String] { names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    let runs = distinct(steps.map(\.run))
    guard last > 0 else { return nil }
    let looks = looks(runs)
    let panels = distinct(steps.map(\.place)).map { place in
      PlotFigure.Panel(
        title: context.study.name(place, kind: Self.kind),
        series: runs.compactMap { run -> PlotFigure.Series? in
          let own = steps.filter { $0.run == run && $0.place == place }
          guard let end = own.last else { return nil }
          let isLevel = floors.contains(run)
          return PlotFigure.Series(
            name: context.study.name(run, kind: Self.kind), x: isLevel ? [0, last] : own.map(\.epoch),
            y: isLevel ? [end.value, end.value] : own.map(\.value), look: looks[run])
        })
    }
    let drawn = runs.filter { run in
      panels.contains { $0.series.contains { $0.name == context.study.name(run, kind: Self.kind) } }
    }
    let description = FigureDescription(
      kind: Self.kind, title: heading, caption: caption + " One run each, no intervals.",
      alternativeText: "Curves over epochs for \(runs.joined(separator: ", ")), \(panels.count) panels.",
      settings: [.init("kind", Self.kind), .init("shows", name), .init("style", context.style.name)])
    return ReportFigure(
      name: "\(context.identifier)-training-\(name)", kind: Self.kind, heading: heading,
      content: PlotFigure(
        panels: panels, horizontal: .init("Epoch", include: [0]), vertical: vertical, mark: .lineWithPoints,
        description: description,
        legend: drawn.compactMap { run in looks[run].map { LegendItem(context.study.name(run, kind: Self.kind), $0) } }),
      data: text)
  }
}
