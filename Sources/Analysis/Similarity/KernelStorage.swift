import Foundation
import Torch

/// A precision of kernel matrices.
typealias KernelElement = BinaryFloatingPoint & BitwiseCopyable & Sendable & TensorElement

/// The centred kernel matrices of all taps: in memory, or in a file without a name where they are many.
final class KernelStorage<Element: KernelElement> {
  let layout: PairLayout
  /// How many may be written.
  let capacity: Int
  /// How many were.
  private(set) var kernels = 0
  private let memory: Buffer<Element>?
  private let descriptor: Int32
  private let path: String

  /// Bytes that `kernels` matrices take.
  static func bytes(_ layout: PairLayout, kernels: Int) -> Int { layout.count * kernels * MemoryLayout<Element>.stride }

  /// - Parameter folder: where to keep them; nil keeps them in memory.
  init(_ layout: PairLayout, capacity: Int, folder: String?) throws {
    self.layout = layout
    self.capacity = capacity
    guard let folder else {
      memory = Buffer(layout.count * capacity)
      descriptor = -1
      path = ""
      return
    }
    memory = nil
    let opened = ScratchFile.open(in: folder)
    guard opened >= 0 else { throw KernelStorage.failed("create a scratch file in", folder) }
    descriptor = opened
    path = folder
    let bytes = KernelStorage.bytes(layout, kernels: capacity)
    #if os(Linux)
      let status = posix_fallocate(opened, 0, off_t(bytes))
    #else
      let status = ftruncate(opened, off_t(bytes)) == 0 ? 0 : errno
    #endif
    // The descriptor is closed by deinit, which also runs for an initializer that throws here.
    if status != 0 {
      throw AnalysisError(
        .workFailed,
        "the kernel matrices need \(bytes) bytes of scratch space in \(folder): \(String(cString: strerror(status)));"
          + " name another folder, allow more memory, or use fewer images or taps")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Takes one more kernel: `fill` writes numbers from `start` on to where it is told, for several ranges at a time.
  ///
  /// - Parameter ranges: of the layout's pairs; together all of them, in order.
  func append(
    _ ranges: [Range<Int>], _ fill: @Sendable (_ range: Int, _ target: UnsafeMutablePointer<Element>) -> Void
  ) throws {
    precondition(kernels < capacity, "room for the kernel")
    let kernel = kernels
    kernels += 1
    if let memory {
      let target = SharedPointer(memory.pointer + kernel * layout.count)
      return inParallel(ranges.count) { fill($0, target.pointer + ranges[$0].lowerBound) }
    }
    // As many ranges at a time as are worth the memory.
    let longest = ranges.map(\.count).max() ?? 0
    let staging = Buffer<Element>(min(8, ranges.count) * longest)
    for some in pieces(of: ranges.indices, size: 8) {
      inParallel(some.count) { fill(some.lowerBound + $0, staging.pointer + $0 * longest) }
      for (place, range) in some.enumerated() {
        try write(
          UnsafeBufferPointer(start: staging.pointer + place * longest, count: ranges[range].count),
          kernel: kernel, at: ranges[range].lowerBound)
      }
    }
  }

  private func write(_ values: UnsafeBufferPointer<Element>, kernel: Int, at start: Int) throws {
    guard let source = values.baseAddress else { return }
    let bytes = UnsafeRawPointer(source)
    try transfer(values.count, kernel: kernel, at: start, doing: "write to") {
      pwrite(descriptor, bytes + $0, $1, $2)
    }
  }

  /// Some pairs of all kernels, `[kernels, pairs]`: a view where they are in memory.
  func values(_ pairs: Range<Int>) throws -> Tensor {
    if let memory { return try memory.tensor([kernels, layout.count]).slice(1, pairs) }
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
    if let memory { return body(memory.pointer + kernel * layout.count + start) }
    let bytes = UnsafeMutableRawPointer(scratch)
    try transfer(count, kernel: kernel, at: start, doing: "read") { pread(descriptor, bytes + $0, $1, $2) }
    body(scratch)
  }

  /// Calls `move(bytes done, bytes left, place in the file)` until all is moved.
  private func transfer(
    _ count: Int, kernel: Int, at start: Int, doing verb: String, _ move: (Int, Int, off_t) -> Int
  ) throws {
    let size = MemoryLayout<Element>.stride
    let first = (kernel * layout.count + start) * size
    var done = 0
    while done < count * size {
      let moved = move(done, count * size - done, off_t(first + done))
      if moved < 0, errno == EINTR { continue }
      guard moved > 0 else { throw KernelStorage.failed("\(verb) the scratch file in", path) }
      done += moved
    }
  }

  private static func failed(_ verb: String, _ path: String) -> AnalysisError {
    AnalysisError(.workFailed, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
