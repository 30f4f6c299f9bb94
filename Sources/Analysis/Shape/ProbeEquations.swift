/// What of one image says how much of its original is in some reconstructions, beyond what its probe shows.
///
/// Over the pixels in which probe x′ and original x differ, in RGB, each image less its mean over the images: the regressors are
/// x − x′, x′, and x′ smoothed by squares of growing size; the responses are the reconstructions.
struct ProbeEquations: Sendable {
  /// Inner products of the regressors, and by response those with the response; x − x′ is the first regressor.
  private let products: [[Double]]
  private let responses: [[Double]]

  /// - Parameters:
  ///   - changed: the places of the changed pixels.
  ///   - original, probe: the pixels less their means; likewise each of `responses`.
  init(
    changed: [Int], height: Int, width: Int, original: [Float], probe: [Float], responses: [[Float]]
  ) {
    let smoothed = Smoothing.radii(height: height, width: width).map {
      Smoothing.smoothed(probe, height: height, width: width, radius: $0)
    }
    func gathered(_ image: [Float]) -> [Float] {
      changed.flatMap { [image[3 * $0], image[3 * $0 + 1], image[3 * $0 + 2]] }
    }
    let shown = gathered(probe)
    let regressors = [zip(gathered(original), shown).map { $0 - $1 }, shown] + smoothed.map(gathered)
    products = regressors.map { first in regressors.map { ProbeEquations.inner(first, $0) } }
    self.responses = responses.map { response in
      let values = gathered(response)
      return regressors.map { ProbeEquations.inner($0, values) }
    }
  }

  private static func inner(_ first: [Float], _ second: [Float]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += Double(first[index]) * Double(second[index]) }
    return sum
  }

  /// The products of a response, for a regression over all images.
  func products(response: Int) -> PooledRegression.Products {
    let own = responses[response]
    return PooledRegression.Products(zip(products, own).map { $0 + [$1] } + [own + [0]])
  }

  /// A change that the probe's own pixels explain up to less than this share cannot be told from them.
  private static let leastTolerance = 0.05

  /// How much of x − x′ each image's reconstruction has: figures whose mean is the coefficient of all images.
  ///
  /// - Returns: nil where originals and probes cannot be told apart, or there are fewer than two images.
  static func figures(_ images: [ProbeEquations], response: Int) -> [Double]? {
    let products = images.map { $0.products(response: response) }
    guard images.count > 1, let regression = PooledRegression(products), regression.tolerances[0] >= leastTolerance
    else {
      return nil
    }
    return products.map { regression.figure(0, of: $0) }
  }
}
