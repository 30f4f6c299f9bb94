extension SceneDesign {
  typealias Maker = @Sendable (inout SceneRandom, SceneColor) -> SceneDesign

  /// How each class is drawn, in the order of `SceneClass.all`.
  private static let makers: [Maker] = [
    stopSign, banana, orange, strawberry, frog, cactus, whale, pumpkin, car, mug, vase, balloon, rocket, fish, butterfly,
    mushroom, umbrella, starBadge, hexagonBadge, stripedBall, dottedBall, checkeredBall, smoothHat, knittedHat,
  ]

  /// An object of this class and the hue it was given, in degrees.
  static func make(_ kind: SceneClass, _ random: inout SceneRandom) -> (design: SceneDesign, hue: Double) {
    let hue: Double
    let color: SceneColor
    if let canonical = kind.canonicalHue {
      hue = (canonical + random.uniform(-5, 5) + 360).truncatingRemainder(dividingBy: 360)
      color = SceneColor(hue: hue, saturation: random.uniform(0.78, 0.95), value: saturatedValue(hue, &random))
    } else {
      hue = random.uniform(0, 360)
      color = SceneColor(hue: hue, saturation: random.uniform(0.55, 0.85), value: saturatedValue(hue, &random))
    }
    return (makers[kind.id - 1](&random, color), hue)
  }

  /// Greens are drawn darker than yellows, as they are in the world.
  private static func saturatedValue(_ hue: Double, _ random: inout SceneRandom) -> Double {
    let green = max(0, 1 - abs(hue - 120) / 50)
    return random.uniform(0.82, 0.97) - 0.22 * green
  }
}
