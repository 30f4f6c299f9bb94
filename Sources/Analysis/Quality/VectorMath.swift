/// As many numbers of single precision as the measures compute at once.
package typealias Lanes = SIMD4<Float>
typealias LaneBits = SIMD4<UInt32>
/// The same in double precision.
typealias DoubleLanes = SIMD4<Double>

/// Elementary functions of several numbers at once, to about 1e-6 of their value.
package enum VectorMath {
  static let width = Lanes.scalarCount

  @inline(__always)
  static func bits(_ value: Lanes) -> LaneBits { unsafeBitCast(value, to: LaneBits.self) }

  @inline(__always)
  static func number(_ bits: LaneBits) -> Lanes { unsafeBitCast(bits, to: Lanes.self) }

  /// `first` where the mask is true, `second` elsewhere.
  @inline(__always)
  static func choose(_ mask: SIMDMask<SIMD4<Int32>>, _ first: Lanes, _ second: Lanes) -> Lanes {
    second.replacing(with: first, where: mask)
  }

  @inline(__always)
  static func larger(_ first: Lanes, _ second: Lanes) -> Lanes { choose(first .> second, first, second) }

  @inline(__always)
  static func smaller(_ first: Lanes, _ second: Lanes) -> Lanes { choose(first .< second, first, second) }

  /// The cube root of numbers above 0: a guess from the exponent for 1/∛x, then Newton's steps, which need no division.
  @inline(__always)
  package static func cubeRoot(_ x: Lanes) -> Lanes {
    let whole = bits(x)
    // A third of the bits.
    var third = (whole &>> 2) &+ (whole &>> 4)
    third = third &+ (third &>> 4)
    third = third &+ (third &>> 8)
    var root = number(LaneBits(repeating: 0x54A2_1C00) &- third)
    let share = x * Float(1.0 / 3)
    for _ in 0..<3 { root *= Float(4.0 / 3) - share * (root * root * root) }
    return x * (root * root)
  }

  /// e to the power of numbers in −80 ... 80.
  @inline(__always)
  package static func exponential(_ x: Lanes) -> Lanes {
    let power = x * Float(1.442_695_04)
    // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the lowest bits.
    let shifted = power + Float(12_582_912)
    let rest = power - (shifted - Float(12_582_912))
    var sum = Lanes(repeating: 1.540_353e-4)
    sum = sum * rest + Float(1.333_355_8e-3)
    sum = sum * rest + Float(9.618_129e-3)
    sum = sum * rest + Float(5.550_411e-2)
    sum = sum * rest + Float(2.402_265_1e-1)
    sum = sum * rest + Float(6.931_472e-1)
    sum = sum * rest + Float(1)
    return number(bits(sum) &+ (bits(shifted) &<< 23))
  }

  /// The angle between the direction of (x, y) and the first axis, 0 ... π; 0 for no direction.
  @inline(__always)
  package static func angle(_ x: Lanes, _ y: Lanes) -> Lanes {
    let (across, up) = (larger(x, -x), larger(y, -y))
    let ratio = smaller(across, up) / larger(larger(across, up), Lanes(repeating: 1e-30))
    // The arc tangent of 0 ... 1, least largest error.
    let square = ratio * ratio
    var sum = Lanes(repeating: 0.002_849_888_3)
    sum = sum * square - Float(0.016_068_624)
    sum = sum * square + Float(0.042_691_51)
    sum = sum * square - Float(0.075_042_94)
    sum = sum * square + Float(0.106_409_334)
    sum = sum * square - Float(0.142_036_438)
    sum = sum * square + Float(0.199_926_198)
    sum = sum * square - Float(0.333_330_721)
    sum = sum * square + Float(1)
    let least = sum * ratio
    let acute = choose(up .> across, Float.pi / 2 - least, least)
    return choose(x .< Float(0), Float.pi - acute, acute)
  }

  /// The sum of the lanes, in a fixed order.
  @inline(__always)
  static func total(_ x: Lanes) -> Double { Double(x[0]) + Double(x[1]) + (Double(x[2]) + Double(x[3])) }
}

extension UnsafePointer<Float> {
  @inline(__always)
  func lanes(_ index: Int) -> Lanes {
    UnsafeRawPointer(self).loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
  }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always)
  func lanes(_ index: Int) -> Lanes {
    UnsafeRawPointer(self).loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
  }

  @inline(__always)
  func store(_ value: Lanes, _ index: Int) {
    UnsafeMutableRawPointer(self).storeBytes(of: value, toByteOffset: index * 4, as: Lanes.self)
  }
}

extension UnsafePointer<Double> {
  @inline(__always)
  func lanes(_ index: Int) -> DoubleLanes {
    UnsafeRawPointer(self).loadUnaligned(fromByteOffset: index * 8, as: DoubleLanes.self)
  }
}

extension UnsafeMutablePointer<Double> {
  @inline(__always)
  func store(_ value: DoubleLanes, _ index: Int) {
    UnsafeMutableRawPointer(self).storeBytes(of: value, toByteOffset: index * 8, as: DoubleLanes.self)
  }
}
