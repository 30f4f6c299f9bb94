import Formats

/// Numbers in the cells of a heat map: with their leading zero where that fits, without it where only that fits.
enum HeatMapNumbers: Equatable {
  case none
  case short
  case full

  init(for map: HeatMap, cell: Size, style: FigureStyle, measurer: some TextMeasuring) {
    guard map.annotations != .never else {
      self = .none
      return
    }
    let size = style.sizes.annotation
    let isHigh = cell.height >= size * 1.2
    if isHigh, measurer.width(of: Self.widest(map, .full), size: size) + size * 0.35 <= cell.width {
      self = .full
    } else if map.annotations == .always
      || isHigh && measurer.width(of: Self.widest(map, .short), size: size) + size * 0.4 <= cell.width
    {
      self = .short
    } else {
      self = .none
    }
  }

  /// The side of a cell that holds the numbers of a map without their leading zeros.
  static func neededCell(for map: HeatMap, style: FigureStyle, measurer: some TextMeasuring) -> Double {
    measurer.width(of: widest(map, .short), size: style.sizes.annotation) + style.sizes.annotation * 0.4
  }

  /// The text of a value with two decimals; `1.00` loses a decimal rather than its one.
  func text(_ value: Double) -> String? {
    let full = Numbers.fixed(value, digits: 2)
    switch self {
    case .none: return nil
    case .full: return full
    case .short:
      if full.hasPrefix("0.") { return String(full.dropFirst()) }
      if full.hasPrefix("\u{2212}0.") { return "\u{2212}" + full.dropFirst(2) }
      return Numbers.fixed(value, digits: 1)
    }
  }

  /// Digits are equally wide, so the text with most characters is the widest.
  private static func widest(_ map: HeatMap, _ format: HeatMapNumbers) -> String {
    map.values.reduce(format == .full ? "0.00" : ".00") { widest, value in
      guard let value, value.isFinite, let text = format.text(value), text.count > widest.count else { return widest }
      return text
    }
  }
}

extension HeatMapPanel {
  /// The numbers in black or white, whichever is read better on the cell.
  func numberNodes(_ colorMap: ColorMap) -> [SceneNode] {
    guard numbers != .none else { return [] }
    let inks = colorMap.colors.map(\.readableInk)
    let size = style.sizes.annotation
    var nodes: [SceneNode] = []
    nodes.reserveCapacity(map.values.count)
    for (row, y) in rows.offsets.enumerated() {
      for (column, x) in columns.offsets.enumerated() {
        guard !map.isHidden(row, column), let value = map.value(row, column), let text = numbers.text(value) else {
          continue
        }
        let ink = inks[Int(saturating: (min(max(fraction(value), 0), 1) * 255).rounded())]
        nodes.append(
          .text(
            TextRun(
              text, at: Point(x + cell.width / 2, y + cell.height / 2), size: size, alignment: .middle,
              baseline: .middle, color: ink
            )))
      }
    }
    return nodes
  }
}
