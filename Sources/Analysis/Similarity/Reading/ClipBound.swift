import Formats

/// Where the numbers of a tap are clamped: as Huh et al. (2024) do, at the mean over images of a quantile of ∣x∣.
enum ClipBound {
  /// Bytes of images whose rows are whole in memory at a time.
  private static let bytes = 64 << 20

  /// - Parameters:
  ///   - scaling: which says the quantile.
  ///   - reader: of all images.
  ///   - plan: of all columns.
  /// - Returns: nil where nothing is clamped.
  static func bound(_ scaling: FeatureScaling, _ reader: SlabReader, _ plan: ColumnPlan) throws -> Double? {
    guard scaling.clip != nil else { return nil }
    let columns = plan.columns
    let rows = max(1, bytes / max(1, columns * MemoryLayout<Double>.stride))
    var sum = 0.0
    for group in pieces(of: 0..<reader.images.count, size: rows) {
      let part = reader.part(group)
      let values = Buffer<Double>(group.count * columns)
      var first = 0
      for piece in plan.pieces {
        let slab = Buffer<Float>(group.count * piece.columns)
        let subtracted = try part.read(
          piece, into: UnsafeMutableBufferPointer(start: slab.pointer, count: slab.count))
        for image in 0..<group.count {
          let target = values.pointer + image * columns + first
          for column in 0..<piece.columns {
            target[column] = Double(slab.pointer[image * piece.columns + column]) + (subtracted?[column] ?? 0)
          }
        }
        first += piece.columns
      }
      let quantiles = Buffer<Double>(group.count)
      inParallel(group.count) { image in
        let row = UnsafeBufferPointer(start: values.pointer + image * columns, count: columns)
        quantiles.pointer[image] = scaling.quantile(row) ?? 0
      }
      sum += quantiles.values.reduce(0, +)
    }
    return sum / Double(max(1, reader.images.count))
  }
}

extension SlabReader {
  /// The same of some of its images.
  fileprivate func part(_ range: Range<Int>) -> SlabReader {
    var part = self
    part.images = Array(images[range])
    if let coverage {
      let cells = coverage.count / max(1, images.count)
      let own = Buffer<Float>(range.count * cells)
      own.pointer.update(from: coverage.pointer + range.lowerBound * cells, count: own.count)
      part.coverage = own
    }
    return part
  }
}
