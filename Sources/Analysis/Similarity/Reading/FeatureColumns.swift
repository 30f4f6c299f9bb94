import Torch

/// The columns of a tap for all images, where there are fewer than images: centred in double precision.
final class FeatureColumns {
  private let images: Int
  private let width: Int
  private let values: Buffer<Double>
  private var filled = 0
  /// Whether all images had the same numbers so far.
  private(set) var isConstant = true

  init(images: Int, width: Int) {
    self.images = images
    self.width = width
    values = Buffer(images * width)
  }

  /// Adds `[images, columns]` numbers, row-major.
  ///
  /// - Returns: the index of an image with a number that is not finite, if there is one.
  func add(_ slab: UnsafePointer<Float>, columns: Int) -> Int? {
    if let image = GramAccumulator.firstNotFinite(slab, images: images, columns: columns) { return image }
    var means = [Double](repeating: 0, count: columns)
    for image in 0..<images {
      for column in 0..<columns { means[column] += Double(slab[image * columns + column]) }
    }
    for column in 0..<columns { means[column] /= Double(images) }
    for image in 0..<images {
      let target = values.pointer + image * width + filled
      for column in 0..<columns {
        let difference = Double(slab[image * columns + column]) - means[column]
        target[column] = difference
        if difference != 0 { isConstant = false }
      }
    }
    filled += columns
    return nil
  }

  /// `[images, columns]`.
  func tensor() throws -> Tensor {
    precondition(filled == width, "all columns")
    return try values.tensor([images, width])
  }
}
