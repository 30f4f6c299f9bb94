/// One measure by one estimator for all pairs of taps that were asked for.
struct PairTable {
  let measure: Similarity.Measure
  let estimator: Similarity.Estimator
  /// Images used.
  let n: Int
  let taps: Int
  /// For each tap without values, why.
  var reasons: [String?]
  private var values: [Double?]
  private var intervals: [(low: Double, high: Double)?]
  private var nulls: [[Double]]

  init(_ measure: Similarity.Measure, _ estimator: Similarity.Estimator, n: Int, taps: Int) {
    self.measure = measure
    self.estimator = estimator
    self.n = n
    self.taps = taps
    reasons = [String?](repeating: nil, count: taps)
    values = [Double?](repeating: nil, count: taps * taps)
    intervals = [(low: Double, high: Double)?](repeating: nil, count: taps * taps)
    nulls = [[Double]](repeating: [], count: taps * taps)
  }

  func value(_ a: Int, _ b: Int) -> Double? { values[a * taps + b] }
  func interval(_ a: Int, _ b: Int) -> (low: Double, high: Double)? { intervals[a * taps + b] }
  /// Scores of random pairings of the images.
  func null(_ a: Int, _ b: Int) -> [Double] { nulls[a * taps + b] }

  /// Keeps what a pair has, `a` not after `b`.
  mutating func set(
    _ a: Int, _ b: Int, _ value: Double?, interval: (low: Double, high: Double)? = nil, null: [Double] = []
  ) {
    values[a * taps + b] = value
    intervals[a * taps + b] = interval
    nulls[a * taps + b] = null
  }

  /// The 2.5th and 97.5th percentile of replicates; nil where there are none.
  static func interval(of replicates: [Double]) -> (low: Double, high: Double)? {
    guard let low = Quantile.linear(replicates, 0.025), let high = Quantile.linear(replicates, 0.975) else {
      return nil
    }
    return (low, high)
  }
}
