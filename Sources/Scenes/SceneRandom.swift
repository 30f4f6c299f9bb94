import Formats

/// The generator behind every scene, with its own ways from bits to numbers, so that a seed draws the same pictures whatever
/// the version of Swift's standard library.
struct SceneRandom: Sendable {
  private var stream: RandomStream

  /// A stream that depends on nothing but these words, in this order.
  init(_ words: UInt64...) {
    stream = RandomStream(words: words)
  }

  /// The next 64 bits.
  mutating func next() -> UInt64 { stream.next() }

  /// A number in [0, 1), with 53 random bits.
  mutating func unit() -> Double { stream.unit() }

  /// A number in [low, high).
  mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * unit()
  }

  /// An integer in 0..<count (multiply and shift; the bias is below 2⁻³² for every count used here).
  mutating func index(_ count: Int) -> Int {
    precondition(count > 0 && count <= 1 << 31, "no index among \(count)")
    return Int(((next() >> 32) &* UInt64(count)) >> 32)
  }

  /// True with this probability.
  mutating func chance(_ probability: Double) -> Bool {
    unit() < probability
  }

  /// One of the values, each equally likely.
  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[index(values.count)]
  }

  /// An index drawn in proportion to the weights.
  mutating func weighted(_ weights: [Double]) -> Int {
    var rest = unit() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      if rest < weight { return index }
      rest -= weight
    }
    return weights.count - 1
  }

  /// The values in random order (Fisher and Yates).
  mutating func shuffled<Value>(_ values: [Value]) -> [Value] {
    var result = values
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, index(last + 1))
    }
    return result
  }
}
