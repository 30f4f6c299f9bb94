import Results

/// The values of one condition at one tap, with their replicates.
struct ConditionEstimates {
  let measured: FeatureResponse.Measured
  private let images: Int
  /// Of distance, distance shuffled, cosine, cosine shuffled.
  private let estimates: [MeanEstimate?]
  private let replicates: [[Double?]]

  init(_ measured: FeatureResponse.Measured, _ bootstrap: Bootstrap, threads: Int) {
    self.measured = measured
    let shuffled = [measured.distance.shuffled, measured.cosine.shuffled]
    let series = [measured.distance.own, shuffled[0].images, measured.cosine.own, shuffled[1].images]
    images = series[0].count
    let own = ReplicateMeans.means([series[0], series[2]], bootstrap, threads: threads)
    let baselines = shuffled.map { pairs in bootstrap.weights.map { pairs.mean(weights: $0) } }
    replicates = [own[0], baselines[0], own[1], baselines[1]]
    estimates = zip(series, replicates).enumerated().map { index, one in
      let (present, means) = (one.0.present, one.1.compactMap { $0 })
      guard !present.isEmpty else { return nil }
      guard index % 2 == 1 else { return MeanEstimate(present, hasInterval: bootstrap.replicates > 0) }
      // Every image has as many partners, so the mean over the pairs is that over the images.
      let value = present.reduce(0, +) / Double(present.count)
      let interval = ReplicateInterval.interval(value, replicates: means, images: present.count)
      return MeanEstimate(value: value, low: interval?.low, high: interval?.high, n: present.count)
    }
  }

  /// The value of a metric and, for each replicate, its value there; none where the definition gives none.
  func value(_ metric: ColorResponse.Metric, shuffled: Bool) -> (value: Double, replicates: [Double?])? {
    if metric == .conditionCKA {
      guard let own = shuffled ? measured.cka?.shuffled : measured.cka?.own, let value = own.value else {
        return nil
      }
      return (value, own.replicates)
    }
    let index = (metric == .cosine ? 2 : 0) + (shuffled ? 1 : 0)
    return estimates[index].map { ($0.value, replicates[index]) }
  }

  /// Lines of `color.csv`: each metric, then its shuffled baseline.
  func rows(store: String) -> [EstimateRow] {
    func labels(_ metric: ColorResponse.Metric, _ shuffled: Bool) -> [String] {
      [store, measured.condition, measured.tap, metric.key(shuffled: shuffled)]
    }
    var rows: [EstimateRow] = []
    for (metric, first) in [(ColorResponse.Metric.relativeL2, 0), (.cosine, 2)] {
      for shuffled in [false, true] {
        guard let estimate = estimates[first + (shuffled ? 1 : 0)] else { continue }
        rows.append(EstimateRow(labels: labels(metric, shuffled), estimate))
      }
    }
    if let cka = measured.cka {
      for (value, shuffled) in [(cka.own, false), (cka.shuffled, true)] {
        rows.append(
          EstimateRow(
            labels: labels(.conditionCKA, shuffled), value: value.value, low: value.interval?.low,
            high: value.interval?.high, n: images))
      }
    }
    return rows
  }
}

/// The hue curve of one tap, from the conditions that turn hue.
struct HueResponse {
  let curve: HueCurve
  /// One for each angle but the first.
  private let conditions: [ConditionEstimates]

  init(_ all: [ConditionEstimates]) {
    var turned: [(angle: Double, condition: ConditionEstimates)] = []
    for condition in all {
      // The original stands for no turn; of two names of one turn the first is taken.
      guard let angle = ConditionName.hueTurn(of: condition.measured.condition), angle > 0,
        !turned.contains(where: { $0.angle == angle })
      else { continue }
      turned.append((angle, condition))
    }
    turned.sort { $0.angle < $1.angle }
    curve = HueCurve(angles: [0] + turned.map(\.angle))
    conditions = turned.map(\.condition)
  }

  /// Lines of `hue.csv`: metrics, then statistics; none where the turns lie too far apart.
  func rows(store: String, tap: String) -> [EstimateRow] {
    guard curve.isComplete else { return [] }
    return ColorResponse.Metric.allCases.flatMap { metric -> [EstimateRow] in
      let own = conditions.compactMap { $0.value(metric, shuffled: false) }
      let baseline = conditions.compactMap { $0.value(metric, shuffled: true) }
      guard own.count == conditions.count, baseline.count == conditions.count,
        let values = normalized(metric, own.map(\.value), baseline.map(\.value))
      else { return [] }
      let statistics = curve.statistics(values)
      var replicates: [HueStatistic: [Double]] = [:]
      let count = (own + baseline).map(\.replicates.count).min() ?? 0
      for replicate in 0..<count {
        let (ownValues, baselineValues) = (
          own.compactMap { $0.replicates[replicate] }, baseline.compactMap { $0.replicates[replicate] }
        )
        guard ownValues.count == own.count, baselineValues.count == own.count,
          let values = normalized(metric, ownValues, baselineValues)
        else {
          continue
        }
        for (statistic, value) in curve.statistics(values) { replicates[statistic, default: []].append(value) }
      }
      let images = conditions[0].rows(store: store).first?.n ?? 0
      return HueStatistic.allCases.map { statistic in
        let value = statistics[statistic]
        let others = replicates[statistic] ?? []
        // A statistic that fewer than half of the replicates have has no interval.
        let interval = value.flatMap { value in
          2 * others.count < count ? nil : HueCurve.interval(statistic, value: value, others, images: images)
        }
        return EstimateRow(
          labels: [store, tap, metric.rawValue, statistic.rawValue], value: value, low: interval?.low,
          high: interval?.high, n: images)
      }
    }
  }

  /// The curve as 1 for the original and 0 at the mean baseline; nil where the two are one.
  private func normalized(_ metric: ColorResponse.Metric, _ own: [Double], _ baseline: [Double]) -> [Double]? {
    let mean = baseline.reduce(0, +) / Double(baseline.count)
    let range = metric.ofEqual - mean
    guard abs(range) > 1e-9 else { return nil }
    return [1] + own.map { ($0 - mean) / range }
  }
}
