/// Sums over contiguous memory in a fixed order, eight numbers at a time.
enum VectorSums {
  /// Adds `count` numbers of `source` to `target`, one by one, and returns their sum.
  static func addAndSum(
    _ source: UnsafePointer<Double>, _ count: Int, into target: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = SIMD8<Double>.zero
    let from = UnsafeRawPointer(source)
    let to = UnsafeMutableRawPointer(target)
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let values = from.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
      sum += values
      let old = UnsafeRawPointer(to).loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
      to.storeBytes(of: old + values, toByteOffset: index * 8, as: SIMD8<Double>.self)
    }
    var total = sum.sum()
    for index in whole..<count {
      total += source[index]
      target[index] += source[index]
    }
    return total
  }

  /// Adds numbers of single precision to a row of doubles.
  static func add(_ source: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Double>) {
    let from = UnsafeRawPointer(source)
    let to = UnsafeMutableRawPointer(target)
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let values = SIMD8<Double>(from.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      let old = UnsafeRawPointer(to).loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
      to.storeBytes(of: old + values, toByteOffset: index * 8, as: SIMD8<Double>.self)
    }
    for index in whole..<count { target[index] += Double(source[index]) }
  }

  /// Writes `source − shift` to `target` and returns the sum of squares of what it wrote.
  static func subtract(
    _ shift: UnsafePointer<Float>, from source: UnsafePointer<Float>, _ count: Int,
    into target: UnsafeMutablePointer<Float>
  ) -> Double {
    var squares = SIMD8<Double>.zero
    let from = UnsafeRawPointer(source)
    let shifts = UnsafeRawPointer(shift)
    let to = UnsafeMutableRawPointer(target)
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let difference =
        from.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self)
        - shifts.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self)
      to.storeBytes(of: difference, toByteOffset: index * 4, as: SIMD8<Float>.self)
      let wide = SIMD8<Double>(difference)
      squares += wide * wide
    }
    var total = squares.sum()
    for index in whole..<count {
      let difference = source[index] - shift[index]
      target[index] = difference
      total += Double(difference) * Double(difference)
    }
    return total
  }
}
