import Formats
import NeuralNet
import Torch

/// From tokens to the pixels of their patches: transposed convolutions whose strides multiply to the patch, then a
/// sigmoid.
public final class PatchPixels: InverseLayer {
  private let steps: [Enlargement]
  private let tap: String

  /// - Parameters:
  ///   - width: C of the tokens.
  ///   - patch: its size in pixels.
  ///   - normalizesLast: whether the step that ends in three channels has a batch norm too.
  ///   - tap: that the tokens are of; it has the grid of the patches.
  public init(width: Int, patch: ImageSize, normalizesLast: Bool, tap: String) {
    let factors = PatchPixels.factors(of: patch)
    let widths = PatchPixels.widths(from: width, factors: factors)
    steps = factors.indices.map { index in
      let isLast = index == factors.count - 1
      return Enlargement(
        widths[index], widths[index + 1], kernel: factors[index], stride: factors[index],
        hasNorm: !isLast || normalizesLast, activation: isLast ? .sigmoid : .relu)
    }
    self.tap = tap
  }

  public var contents: [ModuleEntry] { ModuleEntry.list("steps", steps) }

  /// The prime factors of both extents, in pairs, smallest first: 16 × 16 in four steps of 2 × 2.
  static func factors(of patch: ImageSize) -> [[Int]] {
    let primes = patch.shape.map { extent -> [Int] in
      var rest = extent
      var factors: [Int] = []
      var divisor = 2
      while rest > 1 {
        while rest % divisor == 0 {
          factors.append(divisor)
          rest /= divisor
        }
        divisor += 1
      }
      return factors
    }
    let count = max(1, primes[0].count, primes[1].count)
    return (0..<count).map { step in primes.map { step < $0.count ? $0[step] : 1 } }
  }

  /// The channels after each step: the power of two at or above a quarter of those before and at or above the numbers
  /// of the part of the patch that one position then stands for, so that there is room for them; at the end 3.
  ///
  /// That is 768, 256, 64, 16, 3 for ViT-B/16 and 128, 32, 3 for Swin-B, as in the paper's code.
  ///
  /// - Parameter factors: of the patch, a pair for each step.
  static func widths(from width: Int, factors: [[Int]]) -> [Int] {
    var widths = [width]
    for step in 1..<max(1, factors.count) {
      let pixels = factors[step...].reduce(3) { $0 * $1[0] * $1[1] }
      var next = 16
      while 4 * next < widths[step - 1] || next < pixels { next *= 2 }
      widths.append(next)
    }
    return widths + [3]
  }

  public func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let prefix = context.prefixTokens(of: tap)
    let patches = prefix == 0 ? input : try input.slice(1, prefix..<input.extent(1))
    let map = try patches.map(context.grid(of: tap))
    var pixels = try steps.reduce(map) { try $1($0, context: context) }
    // A model that pads its input has patches beyond the image; one that crops it has none at the edge.
    if pixels.extent(2) > context.height { pixels = try pixels.slice(2, 0..<context.height) }
    if pixels.extent(3) > context.width { pixels = try pixels.slice(3, 0..<context.width) }
    let (below, right) = (context.height - pixels.extent(2), context.width - pixels.extent(3))
    if below > 0 || right > 0 { pixels = try pixels.padded([0, right, 0, below], value: 0.5) }
    return try context.scale.normalize(pixels)
  }
}
