/// A surrounding: what is painted behind the objects, where they may stand, how they are lit, what grows in front.
///
/// Backdrops are drawn in units of the image's height: x from 0 to `aspect`, y from 0 (top) to 1.
struct SceneBackdrop {
  /// Paints every pixel of the picture.
  var paint: (SceneCanvas) -> Void
  /// Paints what stands before the objects, on a transparent layer; nil where nothing does.
  var foreground: ((SceneCanvas) -> Void)?
  /// Where things that stand touch the ground; nil where everything floats.
  var ground: ClosedRange<Double>?
  var light: SceneLight
  /// How dark cast shadows are, 0…1.
  var shadow = 0.5
  /// A veil over distant things: its colour and its strength.
  var haze = SceneColor.white
  var hazeStrength = 0.0

  static func make(_ context: SceneClass.Context, _ random: inout SceneRandom, aspect: Double) -> SceneBackdrop {
    switch context {
    case .sea: sea(&random, aspect)
    case .meadow: meadow(&random, aspect)
    case .street: street(&random, aspect)
    case .kitchen: kitchen(&random, aspect)
    case .sky: sky(&random, aspect)
    case .forest: forest(&random, aspect)
    case .desert: desert(&random, aspect)
    case .night: night(&random, aspect)
    }
  }

  /// Light that comes from the left or the right, never from straight above.
  static func side(_ random: inout SceneRandom) -> Double {
    random.uniform(0.55, 1) * (random.chance(0.5) ? 1 : -1)
  }

  /// Light of day: warm where it falls, cool in the shade.
  static func daylight(_ random: inout SceneRandom, bounce: SceneColor) -> SceneLight {
    SceneLight(
      side: side(&random), elevation: random.uniform(0.7, 1), tint: SceneColor(1.04, 1.02, 0.98),
      shade: SceneColor(0.4, 0.42, 0.5), bounce: bounce)
  }
}

extension SceneCanvas {
  /// Multiplies each pixel of the rows between two heights (0…1) by a number for its place, in units of the height.
  func modulate(from top: Double, to bottom: Double, _ factor: (Float, Float) -> Float) {
    let first = max(0, Int(top * Double(height)))
    let last = min(height, Int((bottom * Double(height)).rounded(.up)))
    let unit = 1 / Float(height)
    withBytes { bytes in
      for row in first..<max(first, last) {
        let line = bytes + row * stride
        let y = (Float(row) + 0.5) * unit
        for column in 0..<width {
          let multiplier = factor((Float(column) + 0.5) * unit, y)
          for channel in 0..<3 {
            let value = Float(line[column * 4 + channel]) * multiplier
            line[column * 4 + channel] = UInt8(max(0, min(255, value + 0.5)))
          }
        }
      }
    }
  }

  /// Mixes a colour into each pixel of some rows, by an amount in 0…1 for its place.
  func veil(_ color: SceneColor, from top: Double, to bottom: Double, _ amount: (Float, Float) -> Float) {
    let first = max(0, Int(top * Double(height)))
    let last = min(height, Int((bottom * Double(height)).rounded(.up)))
    let unit = 1 / Float(height)
    let target = [color.rgb.z * 255, color.rgb.y * 255, color.rgb.x * 255]
    withBytes { bytes in
      for row in first..<max(first, last) {
        let line = bytes + row * stride
        let y = (Float(row) + 0.5) * unit
        for column in 0..<width {
          let share = max(0, min(1, amount((Float(column) + 0.5) * unit, y)))
          if share == 0 { continue }
          for channel in 0..<3 {
            let value = Float(line[column * 4 + channel])
            line[column * 4 + channel] = UInt8(value + (target[channel] - value) * share + 0.5)
          }
        }
      }
    }
  }

  /// A line of hills: a smooth random height along the width, filled down to `bottom`.
  func hills(
    _ noise: SceneNoise, aspect: Double, base: Double, height: Double, frequency: Double, bottom: Double = 1,
    _ stops: [Stop]
  ) {
    move(-0.02, bottom)
    var x = -0.02
    while x <= aspect + 0.02 {
      let level = noise.fractal(Float(x * frequency) + 31, Float(base * 97), octaves: 3)
      line(x, base - (Double(level) - 0.5) * 2 * height)
      x += 0.012
    }
    line(aspect + 0.02, bottom)
    close()
    fillGradient(0, base - height, 0, bottom, stops)
  }

  /// Clouds: noise above a threshold, flatter towards the horizon.
  func clouds(_ noise: SceneNoise, cover: Double, color: SceneColor, to bottom: Double) {
    let threshold = Float(1 - cover)
    veil(color, from: 0, to: bottom) { x, y in
      let depth = 1 / (1.25 - min(y / Float(bottom), 1) * 0.75)
      let value = noise.fractal(x * 3.2 + 11, y * 6.5 * depth + 3, octaves: 4)
      let fade = 1 - SceneMath.smoothStep(0.75, 1, y / Float(bottom))
      return SceneMath.smoothStep(threshold, threshold + 0.28, value) * 0.92 * fade
    }
  }

  /// A blade of grass from its foot to its bent tip.
  func blade(_ x: Double, _ y: Double, _ length: Double, _ bend: Double, _ width: Double, _ color: SceneColor) {
    move(x - width, y)
    curve(x - width * 0.8, y - length * 0.5, x + bend * 0.4, y - length * 0.8, x + bend, y - length)
    curve(x + bend * 0.4 + width, y - length * 0.75, x + width, y - length * 0.5, x + width, y)
    close()
    fill(color)
  }
}
