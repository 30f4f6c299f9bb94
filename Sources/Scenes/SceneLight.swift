/// The one light of a scene and what it leaves in shadow.
struct SceneLight: Sendable {
  /// Towards the light: x right, y down, z towards the viewer; of length 1.
  let direction: SIMD3<Float>
  /// What lit surfaces are multiplied by.
  let tint: SIMD3<Float>
  /// What surfaces turned away are multiplied by.
  let shade: SIMD3<Float>
  /// Light thrown back from below.
  let bounce: SIMD3<Float>
  /// Halfway between the light and the viewer.
  let halfway: SIMD3<Float>

  /// - Parameters:
  ///   - side: -1 from the left … 1 from the right.
  ///   - elevation: how high it stands, about 0.5…1.
  init(side: Double, elevation: Double, tint: SceneColor, shade: SceneColor, bounce: SceneColor) {
    direction = SceneLight.unit(SIMD3(Float(side) * 0.62, -Float(elevation) * 0.62, 0.72))
    self.tint = tint.rgb
    self.shade = shade.rgb
    self.bounce = bounce.rgb
    halfway = SceneLight.unit(direction + SIMD3(0, 0, 1))
  }

  static func unit(_ vector: SIMD3<Float>) -> SIMD3<Float> {
    vector / max((vector * vector).sum().squareRoot(), 1e-6)
  }

  /// The colour of a surface of this colour, seen under this light.
  @inline(__always)
  func shaded(_ color: SIMD3<Float>, normal: SIMD3<Float>, gloss: Float) -> SIMD3<Float> {
    let facing = (normal * direction).sum()
    // Wrapped, so that the terminator is soft; a surface that faces the viewer keeps about its own colour.
    let wrapped = max(0, (facing + 0.25) / 1.25)
    let amount = min(1.12, 0.1 + wrapped * 1.12)
    var result = color * (shade + (tint - shade) * amount)
    result += color * bounce * (max(0, normal.y) * 0.28)
    let half = max(0, (normal * halfway).sum())
    let squared = half * half
    let fourth = squared * squared
    let sixteenth = fourth * fourth * fourth * fourth
    let highlight = gloss * (0.55 * sixteenth * sixteenth * sixteenth + 0.1 * fourth * squared)
    result += (SIMD3(repeating: 1) - result) * min(1, max(0, highlight))
    return result
  }
}
