/// Luminance and colour of an image at half its size, for the measures that look at it from a distance: means of 2 × 2 pixels,
/// with zeros below and on the right where a side is odd. Each plane has zeros around it.
struct LumaPlanes {
  /// Zeros above and on the left of a plane.
  static let before = 4
  /// Zeros at least below and on the right of it.
  static let after = 8

  let height: Int
  let width: Int
  /// Numbers from one row to the next.
  let stride: Int
  /// Y, and with colour I and Q of NTSC's YIQ, in 0 ... `scale`.
  let planes: [FloatPlane]

  /// Weights of red, green and blue, as piq has them.
  private static let weights: [(Double, Double, Double)] = [
    (0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112),
  ]

  /// - Parameters:
  ///   - scale: what the value 255 becomes.
  ///   - withColor: whether I and Q are wanted too.
  init(_ image: RGBPixels, scale: Double, withColor: Bool) {
    let (height, width) = ((image.height + 1) / 2, (image.width + 1) / 2)
    let stride = LumaPlanes.before + width + LumaPlanes.after
    let rows = LumaPlanes.before + height + LumaPlanes.after
    let planes = (0..<(withColor ? 3 : 1)).map { _ in FloatPlane(rows * stride) }
    let factors = LumaPlanes.weights.prefix(planes.count).map { weights in
      let factor = scale / (4 * 255)
      return (Float(weights.0 * factor), Float(weights.1 * factor), Float(weights.2 * factor))
    }
    image.bytes.withUnsafeBufferPointer { bytes in
      for row in 0..<height {
        let rowsHere = min(2, image.height - 2 * row)
        for column in 0..<width {
          let columnsHere = min(2, image.width - 2 * column)
          var sum = SIMD3<Int32>(repeating: 0)
          for y in 0..<rowsHere {
            for x in 0..<columnsHere {
              let index = ((2 * row + y) * image.width + 2 * column + x) * 3
              sum &+= SIMD3(Int32(bytes[index]), Int32(bytes[index + 1]), Int32(bytes[index + 2]))
            }
          }
          let (red, green, blue) = (Float(sum.x), Float(sum.y), Float(sum.z))
          let target = (LumaPlanes.before + row) * stride + LumaPlanes.before + column
          for (plane, factor) in zip(planes, factors) {
            plane.start[target] = red * factor.0 + green * factor.1 + blue * factor.2
          }
        }
      }
    }
    self.height = height
    self.width = width
    self.stride = stride
    self.planes = planes
  }

  /// The number of the plane's first pixel.
  var origin: Int { LumaPlanes.before * stride + LumaPlanes.before }
  /// Numbers a plane has, the zeros around it included.
  var count: Int { planes[0].count }
}
