import Foundation

/// CIEDE2000, the colour difference of the CIE (Luo, Cui and Rigg 2001), in the form of Sharma, Wu and Dalal (2005).
public enum ColorDifference {
  /// The mean over pixels of ΔE₀₀ between two sRGB images, with k_L = k_C = k_H = 1 and white D65 of the 2° observer.
  ///
  /// scikit-image's `deltaE_ciede2000(rgb2lab(a), rgb2lab(b)).mean()`.
  ///
  /// - Returns: 0 for identical images; about 2.3 is a difference that is just noticed, 100 is black against white.
  public static func mean(_ image: RGBPixels, _ reference: RGBPixels) -> Double {
    image.requireSameSize(as: reference)
    let pixels = image.height * image.width
    var sum = 0.0
    image.bytes.withUnsafeBufferPointer { first in
      reference.bytes.withUnsafeBufferPointer { second in
        linearLight.withUnsafeBufferPointer { light in
          let whole = pixels - pixels % VectorMath.width
          for pixel in stride(from: 0, to: whole, by: VectorMath.width) {
            let difference = squared(
              CIELab(first, at: pixel * 3, light), CIELab(second, at: pixel * 3, light))
            sum += VectorMath.total(difference.squareRoot())
          }
          // The rest, with as many copies of its last pixel as fill the lanes.
          if whole < pixels {
            func rest(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
              (0..<VectorMath.width).flatMap { lane in
                let pixel = min(pixels - 1, whole + lane) * 3
                return [bytes[pixel], bytes[pixel + 1], bytes[pixel + 2]]
              }
            }
            let difference = rest(first).withUnsafeBufferPointer { first in
              rest(second).withUnsafeBufferPointer { second in
                squared(CIELab(first, at: 0, light), CIELab(second, at: 0, light)).squareRoot()
              }
            }
            for lane in 0..<pixels - whole { sum += Double(difference[lane]) }
          }
        }
      }
    }
    return sum / Double(pixels)
  }

  /// The light that a value of 8 bits stands for in sRGB (IEC 61966-2-1), 0 ... 1.
  static let linearLight: [Float] = (0...255).map { byte in
    let value = Double(byte) / 255
    return Float(value > 0.04045 ? pow((value + 0.055) / 1.055, 2.4) : value / 12.92)
  }

  /// ΔE₀₀ squared. Angles appear by their cosine and sine only.
  @inline(__always)
  package static func squared(_ first: CIELab, _ second: CIELab) -> Lanes {
    let tiny = Lanes(repeating: 1e-30)
    // a is stretched where chroma is low.
    let chroma =
      ((first.a * first.a + first.b * first.b).squareRoot()
        + (second.a * second.a + second.b * second.b).squareRoot()) * Float(0.5)
    let stretch = Float(1.5) - saturation(chroma) * Float(0.5)
    let (a1, a2) = (first.a * stretch, second.a * stretch)
    let (b1, b2) = (first.b, second.b)
    let chroma1 = (a1 * a1 + b1 * b1).squareRoot()
    let chroma2 = (a2 * a2 + b2 * b2).squareRoot()

    let offset = (first.lightness + second.lightness) * Float(0.5) - Float(50)
    let offset2 = offset * offset
    let lightnessScale = Float(1) + offset2 * Float(0.015) / (offset2 + Float(20)).squareRoot()
    let lightness = (second.lightness - first.lightness) / lightnessScale

    let middle = (chroma1 + chroma2) * Float(0.5)
    let chromaTerm = (chroma2 - chroma1) / (middle * Float(0.045) + Float(1))

    // 2 √(C₁C₂) sin(Δh/2), from sine and cosine of Δh times C₁C₂; the form that cancels no digits.
    let product = chroma1 * chroma2
    let cosine = a1 * a2 + b1 * b2
    let sine = a1 * b2 - a2 * b1
    let near = sine * Float(2).squareRoot() / VectorMath.larger(product + cosine, tiny).squareRoot()
    let far = (VectorMath.larger(product - cosine, Lanes(repeating: 0)) * Float(2)).squareRoot()
    let signedFar = VectorMath.choose(sine .< Float(0), -far, far)
    let hue = VectorMath.choose(cosine .>= Float(0), near, signedFar)

    // The mean hue's direction: the sum of both directions.
    let x = a1 * chroma2 + a2 * chroma1
    let y = b1 * chroma2 + b2 * chroma1
    let length = VectorMath.larger((x * x + y * y).squareRoot(), tiny)
    let (c, s) = (x / length, y / length)
    let c2 = c * c * Float(2) - Float(1)
    let s2 = s * c * Float(2)
    let c3 = c * c2 - s * s2
    let s3 = s * c2 + c * s2
    let c4 = c2 * c2 * Float(2) - Float(1)
    let s4 = s2 * c2 * Float(2)
    var hueWeight = Float(1) - c * hueFactors.c1
    hueWeight -= s * hueFactors.s1
    hueWeight += c2 * Float(0.24)
    hueWeight += c3 * hueFactors.c3
    hueWeight -= s3 * hueFactors.s3
    hueWeight -= c4 * hueFactors.c4
    hueWeight -= s4 * hueFactors.s4
    let hueTerm = hue / (middle * hueWeight * Float(0.015) + Float(1))

    let rotation = rotation(c, s) * saturation(middle) * Float(-2)
    let sum = lightness * lightness + chromaTerm * chromaTerm + hueTerm * hueTerm + rotation * chromaTerm * hueTerm
    return VectorMath.larger(sum, Lanes(repeating: 0))
  }

