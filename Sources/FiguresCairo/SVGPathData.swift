import Figures

/// The data of a path in few letters: each step from the page's corner or from the point before, whichever is shorter, circles as two
/// arcs, and numbers of three decimals without what can be left out.
struct SVGPathData {
  private(set) var text = ""
  /// Where a reader of the text is: of rounded numbers, so that steps do not drift.
  private var current = Point(0, 0)
  private var start = Point(0, 0)

  init(_ elements: [PathShape.Element]) {
    var place = 0
    while place < elements.count {
      if let radius = Self.radius(elements[place...].prefix(6)), case .move(let point) = elements[place] {
        append(.move(point))
        let size = Self.numbers([radius, radius])
        for way in [-2 * radius, 2 * radius] { text += "a\(size) 0 1 1\(Self.joined(Self.numbers([way, 0])))" }
        append(.close)
        place += 6
      } else {
        append(elements[place])
        place += 1
      }
    }
  }

  /// The radius of the circle that six elements are, as markers draw it from its right end on; nil where they are none.
  private static func radius(_ elements: ArraySlice<PathShape.Element>) -> Double? {
    let all = Array(elements)
    guard all.count == 6, case .move(let right) = all[0], case .curve(_, _, let bottom) = all[1],
      case .curve(_, _, let left) = all[2]
    else { return nil }
    let center = Point((right.x + left.x) / 2, right.y)
    let radius = right.x - center.x
    guard radius > 0 else { return nil }
    let expected = PathShape.circle(center, radius: radius)
    let isCircle = zip(all, expected).allSatisfy { one, other in
      zip(points(one), points(other)).allSatisfy { abs($0.x - $1.x) + abs($0.y - $1.y) < 1e-6 }
        && points(one).count == points(other).count
    }
    return isCircle && abs(bottom.y - right.y - radius) < 1e-6 ? radius : nil
  }

  private static func points(_ element: PathShape.Element) -> [Point] {
    switch element {
    case .move(let point), .line(let point): [point]
    case .curve(let control1, let control2, let end): [control1, control2, end]
    case .close: []
    }
  }

  private mutating func append(_ element: PathShape.Element) {
    let letter: Character
    switch element {
    case .move: letter = "M"
    case .line: letter = "L"
    case .curve: letter = "C"
    case .close:
      text += "Z"
      current = start
      return
    }
    let points = Self.points(element).map { Point(Self.rounded($0.x), Self.rounded($0.y)) }
    let whole = Self.numbers(points.flatMap { [$0.x, $0.y] })
    let step = Self.numbers(points.flatMap { [$0.x - current.x, $0.y - current.y] })
    text += step.utf8.count < whole.utf8.count ? letter.lowercased() + step : String(letter) + whole
    current = points.last ?? current
    if letter == "M" { start = current }
  }

  // MARK: Numbers

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

  /// Numbers behind each other, parted where they would run together.
  private static func numbers(_ values: [Double]) -> String {
    values.reduce(into: "") { text, value in
      let next = number(value)
      text += text.isEmpty ? next : joined(next)
    }
  }

  /// What stands behind a number: a sign parts by itself.
  private static func joined(_ text: String) -> String { text.hasPrefix("-") ? text : " " + text }

  private static func number(_ value: Double) -> String {
    var text = Numbers.fixed(value, digits: 3, minus: "-")
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    if text.hasPrefix("0.") { text.removeFirst() }
    if text.hasPrefix("-0.") { text.remove(at: text.index(after: text.startIndex)) }
    return text.isEmpty || text == "-" ? "0" : text
  }
}
