import Figures
import Formats
import Results

/// The depth that curves of a figure run over: blocks where all its models have the same taps, else the share of each model's
/// depth. Heads, and the normalisation behind the last layer, stand for themselves behind a gap.
struct DepthAxis {
  /// What is drawn of one store.
  private struct Course {
    /// Layers from shallow to deep.
    let layers: [String]
    let depths: [String: Double]
    let last: Double
  }

  private let courses: [String: Course]
  /// What stands behind the gap, in order of appearance.
  private let heads: [String]
  /// Names along an axis of blocks, with their depths; nil for an axis of shares.
  private let names: [(tap: String, depth: Double)]?
  private let study: Study
  private let kind: String
  /// What is written below the axis; nil for nothing.
  let title: String?

  /// - Parameters:
  ///   - taps: of each store, in its order.
  ///   - part: what is shown of every block, in place of what is between the blocks.
  init(
    _ taps: [(store: String, taps: [String])], tree: TapTree, study: Study, kind: String, part: BlockPart? = nil
  ) {
    self.study = study
    self.kind = kind
    var courses: [String: Course] = [:]
    var heads: [String] = []
    for (store, all) in taps {
      let chosen = study.chosen(all, by: .taps, kind: kind)
      let course = tree.course(of: chosen, in: store)
      let layers =
        part.map { part in course.parts.filter { BlockPart.split($0)?.part == part } }
        ?? tree.layers(of: chosen, in: store)
      let places = study.depths.places(of: all, in: store, tree: tree)
      var depths = places.depths
      // Inside every block a part has the same place: the blocks' own tell where they are.
      for tap in layers where part != nil { depths[tap] = depths[Self.block(tap)] }
      courses[store] = Course(
        layers: layers.sorted { (depths[$0] ?? 0) < (depths[$1] ?? 0) }, depths: depths, last: places.last)
      for tap in course.all where part == nil && !layers.contains(tap) && !heads.contains(tap) { heads.append(tap) }
    }
    self.courses = courses
    self.heads = heads
    var depths: [String: Double] = [:]
    let agree = taps.allSatisfy { store, _ in
      guard let course = courses[store] else { return true }
      return course.layers.allSatisfy { tap in
        let depth = course.depths[tap] ?? 0
        defer { depths[tap] = depth }
        return depths[tap] == nil || depths[tap] == depth
      }
    }
    let lasts = Set(taps.compactMap { courses[$0.store] }.filter { !$0.layers.isEmpty }.map(\.last))
    let wanted = study.settings.value(.depthAxis, of: kind) ?? "auto"
    // Two taps of one depth would stand on each other.
    let isShared = agree && Set(depths.values).count == depths.count && (lasts.count < 2 || wanted == "blocks")
    guard wanted != "relative", isShared else {
      names = nil
      title = study.settings.value(.axisLabel, of: kind) ?? "Relative depth"
      return
    }
    let sorted = depths.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    // Numbers are enough where all blocks have one name.
    let numbered = sorted.map { TapDepths.split(Self.block($0.key)) }
    let groups = Set(numbered.filter { $0.number != nil }.map(\.key))
    let isNumbered = groups.count == 1 && numbered.count { $0.number != nil } > 4
    let word = isNumbered ? groups.first.map { String($0.reversed().drop { !$0.isLetter }.reversed()) } ?? "" : ""
    title =
      study.settings.value(.axisLabel, of: kind)
      ?? (word.isEmpty ? nil : word.prefix(1).uppercased() + String(word.dropFirst()))
    names = sorted.map { tap, depth in (tap, depth) }
    for (tap, _) in sorted where part != nil { shown[tap] = Self.block(tap) }
    guard isNumbered, !word.isEmpty else { return }
    for (pair, split) in zip(sorted, numbered) {
      if let number = split.number { shown[pair.key] = "\(number)" }
    }
  }

  /// The block that a tap is inside, or the tap itself.
  private static func block(_ tap: String) -> String { BlockPart.split(tap)?.block ?? tap }

  /// Shorter names of taps.
  private var shown: [String: String] = [:]

  private func label(_ tap: String) -> String { study.settings.name(tap, of: kind, otherwise: shown[tap]) }

  /// A curve of a store.
  /// - Parameter value: of a tap, with the ends of its interval.
  func series(
    _ store: String, name: String, look: SeriesLook?,
    value: (String) -> (value: Double?, low: Double?, high: Double?)?
  ) -> LineFigure.Series {
    let course = courses[store] ?? Course(layers: [], depths: [:], last: 0)
    let found = (course.layers + heads).map(value)
    let depths = course.layers.map { course.depths[$0] ?? 0 }
    let places = names == nil ? depths.map { course.last > 0 ? $0 / course.last : 0 } : depths
    let leaps = zip(depths, depths.dropFirst()).map { $1 - $0 > 1 + 1e-9 }
    return LineFigure.Series(
      name: name, values: found.map { $0?.value }, low: found.map { $0?.low }, high: found.map { $0?.high },
      places: isEven ? evenPlaces(course.layers) : places,
      leaps: leaps.contains(true) ? [false] + leaps + heads.map { _ in false } : nil, look: look,
      names: course.layers + heads)
  }

  /// Whether the names along the axis are neighbours all.
  private var isEven: Bool {
    guard let names else { return false }
    return zip(names, names.dropFirst()).allSatisfy { $1.depth - $0.depth == 1 }
  }

  /// nil where a store has all of the names.
  private func evenPlaces(_ layers: [String]) -> [Double]? {
    let all = names?.map(\.tap) ?? []
    return layers == all ? nil : layers.compactMap { all.firstIndex(of: $0) }.map(Double.init)
  }

  func panel(
    _ title: String, _ series: [LineFigure.Series], valueLabel: String? = nil, range: ClosedRange<Double>? = nil
  ) -> LineFigure.Panel {
    let headLabels = heads.map(label)
    guard let names, !(names.isEmpty && heads.isEmpty) else {
      return LineFigure.Panel(
        title: title, labels: headLabels, series: series, detached: heads.count, extent: [0, 1],
        valueLabel: valueLabel, range: range)
    }
    return LineFigure.Panel(
      title: title, labels: names.map { label($0.tap) } + headLabels, series: series, detached: heads.count,
      positions: isEven ? nil : names.map(\.depth), valueLabel: valueLabel, range: range)
  }

  /// What a caption says of the axis.
  func text(_ panels: [LineFigure.Panel]) -> String {
    var text = ""
    if names == nil { text += " Depth is counted in layers, as a share of each model's." }
    if panels.contains(where: { $0.series.contains { $0.leaps != nil } }) {
      text += " Thin lines pass over layers that were not measured."
    }
    if !heads.isEmpty {
      text +=
        " Behind the gap, joined to nothing: \(heads.joined(separator: ", ")), which \(heads.count > 1 ? "are" : "is") read off the last layer."
    }
    return text
  }
}
