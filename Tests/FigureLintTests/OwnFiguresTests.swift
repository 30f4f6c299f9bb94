import FigureLint
import Figures
import FiguresCairo
import Foundation
import Testing

let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("templates")

/// One figure of every kind, with the names a user may give.
enum OwnFigures {
  static let names = [
    "heat map", "heat map grid", "lines", "differences", "image grid", "bars", "scatter", "spectra", "polar",
  ]
  static let styles = ["tmlr", "neurips", "iclr", "icml", "cvpr", "poster", "slide"]
  private static let taps: [String] = ["embed"] + (0..<12).map { "block.\($0)" } + ["norm", "logits"]

  private static func description(_ name: String) -> FigureDescription {
    FigureDescription(kind: name, title: name, caption: "", alternativeText: name)
  }

  static func make(_ name: String) throws -> any LaidOutFigure {
    switch name {
    case "heat map":
      HeatMapFigure(
        maps: [map("ViT-B/16")], colorMap: .viridis, valueLabel: "Linear CKA", description: description(name))
    case "heat map grid":
      HeatMapFigure(
        maps: ["ViT", "DeiT III", "Swin", "DETR"].map(map), colorMap: .cividis, valueLabel: "Linear CKA",
        description: description(name))
    case "lines": lines(["ViT", "DeiT III"], count: 3, reference: nil)
    case "differences": lines(["DeiT III \u{2212} ViT"], count: 2, reference: 0)
    case "image grid": try grid()
    case "bars": bars()
    case "scatter": plot(.points, scale: .linear)
    case "spectra": plot(.line, scale: .logarithmic)
    default: polar()
    }
  }

  private static func map(_ title: String) -> HeatMap {
    let block = HeatMapBlock(name: title, labels: taps)
    let values = (0..<225).map { place -> Double? in
      if place == 7 { return nil }
      let distance = (place / 15 - place % 15).magnitude
      return 1.05 - 0.09 * Double(distance)
    }
    return HeatMap(rows: [block], columns: [block], values: values, title: title)
  }

  private static func lines(_ titles: [String], count: Int, reference: Double?) -> LineFigure {
    let series = (0..<count).map { number -> LineFigure.Series in
      let values = taps.indices.map { place -> Double? in
        place == 5 ? nil : 0.3 * Double(number) - 0.4 + 0.04 * Double(place * place % 17)
      }
      return LineFigure.Series(
        name: ["original", "red", "hue+120"][number], values: values, low: values.map { $0.map { $0 - 0.1 } },
        high: values.map { $0.map { $0 + 0.1 } })
    }
    return LineFigure(
      panels: titles.map { LineFigure.Panel(title: $0, labels: taps, series: series) }, valueLabel: "Difference (dB)",
      range: -1...1, reference: reference, description: description("lines"))
  }

  private static func grid() throws -> ImageGridFigure {
    let tiles = try (0..<7).map { place -> ImageGridFigure.Tile in
      let bytes = (0..<96 * 96 * 3).map { UInt8(truncatingIfNeeded: $0 / 96 * (place + 3)) }
      return ImageGridFigure.Tile(
        try Picture(width: 96, height: 96, rgb: bytes), text: place == 0 ? "" : "2\(place).4 dB")
    }
    let rows = (0..<4).map { ImageGridFigure.Row(label: "scene-\($0).png", tiles: tiles) }
    return ImageGridFigure(
      panels: [.init(columns: ["original"] + taps.prefix(6), rows: rows, gapsBehind: [0])],
      description: description("grid"))
  }

  private static func bars() -> BarFigure {
    let series = (0..<3).map { place -> BarFigure.Series in
      let values: [Double?] = [30 + Double(place), 24, place == 1 ? nil : 22, 18]
      return BarFigure.Series(
        name: ["ViT", "DeiT III", "Swin"][place], values: values, low: values.map { $0.map { $0 - 1 } },
        high: values.map { $0.map { $0 + 1 } })
    }
    return BarFigure(
      panels: [.init(groups: ["embed", "stage.0", "stage.1", "stage.2"], series: series)], valueLabel: "PSNR (dB)",
      description: description("bars"))
  }

