import Results

/// How stores of the same images differ.
extension Quality {
  /// Which taps of two stores are compared.
  public enum Match: String, Sendable {
    /// Taps of the same name.
    case name
    /// Taps as far along their stores' taps.
    case depth
  }

  /// One paired difference: the first store's figure of each image less the second's.
  public struct DifferenceRow: Sendable, Equatable {
    public let storeA: String
    public let storeB: String
    public let condition: String
    public let match: Match
    public let tapA: String
    public let tapB: String
    public let metric: Metric
    public let difference: PairedImageDifference
    /// The p-value raised for the number of rows with the same metric and match.
    public fileprivate(set) var adjustedPValue: Double
  }

  /// `quality_differences.csv`.
  public static func table(of differences: [DifferenceRow]) -> TidyTable {
    var table = TidyTable(.qualityDifferences)
    for row in differences {
      let (difference, estimate) = (row.difference, row.difference.estimate)
      table.append([
        .text(row.storeA), .text(row.storeB), .text(row.condition), .text(row.match.rawValue), .text(row.tapA),
        .text(row.tapB), .text(row.metric.rawValue), .integer(estimate.n), .real(estimate.value), .real(estimate.low),
        .real(estimate.high), .real(difference.pValue), .real(row.adjustedPValue), .real(difference.standardized),
        .real(difference.rankBiserial),
      ])
    }
    return table
  }

  /// Differences between every two stores under every condition that both have.
  ///
  /// - Returns: also a sentence for each two stores that have no image in common.
  static func differences(
    _ parts: [StoreQualityMeasurement], _ measured: [StoreQualityMeasurement.Measured], _ settings: Settings
  ) throws -> (rows: [DifferenceRow], notes: [String]) {
    var rows: [DifferenceRow] = []
    var notes: [String] = []
    for first in parts.indices {
      for second in parts.indices.dropFirst(first + 1)
      where parts[first].store.name != parts[second].store.name && parts[first].condition == parts[second].condition {
        let differences = try StoreDifferences(
          a: parts[first], b: parts[second], measuredA: measured[first], measuredB: measured[second],
          metrics: settings.metrics
        ).rows(settings)
        guard let differences else {
          notes.append(
            "\(parts[first].store.name) and \(parts[second].store.name) have no image in common under"
              + " \(parts[first].condition), so there are no differences; reconstruct the same images")
          continue
        }
        rows += differences
      }
    }
    for metric in settings.metrics {
      for match in [Match.name, .depth] {
        let family = rows.indices.filter { rows[$0].metric == metric && rows[$0].match == match }
        let adjusted = settings.correction.adjust(family.map { rows[$0].difference.pValue })
        for (index, value) in zip(family, adjusted) { rows[index].adjustedPValue = value }
      }
    }
    return (rows, notes)
  }
}

/// Two stores under one condition.
private struct StoreDifferences {
  let a: StoreQualityMeasurement
  let b: StoreQualityMeasurement
  let measuredA: StoreQualityMeasurement.Measured
  let measuredB: StoreQualityMeasurement.Measured
  let metrics: [Quality.Metric]

  /// The differences; nil where there is no image in common.
  func rows(_ settings: Quality.Settings) throws -> [Quality.DifferenceRow]? {
    let images = commonImages()
    guard !images.isEmpty else { return nil }
    var keys: [(match: Quality.Match, a: Int, b: Int, metric: Int)] = []
    for (match, pairs) in [(Quality.Match.name, namedPairs()), (.depth, depthPairs())] {
      for pair in pairs { for metric in metrics.indices { keys.append((match, pair.0, pair.1, metric)) } }
    }
    let series = keys.map { key in
      var series = ImageSeries(count: images.count)
      for (index, image) in images.enumerated() {
        guard let first = measuredA[key.a][key.metric][image.0], let second = measuredB[key.b][key.metric][image.1]
        else { continue }
        series[index] = first - second
      }
      return series
    }
    var comparison = PairedImageDifference.Settings()
    comparison.bootstrap = settings.selection.bootstrap
    comparison.interval = settings.interval
    comparison.permutations = settings.permutations
    comparison.seed = settings.selection.seed
    return zip(keys, try PairedImageDifference.compare(series, comparison)).compactMap { key, difference in
      difference.map {
        Quality.DifferenceRow(
          storeA: a.store.name, storeB: b.store.name, condition: a.condition, match: key.match, tapA: a.taps[key.a],
          tapB: b.taps[key.b], metric: metrics[key.metric], difference: $0, adjustedPValue: $0.pValue)
      }
    }
  }

  /// Places in both parts of the images measured in both, in the order of the first.
  private func commonImages() -> [(Int, Int)] {
    let (keysOfA, keysOfB) = (
      ImageIdentity.keys(a.store.store.imagePaths), ImageIdentity.keys(b.store.store.imagePaths)
    )
    let indices = Dictionary(
      b.rows.enumerated().map { (keysOfB[$0.element], $0.offset) }, uniquingKeysWith: { first, _ in first })
    return a.rows.enumerated().compactMap { index, row in indices[keysOfA[row]].map { (index, $0) } }
  }

  private func namedPairs() -> [(Int, Int)] {
    a.taps.enumerated().compactMap { index, tap in b.taps.firstIndex(of: tap).map { (index, $0) } }
  }

  /// Places of the taps that lie on the way from the image: heads stand beside each other and have no depth among them.
  private static func layers(_ part: StoreQualityMeasurement) -> [Int] {
    let stored = (try? part.store.store.taps(condition: part.condition)) ?? []
    let heads = Set(stored.filter { $0.role == .head }.map(\.name))
    return part.taps.indices.filter { !heads.contains(part.taps[$0]) }
  }

  /// For every layer of the store with fewer of them the layer of the other that lies nearest in relative depth, the
  /// shallower of two as near; none where all taps have the same names.
  private func depthPairs() -> [(Int, Int)] {
    guard a.taps != b.taps else { return [] }
    let (first, second) = (StoreDifferences.layers(a), StoreDifferences.layers(b))
    func depth(_ index: Int, _ count: Int) -> Double { count > 1 ? Double(index) / Double(count - 1) : 0 }
    func nearest(_ wanted: Double, _ count: Int) -> Int {
      (0..<count).reduce(0) { abs(depth($1, count) - wanted) < abs(depth($0, count) - wanted) - 1e-12 ? $1 : $0 }
    }
    guard !first.isEmpty, !second.isEmpty else { return [] }
    if first.count <= second.count {
      return first.indices.map { (first[$0], second[nearest(depth($0, first.count), second.count)]) }
    }
    return second.indices.map { (first[nearest(depth($0, second.count), first.count)], second[$0]) }
  }
}
