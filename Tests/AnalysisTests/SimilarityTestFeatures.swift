import Analysis
import Formats

extension PlainCKA {
  /// Rows of features, `[images, columns]` numbers one after another.
  static func rows(_ features: [Float], images: Int) -> Matrix {
    let columns = features.count / images
    return (0..<images).map { image in features[image * columns..<(image + 1) * columns].map(Double.init) }
  }

  static func linear(_ features: [Float], images: Int) -> Matrix { linearKernel(rows(features, images: images)) }

  static func gaussian(_ features: [Float], images: Int) -> Matrix { gaussianKernel(rows(features, images: images)) }
}

/// Features made for tests.
struct TestFeatures {
  var stream: RandomStream

  init(seed: UInt64) { stream = RandomStream(seed: seed) }

  /// About normal: the sum of twelve uniform numbers less six.
  mutating func normal() -> Float {
    var sum = -6.0
    for _ in 0..<12 { sum += Double(stream.next() >> 11) * 0x1p-53 }
    return Float(sum)
  }

  mutating func independent(_ images: Int, _ columns: Int) -> [Float] {
    (0..<images * columns).map { _ in normal() }
  }

  /// Taps that share three hidden numbers an image, the more the smaller `noise` is.
  mutating func related(_ images: Int, _ columns: [Int], noise: Float) -> [[Float]] {
    let hidden = independent(images, 3)
    return columns.map { count in
      let mix = independent(3, count)
      return (0..<images).flatMap { image in
        (0..<count).map { column in
          (0..<3).reduce(noise * normal()) { $0 + hidden[image * 3 + $1] * mix[$1 * count + column] }
        }
      }
    }
  }
}

/// Percentiles by their definition, beside the implementation that is tested.
enum Percentile {
  /// `numpy.percentile(values, percent)`, whose default interpolates linearly between neighbours.
  static func linear(_ values: [Double], _ percent: Double) -> Double {
    let sorted = values.sorted()
    let position = percent / 100 * Double(values.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return sorted[index] }
    return sorted[index] * (Double(index + 1) - position) + sorted[index + 1] * (position - Double(index))
  }
}

extension MemorySource {
  /// Taps `tap.0`, `tap.1`, … of one token.
  static func taps(_ features: [[Float]], images: Int) throws -> MemorySource {
    try MemorySource(
      taps: features.enumerated().map { index, values in
        (TapShape(name: "tap.\(index)", tokens: 1, channels: values.count / images), values)
      }, imagePaths: (0..<images).map { "image.\($0).png" })
  }
}

extension Similarity.Result {
  func row(
    _ a: String, _ b: String, _ measure: Similarity.Measure = .ckaLinear,
    _ estimator: Similarity.Estimator = .debiased
  ) -> Similarity.Row? {
    rows.first { $0.a.tap == a && $0.b.tap == b && $0.measure == measure && $0.estimator == estimator }
  }
}
