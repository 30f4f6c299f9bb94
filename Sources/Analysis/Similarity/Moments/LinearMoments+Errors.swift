import Formats
import Torch

extension LinearMoments {
  // MARK: Errors

  /// As `KernelSet.errors`: one more pass for the values without each image, and what two images say only together from all pairs of
  /// some of them.
  func errors(
    _ centred: Centred, differences: [KernelDifference], seed: UInt64, advance: (Double) throws -> Void
  ) throws -> KernelErrors? {
    guard images >= KernelSet.fewestForErrors else { return nil }
    let (count, rule) = (taps, DeletedImage.hsic(images: images, of: images, isMinibatch: false))
    let total = try Tensor(centred.debiased, shape: [1, count, count])
    let norms = try Tensor((0..<count).map { centred.debiased[$0 * count + $0] }, shape: [1, count])
    let value = try KernelSet.ratio(total, norms)
    var sums = try DeletionSums([count, count])
    var compared = try DeletionSums([differences.count])
    let selection = try DifferencePlaces(differences, kernels: count)
    var sample = try PairSample(images: images, taps: count, seed: seed)
    try blocks.forEach { range, rows in
      let rows = try rows.tensor([range.count, blocks.columns]) - centred.means
      let shares = try shares(centred, rows)
      let (own, own2) = (shares.products, try total - shares.products * rule.products)
      let ownNorms = try norms - own.flattened(from: 1).indexed(1, by: diagonalPlaces) * rule.products
      let changes = try KernelSet.ratio(own2, ownNorms) - value
      try sums.add(changes)
      if let selection { try compared.add(selection.differences(changes)) }
      try sample.take(range, rows, shifts: shares.shifts)
      try advance(Double(range.upperBound) / Double(images))
    }
    let store = try sample.kernels(blocks.ranges)
    let factor = sample.factor
    let powers = try store.powerSums(set: 0)
    sums.add(
      try KernelSet.squares(powers, inner: centred.debiased, kernels: count, scale: 1).map { $0 * factor }, rule)
    let forms = differences.map { difference in
      (
        PairForm(difference.first.a, difference.first.b, inner: centred.debiased, kernels: count, scale: 1),
        PairForm(difference.second.a, difference.second.b, inner: centred.debiased, kernels: count, scale: 1)
      )
    }
    compared.add(try store.differenceSquares(set: 0, forms).map { $0 * factor }, rule)
    return KernelErrors(
      values: try sums.errors(images: images), kernels: count, differences: try compared.errors(images: images))
  }

  private var diagonalPlaces: Tensor {
    get throws { try Tensor((0..<taps).map { Int64($0 * taps + $0) }, shape: [taps]) }
  }

  /// Σ_{j≠i} K̂_ij L̂_ij of every image of a block, `[images, taps, taps]`, and the a_i of K̂_ij = K_ij − a_i − a_j, `[images, taps]`.
  func shares(_ centred: Centred, _ rows: Tensor) throws -> (products: Tensor, shifts: [Double]) {
    let (count, n) = (rows.extent(0), Double(images))
    let products = Buffer<Double>(count * taps * taps)
    var lengths = [Double](repeating: 0, count: count * taps)
    var along = [Double](repeating: 0, count: count * taps * taps)
    for (a, range) in blocks.ranges.enumerated() {
      let part = try rows.slice(1, range)
      let found: [Double] = try (part * part).sum([1]).values()
      let crossed: [Double] = try part.matmul(centred.norms[a]).values()
      for image in 0..<count {
        lengths[image * taps + a] = found[image]
        for b in 0..<taps { along[(image * taps + a) * taps + b] = crossed[image * taps + b] }
      }
      for b in a..<taps {
        let other = blocks.ranges[b]
        let local = other.lowerBound - range.lowerBound..<other.upperBound - range.lowerBound
        // Tap by tap: products of all taps at once have a size of their own for each tap, which freed memory would be kept for.
        let own: [Double] = try (part.matmul(centred.products[a].slice(1, local)) * rows.slice(1, other)).sum([1])
          .values()
        for image in 0..<count { products.pointer[(image * taps + a) * taps + b] = own[image] }
      }
    }
    let shifts = lengths.indices.map { index in
      (centred.traces[index % taps] / (2 * (n - 1)) - lengths[index]) / (n - 2)
    }
    let shiftSums = centred.traces.map { $0 * (n / (2 * (n - 1)) - 1) / (n - 2) }
    for a in 0..<taps {
      for b in a..<taps {
        let traces = centred.traces[a] * centred.traces[b]
        let shiftProducts =
          (centred.diagonal[a * taps + b] - traces / (n - 1) + n * traces / (4 * (n - 1) * (n - 1)))
          / ((n - 2) * (n - 2))
        for image in 0..<count {
          let (first, second) = (shifts[image * taps + a], shifts[image * taps + b])
          let (d, e) = (lengths[image * taps + a], lengths[image * taps + b])
          let crossed = along[(image * taps + a) * taps + b] + along[(image * taps + b) * taps + a]
          let place = (image * taps + a) * taps + b
          let share =
            products.pointer[place] + crossed / (n - 2) + n * first * second + first * shiftSums[b]
            + second * shiftSums[a] + shiftProducts - (d - 2 * first) * (e - 2 * second)
          products.pointer[place] = share
          products.pointer[(image * taps + b) * taps + a] = share
        }
      }
    }
    return (try products.tensor([count, taps, taps]), shifts)
  }
}
