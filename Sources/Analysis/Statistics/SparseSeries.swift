/// Figures of some of many images: of those that show a class, for example.
struct SparseSeries: Sendable {
  /// Places of the images that have a figure, ascending.
  private(set) var images: [Int32] = []
  private(set) var values: [Double] = []

  /// Images come in order.
  mutating func append(_ image: Int, _ value: Double) {
    precondition(images.last.map { $0 < image } ?? true, "images in order")
    images.append(Int32(image))
    values.append(value)
  }

  /// The mean of the images drawn so often; nil where none of them has a figure.
  func mean(weights: [Int]) -> Double? {
    var sum = 0.0
    var total = 0
    for (image, value) in zip(images, values) {
      let weight = weights[Int(image)]
      sum += value * Double(weight)
      total += weight
    }
    return total > 0 ? sum / Double(total) : nil
  }

  /// The mean with its interval, percentiles being over the replicates; nil without any figure.
  func estimate(_ bootstrap: Bootstrap) -> MeanEstimate? {
    guard !values.isEmpty else { return nil }
    let means = values.count > 1 ? bootstrap.weights.compactMap { mean(weights: $0) } : []
    return MeanEstimate(values, replicates: means, method: .percentile)
  }
}
