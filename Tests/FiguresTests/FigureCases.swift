import Figures
import Testing

/// A figure of any kind, to be laid out.
struct FigureCase: Sendable, CustomTestStringConvertible {
  let name: String
  let laidOut: @Sendable (FigureStyle, EvenMeasurer, Double) throws -> Figure

  var testDescription: String { name }

  init(_ name: String, _ figure: ImageGridFigure) {
    self.name = name
    laidOut = { try figure.laidOut(style: $0, measurer: $1, width: $2) }
  }

  init(_ name: String, _ figure: BarFigure) {
    self.name = name
    laidOut = { try figure.laidOut(style: $0, measurer: $1, width: $2) }
  }

  init(_ name: String, _ figure: PlotFigure) {
    self.name = name
    laidOut = { try figure.laidOut(style: $0, measurer: $1, width: $2) }
  }

  init(_ name: String, _ figure: PolarFigure) {
    self.name = name
    laidOut = { try figure.laidOut(style: $0, measurer: $1, width: $2) }
  }

  init(_ name: String, _ figure: any LaidOutFigure) {
    self.name = name
    laidOut = { try figure.laidOut(style: $0, measurer: $1, width: $2) }
  }

  init(_ name: String, _ figure: LineFigure) {
    self.name = name
    laidOut = { try figure.laidOut(style: $0, measurer: $1, width: $2) }
  }
}

let longName = "transformer.encoder_layers.a_very_long_name_of_a_users_own_hook.block.3"

/// A small picture whose pixels depend on `seed`.
func picture(_ seed: Int, width: Int = 6, height: Int = 4) throws -> Picture {
  try Picture(
    width: width, height: height,
    rgb: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ seed &* 101) })
}

func imageGrid(
  rows: Int, columns: Int, name: String? = nil, text: String = "24.1 dB", missing: Bool = false, panels: Int = 1
)
  throws -> ImageGridFigure
{
  let panel = ImageGridFigure.Panel(
    title: panels > 1 ? name ?? "ViT" : nil,
    columns: (0..<columns).map { name ?? ($0 == 0 ? "original" : "block.\($0)") },
    rows: try (0..<rows).map { row in
      .init(
        label: name ?? "scene-\(row).png",
        tiles: try (0..<columns).map { column in
          .init(
            missing && (row + column) % 3 == 1 ? nil : try picture(row * 50 + column), text: column == 0 ? "" : text)
        })
    }, gapsBehind: [0])
  return ImageGridFigure(panels: Array(repeating: panel, count: panels), description: description("grid"))
}

func bars(
  groups: Int, series: Int, name: String? = nil, panels: Int = 1,
  value: (Int, Int) -> Double? = { 20 - Double($0) * 0.4 + Double($1) }
)
  -> BarFigure
{
  let panel = BarFigure.Panel(
    title: panels > 1 ? name ?? "panel" : "", groups: (0..<groups).map { name ?? "block.\($0)" },
    series: (0..<series).map { place in
      let values = (0..<groups).map { value($0, place) }
      return .init(
        name: name ?? "model \(place)", values: values, low: values.map { $0.map { $0 - 1 } },
        high: values.map { $0.map { $0 + 1.5 } })
    })
  return BarFigure(
    panels: Array(repeating: panel, count: panels), valueLabel: name ?? "PSNR (dB)", description: description("bars"))
}

