/// Numbers as text, without a locale.
public enum Numbers {
  /// `value` with `digits` decimals, halves away from zero, never "-0.00"; `minus` is the sign written before
  /// negative values (a true minus by default; pass "-" for machines). Values of 1e15 and more, and those that are
  /// not finite, are written as Swift writes them.
  public static func fixed(_ value: Double, digits: Int, minus: String = "\u{2212}") -> String {
    precondition(digits >= 0 && digits <= 12, "0 to 12 decimals")
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled < 1e15 else { return "\(value)" }
    let whole = String(Int64(scaled))
    let sign = value < 0 && scaled > 0 ? minus : ""
    guard digits > 0 else { return sign + whole }
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }

  /// An integer with thin spaces between groups of three from 10 000 on: "3 321" stays "3321", "12000" is "12 000". The largest of
  /// all stands for every number beyond it (`Int(saturating:)`), and says so.
  public static func grouped(_ value: Int) -> String {
    guard value < .max else { return "≥ 2^63" }
    let digits = Array(String(value.magnitude))
    guard digits.count > 4 else { return String(value) }
    var text = value < 0 ? "\u{2212}" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return text
  }
}
