/// One axis of a separable resampling: for each output pixel the first input pixel it reads and the weights from there on, in
/// fixed point of `precision` bits. Computed as Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` do.
struct ResamplingWeights {
  /// Fraction bits of a weight: 8 bits for the pixel and 2 to spare for overshoot.
  static let precision: Int32 = 32 - 8 - 2

  /// Most weights an output pixel has; the stride of `values`.
  let stride: Int
  /// First input pixel of each output pixel.
  let starts: [Int32]
  /// Number of weights of each output pixel.
  let counts: [Int32]
  /// `[outputs.count, stride]`, zero beyond each count.
  let values: [Int32]

  /// - Parameters:
  ///   - size: input pixels along the axis.
  ///   - from: left or upper edge of the part to read, in input pixels.
  ///   - to: right or lower edge.
  ///   - outputSize: pixels the part becomes.
  ///   - outputs: which of these are wanted; each is what it would be were all of them computed.
  init(size: Int, from: Float, to: Float, outputSize: Int, outputs: Range<Int>, interpolation: Interpolation) {
    let scale = Double(to - from) / Double(outputSize)
    let filterScale = max(scale, 1)
    let support = interpolation.support * filterScale
    let stride = Int(support.rounded(.up)) * 2 + 1
    let inverse = 1 / filterScale
    let one = Double(1 << ResamplingWeights.precision)
    var starts = [Int32](repeating: 0, count: outputs.count)
    var counts = starts
    var values = [Int32](repeating: 0, count: outputs.count * stride)
    var weights = [Double](repeating: 0, count: stride)
    for (row, output) in outputs.enumerated() {
      let center = Double(from) + (Double(output) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let count = min(Int(center + support + 0.5), size) - start
      var total = 0.0
      for tap in 0..<max(count, 0) {
        weights[tap] = interpolation.weight((Double(tap + start) - center + 0.5) * inverse)
        total += weights[tap]
      }
      for tap in 0..<max(count, 0) {
        let weight = total != 0 ? weights[tap] / total : weights[tap]
        values[row * stride + tap] = Int32((weight < 0 ? -0.5 : 0.5) + weight * one)
      }
      starts[row] = Int32(start)
      counts[row] = Int32(max(count, 0))
    }
    self.stride = stride
    self.starts = starts
    self.counts = counts
    self.values = values
  }

  /// The input pixels that any output reads.
  var inputs: Range<Int> {
    var lowest = Int32.max
    var end: Int32 = 0
    for (start, count) in zip(starts, counts) {
      lowest = min(lowest, start)
      end = max(end, start + count)
    }
    return Int(min(lowest, end))..<Int(end)
  }
}
