import Formats
import Torch

/// The columns of one tap for all images, where there are fewer than images: kept as the store has them, lent centred and in double precision.
///
/// `@unchecked Sendable`: nothing changes after ``finish()``.
final class ClassColumns: @unchecked Sendable {
  let images: Int
  let width: Int
  private let values: Buffer<Float>
  private var filled = 0
  /// By column what is taken away: the number of the first image, and the mean of what is left.
  private var offsets: [Double] = []
  /// By image the squared length of its centred row.
  private(set) var squares: [Double] = []

  init(images: Int, width: Int) {
    self.images = images
    self.width = width
    values = Buffer(images * width)
  }

  /// Bytes that it takes.
  static func bytes(images: Int, width: Int) -> Int { images * (width * MemoryLayout<Float>.stride + 8) }

  /// Adds `[images, columns]` numbers, row-major.
  ///
  /// - Returns: the index of an image with a number that is not finite, if there is one.
  func add(_ slab: UnsafePointer<Float>, columns: Int) -> Int? {
    if let image = GramAccumulator.firstNotFinite(slab, images: images, columns: columns) { return image }
    for image in 0..<images {
      (values.pointer + image * width + filled).update(from: slab + image * columns, count: columns)
    }
    filled += columns
    return nil
  }

  /// Centres the columns, once all were added.
  func finish() {
    precondition(filled == width, "all columns")
    var sums = [Double](repeating: 0, count: width)
    for image in 0..<images {
      let row = values.pointer + image * width
      for column in 0..<width { sums[column] += Double(row[column]) - Double(values.pointer[column]) }
    }
    // Less the first image's numbers, so that equal numbers give exactly zero.
    offsets = sums.map { $0 / Double(images) }
    let found = Buffer<Double>(images)
    inParallel(pieces.count) { [self] piece in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { row in
        guard let row = row.baseAddress else { return }
        for image in pieces[piece] {
          copy(image, to: row)
          found.pointer[image] = (0..<width).reduce(0) { $0 + row[$1] * row[$1] }
        }
      }
    }
    squares = Array(found.values)
  }

  private var pieces: [Range<Int>] { Formats.pieces(of: 0..<images, size: 512) }

  /// Whether every image has the same features.
  var isConstant: Bool { squares.allSatisfy { $0 == 0 } }

  private func copy(_ image: Int, to target: UnsafeMutablePointer<Double>) {
    let row = values.pointer + image * width
    offsets.withUnsafeBufferPointer { offsets in
      for column in 0..<width {
        target[column] = Double(row[column]) - Double(values.pointer[column]) - offsets[column]
      }
    }
  }

  /// Centred rows of some images, `[images, width]`, float64.
  func rows(_ images: some RandomAccessCollection<Int> & Sendable) throws -> Tensor {
    let indices = Array(images)
    let block = Buffer<Double>(indices.count * width)
    let parts = Formats.pieces(of: indices.indices, size: 128)
    inParallel(parts.count) { [self] part in
      for place in parts[part] { copy(indices[place], to: block.pointer + place * width) }
    }
    return try block.tensor([indices.count, width])
  }

  /// The sums of the centred rows of each class, `[classes, width]`, float64.
  func sums(_ labels: [Int], classes: Int) throws -> Tensor {
    let sums = Buffer<Double>(classes * width)
    sums.pointer.initialize(repeating: 0, count: sums.count)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { row in
      guard let row = row.baseAddress else { return }
      for image in 0..<images {
        copy(image, to: row)
        let target = sums.pointer + labels[image] * width
        for column in 0..<width { target[column] += row[column] }
      }
    }
    return try sums.tensor([classes, width])
  }

  /// By image the product with one of some rows, which `choice` names.
  ///
  /// - Parameter others: `[rows, width]`, float64.
  func products(with others: Tensor, _ choice: @Sendable (_ image: Int) -> Int) throws -> [Double] {
    let found = Buffer<Double>(images)
    try others.contiguous().withUnsafeBytes { bytes in
      guard let base = bytes.bindMemory(to: Double.self).baseAddress else { return }
      let shared = SharedPointer(UnsafeMutablePointer(mutating: base))
      inParallel(pieces.count) { [self] piece in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { row in
          guard let row = row.baseAddress else { return }
          for image in pieces[piece] {
            copy(image, to: row)
            let other = shared.pointer + choice(image) * width
            found.pointer[image] = (0..<width).reduce(0) { $0 + row[$1] * other[$1] }
          }
        }
      }
    }
    return Array(found.values)
  }
}
