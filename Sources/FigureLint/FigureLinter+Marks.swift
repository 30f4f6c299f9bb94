import Figures
import Formats

/// What marks mean, and whether they are seen.
extension FigureLinter {
  /// Sides of what is taken for a point, in points.
  private static let pointSides = 1.8...14.0

  private struct Mark {
    let bounds: Rectangle
    let color: Color
    let isRectangle: Bool
    let order: Int

    /// Whether it is an area to a point that reaches so far, and not a square that is a point itself.
    func isArea(besidePointOf reach: Double) -> Bool {
      isRectangle && (max(bounds.width, bounds.height) > reach * 3 || ColorVision.chroma(color) <= 15)
    }
  }

  /// Points of a colour that lie whole under something painted later: an area, such as the box behind a text, which is an error; or a
  /// point of another colour, which equal values give where nobody takes care.
  func checkHiddenPoints(_ page: DrawnPage) -> [LintFinding] {
    let marks = page.fills.filter { $0.color.alpha > 0.99 }.flatMap { fill -> [Mark] in
      (fill.pieces.isEmpty ? [fill.bounds] : fill.pieces).map {
        Mark(bounds: $0, color: fill.color, isRectangle: fill.isRectangle, order: fill.order)
      }
    }
    let points = marks.filter { mark in
      let (width, height) = (mark.bounds.width, mark.bounds.height)
      return !mark.isRectangle && Self.pointSides.contains(width) && Self.pointSides.contains(height)
        && width < height * 2 && height < width * 2 && ColorVision.chroma(mark.color) > 15
    }
    let covers = marks.filter { min($0.bounds.width, $0.bounds.height) >= Self.pointSides.lowerBound * 0.9 }
    guard !points.isEmpty else { return [] }
    guard points.count <= Self.mostComparisons / max(1, covers.count) else {
      return [LintFinding(.unread, "hidden", "too many points to tell whether one hides another; show fewer")]
    }
    var hidden: [(point: Mark, cover: Mark)] = []
    for point in points {
      let reach = max(point.bounds.width, point.bounds.height)
      let cover = covers.last { cover in
        cover.order > point.order
          && (cover.isRectangle || max(cover.bounds.width, cover.bounds.height) <= reach * 3)
          && cover.bounds.contains(point.bounds, tolerance: reach * 0.05)
          && ColorVision.distance(cover.color, point.color) >= Self.hardDistance
      }
      if let cover { hidden.append((point, cover)) }
    }
    return Self.limited(
      hidden.map { point, cover in
        let place = "at \(Int(saturating: point.bounds.center.x)), \(Int(saturating: point.bounds.center.y)) points"
        let isArea = cover.isArea(besidePointOf: max(point.bounds.width, point.bounds.height))
        return LintFinding(
          isArea ? .error : .note, "hidden",
          "a point of \(point.color.hex) \(place) lies whole under \(isArea ? "an area" : "a point") of \(cover.color.hex); "
            + "set them beside each other, or make the upper one \(isArea ? "hollow" : "smaller")")
      })
  }

  /// An entry of a legend: a short level line or an area, and the label behind it.
  private struct Entry {
    let label: String
    /// Where the line or the area is.
    let sample: Rectangle
    let color: String
    /// All that tells its look: the colour, the dash, the point on it, stripes.
    let look: String

    /// Whether both may be of one legend: samples of one width, below or beside each other. The whisker of a point with its own label
    /// has no such companion.
    func isBeside(_ other: Entry) -> Bool {
      (sample.width - other.sample.width).magnitude < 0.05
        && ((sample.x - other.sample.x).magnitude < 0.5
          || (sample.center.y - other.sample.center.y).magnitude < 0.5)
    }
  }

  /// Labels of legends that stand for two colours, and labels that have the same look.
  func checkMeanings(_ page: DrawnPage) -> [LintFinding] {
    let samples = page.strokes.count + page.fills.count
    guard page.texts.count <= Self.mostComparisons / max(1, samples) else {
      return [
        LintFinding(.unread, "meaning", "too many texts and lines to find what colours mean; show fewer")
      ]
    }
    let labelled = page.texts.filter { $0.text.contains(where: \.isLetter) }.compactMap { entry($0, page) }
    let entries = labelled.enumerated().filter { place, entry in
      labelled.enumerated().contains { $0.offset != place && entry.isBeside($0.element) }
    }.map(\.element)
    var findings: [LintFinding] = []
    for (place, first) in entries.enumerated() {
      for second in entries[(place + 1)...] {
        if first.label == second.label, first.color != second.color {
          findings.append(
            LintFinding(
              .error, "meaning",
              "'\(Self.shortened(first.label))' is \(first.color) in one legend and \(second.color) in another; give it one colour in the figure"
            ))
        } else if first.label != second.label, first.look == second.look {
          findings.append(
            LintFinding(
              .error, "meaning",
              "'\(Self.shortened(first.label))' and '\(Self.shortened(second.label))' look the same (\(first.color)); give them different colours, "
                + "dashes or points"))
        }
      }
    }
    return Self.limited(findings)
  }

  /// nil for a text that has no sample at its left.
  private func entry(_ text: DrawnPage.Text, _ page: DrawnPage) -> Entry? {
    let size = text.size
    func isBeside(_ bounds: Rectangle) -> Bool {
      (bounds.center.y - text.bounds.center.y).magnitude <= size * 0.6 && bounds.right <= text.bounds.x + size * 0.1
        && bounds.right >= text.bounds.x - size * 1.2 && bounds.width >= size * 0.4 && bounds.width <= size * 6
    }
    let lines = page.strokes.filter { stroke in
      stroke.bounds.map { isBeside($0) && $0.height < size * 0.2 && $0.width >= size * 1.2 } ?? false
    }
    if let line = lines.last, let bounds = line.bounds {
      let points = page.fills.filter { fill in
        bounds.outset(1).contains(Rectangle(x: fill.bounds.center.x, y: fill.bounds.center.y, width: 0, height: 0))
          && fill.bounds.width < size * 2 && fill.bounds.height < size * 2
      }
      let look =
        [line.color.hex] + line.dash.map(Self.rounded)
        + points.flatMap { [$0.color.hex, Self.rounded($0.bounds.width), Self.rounded($0.bounds.height)] }
      return Entry(label: text.text, sample: bounds, color: line.color.hex, look: look.joined(separator: " "))
    }
    let areas = page.fills.filter { fill in
      fill.isRectangle && isBeside(fill.bounds) && fill.bounds.height >= size * 0.4 && fill.bounds.height <= size * 2
    }
    guard let area = areas.last else { return nil }
    let stripes = page.strokes.count { stroke in stroke.bounds.map { $0.overlaps(area.bounds) } ?? false }
    let edges = page.strokes.filter { stroke in stroke.bounds.map { $0.overlaps(area.bounds) } ?? false }.map(
      \.color.hex)
    return Entry(
      label: text.text, sample: area.bounds, color: area.color.hex,
      look: ([area.color.hex, "\(stripes)"] + edges).joined(separator: " "))
  }

  private static func rounded(_ value: Double) -> String { "\((value * 2).rounded() / 2)" }
}
