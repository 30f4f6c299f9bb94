extension SceneBackdrop {
  static func sky(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let noise = SceneNoise(&random)
    let dusk = random.chance(0.3)
    let top =
      dusk
      ? SceneColor(hue: random.uniform(215, 270), saturation: 0.4, value: 0.66)
      : SceneColor(hue: random.uniform(200, 222), saturation: random.uniform(0.5, 0.72), value: 0.88)
    let low =
      dusk
      ? SceneColor(hue: random.uniform(12, 38), saturation: 0.42, value: 0.98)
      : SceneColor(hue: 200, saturation: random.uniform(0.12, 0.3), value: 0.99)
    let cover = random.uniform(0.38, 0.6)
    let cloud = dusk ? SceneColor(1, 0.86, 0.78) : SceneColor(1, 1, 1)
    let land = random.chance(0.4)
    let strokes = random
    _ = random.next()
    let light = daylight(&random, bounce: low)
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, 1, [(0, top, 1), (1, low, 1)])
      canvas.clouds(noise, cover: cover, color: cloud, to: 1)
      for _ in 0..<3 {
        let (x, y, size) = (draw.uniform(0, aspect), draw.uniform(0.15, 0.85), draw.uniform(0.05, 0.1))
        for puff in 0..<16 {
          let along = Double(puff) / 15 * 2 - 1
          let radius = size * (1 - along * along * 0.6) * draw.uniform(0.5, 0.9)
          canvas.glow(
            x + along * size * 2, y - radius * draw.uniform(0, 0.7), radius,
            puff % 3 == 0 ? cloud.mixed(top, 0.22) : cloud, 0.75)
        }
      }
      if land {
        for layer in 0..<3 {
          let color = low.mixed(SceneColor(0.3, 0.42, 0.44), 0.35 + 0.2 * Double(layer))
          canvas.hills(
            noise, aspect: aspect, base: 0.9 + 0.035 * Double(layer), height: 0.05, frequency: 3,
            [(0, color, 1), (1, color.darker(0.1), 1)])
        }
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: nil, ground: nil, light: light, shadow: 0.3, haze: low, hazeStrength: 0.08)
  }

  static func sea(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let noise = SceneNoise(&random)
    let hue = random.uniform(178, 212)
    let top = SceneColor(hue: hue, saturation: random.uniform(0.3, 0.5), value: random.uniform(0.86, 0.96))
    let deep = SceneColor(hue: hue + 16, saturation: random.uniform(0.65, 0.85), value: random.uniform(0.4, 0.6))
    let bottom = random.uniform(0.8, 0.9)
    let sand = SceneColor(0.86, 0.8, 0.62).mixed(deep, 0.3)
    let strokes = random
    _ = random.next()
    let light = SceneLight(
      side: side(&random) * 0.6, elevation: 1.1, tint: SceneColor(1.02, 1.03, 1.02),
      shade: SceneColor(0.42, 0.48, 0.56),
      bounce: sand)
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, 1, [(0, top, 1), (0.45, top.mixed(deep, 0.6), 1), (1, deep, 1)])
      // Shafts of light from the surface.
      for _ in 0..<8 {
        let x = draw.uniform(-0.3, aspect)
        let width = draw.uniform(0.02, 0.1)
        let lean = draw.uniform(0.15, 0.3)
        canvas.polygon([(x, -0.05), (x + width, -0.05), (x + width * 2.4 + lean, 0.95), (x + lean, 0.95)])
        canvas.fillGradient(0, 0, 0, 0.9, [(0, .white, draw.uniform(0.08, 0.26)), (1, .white, 0)])
      }
      canvas.veil(.white, from: 0, to: 0.14) { x, y in
        let waves = noise.fractal(x * 9, y * 40, octaves: 3)
        return SceneMath.smoothStep(0.5, 0.75, waves) * 0.6 * (1 - y / 0.14)
      }
      canvas.hills(
        noise, aspect: aspect, base: bottom, height: 0.04, frequency: 2,
        [(0, sand, 1), (1, sand.mixed(deep, 0.35), 1)])
      canvas.modulate(from: bottom - 0.04, to: 1) { x, y in
        // The net of light that waves throw on the ground.
        let web = abs(noise.fractal(x * 8, y * 20, octaves: 2) - 0.5)
        return 0.94 + 0.22 * (1 - SceneMath.smoothStep(0, 0.06, web))
      }
      for _ in 0..<5 {
        let (x, hue) = (draw.uniform(0, aspect), draw.chance(0.5) ? draw.uniform(100, 170) : draw.uniform(300, 380))
        let plant = SceneColor(hue: hue, saturation: 0.5, value: 0.5).mixed(deep, 0.35)
        for frond in 0..<5 {
          let foot = x + Double(frond - 2) * 0.015
          let (sway, top) = (draw.uniform(-0.05, 0.05), bottom + 0.06 - draw.uniform(0.1, 0.24))
          canvas.move(foot, bottom + 0.06)
          canvas.curve(foot + sway, bottom - 0.02, foot - sway, top + 0.06, foot + sway, top)
          canvas.stroke(plant.lighter(draw.uniform(0, 0.2)), 0.012, 0.9)
        }
      }
      for _ in 0..<26 {
        let (x, y, radius) = (draw.uniform(0, aspect), draw.uniform(0.05, 0.95), draw.uniform(0.003, 0.011))
        canvas.circle(x, y, radius)
        canvas.fill(.white, 0.14)
        canvas.circle(x, y, radius)
        canvas.stroke(.white, 0.002, 0.5)
        canvas.circle(x - radius * 0.35, y - radius * 0.35, radius * 0.25)
        canvas.fill(.white, 0.8)
      }
    }
    let front: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      for _ in 0..<2 {
        let x = draw.uniform(0, aspect)
        let plant = SceneColor(hue: draw.uniform(110, 170), saturation: 0.55, value: 0.34)
        for frond in 0..<4 {
          canvas.blade(
            x + Double(frond) * 0.016, 1.02, draw.uniform(0.1, 0.2), draw.uniform(-0.05, 0.05), 0.008,
            plant.lighter(draw.uniform(0, 0.15)))
        }
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: front, ground: nil, light: light, shadow: 0, haze: top.mixed(deep, 0.5),
      hazeStrength: 0.14)
  }

  static func night(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let horizon = random.uniform(0.6, 0.7)
    let noise = SceneNoise(&random)
    let hue = random.uniform(215, 265)
    let top = SceneColor(hue: hue, saturation: 0.7, value: random.uniform(0.12, 0.2))
    let low = SceneColor(hue: hue - random.uniform(0, 30), saturation: 0.5, value: random.uniform(0.34, 0.5))
    let ground = SceneColor(hue: random.uniform(80, 230), saturation: 0.35, value: 0.22)
    let town = random.chance(0.5)
    let strokes = random
    _ = random.next()
    // Lit as by a lamp beside the viewer, so that colours can still be told.
    let light = SceneLight(
      side: side(&random), elevation: 0.8, tint: SceneColor(1.0, 0.97, 0.9), shade: SceneColor(0.2, 0.2, 0.31),
      bounce: SceneColor(0.2, 0.22, 0.35))
    let moonX = light.direction.x > 0 ? aspect * 0.78 : aspect * 0.22
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, horizon, [(0, top, 1), (1, low, 1)])
      canvas.veil(low.lighter(0.25), from: 0, to: horizon) { x, y in
        let band = noise.fractal(x * 3 + y * 2, y * 4 - x, octaves: 4)
        return SceneMath.smoothStep(0.45, 0.85, band) * 0.4
      }
      for _ in 0..<120 {
        let (x, y) = (draw.uniform(0, aspect), draw.uniform(0, horizon))
        let strength = draw.unit()
        canvas.circle(x, y, 0.0012 + 0.0028 * strength * strength)
        canvas.fill(SceneColor(1, 0.98, 0.92), 0.35 + 0.65 * strength)
      }
      let moonY = 0.16
      canvas.glow(moonX, moonY, 0.24, SceneColor(0.9, 0.92, 1), 0.35)
      canvas.circle(moonX, moonY, 0.06)
      canvas.fillRadial(
        moonX - 0.02, moonY - 0.02, 0.09, [(0, SceneColor(1, 0.99, 0.94), 1), (1, SceneColor(0.84, 0.85, 0.86), 1)])
      for crater in [(0.018, 0.01, 0.014), (-0.02, 0.022, 0.01), (0.0, -0.025, 0.011)] {
        canvas.circle(moonX + crater.0, moonY + crater.1, crater.2)
        canvas.fill(SceneColor(0.76, 0.77, 0.8), 0.6)
      }
      canvas.hills(
        noise, aspect: aspect, base: horizon - 0.06, height: 0.07, frequency: 2.4,
        [(0, low.darker(0.35), 1), (1, low.darker(0.45), 1)])
      if town {
        var x = 0.0
        while x < aspect {
          let (width, height) = (draw.uniform(0.04, 0.09), draw.uniform(0.05, 0.18))
          canvas.rectangle(x, horizon - height, width, height + 0.05)
          canvas.fill(top.darker(0.3))
          for _ in 0..<7 where draw.chance(0.7) {
            canvas.rectangle(
              x + 0.008 + draw.unit() * (width - 0.022), horizon - 0.01 - draw.unit() * (height - 0.02), 0.008, 0.011)
            canvas.fill(SceneColor(1, 0.84, 0.5), 0.9)
          }
          x += width
        }
      }
      canvas.hills(
        noise, aspect: aspect, base: horizon + 0.03, height: 0.02, frequency: 2,
        [(0, ground.lighter(0.12), 1), (1, ground.darker(0.3), 1)])
      canvas.glow(aspect / 2, 0.95, 0.6, SceneColor(0.95, 0.85, 0.65), 0.2)
      canvas.modulate(from: horizon, to: 1) { x, y in
        let depth = (y - Float(horizon)) * 2 + 0.25
        return 0.75 + 0.5 * noise.fractal(x * 8 / depth, y * 24 / depth, octaves: 3)
      }
      for _ in 0..<120 {
        let place = draw.unit()
        let size = 0.012 + 0.03 * place
        canvas.blade(
          draw.uniform(0, aspect), horizon + 0.05 + (0.97 - horizon) * place, size, size * draw.uniform(-0.5, 0.5),
          size * 0.08, ground.lighter(draw.uniform(0.0, 0.25)))
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: nil, ground: (horizon + 0.12)...0.97, light: light, shadow: 0.55, haze: low,
      hazeStrength: 0.1)
  }
}
