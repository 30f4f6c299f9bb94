import Formats
import Foundation

/// Ranks of numbers.
public enum Ranks {
  /// A number as bits that sort as numbers do, and where it stood.
  private struct Keyed: BitwiseCopyable {
    let key: UInt64
    let index: Int
  }

  /// For each number its rank among all, from 1; equal numbers get the mean of the ranks they share, as scipy's `rankdata`.
  public static func averaged(_ values: [Double]) -> [Double] {
    let buffer = Buffer<Double>(values.count)
    for (index, value) in values.enumerated() { buffer.pointer[index] = value }
    replaceByRanks(buffer)
    return Array(buffer.values)
  }

  /// Spearman's ρ; nil where all numbers of a side are equal.
  public static func correlation(_ first: [Double], _ second: [Double]) -> Double? {
    precondition(first.count == second.count, "numbers in pairs")
    let middle = Double(first.count + 1) / 2
    let (a, b) = (averaged(first).map { $0 - middle }, averaged(second).map { $0 - middle })
    let (own, other) = (a.reduce(0) { $0 + $1 * $1 }, b.reduce(0) { $0 + $1 * $1 })
    guard own > 0, other > 0 else { return nil }
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (own * other).squareRoot()
  }

  /// Ranks in place, for millions of numbers on all cores: numbers are dealt to buckets that lie one above the other,
  /// and every bucket is sorted by itself.
  ///
  /// - Parameter tolerance: numbers count as equal to the first of a run of sorted ones if they are no further from it than this;
  ///   so numbers that rounding alone tells apart share a rank.
  static func replaceByRanks(_ values: Buffer<Double>, tolerance: Double = 0) {
    let count = values.count
    let splitters = splitters(values.values)
    let chunks = pieces(of: 0..<count, size: max(1 << 16, (count + 15) / 16))
    let buckets = splitters.count + 1
    // How many of each chunk fall into each bucket, then where they go.
    let counts = Buffer<Int>(max(1, chunks.count) * buckets)
    counts.pointer.initialize(repeating: 0, count: counts.count)
    inParallel(chunks.count) { chunk in
      let own = counts.pointer + chunk * buckets
      for index in chunks[chunk] { own[bucket(of: key(values.pointer[index]), splitters)] += 1 }
    }
    var starts = [0]
    for bucket in 0..<buckets {
      var next = starts[bucket]
      for chunk in chunks.indices {
        let index = chunk * buckets + bucket
        (counts.pointer[index], next) = (next, next + counts.pointer[index])
      }
      starts.append(next)
    }
    let keyed = Buffer<Keyed>(count)
    inParallel(chunks.count) { chunk in
      let next = counts.pointer + chunk * buckets
      for index in chunks[chunk] {
        let key = key(values.pointer[index])
        let bucket = bucket(of: key, splitters)
        keyed.pointer[next[bucket]] = Keyed(key: key, index: index)
        next[bucket] += 1
      }
    }
    inParallel(buckets) { [starts] bucket in
      let range = starts[bucket]..<starts[bucket + 1]
      var sorted = UnsafeMutableBufferPointer(start: keyed.pointer + range.lowerBound, count: range.count)
      sorted.sort { $0.key < $1.key }
    }
    var first = 0
    while first < count {
      let last = key(value(of: keyed.pointer[first].key) + tolerance)
      var end = first + 1
      while end < count, keyed.pointer[end].key <= last { end += 1 }
      let rank = Double(first + 1 + end) / 2
      for index in first..<end { values.pointer[keyed.pointer[index].index] = rank }
      first = end
    }
  }

  /// Numbers between which buckets of about the same size lie: quantiles of some thousands of all.
  private static func splitters(_ values: UnsafeBufferPointer<Double>) -> [UInt64] {
    guard values.count > 1 << 16 else { return [] }
    let sample = stride(from: 0, to: values.count, by: values.count / 8192).map { key(values[$0]) }.sorted()
    let chosen = (1..<256).map { sample[$0 * sample.count / 256] }
    return chosen.indices.filter { $0 == 0 || chosen[$0] != chosen[$0 - 1] }.map { chosen[$0] }
  }

  /// How many splitters do not exceed the key.
  private static func bucket(of key: UInt64, _ splitters: [UInt64]) -> Int {
    var (low, high) = (0, splitters.count)
    while low < high {
      let middle = (low + high) / 2
      if splitters[middle] <= key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Bits that sort as the numbers do; both zeros are one number.
  private static func key(_ value: Double) -> UInt64 {
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// The number of such bits.
  private static func value(of key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }
}
