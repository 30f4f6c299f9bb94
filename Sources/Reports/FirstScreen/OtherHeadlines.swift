import Figures
import Results

/// What `recovery.csv` of `analyze color` found, in plain words.
struct ColorHeadlines {
  /// `recovery.csv`.
  let table: EstimateTable
  let tree: TapTree
  let models: StudyModels
  let figure: String

  /// The first condition under which a share is known, and where it is measured.
  private var place: (condition: String, region: String)? {
    let regions = table.entries(.region)
    let region = regions.contains(RecoveryRegion.object.rawValue) ? RecoveryRegion.object.rawValue : regions.first
    guard let region, let metric = table.index(of: .metric), let column = table.index(of: .condition) else {
      return nil
    }
    let row = table.rows.first {
      $0.labels[metric] == RecoveryMetric.usual.rawValue && $0.value != nil
        && $0.labels[column] != ConditionName.original.text
    }
    return row.map { ($0.labels[column], region) }
  }

  private func deepest(_ metric: RecoveryMetric, _ place: (condition: String, region: String)) -> DeepestLayers {
    DeepestLayers(
      metric.rawValue, in: table, tree: tree, models: models,
      where: [(.condition, place.condition), (.region, place.region)])
  }

  func headline() -> Headline? {
    guard let place else { return nil }
    let shown = Self.sorted(deepest(.shown, place).entries)
    guard let most = shown.first, let least = shown.last else { return nil }
    let metric = RecoveryMetric.shown.definition
    let claim =
      shown.count == 1
      ? "Of a changed colour, \(Sentences.percent(most.value)) comes back as it was shown."
      : "Of a changed colour, \(Sentences.percent(most.value)) comes back as it was shown from \(most.model), "
        + "\(Sentences.percent(least.value)) from \(least.model)."
    let inside = place.region == RecoveryRegion.object.rawValue ? " inside objects" : ""
    var text =
      "With the colours changed to \(place.condition), the reconstruction from the deepest layer has this share of the "
      + "shown colour\(inside): "
      + Sentences.list(shown.map { "\(Sentences.value($0.value, of: metric)) (\($0.model), \($0.tap))" }) + "."
    if let usual = Self.sorted(deepest(.usual, place).entries).first {
      text +=
        " The colour before the change, which would speak of a colour that is remembered, has at most a share of "
        + "\(Sentences.value(usual.value, of: metric)) (\(usual.model))."
    }
    return Headline(
      rank: 2, claim: claim, text: text, certainty: Sentences.intervals(shown.map(\.row), of: metric), figure: figure)
  }

  func keyNumber() -> KeyNumber? {
    guard let place else { return nil }
    let shown = Self.sorted(deepest(.shown, place).entries)
    guard let most = shown.first, let least = shown.last else { return nil }
    let value =
      shown.count == 1
      ? Sentences.percent(most.value)
      : "\(Sentences.percent(most.value)) / \(Sentences.percent(least.value))"
    let who = shown.count == 1 ? most.model : "\(most.model) / \(least.model)"
    return KeyNumber(
      rank: 3, value: value, text: "of a changed colour (\(place.condition)) comes back as shown: \(who).",
      figure: figure)
  }

  /// The largest first: a share has no better or worse.
  private static func sorted(_ entries: [DeepestLayers.Entry]) -> [DeepestLayers.Entry] {
    entries.sorted { $0.value > $1.value }
  }
}

/// What `detail.csv` says, in plain words.
struct DetailHeadlines {
  let table: EstimateTable
  let tree: TapTree
  let models: StudyModels
  let figure: String

  private var kept: DeepestLayers {
    DeepestLayers(
      DetailMetric.cutoffCoherence.rawValue, in: table, tree: tree, models: models,
      where: table.entries(.condition).first.map { [(.condition, $0)] } ?? [])
  }

  private static func cycles(_ value: Double) -> String { Numbers.fixed(value, digits: 1) }

  func headline() -> Headline? {
    let kept = kept
    guard let first = kept.first.max(), let best = kept.entries.first else { return nil }
    let isLost = kept.entries.allSatisfy { $0.value < first }
    let list = Sentences.list(kept.entries.map { "\(Self.cycles($0.value)) from \($0.model) (\($0.tap))" })
    return Headline(
      rank: 3,
      claim: isLost
        ? "Fine detail is lost on the way down." : "Fine detail is not lost on the way down in every model.",
      text:
        "The finest detail that still comes back is \(Self.cycles(first)) cycles per image at the first layer at most; at the "
        + "deepest it is \(list).",
      certainty: kept.entries.count == 1
        ? Sentences.intervals([best.row], of: kept.metric) : kept.certainty, figure: figure)
  }

