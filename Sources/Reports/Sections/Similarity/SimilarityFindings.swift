import Figures
import Formats
import Results

/// What the numbers of one variant say, in words. Nothing is said that the numbers do not hold: extremes are called
/// extremes of many, intervals stand behind values, and a step is called the largest only where its interval is apart.
struct SimilarityFindings {
  let variant: SimilarityVariant

  /// The closest taps of two models, and how alike they are on the whole.
  struct Pair {
    let storeA: String
    let storeB: String
    let best: SimilarityTable.Row
    let median: Double
    let count: Int
    /// What chance gives for the closest two; nil where that was not computed.
    let null: NullTable.Row?
  }

  // MARK: Numbers in text

  static func number(_ value: Double) -> String { Numbers.fixed(value, digits: 3) }

  /// "0.713 [0.682, 0.741]", without the brackets where there is no interval.
  static func withInterval(_ row: SimilarityTable.Row) -> String {
    guard let value = row.value else { return "no value" }
    guard let low = row.low, let high = row.high else { return number(value) }
    return "\(number(value)) [\(number(low)), \(number(high))]"
  }

  /// "0.713 [0.682, 0.741] between ViT block.3 and Swin stage.2".
  static func sentence(_ row: SimilarityTable.Row) -> String {
    "\(withInterval(row)) between \(row.storeA) \(row.tapA) and \(row.storeB) \(row.tapB)"
  }

