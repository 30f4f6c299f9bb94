extension SceneBackdrop {
  static func meadow(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let horizon = random.uniform(0.34, 0.5)
    let noise = SceneNoise(&random)
    let skyTop = SceneColor(hue: random.uniform(200, 220), saturation: random.uniform(0.35, 0.6), value: 0.92)
    let skyLow = SceneColor(hue: random.uniform(190, 210), saturation: 0.14, value: 0.98)
    let grassHue = random.uniform(72, 105)
    let cover = random.uniform(0.3, 0.6)
    let far = SceneColor(hue: grassHue + 35, saturation: 0.3, value: 0.72)
    let near = SceneColor(hue: grassHue, saturation: 0.6, value: 0.66)
    let flowers = SceneColor(hue: random.uniform(0, 360), saturation: random.uniform(0.1, 0.6), value: 0.98)
    let flowering = random.chance(0.6)
    let strokes = random
    _ = random.next()
    let light = daylight(&random, bounce: near)
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, horizon, [(0, skyTop, 1), (1, skyLow, 1)])
      canvas.clouds(noise, cover: cover, color: SceneColor(1, 0.99, 0.97), to: horizon)
      for layer in 0..<3 {
        let depth = Double(layer) / 3
        let color = skyLow.mixed(far, 0.35 + 0.3 * depth).mixed(near, depth * 0.5)
        canvas.hills(
          noise, aspect: aspect, base: horizon - 0.05 + 0.035 * Double(layer), height: 0.075 - 0.02 * depth,
          frequency: 2 + Double(layer), [(0, color.lighter(0.12), 1), (1, color.darker(0.1), 1)])
      }
      canvas.hills(
        noise, aspect: aspect, base: horizon + 0.04, height: 0.02, frequency: 1.5,
        [(0, near.lighter(0.22), 1), (0.4, near, 1), (1, near.darker(0.4), 1)])
      canvas.modulate(from: horizon + 0.02, to: 1) { x, y in
        let depth = (y - Float(horizon)) * 2 + 0.25
        return 0.82 + 0.36 * noise.fractal(x * 5 / depth, y * 16 / depth, octaves: 3)
      }
      for step in 0..<420 {
        let place = Double(step) / 420
        let y = horizon + 0.06 + (1.02 - horizon) * place * place
        let size = 0.012 + 0.06 * place
        let tone = near.mixed(draw.chance(0.5) ? near.lighter(0.4) : near.darker(0.45), draw.uniform(0.2, 0.8))
        canvas.blade(
          draw.uniform(0, aspect), y, size * draw.uniform(0.6, 1.3), size * draw.uniform(-0.5, 0.5), size * 0.07, tone)
      }
      for step in 0..<(flowering ? 34 : 0) {
        let place = Double(step) / 34
        let (x, y) = (draw.uniform(0, aspect), horizon + 0.07 + (0.95 - horizon) * place * place)
        let size = 0.003 + 0.011 * place
        for petal in 0..<5 {
          let angle = Double(petal) * 1.2566
          canvas.circle(x + size * SceneMath.cos(angle), y + size * 0.8 * SceneMath.sin(angle), size * 0.7)
          canvas.fill(flowers)
        }
        canvas.circle(x, y, size * 0.6)
        canvas.fill(SceneColor(0.96, 0.8, 0.25))
      }
    }
    let front: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      for _ in 0..<60 {
        let tone = near.darker(draw.uniform(0.1, 0.5))
        canvas.blade(
          draw.uniform(0, aspect), 1.02, draw.uniform(0.05, 0.15), draw.uniform(-0.05, 0.05),
          draw.uniform(0.004, 0.008),
          tone)
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: front, ground: (horizon + 0.2)...0.97, light: light, shadow: 0.5, haze: skyLow,
      hazeStrength: 0.1)
  }

  static func forest(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let horizon = random.uniform(0.5, 0.62)
    let noise = SceneNoise(&random)
    let mist = SceneColor(hue: random.uniform(70, 150), saturation: 0.25, value: random.uniform(0.78, 0.92))
    let leaf = SceneColor(hue: random.uniform(80, 130), saturation: 0.5, value: 0.42)
    let bark = SceneColor(hue: random.uniform(18, 34), saturation: 0.42, value: 0.34)
    let soil = SceneColor(hue: random.uniform(22, 60), saturation: 0.45, value: 0.4)
    let strokes = random
    _ = random.next()
    let light = SceneLight(
      side: side(&random), elevation: 0.9, tint: SceneColor(1.04, 1.03, 0.95), shade: SceneColor(0.38, 0.42, 0.42),
      bounce: leaf)
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, horizon, [(0, leaf.mixed(mist, 0.35), 1), (1, mist, 1)])
      for layer in 0..<4 {
        let depth = Double(layer) / 3
        let trunk = mist.mixed(bark, 0.25 + 0.7 * depth)
        for _ in 0..<(9 - layer * 2) {
          let x = draw.uniform(-0.05, aspect + 0.05)
          let width = (0.012 + 0.05 * depth * depth) * draw.uniform(0.7, 1.3)
          let lean = draw.uniform(-0.03, 0.03)
          let foot = horizon + 0.14
          canvas.move(x - width * 1.5, foot)
          canvas.curve(x - width, foot - 0.1, x - width + lean, 0.3, x - width * 0.8 + lean, -0.05)
          canvas.line(x + width * 0.8 + lean, -0.05)
          canvas.curve(x + width + lean, 0.3, x + width, foot - 0.1, x + width * 1.5, foot)
          canvas.close()
          canvas.fillGradient(
            x - width, 0, x + width, 0, [(0, trunk.lighter(0.16), 1), (0.5, trunk, 1), (1, trunk.darker(0.45), 1)])
        }
        let crown = mist.mixed(leaf, 0.3 + 0.7 * depth)
        for _ in 0..<26 {
          let (x, y) = (draw.uniform(0, aspect), draw.uniform(-0.06, 0.05 + 0.2 * (1 - depth)))
          canvas.glow(x, y, draw.uniform(0.04, 0.13), crown.lighter(draw.uniform(0, 0.25)), 0.75)
        }
      }
      canvas.hills(
        noise, aspect: aspect, base: horizon + 0.06, height: 0.03, frequency: 3,
        [(0, soil.mixed(leaf, 0.5).lighter(0.15), 1), (0.5, soil, 1), (1, soil.darker(0.45), 1)])
      canvas.modulate(from: horizon, to: 1) { x, y in
        let depth = (y - Float(horizon)) * 2 + 0.3
        let fade = SceneMath.smoothStep(0.06, 0.12, y - Float(horizon))
        return 1 + fade * (0.5 * noise.fractal(x * 9 / depth, y * 22 / depth, octaves: 3) - 0.26)
      }
      for step in 0..<150 {
        let place = Double(step) / 150
        let y = horizon + 0.08 + (0.95 - horizon) * place
        let size = 0.006 + 0.018 * place
        let hue = draw.chance(0.5) ? draw.uniform(20, 45) : draw.uniform(70, 115)
        canvas.saved {
          canvas.translate(draw.uniform(0, aspect), y)
          canvas.rotate(draw.uniform(0, 3.14))
          canvas.ellipse(0, 0, size, size * 0.42)
          canvas.fill(SceneColor(hue: hue, saturation: 0.55, value: draw.uniform(0.3, 0.62)), 0.8)
        }
      }
      for _ in 0..<3 {
        let x = draw.uniform(0, aspect)
        canvas.polygon([(x, -0.05), (x + 0.07, -0.05), (x + 0.34, 0.9), (x + 0.12, 0.9)])
        canvas.fillGradient(0, 0, 0, 0.9, [(0, SceneColor(1, 0.98, 0.8), 0.28), (1, SceneColor(1, 0.98, 0.8), 0)])
      }
    }
    let front: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      for _ in 0..<3 {
        let x = draw.uniform(0, aspect)
        for frond in -3...3 {
          let bend = Double(frond) * 0.032 + draw.uniform(-0.01, 0.01)
          canvas.blade(x, 1.03, 0.15 - abs(bend) * 0.6, bend, 0.009, leaf.darker(draw.uniform(0.05, 0.4)))
        }
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: front, ground: (horizon + 0.14)...0.96, light: light, shadow: 0.5, haze: mist,
      hazeStrength: 0.1)
  }

  static func desert(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let horizon = random.uniform(0.42, 0.56)
    let noise = SceneNoise(&random)
    let sand = SceneColor(hue: random.uniform(26, 44), saturation: random.uniform(0.35, 0.52), value: 0.9)
    let skyTop = SceneColor(hue: random.uniform(195, 215), saturation: random.uniform(0.3, 0.55), value: 0.9)
    let skyLow = random.chance(0.5) ? SceneColor(0.99, 0.9, 0.76) : SceneColor(0.9, 0.95, 0.98)
    let rocky = random.chance(0.5)
    let strokes = random
    _ = random.next()
    let light = daylight(&random, bounce: sand)
    let sunX = light.direction.x > 0 ? aspect * 0.82 : aspect * 0.18
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, horizon, [(0, skyTop, 1), (1, skyLow, 1)])
      canvas.glow(sunX, 0.13, 0.3, SceneColor(1, 0.97, 0.85), 0.7)
      canvas.circle(sunX, 0.13, 0.04)
      canvas.fill(SceneColor(1, 0.99, 0.92))
      if rocky {
        let rock = SceneColor(hue: 16, saturation: 0.45, value: 0.66).mixed(skyLow, 0.3)
        for _ in 0..<3 {
          let (x, width, top) = (draw.uniform(0, aspect), draw.uniform(0.07, 0.2), draw.uniform(0.09, 0.2))
          canvas.polygon([
            (x - width, horizon + 0.07), (x - width * 0.8, horizon - top * 0.7), (x - width * 0.55, horizon - top),
            (x + width * 0.5, horizon - top * 0.96), (x + width * 0.72, horizon - top * 0.6),
            (x + width, horizon + 0.07),
          ])
          canvas.fillGradient(
            x - width, 0, x + width, 0, [(0, rock.lighter(0.1), 1), (0.6, rock, 1), (1, rock.darker(0.25), 1)])
          for band in 1..<4 {
            canvas.move(x - width * 0.66, horizon - top * Double(band) * 0.22)
            canvas.line(x + width * 0.66, horizon - top * Double(band) * 0.22)
            canvas.stroke(rock.darker(0.3), 0.006, 0.3)
          }
        }
      }
      for layer in 0..<4 {
        let depth = Double(layer) / 3
        let color = skyLow.mixed(sand, 0.5 + 0.5 * depth)
        canvas.hills(
          noise, aspect: aspect, base: horizon + 0.01 + 0.1 * depth * (1.1 - horizon) * 2, height: 0.045 + 0.03 * depth,
          frequency: 1.3 + 0.6 * Double(layer),
          [(0, color.lighter(0.25), 1), (0.25, color, 1), (1, color.darker(0.28), 1)])
      }
      canvas.modulate(from: horizon + 0.06, to: 1) { x, y in
        let depth = (y - Float(horizon)) * 2 + 0.2
        let warp = noise.fractal(x * 3 / depth, y * 5 / depth, octaves: 2) * 9
        return 0.965 + 0.045 * SceneMath.sin(y * 150 / (depth + 0.5) + warp + x * 5)
      }
      for _ in 0..<14 {
        let place = draw.unit()
        let (x, y) = (draw.uniform(0, aspect), horizon + 0.16 + (0.82 - horizon) * place)
        let size = 0.004 + 0.012 * place * draw.unit()
        canvas.ellipse(x, y, size * 1.4, size)
        canvas.fill(sand.darker(draw.uniform(0.3, 0.5)))
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: nil, ground: (horizon + 0.18)...0.96, light: light, shadow: 0.5, haze: skyLow,
      hazeStrength: 0.1)
  }
}