  func keyNumber() -> KeyNumber? {
    let kept = kept
    guard let first = kept.first.max(), let best = kept.entries.first, let worst = kept.entries.last else { return nil }
    let isOne = kept.entries.count == 1
    let value = isOne ? Self.cycles(best.value) : "\(Self.cycles(best.value)) to \(Self.cycles(worst.value))"
    let who = isOne ? best.model : "\(best.model) the finest, \(worst.model) the coarsest"
    return KeyNumber(
      rank: 2, value: value,
      text:
        "cycles per image: the finest detail that comes back from the deepest layer (\(who)); from the first it is up to "
        + "\(Self.cycles(first)).",
      figure: figure)
  }
}

/// Which models are alike, in plain words.
struct SimilarityHeadlines {
  let variant: SimilarityVariant
  let models: StudyModels
  let figure: String

  func headline() -> Headline? {
    let findings = SimilarityFindings(variant: variant)
    let pairs = findings.pairs().sorted { variant.likeness($0.median) > variant.likeness($1.median) }
    guard let most = pairs.first, let least = pairs.last else { return nil }
    func name(_ pair: SimilarityFindings.Pair) -> String {
      "\(models.label(of: pair.storeA)) and \(models.label(of: pair.storeB))"
    }
    func number(_ value: Double) -> String { Numbers.fixed(value, digits: 2) }
    let best = most.best
    let interval =
      best.low.flatMap { low in best.high.map { ", interval \(number(low)) to \(number($0))" } } ?? ""
    let closest =
      "Its two most similar layers are \(best.tapA) and \(best.tapB) (\(number(best.value ?? 0))\(interval)), picked as the "
      + "highest of \(Numbers.grouped(most.count)), which makes them look more alike than they are."
    let claim =
      pairs.count == 1
      ? "The layers of \(name(most)) have a median \(variant.quantity) of \(number(most.median))."
      : "\(name(most)) are most alike, \(name(least)) least."
    let text =
      pairs.count == 1
      ? closest.replacing("Its two", with: "The two")
      : "Over all pairs of their layers the median \(variant.quantity) is \(number(most.median)) and "
        + "\(number(least.median)). "
        + closest.replacing("Its two most similar layers", with: "The most similar layers of the first two")
    return Headline(
      rank: 4, claim: claim, text: text,
      certainty: "Medians have no interval; \(variant.countText) images.", figure: figure)
  }
}

/// How a metric goes with depth, for analyses that say nothing else.
struct CourseHeadline {
  let table: EstimateTable
  let tree: TapTree
  let models: StudyModels
  /// Of a metric the name of its figure.
  let figure: (_ metric: String) -> String
  let rank: Int

  func headline() -> Headline? {
    let metrics = table.entries(.metric).filter { MetricDefinition.unshuffled($0) == nil }
    let key = metrics.first { MetricDefinition.named($0).better != .none } ?? metrics.first
    guard let key, let tap = table.index(of: .tap) else { return nil }
    let facts = MetricDefinition.named(key)
    let findings = EstimateFindings(table: table, tree: tree)
    var seen: Set<String> = []
    let ends = findings.runs(key).compactMap { run -> (String, EstimateTable.Row, EstimateTable.Row)? in
      let layers = tree.layers(of: run.rows.map { $0.labels[tap] }, in: run.store)
      guard seen.insert(run.store).inserted, layers.count > 1,
        let first = run.rows.first(where: { $0.labels[tap] == layers.first }),
        let last = run.rows.first(where: { $0.labels[tap] == layers.last }), first.value != nil, last.value != nil
      else { return nil }
      return (models.label(of: run.store), first, last)
    }
    guard !ends.isEmpty else { return nil }
    let falls = ends.count { ($0.2.value ?? 0) < ($0.1.value ?? 0) }
    let rises = ends.count { ($0.2.value ?? 0) > ($0.1.value ?? 0) }
    let (verb, number) = falls >= rises ? ("falls", falls) : ("rises", rises)
    let who =
      ends.count == 1
      ? "in \(ends[0].0)" : number == ends.count ? "in every model" : "in \(number) of \(ends.count) models"
    let apart = ends.count { EstimateFindings.areApart($0.1, $0.2) == true }
    let sure =
      ends.count == 1
      ? (apart == 1 ? " They lie apart." : " They do not lie apart.")
      : " First and deepest layer lie apart in \(apart) of \(ends.count)."
    let rows = ends.flatMap { [$0.1, $0.2] }
    return Headline(
      rank: rank,
      claim: number == 0
        ? "\(facts.title) stays as it is along the depth." : "\(facts.title) \(verb) with depth \(who).",
      text: "From the first layer to the deepest: "
        + Sentences.list(
          ends.map {
            "\($0.0) \(Sentences.value($0.1.value ?? 0, of: facts)) to \(Sentences.value($0.2.value ?? 0, of: facts))"
          }) + ".",
      certainty: Sentences.intervals(rows, of: facts) + (rows.contains(where: \.hasInterval) ? sure : ""),
      figure: figure(key))
  }
}
