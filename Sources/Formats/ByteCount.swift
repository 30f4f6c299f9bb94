/// A number of bytes as people write it: `8G`, `512M`, `1.5 GiB`, `1073741824`. K, M, G and T are powers of 1024.
public enum ByteCount {
  /// What to give, as the end of a message.
  public static let forms = "give bytes, or a number with K, M, G or T behind it, such as 8G"

  /// nil for any other text, and for less than one byte.
  public static func parse(_ text: String) -> Int? {
    var rest = Substring(text.filter { $0 != " " }.uppercased())
    if rest.hasSuffix("IB") { rest = rest.dropLast(2) } else if rest.hasSuffix("B") { rest = rest.dropLast() }
    var factor = 1.0
    if let unit = rest.last, let power = "KMGT".firstIndex(of: unit) {
      rest = rest.dropLast()
      for _ in 0..."KMGT".distance(from: "KMGT".startIndex, to: power) { factor *= 1024 }
    }
    guard rest.allSatisfy({ $0.isNumber || $0 == "." }), let number = Double(rest) else { return nil }
    let bytes = number * factor
    return bytes >= 1 && bytes < 9e18 ? Int(bytes) : nil
  }
}
