/// The two passes of Pillow's 8-bit resampling over interleaved RGB.
enum Resampling {
  /// Rows `rows` of an image made `weights.starts.count` pixels wide; `[rows.count, outputs, 3]`.
  static func horizontally(_ pixels: [UInt8], width: Int, rows: Range<Int>, weights: ResamplingWeights) -> [UInt8] {
    let outputs = weights.starts.count
    return [UInt8](unsafeUninitializedCapacity: rows.count * outputs * 3) { target, filled in
      pixels.withUnsafeBufferPointer { source in
        weights.values.withUnsafeBufferPointer { values in
          for row in rows {
            let line = source.baseAddress.unsafelyUnwrapped + row * width * 3
            var out = target.baseAddress.unsafelyUnwrapped + (row - rows.lowerBound) * outputs * 3
            for output in 0..<outputs {
              var weight = values.baseAddress.unsafelyUnwrapped + output * weights.stride
              var pixel = line + Int(weights.starts[output]) * 3
              var sum = SIMD4<Int32>(repeating: 1 << (ResamplingWeights.precision - 1))
              for _ in 0..<weights.counts[output] {
                let k = weight.pointee
                sum[0] &+= Int32(pixel[0]) &* k
                sum[1] &+= Int32(pixel[1]) &* k
                sum[2] &+= Int32(pixel[2]) &* k
                weight += 1
                pixel += 3
              }
              sum &>>= ResamplingWeights.precision
              out[0] = UInt8(clamping: sum[0])
              out[1] = UInt8(clamping: sum[1])
              out[2] = UInt8(clamping: sum[2])
              out += 3
            }
          }
        }
      }
      filled = rows.count * outputs * 3
    }
  }

  /// Rows of `rowBytes`, the first of which is row `firstRow` of the image, made `weights.starts.count` rows.
  static func vertically(_ rows: [UInt8], rowBytes: Int, firstRow: Int, weights: ResamplingWeights) -> [UInt8] {
    let outputs = weights.starts.count
    return [UInt8](unsafeUninitializedCapacity: outputs * rowBytes) { target, filled in
      rows.withUnsafeBufferPointer { source in
        weights.values.withUnsafeBufferPointer { values in
          for output in 0..<outputs {
            let first = source.baseAddress.unsafelyUnwrapped + (Int(weights.starts[output]) - firstRow) * rowBytes
            let weight = values.baseAddress.unsafelyUnwrapped + output * weights.stride
            let count = Int(weights.counts[output])
            let out = target.baseAddress.unsafelyUnwrapped + output * rowBytes
            for byte in 0..<rowBytes {
              var sum: Int32 = 1 << (ResamplingWeights.precision - 1)
              for tap in 0..<count { sum &+= Int32(first[tap * rowBytes + byte]) &* weight[tap] }
              out[byte] = UInt8(clamping: sum >> ResamplingWeights.precision)
            }
          }
        }
      }
      filled = outputs * rowBytes
    }
  }
}
