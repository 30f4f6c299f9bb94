import Results

extension MultipleComparisons {
  /// Adjusted p-values in the order of those given, each at most 1.
  public func adjust(_ values: [Double]) -> [Double] {
    let count = values.count
    // Equal values keep their order, which changes nothing: they are adjusted to the same.
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var adjusted = values
    switch self {
    case .holm:
      var highest = 0.0
      for (position, index) in order.enumerated() {
        highest = max(highest, min(1, Double(count - position) * values[index]))
        adjusted[index] = highest
      }
    case .benjaminiHochberg:
      var lowest = 1.0
      for (position, index) in order.enumerated().reversed() {
        lowest = min(lowest, Double(count) / Double(position + 1) * values[index])
        adjusted[index] = lowest
      }
    }
    return adjusted
  }
}
