/// How the sum over pairs of images of two kernels becomes what it would be without one of the images, and what that adds to the
/// jackknife's variance where two images say something only together.
///
/// With c_i = Σ_j K_ij L_ij, k_i = Σ_j K_ij and S = Σ_i c_i the sum without image i is S − products · c_i − rowSums · k_i l_i.
struct DeletedImage {
  let products: Double
  let rowSums: Double
  /// What the sum of the set counts by, and what it counts by without one image.
  let scale: Double
  let scaleWithout: Double
  /// With q_ij the share of a pair of images in the value (``PairForm``) and the q_ij without relation to each other, the value's
  /// variance is pairs · Σ_{i≠j} q²_ij, and the jackknife's is excess · Σ_{i≠j} q²_ij more than that.
  let pairs: Double
  let excess: Double

  /// Of U-centred kernels, whose k_i are 0: the debiased HSIC of the other m − 1 images of a set, which are centred anew.
  ///
  /// - Parameters:
  ///   - images: m, those of the set.
  ///   - all: n, those of all sets.
  ///   - isMinibatch: whether the set is one of several, for which sums are divided by m(m − 3).
  static func hsic(images: Int, of all: Int, isMinibatch: Bool) -> DeletedImage {
    let (m, n) = (Double(images), Double(all))
    let (scale, without) = (1 / (m * (m - 3)), 1 / ((m - 1) * (m - 4)))
    let products = 2 * (m - 2) / (m - 3)
    // The row sums of q change by `change`, and their squares are `rows` times the squares of the q_ij: U-centring relates pairs.
    let change = products * without / scale
    let rows = (m - 1) / (m - 2) - 2 * (m - 1) / (m * (m - 3))
    let pairs = 2 * (m - 1) / (m - 3)
    return DeletedImage(
      products: products, rowSums: 0, scale: isMinibatch ? scale : 1, scaleWithout: isMinibatch ? without : 1,
      pairs: pairs, excess: (n - 1) / n * change * change * rows - pairs)
  }

  /// Of ranks, which sum to 0: the covariance of those of the other images, less its means.
  static func ranks(images: Int) -> DeletedImage {
    let n = Double(images)
    return DeletedImage(
      products: 2, rowSums: 4 / ((n - 1) * (n - 2)), scale: 1, scaleWithout: 1, pairs: 2, excess: 2)
  }
}

/// What a pair of images adds to the value T = ⟨K, L⟩ / √(⟨K, K⟩⟨L, L⟩) of two kernels, to the first order; 0 in sum:
///
///     q_ij = w · (K_ij L_ij / √(⟨K, K⟩⟨L, L⟩) − T · K²_ij / 2⟨K, K⟩ − T · L²_ij / 2⟨L, L⟩)
struct PairForm: Sendable {
  let a: Int
  let b: Int
  /// Of K_ij L_ij, K²_ij and L²_ij.
  let product: Double
  let first: Double
  let second: Double

  /// - Parameters:
  ///   - inner: ⟨K, L⟩ of all pairs of kernels, `[kernels, kernels]`.
  ///   - scale: w.
  init(_ a: Int, _ b: Int, inner: [Double], kernels: Int, scale: Double) {
    let (norm, other) = (inner[a * kernels + a], inner[b * kernels + b])
    let value = inner[a * kernels + b] / (norm * other).squareRoot()
    self.a = a
    self.b = b
    product = scale / (norm * other).squareRoot()
    first = scale * value / (2 * norm)
    second = scale * value / (2 * other)
  }

  /// Σ_{i≠j} q²_ij from sums of squares and cubes, `[kernels, kernels]` each.
  func squares(squares: [Double], cubes: [Double], kernels: Int) -> Double {
    func square(_ a: Int, _ b: Int) -> Double { squares[a * kernels + b] }
    let mixed = product * (first * cubes[a * kernels + b] + second * cubes[b * kernels + a])
    return max(
      0,
      product * product * square(a, b) + first * first * square(a, a) + second * second * square(b, b)
        + 2 * first * second * square(a, b) - 2 * mixed)
  }
}
