import Foundation

/// How pixels between pixels are made: Pillow's six filters, antialiased when shrinking (but for `nearest`).
public enum Interpolation: String, Codable, Sendable, CaseIterable {
  case nearest, box, bilinear, hamming, bicubic, lanczos

  /// Pillow's numbers, which transformers writes as `resample`.
  ///
  /// - Throws: `ImagingError` for any other number.
  public init(pillow number: Int) throws {
    let byNumber: [Interpolation] = [.nearest, .lanczos, .bilinear, .bicubic, .box, .hamming]
    guard byNumber.indices.contains(number) else {
      throw ImagingError(reason: "resample \(number) is none of Pillow's filters 0 to 5")
    }
    self = byNumber[number]
  }

  /// Half the filter's width in pixels of the smaller image.
  var support: Double {
    switch self {
    case .nearest: 0
    case .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The filter's value at a distance.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .nearest:
      return 0
    case .box:
      return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .bilinear:
      return x < 1 ? 1 - x : 0
    case .hamming:
      if x == 0 { return 1 }
      if x >= 1 { return 0 }
      let angle = x * Double.pi
      // Pillow writes these two constants in single precision.
      return sin(angle) / angle * (Double(Float(0.54)) + Double(Float(0.46)) * cos(angle))
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    case .lanczos:
      return distance >= -3 && distance < 3 ? Interpolation.sinc(distance) * Interpolation.sinc(distance / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double {
    if x == 0 { return 1 }
    return sin(x * Double.pi) / (x * Double.pi)
  }
}
