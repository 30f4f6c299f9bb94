import Figures
import Foundation

/// Colours as people see them who lack one kind of cone, and how far apart colours look.
enum ColorVision {
  enum Kind: String, CaseIterable {
    case protanopia, deuteranopia, tritanopia

    /// For linear red, green and blue, at full severity: Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009), table 1.
    fileprivate var matrix: [Double] {
      switch self {
      case .protanopia:
        [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]
      case .deuteranopia:
        [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881]
      case .tritanopia:
        [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900]
      }
    }
  }

  /// Linear light of sRGB.
  private static func linear(_ color: Color) -> [Double] {
    [color.red, color.green, color.blue].map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
  }

  /// CIE L*a*b* (D65) of linear light.
  private static func lab(_ light: [Double]) -> [Double] {
    let (r, g, b) = (light[0], light[1], light[2])
    let xyz = [
      (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047, 0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
      (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    ].map { $0 > 0.008856 ? cbrt(max(0, $0)) : 7.787 * $0 + 16.0 / 116 }
    return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])]
  }

  private static func simulated(_ light: [Double], _ kind: Kind) -> [Double] {
    let m = kind.matrix
    return (0..<3).map { row in
      min(1, max(0, m[row * 3] * light[0] + m[row * 3 + 1] * light[1] + m[row * 3 + 2] * light[2]))
    }
  }

  /// How far apart two colours look (CIE 1976 ΔE), with full colour vision or without one kind of cone.
  static func distance(_ a: Color, _ b: Color, without kind: Kind? = nil) -> Double {
    let (x, y) = (linear(a), linear(b))
    let (p, q) = kind.map { (lab(simulated(x, $0)), lab(simulated(y, $0))) } ?? (lab(x), lab(y))
    return zip(p, q).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// Distance from grey.
  static func chroma(_ color: Color) -> Double {
    let lab = lab(linear(color))
    return (lab[1] * lab[1] + lab[2] * lab[2]).squareRoot()
  }

  /// Contrast of two colours as WCAG 2 defines it, 1 to 21.
  static func contrast(_ a: Color, _ b: Color) -> Double {
    func luminance(_ color: Color) -> Double {
      let light = linear(color)
      return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    }
    let (x, y) = (luminance(a), luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }
}

extension Color {
  /// What is seen of it on a ground.
  func over(_ ground: Color) -> Color {
    guard alpha < 1 else { return self }
    func mixed(_ own: Double, _ below: Double) -> Double { own * alpha + below * (1 - alpha) }
    return Color(
      red: mixed(red, ground.red), green: mixed(green, ground.green), blue: mixed(blue, ground.blue))
  }
}
