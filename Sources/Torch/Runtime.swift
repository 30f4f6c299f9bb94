import CTorch

/// What libtorch does for the whole process: threads and memory.
public enum Runtime {
  /// How many threads an operation may use.
  public static var threads: Int {
    get { Int(pt_threads()) }
    set { pt_set_threads(Int32(clamping: newValue)) }
  }

  /// Keeps the memory of freed CPU tensors for the next ones, up to `limit` bytes.
  ///
  /// Memory fresh from the system is touched at a few GB/s, which for networks of many operations on large maps costs more
  /// than their arithmetic. Call it before the first tensor is made; a later call changes only the limit.
  public static func keepFreedMemory(limit: Int) {
    pt_memory_cache(limit)
  }

  /// Gives the memory kept for reuse back to the system.
  public static func trimMemory() {
    pt_memory_trim()
  }

  /// Bytes in CPU tensors now, the most there ever were, and bytes kept for reuse; zero unless memory is kept.
  public static var memory: (live: Int, peak: Int, cached: Int) {
    let statistics = pt_memory_statistics()
    return (Int(statistics.live), Int(statistics.peak), Int(statistics.cached))
  }

  /// Counts the arithmetic operations of `body`: matrix products, convolutions and attention, forward and backward. One
  /// thread counts at a time. A multiplication with its addition counts as two, as in PyTorch's `FlopCounterMode`; attention as two
  /// products forward and four backward whatever kernel computes it, as that counter has it of attention in plain products.
  ///
  /// - Throws: ``TorchError`` within another count, and what `body` throws.
  public static func countingOperations<Result>(_ body: () throws -> Result) throws -> (result: Result, operations: Int)
  {
    try check(pt_operations_begin(), "countingOperations")
    do {
      let result = try body()
      return (result, Int(clamping: pt_operations_end()))
    } catch {
      _ = pt_operations_end()
      throw error
    }
  }
}
