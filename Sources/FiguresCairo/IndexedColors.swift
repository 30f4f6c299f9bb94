/// The pixels of a page as places in a table of at most 256 colours.
struct IndexedColors {
  let colors: [UInt32]
  let indices: [UInt8]

  /// Colours above which a page is not a drawing.
  private static let mostColors = 65_536
  /// Colours of areas above which too few places would be left for blended pixels.
  private static let mostAreas = 224

  /// - Parameters:
  ///   - pixels: red, green and blue from the third byte down to the first; row after row.
  ///   - mostChange: how far a channel of a pixel may change that belongs to no area of one colour; 0 for not at all.
  /// - Returns: nil where the table does not hold the page.
  init?(_ pixels: [UInt32], width: Int, mostChange: Int) {
    guard let census = ColorCensus(pixels, most: Self.mostColors) else { return nil }
    let count = census.colors.count
    if count <= 256 {
      // By value, so that the table does not depend on where a colour is met first.
      let order = census.colors.indices.sorted { census.colors[$0] < census.colors[$1] }
      var places = [UInt8](repeating: 0, count: count)
      for (place, color) in order.enumerated() { places[color] = UInt8(place) }
      colors = order.map { census.colors[$0] }
      indices = census.numbers.map { places[Int($0)] }
      return
    }
    guard mostChange > 0 else { return nil }
    let isArea = census.areas(width: width)
    guard isArea.count(where: { $0 }) <= Self.mostAreas else { return nil }
    let order = (0..<count).sorted {
      (isArea[$0] ? 0 : 1, -census.counts[$0], Int(census.colors[$0]))
        < (isArea[$1] ? 0 : 1, -census.counts[$1], Int(census.colors[$1]))
    }
    for tolerance in stride(from: 4, through: mostChange, by: 2) {
      let ordered = order.map { (census.colors[$0], isArea[$0]) }
      guard let table = Self.table(ordered, tolerance: tolerance) else { continue }
      let places = census.colors.map { Self.nearest($0, in: table).place }
      colors = table
      indices = census.numbers.map { places[Int($0)] }
      return
    }
    return nil
  }

  /// The pixels with those of blended edges at steps of 16 a channel, areas as they are; nil where the page is not a drawing.
  static func coarsened(_ pixels: [UInt32], width: Int) -> [UInt32]? {
    guard let census = ColorCensus(pixels, most: mostColors) else { return nil }
    let isArea = census.areas(width: width)
    let colors = zip(census.colors, isArea).map { color, isArea -> UInt32 in
      if isArea { return color }
      let channels = [16, 8, 0].map { shift in min(255, ((color >> UInt32(shift) & 255) + 8) / 16 * 16) }
      return channels[0] << 16 | channels[1] << 8 | channels[2]
    }
    return census.numbers.map { colors[Int($0)] }
  }

  /// Every colour of an area, and of the others each that lies further than `tolerance` from all before it; nil where these
  /// are more than 256.
  private static func table(_ ordered: [(color: UInt32, isArea: Bool)], tolerance: Int) -> [UInt32]? {
    var table: [UInt32] = []
    for (color, isArea) in ordered where isArea || nearest(color, in: table).distance > tolerance {
      guard table.count < 256 else { return nil }
      table.append(color)
    }
    return table
  }

  /// The colour of `table` whose channels are off by the least, the first of equal ones.
  private static func nearest(_ color: UInt32, in table: [UInt32]) -> (place: UInt8, distance: Int) {
    let (red, green, blue) = (Int(color >> 16 & 255), Int(color >> 8 & 255), Int(color & 255))
    var best = (place: 0, distance: Int.max, sum: Int.max)
    for (place, other) in table.enumerated() {
      let (a, b, c) = (
        abs(red - Int(other >> 16 & 255)), abs(green - Int(other >> 8 & 255)), abs(blue - Int(other & 255))
      )
      let (distance, sum) = (max(a, b, c), a + b + c)
      if distance < best.distance || (distance == best.distance && sum < best.sum) { best = (place, distance, sum) }
    }
    return (UInt8(best.place), best.distance)
  }
}

/// The different colours of a page, numbered as they are met.
private struct ColorCensus {
  private(set) var colors: [UInt32] = []
  private(set) var counts: [Int] = []
  /// The number of every pixel's colour.
  private(set) var numbers: [UInt16] = []

  /// - Returns: nil where there are more than `most`, at most 65,536.
  init?(_ pixels: [UInt32], most: Int) {
    let slots = 1 << 18
    var table = [Int32](repeating: -1, count: slots)
    numbers = [UInt16](repeating: 0, count: pixels.count)
    var last = (color: UInt32.max, number: 0)
    for (place, pixel) in pixels.enumerated() {
      let color = pixel & 0xFF_FFFF
      if color != last.color {
        var slot = Int((color &* 0x9E37_79B1) >> 14)
        while table[slot] >= 0, colors[Int(table[slot])] != color { slot = (slot + 1) & (slots - 1) }
        if table[slot] < 0 {
          guard colors.count < most else { return nil }
          table[slot] = Int32(colors.count)
          colors.append(color)
          counts.append(0)
        }
        last = (color, Int(table[slot]))
      }
      counts[last.number] += 1
      numbers[place] = UInt16(last.number)
    }
  }

  /// Pixels of one colour beside each other that blended edges do not have, such as those of a thin row of a colour bar.
  private static let longRun = 12

  /// Which colours fill a square of two by two pixels somewhere, or a long run: those of areas, not of blended edges.
  func areas(width: Int) -> [Bool] {
    var isArea = [Bool](repeating: false, count: colors.count)
    guard width > 1 else { return isArea.map { _ in true } }
    for place in 0..<max(0, numbers.count - width - 1) where place % width != width - 1 {
      let number = numbers[place]
      if number == numbers[place + 1], number == numbers[place + width], number == numbers[place + width + 1] {
        isArea[Int(number)] = true
      }
    }
    var run = 0
    for place in numbers.indices {
      run = place % width > 0 && numbers[place] == numbers[place - 1] ? run + 1 : 1
      if run == Self.longRun { isArea[Int(numbers[place])] = true }
    }
    return isArea
  }
}
