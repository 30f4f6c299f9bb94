/// An image of 8-bit sRGB pixels as a figure shows it.
public struct Picture: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// Red, green, blue and opacity 255; row after row from the top.
  public let pixels: [UInt8]

  /// - Parameter rgb: three bytes a pixel, row after row from the top.
  public init(width: Int, height: Int, rgb: [UInt8]) throws(FigureError) {
    guard width > 0, height > 0, rgb.count == width * height * 3 else {
      throw FigureError("a picture of \(width)×\(height) needs \(width * height * 3) bytes, got \(rgb.count)")
    }
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 4) { buffer, initialized in
      for pixel in 0..<width * height {
        buffer[pixel * 4] = rgb[pixel * 3]
        buffer[pixel * 4 + 1] = rgb[pixel * 3 + 1]
        buffer[pixel * 4 + 2] = rgb[pixel * 3 + 2]
        buffer[pixel * 4 + 3] = 255
      }
      initialized = width * height * 4
    }
  }

  /// - Parameter rgba: four bytes a pixel, row after row from the top.
  private init(width: Int, height: Int, rgba: [UInt8]) {
    self.width = width
    self.height = height
    pixels = rgba
  }

  /// The pixels of a part; nil where it holds none.
  func part(_ area: ImageGridFigure.Area) -> Picture? {
    let area = area.clipped
    let columns = Int((area.x * Double(width)).rounded())..<Int(((area.x + area.width) * Double(width)).rounded())
    let rows = Int((area.y * Double(height)).rounded())..<Int(((area.y + area.height) * Double(height)).rounded())
    guard !columns.isEmpty, !rows.isEmpty else { return nil }
    return Picture(
      width: columns.count, height: rows.count,
      rgba: rows.flatMap { y in pixels[(y * width + columns.lowerBound) * 4..<(y * width + columns.upperBound) * 4] })
  }

  /// Height over width.
  var aspect: Double { Double(height) / Double(width) }

  /// The largest upright rectangle of the picture's shape in the middle of `frame`.
  func fitted(into frame: Rectangle) -> Rectangle {
    let width = min(frame.width, frame.height / aspect)
    let height = width * aspect
    return Rectangle(
      x: frame.x + (frame.width - width) / 2, y: frame.y + (frame.height - height) / 2, width: width, height: height)
  }
}
