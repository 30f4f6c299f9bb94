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

  /// The mean with its interval, if wanted; nil without any figure.
  func estimate(hasInterval: Bool) -> MeanEstimate? {
    values.isEmpty ? nil : MeanEstimate(values, hasInterval: hasInterval)
  }
}
