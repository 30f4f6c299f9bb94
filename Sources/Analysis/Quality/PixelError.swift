import Foundation

/// Errors value by value, exact but for the last division: sums are whole numbers.
public enum PixelError {
  /// Mean squared error over pixels and channels, values in 0 ... 1. scikit-image's `mean_squared_error`.
  public static func squared(_ image: RGBPixels, _ reference: RGBPixels) -> Double {
    Double(sums(image, reference).squared) / (65025 * Double(image.count))
  }

  /// Mean absolute error over pixels and channels, values in 0 ... 1.
  public static func absolute(_ image: RGBPixels, _ reference: RGBPixels) -> Double {
    Double(sums(image, reference).absolute) / (255 * Double(image.count))
  }

  /// Peak signal-to-noise ratio in dB, −10 log₁₀ of the mean squared error, as scikit-image's with `data_range` 1.
  ///
  /// Two identical images have no error and would score infinity, which no mean survives. They count as if one value were
  /// half a step of 8 bits off: 20 log₁₀ 510 + 10 log₁₀(number of values), 6.02 dB above the best that an imperfect
  /// image of the size can score, so that a perfect one always scores best.
  public static func peakSignalToNoise(_ image: RGBPixels, _ reference: RGBPixels) -> Double {
    peakSignalToNoise(squaredError: squared(image, reference), values: image.count)
  }

  /// The same from a mean squared error of `values` values.
  static func peakSignalToNoise(squaredError: Double, values: Int) -> Double {
    -10 * log10(squaredError > 0 ? squaredError : 0.25 / (65025 * Double(values)))
  }

  /// Sums of squared and of absolute differences, in steps of 8 bits.
  static func sums(_ image: RGBPixels, _ reference: RGBPixels) -> (squared: Int, absolute: Int) {
    image.requireSameSize(as: reference)
    return image.bytes.withUnsafeBufferPointer { first in
      reference.bytes.withUnsafeBufferPointer { second in
        var squared = 0
        var absolute = 0
        // Pieces whose sums fit into 32 bits, which is what vector units add.
        for start in stride(from: 0, to: first.count, by: 1 << 15) {
          var squares: UInt32 = 0
          var differences: UInt32 = 0
          for index in start..<min(first.count, start + 1 << 15) {
            let difference = Int32(first[index]) &- Int32(second[index])
            squares &+= UInt32(bitPattern: difference &* difference)
            differences &+= UInt32(bitPattern: difference < 0 ? 0 &- difference : difference)
          }
          squared += Int(squares)
          absolute += Int(differences)
        }
        return (squared, absolute)
      }
    }
  }
}
