import Results

/// Pairs of stores whose differences figures show.
struct DifferencePairs {
  let differences: DifferenceTable
  /// `quality.csv`, for the order of stores and taps.
  let quality: EstimateTable
  let study: Study

  /// Below which an adjusted p-value is counted.
  static let level = 0.05
  /// What the column `match` says where taps were paired by their names.
  private static let byName = "name"

  /// Two stores, their taps and conditions.
  struct Pair {
    let a: Study.Choice.Entry
    let b: Study.Choice.Entry
    let taps: [String]
    /// By condition and tap.
    let rows: [[String]: DifferenceTable.Row]
    let conditions: [String]

    /// What differs between the two.
    enum Kind: Int { case method, model, both }

    var kind: Kind {
      a.member.model == b.member.model ? .method : a.member.method == b.member.method ? .model : .both
    }

    /// What differs, behind or before what both have.
    func shortTitle(_ method: (Study.Choice.Entry) -> String, _ model: (Study.Choice.Entry) -> String) -> String {
      switch kind {
      case .method: "\(model(a)): \(method(a)) \u{2212} \(method(b))"
      case .model: "\(model(a)) \u{2212} \(model(b))" + (a.member.method.isEmpty ? "" : ", \(method(a))")
      case .both: title
      }
    }

    var title: String { "\(a.label) \u{2212} \(b.label)" }
  }

  /// Pairs of stores: of one model first, then of one method, in the order of the file.
  /// - Parameter needsSameTaps: whether pairs of which one has taps that the other lacks are left out.
  func pairs(metric: String, kind: String, needsSameTaps: Bool = true) -> [Pair] {
    let index = EstimateIndex(quality, by: [.store])
    let choice = study.choice(quality.entries(.store), kind: kind)
    var order: [[String]] = []
    var groups: [[String]: [DifferenceTable.Row]] = [:]
    for row in differences.rows where row.metric == metric && row.match == Self.byName {
      let key = [row.storeA, row.storeB]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    let pairs = order.compactMap { key -> Pair? in
      let taps = index.entries(.tap, where: [(.store, key[0])])
      guard let a = choice[key[0]], let b = choice[key[1]],
        !needsSameTaps || taps == index.entries(.tap, where: [(.store, key[1])])
      else { return nil }
      let rows = groups[key] ?? []
      let found = Dictionary(rows.map { ([$0.condition, $0.tapA], $0) }) { first, _ in first }
      let conditions = rows.map(\.condition).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      return Pair(
        a: a, b: b, taps: taps, rows: found, conditions: study.chosen(conditions, by: .conditions, kind: kind))
    }
    return pairs.enumerated().sorted { ($0.element.kind.rawValue, $0.offset) < ($1.element.kind.rawValue, $1.offset) }
      .map(\.element)
  }
}
