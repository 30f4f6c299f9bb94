import Analysis
import Formats

/// CKA by the formulas of docs/definitions.md, written down as they stand: double precision, whole matrices.
enum SimilarityReference {
  typealias Matrix = [[Double]]

  /// Rows of features as doubles, centred.
  static func rows(_ features: [Float], images: Int) -> Matrix {
    let columns = features.count / images
    var rows = (0..<images).map { image in features[image * columns..<(image + 1) * columns].map(Double.init) }
    for column in 0..<columns {
      let mean = rows.reduce(0) { $0 + $1[column] } / Double(images)
      for image in 0..<images { rows[image][column] -= mean }
    }
    return rows
  }

  static func linear(_ features: [Float], images: Int) -> Matrix {
    let rows = rows(features, images: images)
    return rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  static func gaussian(_ features: [Float], images: Int, fraction: Double = 1) -> Matrix {
    let rows = rows(features, images: images)
    let squares = rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } } }
    let above = (0..<images).flatMap { i in (i + 1..<images).map { squares[i][$0] } }.sorted()
    let median = (above[(above.count - 1) / 2] + above[above.count / 2]) / 2
    return squares.map { row in row.map { (-$0 / (2 * fraction * fraction * median)).exponential } }
  }

  /// Song et al. 2012, equation 5.
  static func debiased(_ k: Matrix, _ l: Matrix) -> Double {
    let n = k.count
    var trace = 0.0, cross = 0.0
    let kSums = (0..<n).map { i in (0..<n).reduce(0.0) { $0 + ($1 == i ? 0 : k[i][$1]) } }
    let lSums = (0..<n).map { i in (0..<n).reduce(0.0) { $0 + ($1 == i ? 0 : l[i][$1]) } }
    for i in 0..<n {
      cross += kSums[i] * lSums[i]
      for j in 0..<n where j != i { trace += k[i][j] * l[i][j] }
    }
    let count = Double(n)
    let whole = kSums.reduce(0, +) * lSums.reduce(0, +)
    return (trace + whole / ((count - 1) * (count - 2)) - 2 / (count - 2) * cross) / (count * (count - 3))
  }

  /// tr(KHLH) / (n − 1)².
  static func biased(_ k: Matrix, _ l: Matrix) -> Double {
    let n = k.count
    func centred(_ m: Matrix) -> Matrix {
      let means = m.map { $0.reduce(0, +) / Double(n) }
      let mean = means.reduce(0, +) / Double(n)
      return (0..<n).map { i in (0..<n).map { m[i][$0] - means[i] - means[$0] + mean } }
    }
    let (a, b) = (centred(k), centred(l))
    var sum = 0.0
    for i in 0..<n { for j in 0..<n { sum += a[i][j] * b[i][j] } }
    return sum / Double((n - 1) * (n - 1))
  }

  static func cka(_ k: Matrix, _ l: Matrix, _ hsic: (Matrix, Matrix) -> Double) -> Double {
    hsic(k, l) / (hsic(k, k) * hsic(l, l)).squareRoot()
  }

  /// Rows and columns of some images only, as often as they are named.
  static func part(_ matrix: Matrix, _ images: [Int]) -> Matrix {
    images.map { i in images.map { matrix[i][$0] } }
  }
}

extension Double {
  /// eˣ by its series after halving, so that the tests need no library for it.
  fileprivate var exponential: Double {
    var halvings = 0
    var x = self
    while abs(x) > 0.01 {
      x /= 2
      halvings += 1
    }
    var term = 1.0, sum = 1.0
    for k in 1...12 {
      term *= x / Double(k)
      sum += term
    }
    for _ in 0..<halvings { sum *= sum }
    return sum
  }
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
