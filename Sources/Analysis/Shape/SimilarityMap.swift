/// SSIM of every pixel.
package enum SimilarityMap {
  /// The map whose inner part ``StructuralSimilarity`` averages, channels averaged: around the image its pixels are mirrored
  /// (the outermost twice), as scikit-image's full map has it.
  ///
  /// - Returns: `[height, width]`; nil where the window does not fit into the image.
  package static func values(_ image: RGBPixels, _ reference: RGBPixels) -> [Float]? {
    image.requireSameSize(as: reference)
    guard image.shorterSide >= StructuralSimilarity.window else { return nil }
    let margin = StructuralSimilarity.window / 2
    return WindowMoments(height: image.height + 2 * margin, width: image.width + 2 * margin)
      .similarityMap(mirrored(image, margin), mirrored(reference, margin))
  }

  private static func mirrored(_ image: RGBPixels, _ margin: Int) -> FloatPlane {
    let (height, width) = (image.height, image.width)
    func source(_ index: Int, _ count: Int) -> Int {
      index < 0 ? -index - 1 : index >= count ? 2 * count - index - 1 : index
    }
    let result = FloatPlane((height + 2 * margin) * (width + 2 * margin) * 3)
    var target = result.start
    image.bytes.withUnsafeBufferPointer { bytes in
      for row in -margin..<height + margin {
        let line = source(row, height) * width
        for column in -margin..<width + margin {
          let pixel = 3 * (line + source(column, width))
          for channel in 0..<3 { target[channel] = Float(bytes[pixel + channel]) * (1 / 255) }
          target += 3
        }
      }
    }
    return result
  }
}
