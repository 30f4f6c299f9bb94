import Activations
import Torch

/// The pixels of a batch, one image after the other.
final class PixelBlock {
  let start: UnsafeMutableRawPointer
  private let count: Int
  private let bytesPerImage: Int

  init(count: Int, bytesPerImage: Int) {
    self.count = count
    self.bytesPerImage = bytesPerImage
    start = .allocate(byteCount: count * bytesPerImage, alignment: 64)
  }

  deinit { start.deallocate() }

  func fill(_ index: Int, with bytes: [UInt8]) {
    precondition(bytes.count == bytesPerImage, "every image of a batch has the input's size")
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        (start + index * bytesPerImage).copyMemory(from: base, byteCount: bytesPerImage)
      }
    }
  }
}

extension ComputedBlock {
  /// A block of contiguous tensors in CPU memory, which it keeps until its rows are written: the pointers lead into them.
  ///
  /// - Parameters:
  ///   - taps: float32, for each tap of the plan.
  ///   - inputs: `[B, H, W, 3]` bytes.
  ///   - reconstructions: the same for each reconstruction of the plan.
  ///   - joints: `[B, starts, joints]` float32.
  /// - Throws: `TorchError` where a tensor is not contiguous in CPU memory.
  package init(taps: [Tensor], inputs: Tensor?, reconstructions: [Tensor], joints: Tensor?) throws {
    self.init(
      taps: try taps.map { try $0.borrowedBytes() }, inputs: try inputs?.borrowedBytes(),
      reconstructions: try reconstructions.map { try $0.borrowedBytes() }, joints: try joints?.borrowedBytes(),
      owner: taps + reconstructions + [inputs, joints].compactMap { $0 })
  }
}
