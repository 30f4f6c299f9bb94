import Figures
import Formats

/// PSNR of one store minus that of another, image by image, for stores that were led back from the same taps.
struct PairedDifferences {
  let table: EstimateTable
  let values: ImageValues
  let prefix: String
  let style: FigureStyle

  /// Pairs of stores drawn at most.
  private static let mostPairs = 6

  /// nil where no two stores share their taps and at least four images.
  func figure() -> ReportFigure? {
    let stores = table.entries("store")
    let index = EstimateIndex(table, by: ["store"])
    var panels: [LineFigure.Panel] = []
    var lines = CommaSeparatedValues.line(["store_a", "store_b", "condition", "tap", "difference", "low", "high", "n"])
    var counts: [Int] = []
    for (place, a) in stores.enumerated() {
      for b in stores[(place + 1)...] where panels.count < Self.mostPairs {
        let taps = index.entries("tap", where: [("store", a)])
        guard taps == index.entries("tap", where: [("store", b)]) else { continue }
        let conditions = index.entries("condition", where: [("store", a)])
        let series = conditions.compactMap { condition -> LineFigure.Series? in
          let found = taps.map { tap -> (mean: Double, low: Double, high: Double, count: Int)? in
            guard let first = values[a, condition, tap], let second = values[b, condition, tap] else { return nil }
            return ImageValues.difference(first, second)
          }
          guard found.contains(where: { $0 != nil }) else { return nil }
          for (tap, one) in zip(taps, found) {
            guard let one else { continue }
            counts.append(one.count)
            lines += CommaSeparatedValues.line([
              a, b, condition, tap, "\(one.mean)", "\(one.low)", "\(one.high)", "\(one.count)",
            ])
          }
          return LineFigure.Series(
            name: condition, values: found.map { $0?.mean }, low: found.map { $0?.low }, high: found.map { $0?.high })
        }
        if !series.isEmpty {
          panels.append(LineFigure.Panel(title: "\(b) \u{2212} \(a)", labels: taps, series: series))
        }
      }
    }
    guard !panels.isEmpty, let low = counts.min(), let high = counts.max() else { return nil }
    let all = panels.flatMap(\.series).flatMap { $0.values + $0.low + $0.high }.compactMap { $0 }
    let number = low == high ? "n = \(low)" : "n = \(low) to \(high)"
    let description = FigureDescription(
      kind: "differences", title: "Paired differences of PSNR",
      caption:
        "PSNR of the second model minus that of the first on the same images, at every tap both were led back from. "
        + "Bands are 95 % intervals of the mean difference (normal, over images), each for itself; hollow points are those "
        + "whose interval holds 0. \(number) images.",
      alternativeText: "Differences of PSNR over depth for \(panels.map(\.title).joined(separator: ", ")).",
      settings: [.init("kind", "differences"), .init("metric", "psnr"), .init("n", number), .init("style", style.name)])
    return ReportFigure(
      name: "\(prefix)-differences", kind: "differences", heading: "Paired differences of PSNR",
      content: LineFigure(
        panels: panels, valueLabel: "Difference of PSNR (dB)", range: NumericAxis(all, include: [0]).range,
        reference: 0,
        description: description), data: lines)
  }
}
