/// A colour in sRGB, components in 0…1.
struct SceneColor: Sendable {
  var rgb: SIMD3<Float>

  init(_ rgb: SIMD3<Float>) {
    self.rgb = rgb
  }

  init(_ red: Double, _ green: Double, _ blue: Double) {
    rgb = SIMD3(Float(red), Float(green), Float(blue))
  }

  /// From hue in degrees (any turn), saturation and value in 0…1.
  init(hue: Double, saturation: Double, value: Double) {
    let turn = (hue / 60).truncatingRemainder(dividingBy: 6)
    let sector = turn < 0 ? turn + 6 : turn
    func channel(_ shift: Double) -> Double {
      let place = (shift + sector).truncatingRemainder(dividingBy: 6)
      return value - value * saturation * max(0, min(place, 4 - place, 1))
    }
    self.init(channel(5), channel(3), channel(1))
  }

  static let white = SceneColor(1, 1, 1)
  static let black = SceneColor(0, 0, 0)

  /// The colour this far (0…1) on the way to another.
  func mixed(_ other: SceneColor, _ amount: Double) -> SceneColor {
    SceneColor(rgb + (other.rgb - rgb) * Float(amount))
  }

  func lighter(_ amount: Double) -> SceneColor { mixed(.white, amount) }

  /// Darker, with the hue and the saturation kept.
  func darker(_ amount: Double) -> SceneColor { SceneColor(rgb * Float(1 - amount)) }

  var red: Double { Double(rgb.x) }
  var green: Double { Double(rgb.y) }
  var blue: Double { Double(rgb.z) }
}