  private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(Numbers.grouped(count)) \(count == 1 ? one : many)"
  }

  // MARK: Findings

  /// In the order of the page.
  func findings() -> [Finding] {
    let steps = within()
    let depth = steps.isEmpty ? nil : "How much neighbouring layers differ:"
    let rows = steps.map(\.row)
    let parts: [(String, [String?], [String])] = [
      ("Compared", [overview()], []), ("Across models", [across(), positions()], []),
      ("Along the depth", [depth], steps.map(\.text)), ("Chance", [chance()], []), ("Below zero", [negative()], []),
      ("Without a value", [missing()], []),
      ("Few images", [smallSample()], []),
    ]
    return parts.compactMap { lead, texts, items in
      let text = texts.compactMap { $0 }.joined(separator: " ")
      return text.isEmpty
        ? nil
        : Finding(
          lead: lead, text: text, items: items,
          header: ["Model", "Neighbours change most", variant.quantity, "Neighbours change least", variant.quantity],
          rows: items.isEmpty ? [] : rows)
    }
  }

  /// Every two models, in their order.
  func pairs() -> [Pair] {
    var pairs: [Pair] = []
    for (index, a) in variant.stores.enumerated() {
      for b in variant.stores[(index + 1)...] {
        var best: SimilarityTable.Row?
        var null: NullTable.Row?
        var values: [Double] = []
        for row in a.indices {
          for column in b.indices {
            guard let found = variant.row(row, column), let value = found.value else { continue }
            values.append(value)
            if variant.likeness(value) > best?.value.map(variant.likeness) ?? -.infinity {
              best = oriented(found, a.name)
              null = variant.null(row, column)
            }
          }
        }
        guard let best else { continue }
        pairs.append(
          Pair(
            storeA: a.name, storeB: b.name, best: best, median: Quantile.linear(values, 0.5) ?? .nan,
            count: values.count,
            null: null))
      }
    }
    return pairs
  }

  /// The same row with `store` on its first side.
  private func oriented(_ row: SimilarityTable.Row, _ store: String) -> SimilarityTable.Row {
    guard row.storeA != store else { return row }
    return SimilarityTable.Row(
      storeA: row.storeB, tapA: row.tapB, storeB: row.storeA, tapB: row.tapA, measure: row.measure,
      estimator: row.estimator, tokens: row.tokens, count: row.count, value: row.value, low: row.low, high: row.high,
      fields: row.fields)
  }

  private func overview() -> String {
    let names = variant.stores.map { "\($0.name) (\(Self.counted($0.taps.count, "tap", "taps")))" }
    let intervals =
      variant.hasIntervals
      ? " Brackets hold 95 % intervals over images; they do not tell of other kinds of images, nor "
        + "of other trainings of the models."
      : " No intervals were computed, so how far a value would move with other images is not known."
    let different = variant.rows.count { $0.storeA != $0.storeB || $0.tapA != $0.tapB }
    return "\(variant.longLabel) of \(names.joined(separator: ", ")) on \(variant.countText) images: "
      + "\(Self.counted(different, "pair", "pairs")) of different taps.\(intervals)"
  }

  func across() -> String? {
    let known = variant.rows.filter { $0.storeA != $0.storeB && $0.value != nil }
    let sorted = known.sorted { variant.likeness($0.value ?? 0) < variant.likeness($1.value ?? 0) }
    guard let low = sorted.first, let high = sorted.last, known.count > 1 else { return nil }
    let median = Quantile.linear(known.compactMap(\.value), 0.5) ?? .nan
    return
      "Of different models, the most similar two taps are \(high.storeA) \(high.tapA) and \(high.storeB) \(high.tapB) "
      + "(\(variant.quantity) \(Self.withInterval(high))), the least similar \(low.storeA) \(low.tapA) and "
      + "\(low.storeB) \(low.tapB) (\(Self.withInterval(low))); the median is \(Self.number(median)). "
      + "These two were picked as the extremes of "
      + "\(Numbers.grouped(known.count)) pairs, and extremes of many estimates lie further out than the truth: "
      + "look at their neighbours in the maps before building on them."
  }

  /// Which two models are closest on the whole.
  private func positions() -> String? {
    let sorted = pairs().sorted { variant.likeness($0.median) < variant.likeness($1.median) }
    guard sorted.count > 1, let low = sorted.first, let high = sorted.last else { return nil }
    return "Taking all their taps together, \(high.storeA) and \(high.storeB) are the most alike of the "
      + "\(sorted.count) pairs of models (median \(variant.quantity) \(Self.number(high.median))), \(low.storeA) and "
      + "\(low.storeB) the least (\(Self.number(low.median)))."
  }

  /// Where, along the depth of each model, neighbouring layers differ most.
  private func within() -> [(text: String, row: [String])] {
    variant.stores.compactMap { store -> (text: String, row: [String])? in
      let steps = zip(store.layers, store.layers.dropFirst())
        .compactMap { from, to -> (from: String, to: String, row: SimilarityTable.Row)? in
          guard let first = store.index(of: from), let second = store.index(of: to),
            let row = variant.row(first, second), row.value != nil
          else { return nil }
          return (from, to, row)
        }
      let sorted = steps.sorted { variant.likeness($0.row.value ?? 0) < variant.likeness($1.row.value ?? 0) }
      guard let low = sorted.first, let high = sorted.last, steps.count > 1 else { return nil }
      var text =
        "In \(store.name), neighbouring layers change most from \(low.from) to \(low.to) "
        + "(\(variant.quantity) \(Self.withInterval(low.row))) and least from \(high.from) to \(high.to) "
        + "(\(Self.withInterval(high.row)))."
      let others = sorted.dropFirst().compactMap(\.row.low)
      if let end = low.row.high, others.count == sorted.count - 1, let next = others.min() {
        text +=
          end < next
          ? " The interval of the former lies below those of all other steps."
          : " The interval of the former overlaps those of other steps, so which step is the largest is not settled."
      }
      let row = [
        store.name, "\(low.from) → \(low.to)", Self.withInterval(low.row), "\(high.from) → \(high.to)",
        Self.withInterval(high.row),
      ]
      return (text, row)
    }
  }

  /// What random pairings of the images give, and how many values lie above it.
  private func chance() -> String? {
    let known = variant.knownNulls.filter { row, null in
      (row.storeA != row.storeB || row.tapA != row.tapB) && row.value != nil && null.high != nil
    }
    guard let permutations = known.first?.null.permutations, let low = known.compactMap(\.null.low).min(),
      let high = known.compactMap(\.null.high).max()
    else { return nil }
    let above = known.count { row, null in null.isBeyond(row.value, variant) }
    let probabilities = known.compactMap(\.null.adjusted)
    let small = probabilities.count { $0 < Self.level }
    let least = probabilities.min().map { ", the least being \(ResultTable.probability($0))" } ?? ""
    return
      "Over \(Numbers.grouped(permutations)) random pairings of the images, bands of chance that hold 95 % of the values lie "
      + "within \(Self.number(low)) and \(Self.number(high)). Of \(Self.counted(known.count, "pair", "pairs")) of different taps "
      + "\(Numbers.grouped(above)) \(above == 1 ? "lies" : "lie") \(variant.isDistance ? "below" : "above") the band of \(above == 1 ? "its" : "their") own; p, "
      + "corrected for the number of pairs, is below \(Numbers.fixed(Self.level, digits: 2)) for "
      + "\(Numbers.grouped(small))\(least)."
  }

  /// Below which a p-value is counted.
  private static let level = 0.05

  private func negative() -> String? {
    let count = variant.rows.count { ($0.value ?? 0) < 0 }
    guard count > 0 else { return nil }
    if variant.measure == SimilarityMeasure.linearPredictivity.rawValue {
      return
        "\(Self.counted(count, "value is", "values are")) below 0: for images that were held out the predictions are worse than "
        + "the mean over the others. They take the colour of 0 in the maps, with a dot or their number."
    }
    let reason =
      ![SimilarityEstimator.debiased, .minibatch].map(\.rawValue).contains(variant.estimator)
      ? ""
      : " The \(variant.estimator) estimator is centred on 0 for features that have nothing to do with each other, so "
        + "values a little below 0 are to be expected there; they are not errors and mean no more than 0 does."
    return "\(Self.counted(count, "value is", "values are")) below 0.\(reason) They take the colour of 0 in the maps, "
      + "with a dot or their number, and are printed as they are."
  }

  private func missing() -> String? {
    let count = variant.rows.count { $0.value == nil }
    guard count > 0 else { return nil }
    return
      "\(Self.counted(count, "pair has", "pairs have")) no value: one of the two taps is constant over the images, "
      + "or its kernel is degenerate. They are hatched in the maps."
  }

  private func smallSample() -> String? {
    guard let count = variant.rows.map(\.count).min(), count < 100 else { return nil }
    return "With n = \(count) images the numbers are rough: take at least a few hundred before drawing conclusions."
  }
}
