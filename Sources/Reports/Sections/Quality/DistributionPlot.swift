import Figures
import Formats
import Results

/// How a metric lies over single images: a panel a model, a group a tap, methods side by side.
struct DistributionPlot {
  /// `quality.csv`, for the order of stores and taps.
  let quality: EstimateTable
  let values: ImageValues
  let prefix: String
  let style: FigureStyle
  let tree: TapTree
  let study: Study

  static let kind = "distribution"

  /// nil where no image has a value.
  func figure() -> ReportFigure? {
    let metric = values.metric
    let definition = MetricDefinition.named(metric)
    let index = EstimateIndex(quality, by: [.store])
    let choice = study.choice(quality.entries(.store), kind: Self.kind)
    let conditions = study.chosen(quality.entries(.condition), by: .conditions, kind: Self.kind)
    var counts: [Int] = []
    var hasPercentiles = false
    var panels: [DistributionFigure.Panel] = []
    for model in choice.models {
      let entries = choice.entries.filter { $0.member.model == model }
      var taps: [String] = []
      for entry in entries {
        let own = study.chosen(index.entries(.tap, where: [(.store, entry.store)]), by: .taps, kind: Self.kind)
        for tap in tree.course(of: own, in: entry.store).all
        where !taps.contains(tap) && conditions.contains(where: { values[entry.store, $0, tap]?.isEmpty == false }) {
          taps.append(tap)
        }
      }
      for condition in conditions {
        let series = entries.compactMap { entry -> DistributionFigure.Series? in
          let samples = taps.map { tap -> DistributionFigure.Sample? in
            guard let found = values[entry.store, condition, tap], !found.isEmpty else { return nil }
            let sample = DistributionFigure.Sample(Array(found.values))
            return sample.count > 0 ? sample : nil
          }
          counts += samples.compactMap { $0?.count }
          hasPercentiles = hasPercentiles || samples.contains { $0?.isComplete == false }
          return samples.contains { $0 != nil }
            ? DistributionFigure.Series(name: entry.label, samples: samples, look: entry.look) : nil
        }
        guard !series.isEmpty else { continue }
        let title = study.name(model, kind: Self.kind)
        panels.append(
          DistributionFigure.Panel(
            title: conditions.count > 1 ? "\(title), \(study.name(condition, kind: Self.kind))" : title,
            groups: taps.map { study.name($0, kind: Self.kind) }, series: series))
      }
    }
    guard let low = counts.min(), let high = counts.max(), !panels.isEmpty else { return nil }
    let shape = study.settings.value(.shape, of: Self.kind).flatMap(DistributionFigure.Shape.init) ?? .automatic
    let number = low == high ? "n = \(low)" : "n = \(low) to \(high)"
    let mostPoints = shape == .points ? DistributionFigure.mostValues : DistributionFigure.mostPoints
    let drawn =
      shape == .violins || low > mostPoints
      ? "Outlines are densities over images"
      : high <= mostPoints
        ? "Every point is an image" : "Points are images, outlines densities of more than \(mostPoints) of them"
    let description = FigureDescription(
      kind: Self.kind, title: "\(definition.title) of single images",
      caption:
        "\(definition.label) of single images by tap, a panel a model. \(drawn); the wide line is the median, the upright one reaches "
        + "from the first quartile to the third."
        + (hasPercentiles
          ? " Of more than \(DistributionFigure.mostValues) images percentiles stand for the values." : "")
        + " \(number) images.",
      alternativeText:
        "Distributions of \(definition.title) over images for \(panels.map(\.title).joined(separator: ", ")).",
      settings: [.init("kind", Self.kind), .init("metric", metric), .init("n", number), .init("style", style.name)])
    let isMany = choice.methods.count > 1
    return ReportFigure(
      name: "\(prefix)-distribution-\(metric)", kind: Self.kind, heading: "\(definition.title) of single images",
      content: DistributionFigure(
        panels: panels, vertical: .init(study.name(metric, kind: Self.kind, otherwise: definition.label)), shape: shape,
        description: description,
        legend: isMany ? choice.legend.filter { $0.look.color == nil || choice.models.count == 1 } : []),
      data: DistributionPlot.text(panels, metric: metric))
  }

  private static func text(_ panels: [DistributionFigure.Panel], metric: String) -> String {
    panels.reduce(into: "model,series,tap,n,minimum,first_quartile,median,third_quartile,maximum\n") { text, panel in
      for series in panel.series {
        for (tap, sample) in zip(panel.groups, series.samples) {
          guard let sample else { continue }
          let numbers = [0, 0.25, 0.5, 0.75, 1].map { "\(sample.quantile($0))" }
          text += CommaSeparatedValues.line([panel.title, series.name, tap, "\(sample.count)"] + numbers)
        }
      }
    }
  }
}
