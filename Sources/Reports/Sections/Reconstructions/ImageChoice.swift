import Formats

/// Which images of a store figures show: those that were named, or the middle ones of groups that look alike. Definition in
/// docs/definitions.md, "Chosen images".
struct ImageChoice {
  /// Rows of the store, in the order in which they are shown.
  let rows: [Int]
  /// How they were chosen, in a sentence.
  let rule: String
  /// What was asked for and is not there.
  private(set) var unknown: [String] = []

  /// Images are looked at as this many pixels a side.
  static let thumbnailSide = 8
  /// Thumbnails that are less apart than this (root mean square, of 255) are of one scene.
  static let leastDistance = 12.0
  /// Most images that are looked at.
  static let mostCandidates = 256

  /// Images by their names or numbers, or by the names of their classes: the first of a class that has not been named before.
  init(named names: [String], in source: any ReconstructionSource, among rows: [Int]) {
    var found: [Int] = []
    for name in names {
      let row = Self.row(
        named: name, among: rows, paths: source.imagePaths, className: source.className, besides: found)
      if let row { found.append(row) } else { unknown.append(name) }
    }
    self.rows = found
    rule = "They were chosen by name."
  }

  /// The row of an image that is named by its path, its file, its class (the first that is not among `found`) or its number.
  static func row(
    named name: String, among rows: [Int], paths: [String], className: (Int) -> String?, besides found: [Int]
  ) -> Int? {
    rows.first { paths[$0] == name } ?? rows.first { FilePath.name(of: paths[$0]) == name }
      ?? rows.first { FilePath.stem(of: paths[$0]) == name }
      ?? rows.first { className($0) == name && !found.contains($0) }
      ?? Int(name).flatMap { rows.contains($0) ? $0 : nil }
  }

  /// The middle images of `count` groups that look alike, by k-medoids over thumbnails from a seeded start.
  init(
    of source: any ReconstructionSource, condition: String, among rows: [Int], count: Int, seed: UInt64 = 0
  ) throws {
    let considered = Self.spread(rows, Self.mostCandidates)
    let thumbnails = try considered.map { try Self.thumbnail(source, $0, condition) }
    guard considered.count > 1, !thumbnails.contains(nil) else {
      self.rows = Self.spread(rows, count)
      rule = "They are spread evenly over the store; none was chosen by eye."
      return
    }
    let distances = Self.distances(thumbnails.compactMap { $0 })
    let medoids = Self.medoids(distances, count: count, seed: seed)
    self.rows = medoids.map { considered[$0] }.sorted()
    let part = considered.count < rows.count ? " \(considered.count) of" : ""
    rule =
      "They were not chosen by eye: each is the middle one of \(medoids.count) groups into which\(part) \(rows.count) images fall by "
      + "their looks (k-medoids over thumbnails of \(Self.thumbnailSide) × \(Self.thumbnailSide) pixels, seed \(seed))"
      + (medoids.count < min(count, rows.count) ? "; more would show one scene twice." : ".")
  }

  /// What one of the shown images is called: its class, numbered where several are of it, or its file where that is not known.
  static func label(_ row: Int, among rows: [Int], in source: any ReconstructionSource) -> String {
    guard let name = source.className(row) else { return source.imagePaths[row] }
    let alike = rows.filter { source.className($0) == name }
    guard alike.count > 1, let place = alike.firstIndex(of: row) else { return name }
    return "\(name) \(place + 1)"
  }

