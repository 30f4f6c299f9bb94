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
}
