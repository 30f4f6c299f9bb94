/// How sums over pairs of images were made, as provenance has it.
enum StatisticsWay {
  /// - Parameter ways: whether products of columns were taken, of everything that was measured.
  /// - Returns: `moments` for products of columns, `kernels` for products of all pairs of images, or both; nil for nothing.
  static func text(_ ways: Set<Bool>) -> String? {
    let names = [(true, "moments"), (false, "kernels")].filter { ways.contains($0.0) }.map(\.1)
    return names.isEmpty ? nil : names.joined(separator: ",")
  }
}