  /// What figures of a store show: what was set, else images of those that were measured, if any was.
  /// - Parameter count: how many where none are named; nil for what a figure shows by itself.
  /// - Returns: nil where no image is complete.
  init?(
    shownOf store: ReconstructionStores.Store, measured values: ImageValues?, count: Int?, kind: String,
    settings: FigureSettings
  ) throws {
    let source = store.source
    guard let condition = source.conditions.first else { return nil }
    let complete = source.imagePaths.indices.filter { source.isComplete($0, condition: condition) }
    if let names = settings.list(.shownImages, of: kind) {
      self.init(named: names, in: source, among: complete)
    } else {
      let known = source.taps(of: condition).lazy.compactMap { values?[store.name, condition, $0] }.first ?? [:]
      let measured = complete.filter { known[source.imagePaths[$0]] != nil }
      try self.init(
        of: source, condition: condition, among: measured.isEmpty ? complete : measured,
        count: count ?? Self.usualCount,
        seed: settings.number(.imageSeed, of: kind).flatMap { UInt64(exactly: $0) } ?? 0)
    }
  }

  /// Images in a figure where nothing else was set.
  static let usualCount = 3

  // MARK: Looks

  private static func spread(_ rows: [Int], _ count: Int) -> [Int] {
    guard rows.count > count else { return rows }
    return (0..<count).map { rows[($0 * 2 + 1) * rows.count / (2 * count)] }
  }

  /// Means of the pixels under each of the thumbnail's, three numbers each; nil where the store has no inputs.
  private static func thumbnail(_ source: any ReconstructionSource, _ row: Int, _ condition: String) throws -> [Double]?
  {
    guard let pixels = try source.input(row, condition: condition) else { return nil }
    let (height, width, side) = (source.size.height, source.size.width, thumbnailSide)
    guard pixels.count == height * width * 3, height > 0, width > 0 else { return nil }
    var sums = [Double](repeating: 0, count: side * side * 3)
    var counts = [Double](repeating: 0, count: side * side)
    for y in 0..<height {
      for x in 0..<width {
        let cell = y * side / height * side + x * side / width
        counts[cell] += 1
        for channel in 0..<3 { sums[cell * 3 + channel] += Double(pixels[(y * width + x) * 3 + channel]) }
      }
    }
    return sums.indices.map { counts[$0 / 3] > 0 ? sums[$0] / counts[$0 / 3] : 0 }
  }

  /// Root mean square differences, row after row.
  private static func distances(_ thumbnails: [[Double]]) -> [[Double]] {
    thumbnails.map { first in
      thumbnails.map { second in
        let sum = zip(first, second).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (sum / Double(max(1, first.count))).squareRoot()
      }
    }
  }

  /// The first is drawn, each further one is the one farthest from all before it; then every image joins the nearest, and the one
  /// with the smallest sum of distances to its group takes the group's place, until nothing changes. Of two middle ones that are
  /// nearer than `leastDistance` the later goes.
  static func medoids(_ distances: [[Double]], count: Int, seed: UInt64) -> [Int] {
    guard !distances.isEmpty, count > 0 else { return [] }
    var random = RandomStream(seed: seed)
    var medoids = [random.below(distances.count)]
    func nearest(_ image: Int) -> Double { medoids.map { distances[image][$0] }.min() ?? 0 }
    while medoids.count < count {
      guard let next = distances.indices.max(by: { (nearest($0), -$0) < (nearest($1), -$1) }),
        nearest(next) >= leastDistance
      else { break }
      medoids.append(next)
    }
    for _ in 0..<50 {
      var groups = [[Int]](repeating: [], count: medoids.count)
      for image in distances.indices {
        let group = medoids.indices.min { (distances[image][medoids[$0]], $0) < (distances[image][medoids[$1]], $1) }
        if let group { groups[group].append(image) }
      }
      let middles = groups.enumerated().map { index, group in
        func sum(_ image: Int) -> Double { group.reduce(0) { $0 + distances[image][$1] } }
        return group.min { (sum($0), $0) < (sum($1), $1) } ?? medoids[index]
      }
      guard middles != medoids else { break }
      medoids = middles
    }
    return medoids.reduce(into: [Int]()) { kept, image in
      if kept.allSatisfy({ distances[$0][image] >= leastDistance }) { kept.append(image) }
    }
  }
}
