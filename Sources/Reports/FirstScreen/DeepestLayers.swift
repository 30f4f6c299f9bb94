import Results

/// The values of a metric at the deepest layer of every model, best first: of several inverses of a model the best.
struct DeepestLayers {
  struct Entry {
    let model: String
    let method: String
    let store: String
    let tap: String
    let value: Double
    let row: EstimateTable.Row
  }

  let metric: MetricDefinition
  private(set) var entries: [Entry] = []
  /// The value at the first layer of each of these runs.
  private(set) var first: [Double] = []

  /// - Parameter fixed: columns that have to hold a value, such as the condition; of other columns the first value counts.
  init(
    _ key: String, in table: EstimateTable, tree: TapTree, models: StudyModels, where fixed: [(Column, String)] = []
  ) {
    metric = MetricDefinition.named(key)
    let wanted = fixed.compactMap { column, value in table.index(of: column).map { ($0, value) } }
    let findings = EstimateFindings(
      table: table.rows { row, _ in wanted.allSatisfy { row.labels[$0.0] == $0.1 } }, tree: tree)
    guard let tap = table.index(of: .tap) else { return }
    var stores: Set<String> = []
    for run in findings.runs(key) where stores.insert(run.store).inserted {
      guard let row = findings.deepest(run), let value = row.value else { continue }
      let name = models.name(of: run.store)
      let entry = Entry(
        model: name.model, method: name.method, store: run.store, tap: row.labels[tap], value: value, row: row)
      let start = tree.layers(of: run.rows.map { $0.labels[tap] }, in: run.store).first
      let startValue = run.rows.first { $0.labels[tap] == start }?.value ?? value
      if let known = entries.firstIndex(where: { $0.model == name.model }) {
        guard metric.isBetter(value, than: entries[known].value) else { continue }
        entries[known] = entry
        first[known] = startValue
      } else {
        entries.append(entry)
        first.append(startValue)
      }
    }
    let order = entries.indices.sorted {
      let (a, b) = (entries[$0].value, entries[$1].value)
      return metric.isBetter(a, than: b) || (!metric.isBetter(b, than: a) && $0 < $1)
    }
    (entries, first) = (order.map { entries[$0] }, order.map { first[$0] })
  }

  /// The models that the best one's interval does not set apart, and those that the worst one's does not; nil where the two
  /// cannot be told apart or intervals are missing.
  var ends: (best: [Entry], worst: [Entry])? {
    guard entries.count > 1, let first = entries.first, let last = entries.last,
      EstimateFindings.areApart(first.row, last.row) == true
    else { return nil }
    func near(_ end: Entry) -> [Entry] { entries.filter { EstimateFindings.areApart($0.row, end.row) != true } }
    let (best, worst) = (near(first), near(last))
    // One that is near to both belongs to neither.
    return (
      best.filter { entry in !worst.contains { $0.model == entry.model } },
      worst.filter { entry in !best.contains { $0.model == entry.model } }
    )
  }

  /// "25.9 dB (DeiT, block.5), 25.6 dB (ViT, block.5) and 17.1 dB (DETR, decoder.2)".
  var list: String {
    Sentences.list(entries.map { "\(Sentences.value($0.value, of: metric)) (\($0.model), \($0.tap))" })
  }

  /// How sure the order is.
  var certainty: String {
    var text = Sentences.intervals(entries.map(\.row), of: metric)
    guard entries.count > 1, entries.allSatisfy(\.row.hasInterval) else { return text }
    let pairs = zip(entries, entries.dropFirst()).filter { EstimateFindings.areApart($0.row, $1.row) != true }
      .map { "\($0.model) and \($1.model)" }.joined(separator: ", and of ")
    text +=
      pairs.isEmpty
      ? " All of them lie apart."
      : " Those of \(pairs) overlap, so which of these is better is open."
    return text
  }

  /// Of names of models, "ViT and DeiT".
  static func names(_ entries: [Entry]) -> String { Sentences.list(entries.map(\.model)) }
}