func plot(
  _ count: Int, mark: PlotFigure.Mark, scale: AxisScale = .linear, series: Int = 2, name: String? = nil,
  panels: Int = 1,
  y: (Int, Int) -> Double? = { 4 + Double($0 * 7 % 11) + Double($1) }
) -> PlotFigure {
  let panel = PlotFigure.Panel(
    title: panels > 1 ? name ?? "panel" : "",
    series: (0..<series).map { place in
      let values = (0..<count).map { y($0, place) }
      return .init(
        name: name ?? "series \(place)", x: (0..<count).map { 0.01 * Double($0 + 1) }, y: values,
        low: values.map { $0.map { $0 * 0.8 } }, high: values.map { $0.map { $0 * 1.2 } },
        labels: mark == .points ? (0..<count).map { name ?? "block.\($0)" } : [])
    })
  return PlotFigure(
    panels: Array(repeating: panel, count: panels),
    horizontal: .init(name ?? "Spatial frequency (cycles per pixel)", scale: scale),
    vertical: .init(name ?? "Power", scale: scale), mark: mark, levels: [5], description: description("plot"))
}

func polar(
  _ count: Int, panels: Int, series: Int = 2, name: String? = nil,
  value: (Int) -> Double? = { 0.3 + 0.05 * Double($0 % 5) }
)
  -> PolarFigure
{
  let values = (0..<count).map(value)
  let curve = PolarFigure.Series(
    name: name ?? "relative L2", angles: (0..<count).map { Double($0) * 360 / Double(count) }, values: values,
    low: values.map { $0.map { $0 * 0.9 } }, high: values.map { $0.map { $0 * 1.1 } })
  return PolarFigure(
    panels: Array(
      repeating: .init(title: name ?? "block.3", series: Array(repeating: curve, count: series)), count: panels),
    valueLabel: name ?? "Relative L2 distance", description: description("polar"))
}

func differences(_ count: Int, panels: Int, name: String? = nil, value: (Int) -> Double? = { Double($0 % 7) - 3 })
  -> LineFigure
{
  let values = (0..<count).map(value)
  return LineFigure(
    panels: Array(
      repeating: .init(
        title: name ?? "ViT \u{2212} DeiT", labels: (0..<count).map { name ?? "block.\($0)" },
        series: [
          .init(
            name: name ?? "difference", values: values, low: values.map { $0.map { $0 - 0.5 } },
            high: values.map { $0.map { $0 + 0.5 } })
        ]), count: panels), valueLabel: name ?? "Difference of PSNR (dB)", range: -1...1, reference: 0,
    description: description("differences"))
}

func forest(
  groups: Int, rows: Int, fields: Int = 1, name: String? = nil, value: (Int) -> Double? = { Double($0 % 5) - 1.5 }
)
  -> ForestFigure
{
  ForestFigure(
    fields: (0..<fields).map { _ in
      .init(.init(name ?? "Difference of PSNR (dB)"), reference: 0, noteLabel: "p, corrected")
    },
    groups: (0..<groups).map { group in
      .init(
        title: name ?? "vit: learned \u{2212} ridge \(group)",
        rows: (0..<rows).map { row in
          let value = value(row)
          return .init(
            label: name ?? "block.\(row)",
            estimates: Array(
              repeating: .init(
                value, low: value.map { $0 - 0.3 }, high: value.map { $0 + 0.3 }, note: "< 0.0001",
                isFull: row % 2 == 0, mark: 0.4), count: fields),
            look: .init(color: group, shape: group))
        })
    }, description: description("forest"), fullLabel: "p below 0.05", hollowLabel: "p not below 0.05",
    markLabel: "chance")
}

func distributions(
  _ count: Int, groups: Int, panels: Int, shape: DistributionFigure.Shape = .automatic, name: String? = nil,
  value: (Int) -> Double = { Double($0 * 37 % 101) / 10 }
) -> DistributionFigure {
  let sample = DistributionFigure.Sample((0..<count).map(value))
  return DistributionFigure(
    panels: Array(
      repeating: .init(
        title: name ?? "vit", groups: (0..<groups).map { name ?? "block.\($0)" },
        series: (0..<2).map { place in
          .init(
            name: "method \(place)", samples: Array(repeating: sample, count: groups),
            look: .init(color: 0, shape: 0, line: place))
        }), count: panels), vertical: .init(name ?? "PSNR (dB)"), shape: shape,
    description: description("distribution"),
    legend: (0..<2).map { LegendItem(name ?? "method \($0)", .init(color: nil, shape: 0, line: $0)) })
}

