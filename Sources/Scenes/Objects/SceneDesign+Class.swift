extension SceneDesign {
  typealias Maker = @Sendable (inout SceneRandom, SceneColor) -> SceneDesign

  /// How each class is drawn, in the order of `SceneClass.all`.
  private static let makers: [Maker] = [
    stopSign, banana, orange, strawberry, frog, cactus, whale, pumpkin, car, mug, vase, balloon, rocket, fish,
    butterfly,
    mushroom, umbrella, starBadge, hexagonBadge, stripedBall, dottedBall, checkeredBall, smoothHat, knittedHat,
  ]

  /// An object of this class and the hue it was given, in degrees; `hue` overrides the one it would have.
  static func make(
    _ kind: SceneClass, _ random: inout SceneRandom, hue override: Double? = nil
  ) -> (design: SceneDesign, hue: Double) {
    let turn = kind.canonicalHue == nil ? random.uniform(0, 360) : random.uniform(-5, 5)
    let chosen = override ?? (kind.canonicalHue ?? 0) + turn
    let hue = (chosen.truncatingRemainder(dividingBy: 360) + 360).truncatingRemainder(dividingBy: 360)
    let vivid = random.unit()
    let saturation = kind.canonicalHue == nil ? 0.55 + 0.3 * vivid : 0.78 + 0.17 * vivid
    // Greens are drawn darker than yellows, as they are in the world.
    let green = max(0, 1 - abs(hue - 120) / 50)
    let value = random.uniform(0.82, 0.97) - 0.22 * green
    let color = SceneColor(hue: hue, saturation: saturation, value: value)
    return (makers[kind.id - 1](&random, color), hue)
  }
}
