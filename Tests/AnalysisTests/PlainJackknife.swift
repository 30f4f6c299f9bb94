import Analysis

/// The interval of debiased CKA and of differences of it, by the formulas of docs/definitions.md in plain loops.
enum PlainJackknife {
  typealias Matrix = PlainCKA.Matrix

  /// q_ij of the value of two kernels, `[images, images]`.
  static func shares(_ k: Matrix, _ l: Matrix) -> Matrix {
    let (k, l) = (centredWithoutDiagonal(k), centredWithoutDiagonal(l))
    let (kl, kk, ll) = (sum(k, l), sum(k, k), sum(l, l))
    let value = kl / (kk * ll).squareRoot()
    return k.indices.map { i in
      k.indices.map { j in
        k[i][j] * l[i][j] / (kk * ll).squareRoot() - value * k[i][j] * k[i][j] / (2 * kk)
          - value * l[i][j] * l[i][j] / (2 * ll)
      }
    }
  }

  /// t times the standard error, from the figure without each image and the shares of pairs in it.
  static func half(without: [Double], shares: Matrix) -> Double? {
    let n = Double(without.count)
    let change = 2 * n * (n - 2) / ((n - 1) * (n - 4))
    let rows = (n - 1) / (n - 2) - 2 * (n - 1) / (n * (n - 3))
    let pairs = 2 * (n - 1) / (n - 3)
    let together = sum(shares, shares)
    let mean = without.reduce(0, +) / n
    func moment(_ power: Int) -> Double {
      without.reduce(0) { total, value in total + (0..<power).reduce(1) { product, _ in product * (value - mean) } } / n
    }
    let jackknife = (n - 1) * moment(2)
    let variance = max(
      jackknife - ((n - 1) / n * change * change * rows - pairs) * together, pairs * together / 2)
    let kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (moment(4) / (moment(2) * moment(2)) - 3) + 6)
    let share = (variance / jackknife) * (variance / jackknife)
    let degrees = (n - 1) / (1 + max(0, kurtosis) / 2) * min(1, max(0.4, share))
    return StudentDistribution.quantile(central: 0.95, degrees: degrees).map { $0 * variance.squareRoot() }
  }

  private static func sum(_ a: Matrix, _ b: Matrix) -> Double {
    a.indices.reduce(0) { total, i in a.indices.reduce(total) { $0 + a[i][$1] * b[i][$1] } }
  }

  /// U-centring (Székely and Rizzo 2014).
  private static func centredWithoutDiagonal(_ k: Matrix) -> Matrix {
    let n = Double(k.count)
    let rows = k.indices.map { i in k.indices.reduce(0) { $0 + ($1 == i ? 0 : k[i][$1]) } }
    let all = rows.reduce(0, +)
    return k.indices.map { i in
      k.indices.map { j in
        i == j ? 0 : k[i][j] - rows[i] / (n - 2) - rows[j] / (n - 2) + all / ((n - 1) * (n - 2))
      }
    }
  }
}
