/// An order of things in which those that are alike stand side by side: the two most alike first, then always the one that is most
/// like an end of the row, beside that end.
struct LikenessOrder {
  let order: [Int]

  /// - Parameter likeness: of two things, the same both ways; nil where it is not known.
  init<Thing>(_ things: [Thing], likeness: (Thing, Thing) -> Double?) {
    let count = things.count
    guard count > 2 else {
      order = Array(0..<count)
      return
    }
    var values = Array(repeating: Array(repeating: -Double.infinity, count: count), count: count)
    for a in 0..<count {
      for b in (a + 1)..<count {
        let value = likeness(things[a], things[b]) ?? -.infinity
        values[a][b] = value
        values[b][a] = value
      }
    }
    var first = (a: 0, b: 1)
    for a in 0..<count { for b in (a + 1)..<count where values[a][b] > values[first.a][first.b] { first = (a, b) } }
    var row = [first.a, first.b]
    while row.count < count {
      let rest = (0..<count).filter { !row.contains($0) }
      var best = (thing: rest[0], atEnd: true, value: -Double.infinity)
      for thing in rest {
        for (atEnd, end) in [(true, row[row.count - 1]), (false, row[0])] where values[thing][end] > best.value {
          best = (thing, atEnd, values[thing][end])
        }
      }
      row.insert(best.thing, at: best.atEnd ? row.count : 0)
    }
    // The one that was given first stands nearer to the start.
    order = (row.firstIndex(of: 0) ?? 0) * 2 < count ? row : row.reversed()
  }
}
