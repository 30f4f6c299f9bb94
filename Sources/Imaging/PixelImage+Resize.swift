extension PixelImage {
  /// A rectangle of pixels.
  public struct Region: Sendable, Equatable {
    public let left: Int, top: Int, width: Int, height: Int

    public init(left: Int, top: Int, width: Int, height: Int) {
      self.left = left
      self.top = top
      self.width = width
      self.height = height
    }
  }

  /// Whose fixed-point arithmetic a resize follows, bit by bit; they differ by 1 of 255, at times by 2.
  public enum Arithmetic: String, Codable, Sendable {
    /// Pillow 13's `Image.resize`: weights of 22 fraction bits. Its rows come first, or its columns where the height shrinks
    /// by more than twice the pixels that the width does.
    case pillow
    /// PyTorch's antialiased `interpolate` of 8-bit images, which torchvision and transformers' processors call: weights of 16
    /// bits, rows first.
    case torch
  }

  /// The image at another size: in two passes, each rounded to 8 bits, the filter's support growing as the image shrinks.
  ///
  /// - Parameters:
  ///   - box: the part of the image to read, left, top, right and lower edge in pixels; all of it by default.
  ///   - window: the part of the result to compute, which is all of it by default; the same pixels as resizing and then
  ///     cropping, at less cost.
  ///   - arithmetic: whose rounding is followed. Filters that PyTorch lacks (`box`, `hamming`) are always Pillow's.
  /// - Precondition: `width` and `height` are at least 1, `box` lies in the image, `window` in the result.
  public func resized(
    width newWidth: Int, height newHeight: Int, interpolation: Interpolation,
    box: (left: Float, top: Float, right: Float, bottom: Float)? = nil, window: Region? = nil,
    arithmetic: Arithmetic = .pillow
  ) -> PixelImage {
    precondition(newWidth > 0 && newHeight > 0, "the new size has at least one pixel")
    let box = box ?? (0, 0, Float(width), Float(height))
    precondition(
      box.left >= 0 && box.top >= 0 && box.right <= Float(width) && box.bottom <= Float(height)
        && box.left < box.right && box.top < box.bottom, "the box lies in the image")
    let window = window ?? Region(left: 0, top: 0, width: newWidth, height: newHeight)
    precondition(
      window.left >= 0 && window.top >= 0 && window.width > 0 && window.height > 0
        && window.left + window.width <= newWidth && window.top + window.height <= newHeight,
      "the window lies in the result")
    let arithmetic = interpolation == .box || interpolation == .hamming ? .pillow : arithmetic
    let columns = window.left..<window.left + window.width
    let rows = window.top..<window.top + window.height
    let keepsWidth = newWidth == width && box.left == 0 && box.right == Float(width)
    let keepsHeight = newHeight == height && box.top == 0 && box.bottom == Float(height)
    if keepsWidth && keepsHeight { return cropped(to: window) }
    if interpolation == .nearest {
      return picked(
        columns: arithmetic.nearest(size: width, from: box.left, to: box.right, outputSize: newWidth, outputs: columns),
        rows: arithmetic.nearest(size: height, from: box.top, to: box.bottom, outputSize: newHeight, outputs: rows))
    }
    var view = Resampling.View(pixels: pixels, stride: width * 3, columns: 0..<width, rows: 0..<height)
    let horizontal =
      keepsWidth
      ? nil
      : ResamplingWeights(
        size: width, from: box.left, to: box.right, outputSize: newWidth, outputs: columns,
        interpolation: interpolation, arithmetic: arithmetic)
    let vertical =
      keepsHeight
      ? nil
      : ResamplingWeights(
        size: height, from: box.top, to: box.bottom, outputSize: newHeight, outputs: rows,
        interpolation: interpolation, arithmetic: arithmetic)
    view = view.part(columns: horizontal?.inputs ?? columns, rows: vertical?.inputs ?? rows)
    let columnsFirst = arithmetic == .pillow && height - newHeight > 2 * (width - newWidth) && height > newHeight
    if columnsFirst, let vertical { view = Resampling.vertically(view, weights: vertical) }
    if let horizontal { view = Resampling.horizontally(view, weights: horizontal) }
    if !columnsFirst, let vertical { view = Resampling.vertically(view, weights: vertical) }
    return PixelImage(width: window.width, height: window.height, pixels: view.pixels)
  }

  /// The pixels of a rectangle.
  ///
  /// - Precondition: `region` lies in the image and holds a pixel.
  public func cropped(to region: Region) -> PixelImage {
    precondition(
      region.left >= 0 && region.top >= 0 && region.width > 0 && region.height > 0
        && region.left + region.width <= width && region.top + region.height <= height, "the region lies in the image")
    if region.width == width && region.height == height { return self }
    let cropped = [UInt8](unsafeUninitializedCapacity: region.width * region.height * 3) { target, filled in
      pixels.withUnsafeBufferPointer { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        for row in 0..<region.height {
          let from = source + ((region.top + row) * width + region.left) * 3
          (target + row * region.width * 3).initialize(from: from, count: region.width * 3)
        }
      }
      filled = region.width * region.height * 3
    }
    return PixelImage(width: region.width, height: region.height, pixels: cropped)
  }

  private func picked(columns: [Int], rows: [Int]) -> PixelImage {
    var picked: [UInt8] = []
    picked.reserveCapacity(columns.count * rows.count * 3)
    for row in rows {
      for column in columns {
        let at = (row * width + column) * 3
        picked += pixels[at..<at + 3]
      }
    }
    return PixelImage(width: columns.count, height: rows.count, pixels: picked)
  }
}

extension PixelImage.Arithmetic {
  /// Input pixel of each wanted output pixel: Pillow steps from centre to centre, PyTorch's `nearest-exact` multiplies.
  fileprivate func nearest(size: Int, from: Float, to: Float, outputSize: Int, outputs: Range<Int>) -> [Int] {
    switch self {
    case .pillow:
      let step = Double(to - from) / Double(outputSize)
      var position = Double(from) + step * 0.5
      var picks: [Int] = []
      for output in 0..<outputs.upperBound {
        if output >= outputs.lowerBound { picks.append(min(Int(position), size - 1)) }
        position += step
      }
      return picks
    case .torch:
      let step = (to - from) / Float(outputSize)
      return outputs.map { min(Int(from + (Float($0) + 0.5) * step), size - 1) }
    }
  }
}
