/// How a curve is drawn where others of its panel lie on it: each is seen in turn, where the last would hide the rest.
struct CurveTurn: Equatable {
  /// Of how many curves that lie on each other, and which of them.
  let count: Int
  let place: Int
  /// Nil where the curve lies alone.
  let dash: [Double]?

  /// Whether the marker of the point of an index is drawn: those of different shapes would make one blot.
  func showsMarker(_ index: Int) -> Bool { index % count == place }

  /// One turn a curve.
  /// - Parameter curves: the points of each in order, nil for a gap.
  static func of(_ curves: [[Point?]], style: FigureStyle) -> [CurveTurn] {
    curves.indices.map { index in
      let group = curves.indices.filter { areSame(curves[$0], curves[index], within: style.lines.curve / 2) }
      let place = group.firstIndex(of: index) ?? 0
      guard group.count > 1 else { return CurveTurn(count: 1, place: 0, dash: nil) }
      // Drawn over each other, every curve leaves the end of the pattern to those before it.
      let unit = style.lines.curve * 3
      let dash = place == 0 ? [] : [unit * Double(group.count - place), unit * Double(place)]
      return CurveTurn(count: group.count, place: place, dash: dash)
    }
  }

  private static func areSame(_ curve: [Point?], _ other: [Point?], within reach: Double) -> Bool {
    curve.count == other.count && curve.contains { $0 != nil }
      && zip(curve, other).allSatisfy { pair in
        guard let first = pair.0, let second = pair.1 else { return pair.0 == nil && pair.1 == nil }
        return (first.x - second.x).magnitude < reach && (first.y - second.y).magnitude < reach
      }
  }
}
