import Foundation
import Torch

/// A symmetric matrix over images, in double precision: the pairs of a ``PairLayout`` and the diagonal.
final class PairMatrix: @unchecked Sendable {
  let layout: PairLayout
  let pairs: Buffer<Double>
  var diagonal: [Double]

  init(_ layout: PairLayout, images: Int) {
    self.layout = layout
    pairs = Buffer(layout.count)
    diagonal = [Double](repeating: 0, count: images)
  }

  /// The same numbers for fewer pairs: each set of `smaller` lies within one of this matrix's.
  func restricted(to smaller: PairLayout) -> PairMatrix {
    let result = PairMatrix(smaller, images: diagonal.count)
    result.diagonal = diagonal
    for (set, range) in smaller.ranges.enumerated() {
      guard let own = layout.ranges.firstIndex(where: { $0.contains(range.lowerBound) }) else { continue }
      for row in range {
        let count = range.upperBound - row - 1
        (result.pairs.pointer + smaller.offset(set: set, row: row)).update(
          from: pairs.pointer + layout.offset(set: own, row: row), count: count)
      }
    }
    return result
  }

  // MARK: Kernels

  /// From inner products to squared Euclidean distances: d²_ij = g_ii + g_jj − 2 g_ij.
  func becomeSquaredDistances() {
    let rows = layout.rowPieces(pairs: 1 << 17)
    let diagonal = diagonal
    inParallel(rows.count) { [self] piece in
      diagonal.withUnsafeBufferPointer { diagonal in
        for row in rows[piece].rows {
          let target = pairs.pointer + layout.offset(set: rows[piece].set, row: row)
          let own = diagonal[row]
          for column in row + 1..<max(row + 1, layout.ranges[rows[piece].set].upperBound) {
            let place = column - row - 1
            target[place] = max(0, own + diagonal[column] - 2 * target[place])
          }
        }
      }
    }
    self.diagonal = [Double](repeating: 0, count: diagonal.count)
  }

  /// From squared distances to exp(−d² / (2 · variance)).
  func becomeGaussian(variance: Double) throws {
    let piece = 1 << 20
    for range in pieces(of: 0..<layout.count, size: piece) {
      let tensor = try pairs.tensor([range.count], from: range.lowerBound)
      try tensor.multiply(by: -0.5 / variance)
      _ = try exponentialInPlace.one(.tensor(tensor))
    }
    diagonal = [Double](repeating: 1, count: diagonal.count)
  }

  // MARK: Centring

  /// Sums of each row within its set, without the diagonal.
  private func rowSums() -> [Double] {
    let rows = layout.rowPieces(pairs: 1 << 18)
    let images = diagonal.count
    let partial = Buffer<Double>(rows.count * images)
    inParallel(rows.count) { [self] piece in
      let sums = partial.pointer + piece * images
      sums.initialize(repeating: 0, count: images)
      for row in rows[piece].rows {
        let count = layout.ranges[rows[piece].set].upperBound - row - 1
        let source = pairs.pointer + layout.offset(set: rows[piece].set, row: row)
        sums[row] += VectorSums.addAndSum(source, count, into: sums + row + 1)
      }
    }
    var total = [Double](repeating: 0, count: images)
    for piece in rows.indices {
      for image in 0..<images { total[image] += partial.pointer[piece * images + image] }
    }
    return total
  }

  /// Appends the U-centred matrix of each set (Székely and Rizzo 2014) to `storage`, scaled by a power
  /// of two, and returns the diagonal that belongs to it.
  ///
  /// With K_ij = U_ij + a_i + a_j for i ≠ j the rest of the diagonal is K_ii − 2 a_i: every estimator here is the same
  /// for K and for U with that diagonal, and U has no common offset that single precision would drown in.
  func appendCentred<Element: KernelElement>(to storage: KernelStorage<Element>) throws -> [Double] {
    let sums = rowSums()
    var shifts = [Double](repeating: 0, count: diagonal.count)
    for range in layout.ranges {
      let count = Double(range.count)
      let total = range.reduce(0) { $0 + sums[$1] } / (2 * (count - 1))
      for image in range { shifts[image] = (sums[image] - total) / (count - 2) }
    }
    let largest = diagonal.reduce(0, max)
    let scale =
      largest > 0 && largest.isFinite ? Double(sign: .plus, exponent: -Int(largest.exponent), significand: 1) : 1
    let rows = layout.rowPieces(pairs: 1 << 18)
    let places = rows.map { piece in
      layout.offset(
        set: piece.set, row: piece.rows.lowerBound)..<layout.offset(set: piece.set, row: piece.rows.upperBound)
    }
    try storage.append(places) { [self, shifts] piece, target in
      var target = target
      let end = layout.ranges[rows[piece].set].upperBound
      shifts.withUnsafeBufferPointer { shifts in
        for row in rows[piece].rows {
          let source = pairs.pointer + layout.offset(set: rows[piece].set, row: row)
          let own = shifts[row]
          let count = end - row - 1
          for place in 0..<count {
            target[place] = Element((source[place] - own - shifts[row + 1 + place]) * scale)
          }
          target += count
        }
      }
    }
    return diagonal.indices.map { (diagonal[$0] - 2 * shifts[$0]) * scale }
  }
}

private let exponentialInPlace = Operator("aten::exp_")