/// Every kind with 1, 4 and 40 rows or columns, long names, missing values and constant data.
func figureCases() throws -> [FigureCase] {
  var cases: [FigureCase] = []
  for (rows, columns) in [(1, 1), (4, 4), (4, 40), (40, 4)] {
    cases.append(.init("grid \(rows)×\(columns)", try imageGrid(rows: rows, columns: columns)))
  }
  cases.append(.init("grid 40×40", try imageGrid(rows: 40, columns: 40, text: "")))
  cases.append(.init("grid, long names", try imageGrid(rows: 3, columns: 4, name: longName, text: longName)))
  cases.append(.init("grid, missing", try imageGrid(rows: 3, columns: 4, missing: true)))
  cases.append(.init("grid, panels", try imageGrid(rows: 3, columns: 6, panels: 4)))
  for count in [1, 4, 40] {
    cases.append(.init("bars \(count)", bars(groups: count, series: 4)))
    cases.append(.init("points \(count)", plot(count, mark: .points)))
    cases.append(.init("spectra \(count)", plot(count, mark: .line, scale: .logarithmic)))
    cases.append(.init("polar \(count)", polar(12, panels: min(count, 12))))
    cases.append(.init("forest \(count)", forest(groups: min(count, 8), rows: min(count, 5))))
    cases.append(.init("distributions \(count)", distributions(count * 30, groups: count, panels: min(count, 4))))
    cases.append(.init("differences \(count)", differences(count, panels: 2)))
  }
  cases += [
    .init("forest, fields", forest(groups: 3, rows: 3, fields: 3)),
    .init("forest, long names", forest(groups: 2, rows: 2, name: longName)),
    .init("forest, missing", forest(groups: 2, rows: 4) { $0 % 2 == 0 ? nil : 0.2 }),
    .init("forest, constant", forest(groups: 1, rows: 3) { _ in 0 }),
    .init("distributions, long names", distributions(20, groups: 3, panels: 2, name: longName)),
    .init("distributions, constant", distributions(20, groups: 3, panels: 2, shape: .violins) { _ in 4 }),
    .init("distributions, one value", distributions(1, groups: 2, panels: 1)),
    .init("distributions, many values", distributions(5000, groups: 4, panels: 1)),
    .init("bars, long names", bars(groups: 4, series: 3, name: longName, panels: 2)),
    .init("bars, missing", bars(groups: 4, series: 2) { ($0 + $1) % 2 == 0 ? nil : 3 }),
    .init("bars, below zero", bars(groups: 6, series: 2) { $0 % 2 == 0 ? -4.5 : Double($1) }),
    .init("bars, constant", bars(groups: 4, series: 2) { _, _ in 0 }),
    .init("points, long names", plot(6, mark: .points, name: longName)),
    .init("lines, missing", plot(12, mark: .lineWithPoints) { place, _ in place % 3 == 1 ? nil : Double(place) }),
    .init("lines, nothing", plot(4, mark: .line, scale: .logarithmic) { _, _ in nil }),
    .init("lines, constant", plot(4, mark: .lineWithPoints) { _, _ in 5 }),
    .init("spectra, panels", plot(20, mark: .line, scale: .logarithmic, series: 9, panels: 6)),
    .init("polar, long names", polar(12, panels: 3, name: longName)),
    .init("polar, missing", polar(12, panels: 2) { $0 % 4 == 0 ? nil : 0.4 }),
    .init("polar, constant", polar(4, panels: 1, series: 1) { _ in 0 }),
    .init("differences, long names", differences(5, panels: 3, name: longName)),
    .init("differences, missing", differences(9, panels: 1) { $0 % 3 == 1 ? nil : 0.2 }),
    .init("differences, constant", differences(4, panels: 1) { _ in 0 }),
  ]
  return cases
}
