/// The generator behind every scene: xoshiro256** (Blackman and Vigna 2018), its state filled by SplitMix64.
///
/// It is our own, with our own ways from bits to numbers, so that a seed draws the same pictures whatever the version
/// of Swift's standard library.
struct SceneRandom: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// A stream that depends on nothing but these words, in this order.
  init(_ words: UInt64...) {
    var hash: UInt64 = 0x5041_4C49_4D50_5345
    for word in words {
      hash = SceneRandom.mix(hash ^ SceneRandom.mix(word &+ 0x9E37_79B9_7F4A_7C15))
    }
    func next() -> UInt64 {
      hash &+= 0x9E37_79B9_7F4A_7C15
      return SceneRandom.mix(hash)
    }
    state = (next(), next(), next(), next())
  }

  /// The finaliser of SplitMix64: a bijection of 64 bits that avalanches.
  static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// A number in [0, 1), with 53 random bits.
  mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

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
