import Foundation

/// Numbers as people read them, the same in every locale.
public enum NumberText {
  /// With so many decimals.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = String(whole % Int(scale))
    return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
  }

  /// With four significant digits, at most nine decimals.
  public static func significant(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "\(value)" }
    return fixed(value, max(0, min(9, 3 - Int(log10(value).rounded(.down)))))
  }

  /// Bytes in binary units.
  public static func bytes(_ count: Int) -> String {
    var value = Double(count)
    var unit = 0
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) bytes" : "\(fixed(value, 1)) \(units[unit])"
  }

  /// Seconds: `75` as `1:15`.
  public static func duration(_ seconds: Double) -> String {
    let whole = max(0, Int(saturating: min(seconds, 359_999).rounded()))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    let tail = "\(hours > 0 && minutes < 10 ? "0" : "")\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    return hours > 0 ? "\(hours):\(tail)" : tail
  }
}
