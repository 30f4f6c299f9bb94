import Figures
import Results

/// What `analyze quality` found, in plain words.
struct QualityHeadlines {
  let table: EstimateTable
  /// `quality_differences.csv`; nil where there is none.
  let differences: DifferenceTable?
  let tree: TapTree
  let models: StudyModels
  /// Of a metric the name of its figure.
  let figure: (_ metric: String) -> String

  /// Below which an adjusted p-value is called significant.
  private static let level = 0.05

  private var condition: String? { table.entries(.condition).first }

  private func deepest(_ metric: QualityMetric) -> DeepestLayers {
    DeepestLayers(
      metric.rawValue, in: table, tree: tree, models: models, where: condition.map { [(.condition, $0)] } ?? [])
  }

  func headlines() -> [Headline] { [kept(), methods(), agreement()].compactMap { $0 } }

  func keyNumbers() -> [KeyNumber] {
    let kept = deepest(.psnr)
    var numbers: [KeyNumber] = []
    if let best = kept.entries.first, let worst = kept.entries.last {
      let range =
        kept.entries.count == 1
        ? Sentences.value(best.value, of: kept.metric)
        : "\(Numbers.fixed(best.value, digits: 1)) to \(Sentences.value(worst.value, of: kept.metric))"
      let who = kept.entries.count == 1 ? best.model : "\(best.model) the highest, \(worst.model) the lowest"
      numbers.append(
        KeyNumber(
          rank: 0, value: range, text: "PSNR of the images that come back from the deepest layer: \(who).",
          figure: figure(QualityMetric.psnr.rawValue)))
    }
    let agreement = deepest(.top1Agreement)
    if let best = agreement.entries.first, let worst = agreement.entries.last {
      let range =
        agreement.entries.count == 1
        ? Sentences.percent(best.value)
        : "\(Numbers.fixed(worst.value * 100, digits: 0)) to \(Sentences.percent(best.value))"
      numbers.append(
        KeyNumber(
          rank: 1, value: range,
          text: "of the images that come back from the deepest layer get the class of the input: "
            + Sentences.list(agreement.entries.map { "\($0.model) \(Sentences.percent($0.value))" }) + ".",
          figure: figure(QualityMetric.top1Agreement.rawValue)))
    }
    return numbers
  }

  /// How much of the picture the deepest layers keep.
  private func kept() -> Headline? {
    let kept = deepest(.psnr)
    guard let best = kept.entries.first else { return nil }
    let claim: String
    if kept.entries.count == 1 {
      claim =
        "From the deepest layer of \(best.model) an image comes back at \(Sentences.value(best.value, of: kept.metric))."
    } else if !kept.entries.allSatisfy(\.row.hasInterval) {
      claim = "In these numbers \(best.model) keeps most of the picture to the deepest layer."
    } else if let ends = kept.ends, !ends.best.isEmpty, !ends.worst.isEmpty {
      let verb = ends.best.count == 1 ? "keeps" : "keep"
      claim =
        "\(DeepestLayers.names(ends.best)) \(verb) most of the picture to the deepest layer, "
        + "\(DeepestLayers.names(ends.worst)) least."
    } else {
      claim = "No model clearly keeps more of the picture to its deepest layer than another."
    }
    let methods = models.methods(of: kept.entries.map(\.store))
    let by =
      methods.isEmpty
      ? "" : methods.count == 1 ? ", by the \(methods[0]) inverse" : ", each by the best of its inverses"
    let start =
      kept.first.max().map { " From the first layer it is up to \(Sentences.value($0, of: kept.metric))." } ?? ""
    return Headline(
      rank: 0, claim: claim,
      text: "Reconstructed from the deepest layer, images reach a PSNR of \(kept.list)\(by).\(start)",
      certainty: kept.certainty, figure: figure(QualityMetric.psnr.rawValue))
  }

  /// Which of two inverses of the same model brings back more.
  private func methods() -> Headline? {
    guard let differences, let condition else { return nil }
    let rows = differences.rows.filter { row in
      let (a, b) = (models.name(of: row.storeA), models.name(of: row.storeB))
      return row.metric == QualityMetric.psnr.rawValue && row.condition == condition && row.match == "name"
        && a.model == b.model && !a.method.isEmpty && !b.method.isEmpty && row.difference != nil
    }
    // Of several pairs of inverses the one that is compared most often.
    var pairs: [(a: String, b: String, rows: [DifferenceTable.Row])] = []
    for row in rows {
      let (a, b) = (models.name(of: row.storeA).method, models.name(of: row.storeB).method)
      if let known = pairs.firstIndex(where: { $0.a == a && $0.b == b }) {
        pairs[known].rows.append(row)
      } else {
        pairs.append((a, b, [row]))
      }
    }
    guard let most = pairs.map(\.rows.count).max(), let pair = pairs.first(where: { $0.rows.count == most }) else {
      return nil
    }
    let settled = pair.rows.filter { ($0.adjusted ?? 1) < Self.level }
    let above = settled.count { ($0.difference ?? 0) > 0 }
    let below = settled.count - above
    let (winner, loser, wins, sign) =
      above >= below ? (pair.a, pair.b, above, 1.0) : (pair.b, pair.a, below, -1.0)
    let sorted = pair.rows.sorted { ($0.difference ?? 0) * sign < ($1.difference ?? 0) * sign }
    guard let least = sorted.first, let greatest = sorted.last else { return nil }
    let metric = QualityMetric.psnr.definition
    func amount(_ row: DifferenceTable.Row) -> String {
      "\(Sentences.value((row.difference ?? 0) * sign, of: metric)) (\(models.name(of: row.storeA).model), \(row.tapA))"
    }
    let all = pair.rows.count
    let claim =
      wins == 0
      ? "Whether the \(pair.a) or the \(pair.b) inverse brings back more is open."
      : wins == all
        ? "The \(winner) inverse brings back more than the \(loser) one, at every depth that both were measured at."
        : "The \(winner) inverse brings back more than the \(loser) one at \(wins) of \(all) depths."
    let text =
      all == 1
      ? "On the same images its PSNR differs by \(amount(greatest))."
      : "On the same images its PSNR is higher by \(amount(least)) to \(amount(greatest))."
    let counts = Sentences.images(pair.rows.map(\.count)).map { " over \($0)" } ?? ""
    let certainty =
      settled.count == all
      ? "\(all == 1 ? "The difference is" : "All \(all) differences are") significant (sign-flip test\(counts), p < 0.05 after "
        + "correction for multiple comparisons)."
      : "\(Sentences.capitalised(Sentences.count(settled.count))) of the \(all) differences "
        + "\(settled.count == 1 ? "is" : "are") significant (sign-flip test\(counts), p < 0.05 after correction for multiple "
        + "comparisons)."
    return Headline(
      rank: 1, claim: claim, text: text, certainty: certainty, figure: figure(QualityMetric.psnr.rawValue))
  }

  /// Whether the model recognises what comes back.
  private func agreement() -> Headline? {
    let kept = deepest(.top1Agreement)
    guard !kept.entries.isEmpty else { return nil }
    return Headline(
      rank: 7,
      claim: "Shown what came back from its deepest layer, a classifier gives the input's class to "
        + (kept.entries.count == 1
          ? "\(Sentences.percent(kept.entries[0].value)) of the images."
          : "\(Numbers.fixed((kept.entries.last?.value ?? 0) * 100, digits: 0)) to "
            + "\(Sentences.percent(kept.entries[0].value)) of the images."),
      text: "It is \(kept.list).", certainty: kept.certainty,
      figure: figure(QualityMetric.top1Agreement.rawValue))
  }
}
