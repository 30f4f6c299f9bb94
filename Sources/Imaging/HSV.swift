/// Hue, saturation and value in 8 bits, bit by bit as OpenCV 5's `COLOR_RGB2HSV` and `COLOR_HSV2RGB` compute them.
///
/// Hue is in steps of 2°, 0 to 179; saturation and value are 0 to 255.
struct HSV: Equatable {
  var hue: UInt8
  var saturation: UInt8
  var value: UInt8

  init(hue: UInt8, saturation: UInt8, value: UInt8) {
    self.hue = hue
    self.saturation = saturation
    self.value = value
  }

  /// OpenCV's integer arithmetic: reciprocals in 12-bit fixed point from tables.
  init(red: UInt8, green: UInt8, blue: UInt8) {
    let (red, green, blue) = (Int32(red), Int32(green), Int32(blue))
    let largest = max(red, green, blue)
    let difference = largest - min(red, green, blue)
    let half: Int32 = 1 << 11
    let sector =
      if largest == red { green - blue } else if largest == green { blue - red + 2 * difference } else {
        red - green + 4 * difference
      }
    let turn = (sector * HSV.hueReciprocals[Int(difference)] + half) >> 12
    hue = UInt8(truncatingIfNeeded: turn < 0 ? turn + 180 : turn)
    saturation = UInt8(truncatingIfNeeded: (difference * HSV.saturationReciprocals[Int(largest)] + half) >> 12)
    value = UInt8(truncatingIfNeeded: largest)
  }

  /// Back to red, green and blue, in single precision.
  ///
  /// OpenCV's vector code cuts fractions off where its scalar code, used for what is left at the end of a row, rounds them.
  ///
  /// - Parameter isVectorised: whether the pixel lies in a whole block of `HSV.blockWidth` pixels of its row.
  func rgb(isVectorised: Bool) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let turn = Float(hue) * (6 / 180)
    let sector = Int32(turn)
    let fraction = turn - Float(sector)
    let saturation = Float(self.saturation) * (1 / 255)
    let value = Float(self.value) * (1 / 255)
    // OpenCV multiplies and subtracts with one rounding; in double precision the product is exact.
    func faded(by part: Float) -> Float { Float(1 - Double(saturation) * Double(part)) }
    func byte(_ level: Float) -> UInt8 {
      let scaled = level * 255
      return UInt8(clamping: Int32(isVectorised ? scaled : scaled.rounded(.toNearestOrEven)))
    }
    let full = byte(value)
    let low = byte(value * (1 - saturation))
    let falling = byte(value * faded(by: fraction))
    let rising = byte(value * faded(by: 1 - fraction))
    return switch sector % 6 {
    case 0: (full, rising, low)
    case 1: (falling, full, low)
    case 2: (low, full, rising)
    case 3: (low, falling, full)
    case 4: (rising, low, full)
    default: (full, low, falling)
    }
  }

  /// Pixels that OpenCV's vector code (AVX2) takes at once.
  static let blockWidth = 32

  private static let saturationReciprocals = reciprocals(of: Double(255 << 12))
  private static let hueReciprocals = reciprocals(of: Double(180 << 12) / 6)

  private static func reciprocals(of numerator: Double) -> [Int32] {
    [0] + (1...255).map { Int32((numerator / Double($0)).rounded(.toNearestOrEven)) }
  }
}
