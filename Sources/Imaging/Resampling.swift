import CImageCodecs

/// The two passes of resampling over interleaved RGB.
enum Resampling {
  /// A rectangle of a larger image's pixels, still in the larger image's memory.
  struct View {
    let pixels: [UInt8]
    /// Bytes from one row to the next.
    let stride: Int
    /// Columns and rows of the whole image that this stands for; the first byte is that of the first of both.
    let columns: Range<Int>
    let rows: Range<Int>
    /// Where the first byte is.
    var offset = 0

    /// The part of the view that holds these columns and rows of the whole image.
    func part(columns: Range<Int>, rows: Range<Int>) -> View {
      let shift = (rows.lowerBound - self.rows.lowerBound) * stride + (columns.lowerBound - self.columns.lowerBound) * 3
      return View(pixels: pixels, stride: stride, columns: columns, rows: rows, offset: offset + shift)
    }
  }

  /// The view's rows made `weights.starts.count` pixels wide. Its columns hold all that the weights read.
  static func horizontally(_ view: View, weights: ResamplingWeights) -> View {
    let outputs = weights.starts.count
    let starts = weights.starts.map { $0 - Int32(view.columns.lowerBound) }
    let grouped = weights.grouped
    let rowBytes = view.columns.count * 3
    var line = [UInt8](repeating: 0, count: rowBytes + Int(RESAMPLE_LINE_MARGIN))
    let count = view.rows.count * outputs * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      view.pixels.withUnsafeBufferPointer { source in
        codec_resample_rows(
          source.baseAddress.map { $0 + view.offset }, view.stride, rowBytes, view.rows.count, starts, grouped.groups,
          grouped.values, grouped.stride, outputs, Int32(weights.precision), &line, target.baseAddress)
      }
      filled = count
    }
    return View(pixels: pixels, stride: outputs * 3, columns: 0..<outputs, rows: view.rows)
  }

  /// The view's columns made `weights.starts.count` pixels high. Its rows hold all that the weights read.
  static func vertically(_ view: View, weights: ResamplingWeights) -> View {
    let outputs = weights.starts.count
    let starts = weights.starts.map { $0 - Int32(view.rows.lowerBound) }
    let rowBytes = view.columns.count * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: outputs * rowBytes) { target, filled in
      view.pixels.withUnsafeBufferPointer { source in
        codec_resample_columns(
          source.baseAddress.map { $0 + view.offset }, view.stride, rowBytes, starts, weights.counts, weights.values,
          weights.stride, outputs, Int32(weights.precision), target.baseAddress)
      }
      filled = outputs * rowBytes
    }
    return View(pixels: pixels, stride: rowBytes, columns: view.columns, rows: 0..<outputs)
  }
}
