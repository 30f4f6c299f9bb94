import Figures

/// The points of a path's data, with those that steer its curves, so that bounds can be told.
struct SVGPath {
  private(set) var points: [Point] = []
  private(set) var hasCurves = false
  /// Where its pieces begin.
  private(set) var starts: [Int] = []
  var isSplit: Bool { starts.count > 1 }

  /// How many numbers each command takes.
  private static let counts: [Character: Int] = [
    "m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0,
  ]

  private var current = Point(0, 0)
  private var start = Point(0, 0)

  /// nil where the data are not understood.
  init?(_ data: String) {
    var command: Character?
    var word = ""
    for character in data {
      if character.isLetter, character != "e", character != "E" {
        guard run(command, word), Self.counts[Character(character.lowercased())] != nil else { return nil }
        (command, word) = (character, "")
      } else {
        word.append(character)
      }
    }
    guard run(command, word) else { return nil }
  }

  private mutating func run(_ command: Character?, _ text: String) -> Bool {
    guard let command else { return text.allSatisfy(\.isWhitespace) }
    let name = Character(command.lowercased())
    let isRelative = command.isLowercase
    guard let count = Self.counts[name] else { return false }
    if count == 0 {
      current = start
      return true
    }
    let values = name == "a" ? Self.arcNumbers(text) : SVGValues.numbers(text)
    guard values.count >= count, values.count % count == 0 else { return false }
    for first in stride(from: 0, to: values.count, by: count) {
      // Numbers behind those of a move are lines.
      step(name == "m" && first > 0 ? "l" : name, Array(values[first..<first + count]), isRelative: isRelative)
    }
    return true
  }

  private mutating func step(_ name: Character, _ values: [Double], isRelative: Bool) {
    let from = isRelative ? current : Point(0, 0)
    switch name {
    case "h": current = Point(from.x + values[0], current.y)
    case "v": current = Point(current.x, from.y + values[0])
    case "a":
      let end = Point(from.x + values[5], from.y + values[6])
      let middle = Point((current.x + end.x) / 2, (current.y + end.y) / 2)
      hasCurves = true
      // Around the chord's middle: exact for half a circle, near it for others.
      points.append(Point(middle.x - values[0], middle.y - values[1]))
      points.append(Point(middle.x + values[0], middle.y + values[1]))
      current = end
    default:
      if name == "m" { starts.append(points.count) }
      if name != "m", name != "l" { hasCurves = true }
      let pairs = stride(from: 0, to: values.count, by: 2).map { Point(from.x + values[$0], from.y + values[$0 + 1]) }
      points += pairs.dropLast()
      current = pairs.last ?? current
      if name == "m" { start = current }
    }
    points.append(current)
  }

  /// Flags of arcs may stand without a space: "a1 1 0 01.5.5".
  private static func arcNumbers(_ text: String) -> [Double] {
    var values: [Double] = []
    var rest = text[...]
    func isSeparator(_ character: Character) -> Bool { character.isWhitespace || character == "," }
    while true {
      rest = rest.drop(while: isSeparator)
      guard let first = rest.first else { return values }
      if [3, 4].contains(values.count % 7) {
        guard first == "0" || first == "1" else { return [] }
        values.append(first == "1" ? 1 : 0)
        rest = rest.dropFirst()
        continue
      }
      var word = ""
      while let next = rest.first, !isSeparator(next) {
        let isSign = next == "-" || next == "+"
        if isSign, !word.isEmpty, word.last != "e", word.last != "E" { break }
        if next == ".", word.contains(".") { break }
        word.append(next)
        rest = rest.dropFirst()
      }
      guard let value = Double(word) else { return [] }
      values.append(value)
    }
  }
}
