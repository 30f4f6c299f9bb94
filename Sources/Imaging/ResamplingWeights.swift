import CImageCodecs

/// One axis of a separable resampling: for each output pixel the first input pixel it reads and the weights from there on, in
/// fixed point.
struct ResamplingWeights {
  /// Fraction bits of a weight.
  let precision: Int
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
  init(
    size: Int, from: Float, to: Float, outputSize: Int, outputs: Range<Int>, interpolation: Interpolation,
    arithmetic: PixelImage.Arithmetic
  ) {
    let scale = Double(to - from) / Double(outputSize)
    let filterScale = max(scale, 1)
    let support = interpolation.support * filterScale
    let stride = Int(support.rounded(.up)) * 2 + 1
    let inverse = 1 / filterScale
    var starts: [Int32] = []
    var counts: [Int32] = []
    var values = [Int32](repeating: 0, count: outputs.count * stride)
    var weights = [Double](repeating: 0, count: stride)

    /// Weights of one output pixel, summing to 1, into `weights`.
    func weigh(_ output: Int) -> (start: Int, count: Int) {
      let center = Double(from) + (Double(output) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let count = min(max(min(Int(center + support + 0.5), size) - start, 0), stride)
      var total = 0.0
      for tap in 0..<count {
        weights[tap] = interpolation.weight((Double(tap + start) - center + 0.5) * inverse)
        total += weights[tap]
      }
      if total != 0 {
        for tap in 0..<count { weights[tap] /= total }
      }
      return (start, count)
    }

    switch arithmetic {
    case .pillow:
      // 8 bits for the pixel and 2 to spare for overshoot.
      precision = 32 - 8 - 2
    case .torch:
      // The largest weight of the whole axis just fits 16 bits with its sign.
      var largest = 0.0
      for output in 0..<outputSize { largest = max(largest, weights.prefix(weigh(output).count).max() ?? 0) }
      precision = (0..<22).first { Int(0.5 + largest * Double(1 << ($0 + 1))) >= 1 << 15 } ?? 22
    }
    let one = Double(1 << precision)
    for (row, output) in outputs.enumerated() {
      let (start, count) = weigh(output)
      for tap in 0..<count {
        values[row * stride + tap] = Int32((weights[tap] < 0 ? -0.5 : 0.5) + weights[tap] * one)
      }
      starts.append(Int32(start))
      counts.append(Int32(count))
    }
    self.stride = stride
    self.starts = starts
    self.counts = counts
    self.values = values
  }

  /// The input pixels that any output reads.
  var inputs: Range<Int> {
    let lowest = starts.min() ?? 0
    let end = zip(starts, counts).map { $0 + $1 }.max() ?? lowest
    return Int(lowest)..<Int(max(lowest, end))
  }

  /// The weights in groups as `codec_resample_rows` takes them: each weight once a channel, four taps a group.
  var grouped: (groups: [Int32], values: [Int32], stride: Int) {
    let taps = Int(RESAMPLE_GROUP_TAPS)
    let size = Int(RESAMPLE_GROUP_SIZE)
    let groupedStride = (stride + taps - 1) / taps * size
    var grouped = [Int32](repeating: 0, count: starts.count * groupedStride)
    for output in starts.indices {
      for tap in 0..<Int(counts[output]) {
        let at = output * groupedStride + tap / taps * size + tap % taps * 3
        let value = values[output * stride + tap]
        grouped[at] = value
        grouped[at + 1] = value
        grouped[at + 2] = value
      }
    }
    return (counts.map { ($0 + Int32(taps) - 1) / Int32(taps) }, grouped, groupedStride)
  }
}
