extension FixedWidthInteger {
  /// The whole part of a number, cut to what this type can hold: the largest and the smallest whole number stand for everything
  /// beyond them, 0 for a number that is none (NaN). `Int(_:)` of the standard library ends the program there, so every number
  /// that comes from a file, an option or arithmetic on such numbers is converted here, or by `Int(exactly:)`.
  @inlinable
  public init(saturating value: Double) {
    let whole = value.rounded(.towardZero)
    self = Self(exactly: whole) ?? (whole.isNaN ? 0 : whole < 0 ? .min : .max)
  }
}

extension Int {
  /// The product; nil where it is no longer a whole number that the machine can count with.
  public static func product(_ factors: Int...) -> Int? {
    var product = 1
    for factor in factors {
      let (next, isOverflow) = product.multipliedReportingOverflow(by: factor)
      if isOverflow { return nil }
      product = next
    }
    return product
  }
}
