import Formats
import Synchronization

/// Means of many series over the same replicates of a bootstrap, on several threads.
enum ReplicateMeans {
  /// By series the mean of each replicate; nil where only gaps were drawn.
  static func means(_ series: [ImageSeries], _ bootstrap: Bootstrap, threads: Int) -> [[Double?]] {
    let results = Mutex([[Double?]](repeating: [], count: series.count))
    inParallel(series.count, threads: threads) { index in
      let means = bootstrap.weights.map { series[index].mean(weights: $0) }
      results.withLock { $0[index] = means }
    }
    return results.withLock { $0 }
  }

  /// Means with their intervals, all series by the same draws; nil for a series of nothing but gaps.
  static func estimates(_ series: [ImageSeries], _ bootstrap: Bootstrap, threads: Int) -> [MeanEstimate?] {
    zip(series, means(series, bootstrap, threads: threads)).map { values, means in
      let present = values.present
      return present.isEmpty
        ? nil
        : MeanEstimate(
          present, replicates: means.compactMap { $0 }, method: .percentile, isOutcome: values.isOutcome)
    }
  }
}
