/// A stream of random numbers that is the same on every machine and with every version of the standard library:
/// xoshiro256** (Blackman and Vigna, 2018), its state filled by SplitMix64.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// 2⁶⁴ divided by the golden ratio: the step of SplitMix64.
  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The stream of one seed, as the authors' own code fills the state.
  public init(seed: UInt64) {
    self.init(counter: seed)
  }

  /// A stream that depends on nothing but these words, in this order.
  public init(words: [UInt64]) {
    var hash: UInt64 = 0x5041_4C49_4D50_5345
    for word in words { hash = RandomStream.mix(hash ^ RandomStream.mix(word &+ RandomStream.step)) }
    self.init(counter: hash)
  }

  private init(counter start: UInt64) {
    var counter = start
    func splitMix() -> UInt64 {
      counter &+= RandomStream.step
      return RandomStream.mix(counter)
    }
    state = (splitMix(), splitMix(), splitMix(), splitMix())
  }

  /// The finaliser of SplitMix64: a bijection of 64 bits in which every bit depends on every other.
  public static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  public mutating func next() -> UInt64 {
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

  /// A whole number in `0 ..< bound`, each as likely as the other (Lemire, 2019).
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a bound above zero")
    let range = UInt64(bound)
    let rejected = (0 &- range) % range
    while true {
      let (high, low) = next().multipliedFullWidth(by: range)
      if low >= rejected { return Int(high) }
    }
  }

  /// A number in [0, 1), with 53 random bits.
  public mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }
}
