import Formats
import Torch

/// A precision of kernel matrices.
typealias KernelElement = BinaryFloatingPoint & BitwiseCopyable & Sendable & TensorElement

/// Kernel matrices of either precision, and the sums over pairs of images that are taken of them.
protocol KernelStore: AnyObject {
  var dtype: DType { get }

  /// Takes one more kernel: `(K_ij − shifts_i − shifts_j) · scale`.
  func append(_ matrix: ImagePairMatrix, shifts: [Double], scale: Double) throws

  /// Σ_{i≠j} K_ij L_ij over one set of images, `[kernels, kernels]`, float64.
  func innerProducts(set: Int) throws -> Tensor

  /// The same of products, squares and cubes.
  func powerSums(set: Int) throws -> PowerSums

  /// Σ_{i≠j} (f_ij − g_ij)² of pairs of forms.
  func differenceSquares(set: Int, _ forms: [(PairForm, PairForm)]) throws -> [Double]

  /// Lends the rows of some images after the other, `[images, kernels, images of the set]`, float64, 0 for an image with itself.
  func forEachImages(set: Int, _ body: (_ images: Range<Int>, _ rows: Tensor) throws -> Void) throws

  /// The same as ``innerProducts(set:)`` with the weights of every replicate.
  func weightedSums(
    set: Int, _ pairs: ComparedKernels, _ weights: ReplicateWeights, advance: (Double) throws -> Void
  ) throws -> WeightedSums

  /// Σ_{i≠j} K_ij L_π(i)π(j) for each order π, `[orders, kernels, kernels]`, K not after L; zero elsewhere.
  func permutedInnerProducts(set: Int, orders: [[Int]], advance: (Double) throws -> Void) throws -> [Double]
}

/// Where the kernel matrices of all taps lie: in memory, or in a scratch file where they are many.
final class KernelStorage<Element: KernelElement>: KernelStore {
  let layout: ImagePairLayout
  /// How many may be written.
  let capacity: Int
  /// How many were.
  private(set) var kernels = 0
  private let location: Location

  private enum Location {
    case memory(Buffer<Element>)
    case file(ScratchFile)
  }

  var dtype: DType { Element.dtype }

  /// Bytes that `kernels` matrices take.
  static func bytes(_ layout: ImagePairLayout, kernels: Int) -> Int {
    layout.count * kernels * MemoryLayout<Element>.stride
  }

  /// - Parameter folder: where to keep them; nil keeps them in memory.
  init(_ layout: ImagePairLayout, capacity: Int, folder: String?) throws {
    self.layout = layout
    self.capacity = capacity
    guard let folder else {
      location = .memory(Buffer(layout.count * capacity))
      return
    }
    let file = try ScratchFile(in: folder)
    let bytes = KernelStorage.bytes(layout, kernels: capacity)
    if let reason = file.reserve(bytes) {
      throw AnalysisError(
        .workFailed,
        "the kernel matrices need \(bytes) bytes of scratch space in \(folder): \(reason);"
          + " name another folder, allow more memory, or use fewer images or taps")
    }
    location = .file(file)
  }

  func append(_ matrix: ImagePairMatrix, shifts: [Double], scale: Double) throws {
    let rows = layout.rowPieces(pairs: 1 << 18)
    let ranges = rows.map { layout.pairs(set: $0.set, rows: $0.rows) }
    try append(ranges) { [layout] piece, target in
      var target = target
      let end = layout.ranges[rows[piece].set].upperBound
      shifts.withUnsafeBufferPointer { shifts in
        for row in rows[piece].rows {
          let source = matrix.pairs.pointer + layout.offset(set: rows[piece].set, row: row)
          let shift = shifts[row]
          let count = end - row - 1
          for index in 0..<count {
            target[index] = Element((source[index] - shift - shifts[row + 1 + index]) * scale)
          }
          target += count
        }
      }
    }
  }

  /// Takes one more kernel: `fill` writes the numbers of a range to the pointer that it is given, for several ranges at a
  /// time.
  ///
  /// - Parameter ranges: of the layout's pairs; together all of them, in order.
  private func append(
    _ ranges: [Range<Int>], _ fill: @Sendable (_ range: Int, _ target: UnsafeMutablePointer<Element>) -> Void
  ) throws {
    precondition(kernels < capacity, "room for the kernel")
    let kernel = kernels
    kernels += 1
    switch location {
    case .memory(let memory):
      let target = SharedPointer(memory.pointer + kernel * layout.count)
      inParallel(ranges.count) { fill($0, target.pointer + ranges[$0].lowerBound) }
    case .file(let file):
      // As many ranges at a time as are worth the memory.
      let longest = ranges.map(\.count).max() ?? 0
      let staging = Buffer<Element>(min(8, ranges.count) * longest)
      for group in pieces(of: ranges.indices, size: 8) {
        inParallel(group.count) { fill(group.lowerBound + $0, staging.pointer + $0 * longest) }
        for (index, range) in group.enumerated() {
          let values = UnsafeBufferPointer(start: staging.pointer + index * longest, count: ranges[range].count)
          try file.write(UnsafeRawBufferPointer(values), at: offset(kernel: kernel, pair: ranges[range].lowerBound))
        }
      }
    }
  }

  /// Some pairs of all kernels, `[kernels, pairs]`: a view where they are in memory.
  func values(_ pairs: Range<Int>) throws -> Tensor {
    if case .memory(let memory) = location { return try memory.tensor([kernels, layout.count]).slice(1, pairs) }
    let copy = Buffer<Element>(kernels * pairs.count)
    for kernel in 0..<kernels {
      let target = copy.pointer + kernel * pairs.count
      try withValues(kernel: kernel, at: pairs.lowerBound, count: pairs.count, scratch: target) { _ in }
    }
    return try copy.tensor([kernels, pairs.count])
  }

  /// Lends `count` numbers of a kernel from `start` on; `scratch` has room for them.
  func withValues(
    kernel: Int, at start: Int, count: Int, scratch: UnsafeMutablePointer<Element>,
    _ body: (UnsafePointer<Element>) -> Void
  ) throws {
    switch location {
    case .memory(let memory): body(memory.pointer + kernel * layout.count + start)
    case .file(let file):
      let values = UnsafeMutableBufferPointer(start: scratch, count: count)
      try file.read(into: UnsafeMutableRawBufferPointer(values), at: offset(kernel: kernel, pair: start))
      body(scratch)
    }
  }

  /// Where a number of a kernel lies in the file.
  private func offset(kernel: Int, pair: Int) -> Int {
    (kernel * layout.count + pair) * MemoryLayout<Element>.stride
  }
}
