import Formats
import Results

/// A change of an image's colours that keeps its shapes: one of the conditions a model is shown an image under.
public struct ColorCondition: Sendable, Equatable {
  private let parsed: ConditionName

  /// The condition as it was written, fit for the name of an HDF5 group.
  public var name: String { parsed.text }

  /// The unchanged image.
  public static let original = ColorCondition(.original)

  /// What can be written, for help texts.
  public static let forms = ConditionName.forms

  /// Whether the condition has a meaning only where a mask says which pixels it changes.
  public var needsMask: Bool { parsed.change == .erased || parsed.change == .swapped }

  /// Whether the condition takes pixels of another image.
  public var needsOther: Bool { parsed.change == .swapped }

  /// The change that a name stands for.
  public init(_ name: ConditionName) { parsed = name }

  /// Reads the name of a condition, see ``Results/ConditionName``.
  ///
  /// - Throws: `ImagingError` that lists the forms and names the closest.
  public init(parsing text: String) throws {
    do {
      self.init(try ConditionName(parsing: text))
    } catch ConditionNameError.unknown(let text) {
      let suggestion = Spelling.suggestion(for: text, among: ConditionName.examples)
      throw ImagingError(
        reason: "unknown condition '\(text)'\(suggestion); conditions are "
          + ConditionName.forms.joined(separator: ", "))
    } catch {
      throw ImagingError(reason: "\(error)")
    }
  }

  /// The image under the condition; inside `mask` where one is given, its other pixels untouched.
  ///
  /// - Parameter other: the image that `swap` takes pixels from; where it is smaller it is laid side by side.
  /// - Precondition: the mask has the image's size.
  public func apply(to image: PixelImage, mask: Mask? = nil, other: PixelImage? = nil) -> PixelImage {
    precondition(
      mask.map { $0.width == image.width && $0.height == image.height } ?? true, "the mask has the image's size")
    switch parsed.change {
    case .none:
      return image
    case .gray:
      return image.mapPixels(mask) { red, green, blue, _ in
        // OpenCV's COLOR_RGB2GRAY: ITU-R BT.601 weights in 15-bit fixed point.
        let gray = (Int32(red) * 9798 + Int32(green) * 19235 + Int32(blue) * 3735 + (1 << 14)) >> 15
        let byte = UInt8(truncatingIfNeeded: gray)
        return (byte, byte, byte)
      }
    case .erased:
      guard let mask else { return image }
      let color = image.meanColor(outside: mask)
      return image.mapPixels(mask) { _, _, _, _ in color }
    case .swapped:
      guard let mask, let other else { return image }
      return image.replaced(inside: mask, by: other)
    case .channels(let order):
      return image.mapPixels(mask) { red, green, blue, _ in
        func channel(_ index: Int) -> UInt8 { index == 0 ? red : index == 1 ? green : blue }
        return (channel(order[0]), channel(order[1]), channel(order[2]))
      }
    case .hueSet(let degrees):
      return image.mapHSV(mask) { $0.hue = UInt8(degrees / 2) }
    case .hueTurned(let degrees):
      // 8-bit hue counts steps of 2°, as OpenCV's does.
      return image.mapHSV(mask) { $0.hue = UInt8((Int($0.hue) + degrees / 2) % 180) }
    case .saturationScaled(let factor):
      let table = ColorCondition.scaled(by: factor)
      return image.mapHSV(mask) { $0.saturation = table[Int($0.saturation)] }
    case .valueScaled(let factor):
      let table = ColorCondition.scaled(by: factor)
      return image.mapHSV(mask) { $0.value = table[Int($0.value)] }
    }
  }

  /// Each level times a factor, rounded half up, at most 255.
  private static func scaled(by factor: Double) -> [UInt8] {
    (0...255).map { UInt8(min((Double($0) * factor).rounded(), 255)) }
  }
}

extension PixelImage {
  /// Every pixel, or those in a mask, through a function of red, green, blue and column.
  fileprivate func mapPixels(
    _ mask: Mask?, _ change: (UInt8, UInt8, UInt8, Int) -> (red: UInt8, green: UInt8, blue: UInt8)
  ) -> PixelImage {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { bytes in
      for row in 0..<height {
        for column in 0..<width {
          let pixel = row * width + column
          if let mask, mask.values[pixel] == 0 { continue }
          let changed = change(bytes[3 * pixel], bytes[3 * pixel + 1], bytes[3 * pixel + 2], column)
          bytes[3 * pixel] = changed.red
          bytes[3 * pixel + 1] = changed.green
          bytes[3 * pixel + 2] = changed.blue
        }
      }
    }
    return result
  }

  /// The image with another one's pixels inside a mask.
  fileprivate func replaced(inside mask: Mask, by other: PixelImage) -> PixelImage {
    var result = self
    for pixel in 0..<width * height where mask.values[pixel] != 0 {
      let (row, column) = (pixel / width % other.height, pixel % width % other.width)
      for channel in 0..<3 {
        result.pixels[3 * pixel + channel] = other.pixels[3 * (row * other.width + column) + channel]
      }
    }
    return result
  }

  /// The mean of the pixels outside a mask, rounded; mid-grey where there are none.
  fileprivate func meanColor(outside mask: Mask) -> (red: UInt8, green: UInt8, blue: UInt8) {
    var sums = [0, 0, 0]
    var count = 0
    for pixel in 0..<width * height where mask.values[pixel] == 0 {
      count += 1
      for channel in 0..<3 { sums[channel] += Int(pixels[3 * pixel + channel]) }
    }
    guard count > 0 else { return (128, 128, 128) }
    let bytes = sums.map { UInt8((2 * $0 + count) / (2 * count)) }
    return (bytes[0], bytes[1], bytes[2])
  }

  fileprivate func mapHSV(_ mask: Mask?, _ change: (inout HSV) -> Void) -> PixelImage {
    let vectorised = width - width % HSV.blockWidth
    return mapPixels(mask) { red, green, blue, column in
      var color = HSV(red: red, green: green, blue: blue)
      change(&color)
      return color.rgb(isVectorised: column < vectorised)
    }
  }
}