  /// ΔE₀₀ of colours to their own grey, which has no hue: its chroma term alone.
  @inline(__always)
  package static func toGray(_ color: CIELab) -> Lanes {
    let half = (color.a * color.a + color.b * color.b).squareRoot() * Float(0.5)
    let a = color.a * (Float(1.5) - saturation(half) * Float(0.5))
    let chroma = (a * a + color.b * color.b).squareRoot()
    return chroma / (chroma * Float(0.0225) + Float(1))
  }

  /// √(C⁷ / (C⁷ + 25⁷)).
  @inline(__always)
  private static func saturation(_ chroma: Lanes) -> Lanes {
    let part = chroma * Float(0.04)
    let part2 = part * part
    let seventh = part2 * part2 * part2 * part
    return (seventh / (seventh + Float(1))).squareRoot()
  }

  /// 0.17 cos(h − 30°), 0.32 cos(3h + 6°) and 0.20 cos(4h − 63°), by the theorem of addition.
  private static let hueFactors: (c1: Float, s1: Float, c3: Float, s3: Float, c4: Float, s4: Float) = {
    let degree = Double.pi / 180
    return (
      Float(0.17 * cos(30 * degree)), Float(0.17 * sin(30 * degree)), Float(0.32 * cos(6 * degree)),
      Float(0.32 * sin(6 * degree)), Float(0.20 * cos(63 * degree)), Float(0.20 * sin(63 * degree))
    )
  }()

  /// sin(60° exp(−((h − 275°)/25°)²)) for the hue with cosine `c` and sine `s`.
  @inline(__always)
  private static func rotation(_ c: Lanes, _ s: Lanes) -> Lanes {
    // 1 − cos of the angle from 275°; the square of an angle is a smooth function of it, here a polynomial.
    let cosine = c * Float(0.087_155_74) - s * Float(0.996_194_7)
    let sine = s * Float(0.087_155_74) + c * Float(0.996_194_7)
    let y = VectorMath.smaller(
      VectorMath.larger(Float(1) - cosine, Lanes(repeating: 0)), Lanes(repeating: 1.35))
    var square = y * Float(0.009_963_564) - Float(0.038_967_377)
    square = square * y + Float(0.071_226_34)
    square = square * y - Float(0.062_183_39)
    square = square * y + Float(0.045_728_29)
    square = square * y + Float(0.017_863_765)
    square = square * y + Float(0.090_542_503)
    square = square * y + Float(0.333_226_36)
    square = square * y + Float(2.000_001_7)
    square = square * y
    // (180 / (25 π))²; hues beyond 360° start again at 0°, where nothing is left of the term.
    let bell = VectorMath.exponential(square * Float(-5.252_459_6))
    let isBeyond = (sine .> Float(0)) .& (cosine .< Float(0.087_155_74))
    let angle = VectorMath.choose(isBeyond, Lanes(repeating: 0), bell * Float(1.047_197_55))
    let angle2 = angle * angle
    var series = angle2 * Float(-1.921_016e-4) + Float(8.328_51e-3)
    series = series * angle2 - Float(0.166_665_31)
    series = series * angle2 + Float(0.999_999_9)
    return series * angle
  }
}

/// Colours in CIELAB, as many as there are lanes.
package struct CIELab {
  let lightness: Lanes
  let a: Lanes
  let b: Lanes

  /// Of pixels that begin at a byte, `light` being what each value stands for.
  @inline(__always)
  init(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int, _ light: UnsafeBufferPointer<Float>) {
    var (red, green, blue) = (Lanes(), Lanes(), Lanes())
    for lane in 0..<VectorMath.width {
      red[lane] = light[Int(bytes[index + 3 * lane])]
      green[lane] = light[Int(bytes[index + 3 * lane + 1])]
      blue[lane] = light[Int(bytes[index + 3 * lane + 2])]
    }
    // Rows of the matrix of sRGB, divided by the white of D65.
    let x = CIELab.compressed(
      red * Float(0.412453 / 0.95047) + green * Float(0.357580 / 0.95047) + blue * Float(0.180423 / 0.95047))
    let y = CIELab.compressed(red * Float(0.212671) + green * Float(0.715160) + blue * Float(0.072169))
    let z = CIELab.compressed(
      red * Float(0.019334 / 1.08883) + green * Float(0.119193 / 1.08883) + blue * Float(0.950227 / 1.08883))
    lightness = y * Float(116) - Float(16)
    a = (x - y) * Float(500)
    b = (y - z) * Float(200)
  }

  @inline(__always)
  private static func compressed(_ value: Lanes) -> Lanes {
    let root = VectorMath.cubeRoot(VectorMath.larger(value, Lanes(repeating: 1e-6)))
    return VectorMath.choose(
      value .> Float(0.008856), root, value * Float(7.787) + Float(16.0 / 116))
  }
}

extension CIELab {
  /// Given colours.
  package init(lightness: Lanes, a: Lanes, b: Lanes) {
    self.lightness = lightness
    self.a = a
    self.b = b
  }
}
