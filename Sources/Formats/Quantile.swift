/// Order statistics.
public enum Quantile {
  /// The quantile of `values` between neighbours interpolated linearly, as numpy's default (Hyndman and Fan's type 7).
  ///
  /// - Parameter fraction: in 0 ... 1.
  /// - Returns: nil where there are no values.
  public static func linear(_ values: [Double], _ fraction: Double) -> Double? {
    linear(sorted: values.sorted(), fraction)
  }

  /// The same of values that are sorted already, ascending.
  public static func linear(sorted: [Double], _ fraction: Double) -> Double? {
    linear(sorted: sorted, position: fraction * Double(sorted.count - 1))
  }

  /// The same at a position between the first value, 0, and the last.
  public static func linear(sorted: [Double], position: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let below = Int(position.rounded(.down))
    let above = min(below + 1, sorted.count - 1)
    let share = position - Double(below)
    return sorted[below] + (sorted[above] - sorted[below]) * share
  }

  /// The median of numbers not below zero, in memory of a few hundred kilobytes: found by counting the leading 16 bits,
  /// then the next, for such numbers sort as their bits do.
  ///
  /// - Returns: the mean of the two in the middle where their number is even; nil where there are none.
  public static func median(nonNegative values: UnsafeBufferPointer<Double>) -> Double? {
    guard !values.isEmpty else { return nil }
    let lower = (values.count - 1) / 2
    let (first, following) = orderStatistic(values, lower)
    guard values.count % 2 == 0 else { return first }
    if following > lower + 1 { return first }
    var next = Double.infinity
    for value in values where value > first && value < next { next = value }
    return (first + next) / 2
  }

  /// The value at `rank` of the sorted values, none of which is below zero; 0 where there are none.
  package static func value(nonNegative values: UnsafeBufferPointer<Double>, rank: Int) -> Double {
    values.isEmpty ? 0 : orderStatistic(values, rank).0
  }

  /// The value at `rank` of the sorted values, and how many values do not exceed it.
  private static func orderStatistic(_ values: UnsafeBufferPointer<Double>, _ rank: Int) -> (Double, Int) {
    var prefix: UInt64 = 0
    var mask: UInt64 = 0
    var below = 0
    var equal = values.count
    for shift in stride(from: UInt64(48), through: 0, by: -16) {
      var counts = [Int](repeating: 0, count: 1 << 16)
      counts.withUnsafeMutableBufferPointer { counts in
        for value in values where value.bitPattern & mask == prefix {
          counts[Int((value.bitPattern >> shift) & 0xFFFF)] += 1
        }
      }
      var digit = 0
      while below + counts[digit] <= rank {
        below += counts[digit]
        digit += 1
      }
      equal = counts[digit]
      prefix |= UInt64(digit) << shift
      mask |= 0xFFFF << shift
    }
    return (Double(bitPattern: prefix), below + equal)
  }
}
