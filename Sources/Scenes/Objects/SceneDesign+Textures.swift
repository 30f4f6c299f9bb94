extension SceneDesign {
  static func stripedBall(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let bands = Float(random.pick([8, 9, 10]))
    return ball(&random, color) { direction, pixel in
      // Bands of equal width along the axis of the ball.
      let place = (direction.z * 0.5 + 0.5) * bands
      let wave = abs(place - (place / 2).rounded() * 2)
      let soft = max(0.06, pixel * bands * 0.6)
      return SceneMath.smoothStep(0.5 - soft, 0.5 + soft, wave)
    }
  }

  static func checkeredBall(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let count = Float(random.pick([8, 9, 10]))
    return ball(&random, color) { direction, pixel in
      let soft = max(0.05, pixel * count * 0.8)
      func square(_ place: Float) -> Float {
        let wave = abs(place - (place / 2).rounded() * 2)
        return SceneMath.smoothStep(0.5 - soft, 0.5 + soft, wave) * 2 - 1
      }
      let around = SceneMath.atan2(direction.y, direction.x) / .pi * 6
      return square(around) * square((direction.z * 0.5 + 0.5) * count) * 0.5 + 0.5
    }
  }

  static func dottedBall(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    // Fibonacci's lattice on the sphere; each cap takes half of its share of the area.
    let count = random.pick([64, 80, 96])
    let golden = Double.pi * (3 - 5.0.squareRoot())
    let centres = (0..<count).map { index -> SIMD3<Float> in
      let z = 1 - 2 * (Double(index) + 0.5) / Double(count)
      let ring = (1 - z * z).squareRoot()
      let angle = golden * Double(index)
      return SIMD3(Float(ring * SceneMath.cos(angle)), Float(ring * SceneMath.sin(angle)), Float(z))
    }
    let rim = 1 - 1 / Float(count)
    return ball(&random, color) { direction, pixel in
      var nearest: Float = -1
      for centre in centres { nearest = max(nearest, (centre * direction).sum()) }
      let soft = max(0.0012, pixel * 0.16)
      return SceneMath.smoothStep(rim - soft, rim + soft, nearest)
    }
  }

  /// A ball of two tones of one colour, half its surface each; which half is light is the texture.
  private static func ball(
    _ random: inout SceneRandom, _ color: SceneColor, _ texture: @escaping (SIMD3<Float>, Float) -> Float
  ) -> SceneDesign {
    let (light, dark) = (color.lighter(0.72), color.darker(0.18))
    // A random turn: three axes made orthogonal.
    func direction() -> SIMD3<Float> {
      let z = random.uniform(-1, 1)
      let angle = random.uniform(0, 2 * .pi)
      let ring = (1 - z * z).squareRoot()
      return SIMD3(Float(ring * SceneMath.cos(angle)), Float(ring * SceneMath.sin(angle)), Float(z))
    }
    let first = direction()
    var second = direction()
    second = SceneLight.unit(second - first * (second * first).sum())
    let third = SIMD3(
      first.y * second.z - first.z * second.y, first.z * second.x - first.x * second.z,
      first.x * second.y - first.y * second.x)
    let part = ScenePart(
      .surface { point in
        let turned = SIMD3(
          (first * point.direction).sum(), (second * point.direction).sum(), (third * point.direction).sum())
        return dark.mixed(light, Double(texture(turned, point.pixel)))
      }, .ellipsoid(x: 0, y: 0, radiusX: 1, radiusY: 1), gloss: 0.55
    ) { $0.circle(0, 0, 1) }
    return SceneDesign(parts: [part], tilt: 0.3)
  }

  static func smoothHat(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let noise = SceneNoise(&random)
    return hat(&random, color) { x, y, _ in
      0.5 + 0.12 * (noise.fractal(x * 9 + 40, y * 9 + 40, octaves: 2) - 0.5)
    }
  }

  static func knittedHat(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let columns = Float(random.uniform(6.5, 8.5))
    return hat(&random, color) { x, y, _ in
      // Columns of stitches, each a V.
      let place = x * columns
      let within = abs(place - place.rounded(.down) - 0.5) * 2
      let stitch = SceneMath.sin((y * columns * 1.15 - within * 0.85) * 2 * .pi)
      let groove = SceneMath.smoothStep(0.7, 1, within)
      return 0.5 + 0.3 * stitch - 0.38 * groove + 0.057
    }
  }

  /// A hat with a brim and a bobble; the texture gives the brightness, 0.5 on the average.
  private static func hat(
    _ random: inout SceneRandom, _ color: SceneColor, _ texture: @escaping (Float, Float, Float) -> Float
  ) -> SceneDesign {
    let brimColor = color.darker(0.16)
    func cloth(_ base: SceneColor, _ bend: Float) -> ScenePart.Paint {
      .surface { point in
        let x = point.x * (1 + bend * 0.12 * point.x * point.x)
        return SceneColor(base.rgb * (0.68 + 0.64 * texture(x, point.y, point.pixel)))
      }
    }
    let slouch = random.uniform(-0.12, 0.12)
    let bobble = ScenePart(
      cloth(color.lighter(0.3), 0), .ellipsoid(x: slouch, y: -0.8, radiusX: 0.25, radiusY: 0.25), gloss: 0.05
    ) { $0.circle(slouch, -0.8, 0.25) }
    let dome = ScenePart(cloth(color, 1), .inflated(0.6), gloss: 0.06) { canvas in
      canvas.move(-0.8, 0.5)
      canvas.curve(-0.86, -0.2, -0.5 + slouch, -0.7, slouch, -0.7)
      canvas.curve(0.5 + slouch, -0.7, 0.86, -0.2, 0.8, 0.5)
      canvas.close()
    }
    let brim = ScenePart(cloth(brimColor, 1), .inflated(0.18), gloss: 0.06) { canvas in
      canvas.smooth(
        [
          (-0.9, 0.38), (-0.5, 0.42), (0, 0.45), (0.5, 0.42), (0.9, 0.38), (0.94, 0.74), (0.5, 0.82), (0, 0.84),
          (-0.5, 0.82), (-0.94, 0.74),
        ], tension: 0.7)
    }
    return SceneDesign(parts: [bobble, dome, brim], left: -0.98, right: 0.98, top: -1.05, bottom: 0.84, tilt: 0.22)
  }
}
