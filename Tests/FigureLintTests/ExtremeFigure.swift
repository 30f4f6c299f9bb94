import Figures
import Testing

/// Figures at the ends of what people draw.
enum ExtremeFigure: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case imageColumn = "image column"
  case imageRow = "image row"
  case largeMap = "large map"
  case largeMapWithNumbers = "large map with numbers"
  case fourteenLines = "fourteen lines"
  case signsInLines = "signs in lines"
  case signsInMap = "signs in map"
  case signsInBars = "signs in bars"
  case polarWithThreeSeries = "polar with three series"
  case polarWithSixPanels = "polar with six panels"
  case fivePanels = "five panels"
  case negativeBars = "negative bars"
  case outsideOfTheScale = "outside of the scale"
  /// What few machines have fonts for: to be looked at only.
  case otherScripts = "other scripts"

  var testDescription: String { rawValue }

  private var description: FigureDescription {
    FigureDescription(kind: rawValue, title: rawValue, caption: "", alternativeText: rawValue)
  }

  /// Names with mathematical signs and combining marks.
  private static let signs = ["Δμ₂", "σ²→∞", "x̂ − x", "Größe ½", "‖W‖₂ ≤ 1", "модель θ"]

  private static func value(_ place: Int, _ series: Int = 0) -> Double {
    0.1 + 0.8 * Double((place * 7 + series * 3) % 11) / 11
  }

  private func images(rows: Int, columns: Int) throws -> ImageGridFigure {
    let grid = try (0..<rows).map { row in
      ImageGridFigure.Row(
        label: "scene-\(row).png",
        tiles: try (0..<columns).map { column in
          let shade = UInt8(truncatingIfNeeded: 40 + row * 23 + column * 17)
          return .init(
            try Picture(width: 24, height: 32, rgb: Array(repeating: shade, count: 24 * 32 * 3)), text: "21.3 dB")
        })
    }
    let names = (0..<columns).map { "block.\($0)" }
    return ImageGridFigure(panels: [.init(title: "ViT", columns: names, rows: grid)], description: description)
  }

  private func map(_ annotations: HeatMap.Annotations) -> HeatMapFigure {
    let blocks = ["ViT-B/16", "DeiT-B", "Swin-B", "DETR-R50"].map { name in
      HeatMapBlock(name: name, labels: (0..<15).map { $0 == 0 ? "embed" : "block.\($0 - 1)" })
    }
    let map = HeatMap(
      rows: blocks, columns: blocks, values: (0..<3600).map { Self.value($0 / 60 + $0 % 60 * 3) },
      annotations: annotations)
    return HeatMapFigure(maps: [map], colorMap: .viridis, valueLabel: "Linear CKA", description: description)
  }

  private func lines(_ names: [String], labels: [String], panels: Int = 1, label: String) -> LineFigure {
    let series = names.enumerated().map { place, name in
      LineFigure.Series(
        name: name, values: labels.indices.map { Self.value($0, place) }, low: labels.map { _ in nil },
        high: labels.map { _ in nil })
    }
    return LineFigure(
      panels: (0..<panels).map { .init(title: "ViT \($0)", labels: labels, series: series) }, valueLabel: label,
      range: 0...1, description: description)
  }

  private func polar(panels: Int, series: Int) -> PolarFigure {
    let angles = (0..<12).map { Double($0) * 30 }
    let all = (0..<series).map { place -> PolarFigure.Series in
      let values = angles.indices.map { 0.3 + 0.2 * Self.value($0, place) + 0.1 * Double(place) }
      return PolarFigure.Series(
        name: "series \(place)", angles: angles, values: values, low: values.map { $0 - 0.03 },
        high: values.map { $0 + 0.03 })
    }
    return PolarFigure(
      panels: (0..<panels).map { .init(title: "block.\($0)", series: all) }, valueLabel: "Relative L₂ distance",
      description: description)
  }

  func figure() throws -> any LaidOutFigure {
    switch self {
    case .imageColumn: return try images(rows: 10, columns: 1)
    case .imageRow: return try images(rows: 1, columns: 12)
    case .largeMap: return map(.automatic)
    case .largeMapWithNumbers: return map(.always)
    case .fourteenLines:
      return lines(
        (0..<14).map { "block.\($0)" }, labels: (0..<12).map { "t\($0)" }, label: "PSNR (dB)")
    case .signsInLines: return lines(Self.signs, labels: Self.signs, label: "‖x − x̂‖₂ / ‖x‖₂ (μm², 10⁻³)")
    case .signsInMap:
      let block = HeatMapBlock(name: "ViT Δ₂", labels: Self.signs)
      let map = HeatMap(
        rows: [block], columns: [block], values: (0..<36).map { Self.value($0) }, title: "θ ∈ ℝ²")
      return HeatMapFigure(maps: [map], colorMap: .viridis, valueLabel: "CKA₂ (debiased)", description: description)
    case .signsInBars:
      let series = (0..<2).map { place in
        BarFigure.Series(name: Self.signs[place + 2], values: Self.signs.indices.map { Self.value($0, place) })
      }
      return BarFigure(
        panels: [.init(title: "Σ xᵢ²", groups: Self.signs, series: series)], valueLabel: "L₂ norm",
        description: description)
    case .otherScripts:
      let names = ["模型 中文", "モデル", "모델", "🦊 fox", "مودل", "מודל"]
      return lines(names, labels: names, label: "PSNR (dB)")
    case .polarWithThreeSeries: return polar(panels: 1, series: 3)
    case .polarWithSixPanels: return polar(panels: 6, series: 3)
    case .fivePanels:
      return lines(["a", "b"], labels: (0..<14).map { "block.\($0)" }, panels: 5, label: "PSNR (dB)")
    case .negativeBars:
      let values = (0..<6).map { Self.value($0) - 0.5 }
      let series = BarFigure.Series(
        name: "difference", values: values, low: values.map { $0 - 0.1 }, high: values.map { $0 + 0.1 })
      return BarFigure(
        panels: [.init(groups: (0..<6).map { "block.\($0)" }, series: [series])], valueLabel: "Difference (dB)",
        description: description)
    case .outsideOfTheScale:
      let block = HeatMapBlock(name: "", labels: (0..<30).map { "block.\($0)" })
      let map = HeatMap(rows: [block], columns: [block], values: (0..<900).map { Self.value($0) * 1.6 - 0.3 })
      return HeatMapFigure(maps: [map], colorMap: .cividis, valueLabel: "Cosine", description: description)
    }
  }
}
