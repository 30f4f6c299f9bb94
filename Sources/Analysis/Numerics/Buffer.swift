import Formats
import Foundation
import Torch

/// Uninitialised memory for numbers, aligned for vector instructions, in huge pages where the system has them.
///
/// `@unchecked Sendable`: its address and length do not change; threads write only to parts that do not overlap.
final class Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int) {
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    let hugePage = 2 << 20
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: bytes >= hugePage ? hugePage : 64)
    #if os(Linux)
      if bytes >= hugePage { madvise(raw, bytes, MADV_HUGEPAGE) }
    #endif
    pointer = raw.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit {
    UnsafeMutableRawPointer(pointer).deallocate()
  }

  var values: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: pointer, count: count) }
}

extension Buffer where Element: TensorElement {
  /// The first elements as a tensor on the same memory.
  func tensor(_ shape: [Int], from offset: Int = 0) throws -> Tensor {
    precondition(offset + shape.reduce(1, *) <= count, "a tensor within its buffer")
    return try Tensor(sharing: pointer + offset, owner: self, shape: shape, dtype: Element.dtype)
  }
}

/// A pointer that several threads may use, each for its own part: that is what `@unchecked` rests on.
struct SharedPointer<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) {
    self.pointer = pointer
  }
}

/// Runs `body` for `0 ..< count` on as many threads as libtorch may use, which the commands' `--threads` sets. Results do
/// not depend on how many there are if each call writes only what is its own.
package func inParallel(_ count: Int, _ body: @Sendable (Int) -> Void) {
  if count == 1 { return body(0) }
  inParallel(count, threads: Runtime.threads, body)
}