  private static func plot(_ mark: PlotFigure.Mark, scale: AxisScale) -> PlotFigure {
    let series = (0..<4).map { place -> PlotFigure.Series in
      let x = (1...14).map { Double($0) * 0.03 }
      let y = x.map { value -> Double in
        let base = scale == .linear ? 7 + 30 * value : 0.1 / (value * value)
        return base * (1 + 0.3 * Double(place))
      }
      return PlotFigure.Series(
        name: ["ViT", "DeiT III", "Swin", "DETR"][place], x: x, y: y, low: y.map { $0 * 0.9 }, high: y.map { $0 * 1.1 },
        labels: mark == .points ? (1...14).map { "block.\($0)" } : [])
    }
    return PlotFigure(
      panels: [.init(series: series)], horizontal: .init("Spatial frequency (cycles per pixel)", scale: scale),
      vertical: .init("Power", scale: scale), mark: mark, description: description("plot"))
  }

  private static func polar() -> PolarFigure {
    let values = (0..<12).map { 0.5 + 0.03 * Double($0 * 5 % 12) }
    let series = PolarFigure.Series(
      name: "relative L2", angles: (0..<12).map { Double($0) * 30 }, values: values, low: values.map { $0 - 0.05 },
      high: values.map { $0 + 0.05 })
    return PolarFigure(
      panels: ["embed", "block.3", "block.11"].map { PolarFigure.Panel(title: $0, series: [series]) },
      valueLabel: "Relative L2 distance", description: description("polar"))
  }
}

@Suite struct OwnFiguresTests {
  @Test(arguments: OwnFigures.names, OwnFigures.styles)
  func everyKindPassesInEveryStyleAndFormat(name: String, styleName: String) throws {
    let style = try FigureStyle.named(styleName, templates: templates)
    let renderer = try FigureRenderer(style: style)
    for width in Set([style.textWidth, style.columnWidth]) {
      let figure = try OwnFigures.make(name).laidOut(style: style, measurer: renderer.typesetter, width: width)
      // Of pixels only size and resolution are checked: one style is enough.
      for format in FigureFormat.allCases where format != .png || styleName == "cvpr" {
        let report = try FigureLinter(style: style).check(
          renderer.render(figure, as: format), file: "\(name).\(format.rawValue)")
        let problems = report.findings.filter { $0.severity != .note }.map(\.text)
        #expect(problems.isEmpty, "\(format.rawValue) at \(width) points")
        #expect((report.width * 72 - figure.scene.size.width).magnitude < 0.6)
      }
    }
  }

  @Test func pdfAndSVGTellTheSameTextsInTheSamePlaces() throws {
    let style = try FigureStyle.named("tmlr", templates: templates)
    let renderer = try FigureRenderer(style: style)
    for name in OwnFigures.names {
      let figure = try OwnFigures.make(name).laidOut(style: style, measurer: renderer.typesetter, width: nil)
      let pdf = try FigureLinter.texts(renderer.render(figure, as: .pdf))
      let placed = figure.scene.placedTexts(renderer.typesetter)
      #expect(!placed.isEmpty)
      // A minus sign comes from a font of its own, and so as a text of its own.
      for text in placed where text.run.spans.count == 1 && text.run.text.utf8.count == text.run.text.count {
        let found = pdf.filter { $0.text == text.run.text }
        #expect(
          found.contains {
            ($0.size - text.run.size).magnitude < 0.05
              && ($0.bounds.center.x - text.bounds.center.x).magnitude < text.run.size * 0.4
              && ($0.bounds.center.y - text.bounds.center.y).magnitude < text.run.size * 0.4
              && (max($0.bounds.width, $0.bounds.height) - max(text.bounds.width, text.bounds.height)).magnitude < 1.5
          }, "\(name): '\(text.run.text)' at \(text.bounds), found \(found)")
      }
    }
  }
}
