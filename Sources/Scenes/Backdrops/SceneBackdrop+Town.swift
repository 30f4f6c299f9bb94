extension SceneBackdrop {
  static func kitchen(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let edge = random.uniform(0.42, 0.56)
    let noise = SceneNoise(&random)
    let wall = SceneColor(hue: random.uniform(0, 360), saturation: random.uniform(0.06, 0.3), value: 0.86)
    let wood = SceneColor(
      hue: random.uniform(18, 36), saturation: random.uniform(0.35, 0.6), value: random.uniform(0.5, 0.78))
    let kind = random.index(3)
    let tile = random.uniform(0.11, 0.17)
    let cloth = random.chance(0.25)
    let clothColor = SceneColor(hue: random.uniform(0, 360), saturation: 0.45, value: 0.75)
    let strokes = random
    _ = random.next()
    let light = SceneLight(
      side: side(&random), elevation: random.uniform(0.7, 1), tint: SceneColor(1.04, 1.01, 0.96),
      shade: SceneColor(0.42, 0.4, 0.42), bounce: cloth ? clothColor : wood)
    let window = light.direction.x > 0 ? aspect : 0
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(
        window, 0, aspect - window, edge, [(0, wall.lighter(0.4), 1), (1, wall.darker(0.22), 1)])
      switch kind {
      case 0:
        var row = 0
        while Double(row) * tile * 0.5 < edge {
          let y = edge - Double(row + 1) * tile * 0.5
          var x = row % 2 == 0 ? -tile : -tile / 2
          while x < aspect {
            canvas.roundedRectangle(x + 0.004, y + 0.004, tile - 0.008, tile * 0.5 - 0.008, 0.006)
            let tone = wall.mixed(draw.chance(0.5) ? .white : wall.darker(0.3), draw.uniform(0, 0.28))
            canvas.fillGradient(
              x, y, x + tile, y + tile * 0.5, [(0, tone.lighter(0.25), 0.85), (1, tone.darker(0.06), 0.85)])
            x += tile
          }
          row += 1
        }
      case 1:
        for _ in 0..<22 {
          let color = wall.mixed(
            SceneColor(hue: draw.uniform(20, 60), saturation: 0.4, value: 1), draw.uniform(0.3, 0.9))
          let radius = draw.uniform(0.02, 0.075)
          let (x, y) = (draw.uniform(0, aspect), draw.uniform(0, edge))
          canvas.circle(x, y, radius)
          canvas.fillRadial(x, y, radius, [(0, color, 0.25), (0.85, color, 0.38), (1, color, 0)])
        }
      default:
        let shelf = edge * draw.uniform(0.42, 0.58)
        for _ in 0..<7 {
          let (x, width, top) = (draw.uniform(0, aspect), draw.uniform(0.03, 0.06), draw.uniform(0.07, 0.16))
          let jar = wall.mixed(SceneColor(hue: draw.uniform(0, 360), saturation: 0.3, value: 0.75), 0.7)
          canvas.roundedRectangle(x, shelf - top, width, top, 0.012)
          canvas.fillGradient(x, 0, x + width, 0, [(0, jar.lighter(0.35), 0.8), (1, jar.darker(0.2), 0.8)])
        }
        canvas.rectangle(0, shelf, aspect, 0.025)
        canvas.fill(wood.mixed(wall, 0.35))
        canvas.rectangle(0, shelf + 0.025, aspect, 0.05)
        canvas.fillGradient(0, shelf + 0.025, 0, shelf + 0.075, [(0, .black, 0.2), (1, .black, 0)])
      }
      let table = cloth ? clothColor : wood
      canvas.rectangle(0, edge, aspect, 1 - edge)
      canvas.fillGradient(0, edge, 0, 1, [(0, table.lighter(0.25), 1), (1, table.darker(0.12), 1)])
      if cloth {
        checks(canvas, edge, aspect, tile)
      } else {
        grain(canvas, noise, edge, aspect)
      }
      canvas.rectangle(0, edge - 0.012, aspect, 0.03)
      canvas.fillGradient(0, edge - 0.012, 0, edge + 0.018, [(0, .black, 0), (0.45, .black, 0.28), (1, .black, 0)])
    }
    return SceneBackdrop(
      paint: paint, foreground: nil, ground: (edge + 0.13)...0.96, light: light, shadow: 0.55)
  }

  /// Planks that run towards the viewer's vanishing point, with the rings of the wood.
  private static func grain(_ canvas: SceneCanvas, _ noise: SceneNoise, _ edge: Double, _ aspect: Double) {
    canvas.modulate(from: edge, to: 1) { x, y in
      let depth = y - Float(edge) + 0.35
      let across = (y - Float(edge)) * 4.2 / depth * 1.6
      let plank = across.rounded(.down)
      let along = (x - Float(aspect) / 2) / depth + plank * 7.7
      let warp = noise.fractal(along * 1.3 + 20, across * 3 + 5, octaves: 3)
      let rings = SceneMath.sin((across * 5 + warp * 5) * 3.4)
      let joint = SceneMath.smoothStep(0, 0.035, min(across - plank, plank + 1 - across))
      let tone = 0.94 + 0.12 * noise.cell(Int32(plank), 5)
      return tone * (0.95 + 0.06 * rings + 0.14 * (warp - 0.5)) * (0.6 + 0.4 * joint)
    }
  }

  private static func checks(_ canvas: SceneCanvas, _ edge: Double, _ aspect: Double, _ tile: Double) {
    canvas.modulate(from: edge, to: 1) { x, y in
      let depth = y - Float(edge) + 0.5
      let across = 2.2 / depth / Float(tile) * 0.35
      let along = (x - Float(aspect) / 2) / depth / Float(tile) * 0.6
      let first: Float = across - across.rounded(.down) < 0.5 ? 1 : 0
      let second: Float = along - along.rounded(.down) < 0.5 ? 1 : 0
      return 0.86 + 0.2 * (first + second)
    }
  }

  static func street(_ random: inout SceneRandom, _ aspect: Double) -> SceneBackdrop {
    let kerb = random.uniform(0.56, 0.64)
    let noise = SceneNoise(&random)
    let sky = SceneColor(hue: random.uniform(195, 225), saturation: random.uniform(0.12, 0.4), value: 0.94)
    let bricks = random.chance(0.4)
    let brick = SceneColor(hue: random.uniform(8, 28), saturation: random.uniform(0.25, 0.5), value: 0.66)
    let strokes = random
    _ = random.next()
    let light = daylight(&random, bounce: SceneColor(0.6, 0.6, 0.62))
    let paint: (SceneCanvas) -> Void = { canvas in
      var draw = strokes
      canvas.rectangle(0, 0, aspect, 1)
      canvas.fillGradient(0, 0, 0, kerb, [(0, sky, 1), (1, sky.lighter(0.6), 1)])
      if bricks {
        brickWall(canvas, &draw, brick, kerb, aspect)
      } else {
        canvas.clouds(noise, cover: 0.45, color: .white, to: kerb)
        houses(canvas, &draw, kerb, aspect)
      }
      let pavement = SceneColor(0.74, 0.72, 0.7)
      canvas.rectangle(0, kerb, aspect, 0.12)
      canvas.fillGradient(0, kerb, 0, kerb + 0.12, [(0, pavement.darker(0.15), 1), (1, pavement, 1)])
      for slab in -Int(aspect * 4 + 2)...Int(aspect * 4 + 2) {
        canvas.move(aspect / 2 + Double(slab) * 0.16, kerb)
        canvas.line(aspect / 2 + Double(slab) * 0.2, kerb + 0.11)
        canvas.stroke(pavement.darker(0.35), 0.004, 0.7)
      }
      canvas.rectangle(0, kerb + 0.11, aspect, 0.024)
      canvas.fillGradient(
        0, kerb + 0.11, 0, kerb + 0.134, [(0, pavement.lighter(0.3), 1), (1, pavement.darker(0.3), 1)])
      let asphalt = SceneColor(0.36, 0.36, 0.39)
      canvas.rectangle(0, kerb + 0.134, aspect, 1)
      canvas.fillGradient(0, kerb + 0.134, 0, 1, [(0, asphalt.lighter(0.12), 1), (1, asphalt.darker(0.1), 1)])
      let mark = kerb + 0.25
      let offset = draw.uniform(0, 0.4)
      for dash in -1...Int(aspect / 0.42) {
        let x = Double(dash) * 0.42 + offset
        canvas.polygon([(x, mark), (x + 0.2, mark), (x + 0.19, mark + 0.03), (x - 0.02, mark + 0.03)])
        canvas.fill(SceneColor(0.94, 0.93, 0.86), 0.85)
      }
      canvas.modulate(from: kerb, to: 1) { x, y in
        0.84 + 0.16 * noise.fractal(x * 6, y * 14, octaves: 2) + 0.18 * noise.value(x * 110, y * 150)
      }
    }
    return SceneBackdrop(
      paint: paint, foreground: nil, ground: (kerb + 0.07)...0.97, light: light, shadow: 0.55, haze: sky.lighter(0.5),
      hazeStrength: 0.08)
  }

  private static func houses(
    _ canvas: SceneCanvas, _ draw: inout SceneRandom, _ kerb: Double, _ aspect: Double
  ) {
    var x = -draw.uniform(0, 0.1)
    while x < aspect {
      let width = draw.uniform(0.2, 0.34)
      let top = draw.uniform(0.06, 0.3)
      let wall = SceneColor(
        hue: draw.uniform(8, 60), saturation: draw.uniform(0.12, 0.42), value: draw.uniform(0.66, 0.92))
      canvas.rectangle(x, top, width, kerb - top)
      canvas.fillGradient(x, 0, x + width, 0, [(0, wall.lighter(0.12), 1), (1, wall.darker(0.16), 1)])
      canvas.rectangle(x - 0.006, top, width + 0.012, 0.018)
      canvas.fill(wall.darker(0.35))
      let columns = Int(width / 0.075)
      let gap = width / Double(columns)
      var y = top + 0.05
      while y < kerb - 0.17 {
        for column in 0..<columns {
          let left = x + gap * (Double(column) + 0.24)
          let glass = draw.chance(0.25) ? SceneColor(0.98, 0.88, 0.6) : SceneColor(0.38, 0.47, 0.56)
          canvas.rectangle(left - 0.005, y - 0.005, gap * 0.52 + 0.01, 0.075)
          canvas.fill(wall.lighter(0.5))
          canvas.rectangle(left, y, gap * 0.52, 0.065)
          canvas.fillGradient(left, y, left + gap * 0.5, y + 0.06, [(0, glass.lighter(0.3), 1), (1, glass, 1)])
        }
        y += 0.115
      }
      let door = SceneColor(hue: draw.uniform(0, 360), saturation: 0.4, value: 0.45)
      canvas.rectangle(x + width * 0.36, kerb - 0.12, width * 0.22, 0.12)
      canvas.fill(door)
      if draw.chance(0.5) {
        let awning = SceneColor(hue: draw.uniform(0, 360), saturation: 0.45, value: 0.75)
        for strip in 0..<6 {
          canvas.rectangle(x + width * (0.14 + 0.12 * Double(strip)), kerb - 0.155, width * 0.12, 0.045)
          canvas.fill(strip % 2 == 0 ? awning : SceneColor(0.95, 0.94, 0.9))
        }
      }
      x += width
    }
  }

  private static func brickWall(
    _ canvas: SceneCanvas, _ draw: inout SceneRandom, _ brick: SceneColor, _ kerb: Double, _ aspect: Double
  ) {
    canvas.rectangle(0, 0, aspect, kerb)
    canvas.fill(SceneColor(0.78, 0.75, 0.7))
    let (width, height) = (0.105, 0.042)
    var row = 0
    while Double(row) * height < kerb {
      var x = row % 2 == 0 ? -width : -width / 2
      while x < aspect {
        let tone = brick.mixed(draw.chance(0.5) ? brick.darker(0.4) : brick.lighter(0.25), draw.unit() * 0.6)
        canvas.roundedRectangle(x + 0.003, Double(row) * height + 0.003, width - 0.006, height - 0.006, 0.004)
        canvas.fill(tone)
        x += width
      }
      row += 1
    }
    canvas.rectangle(0, 0, aspect, kerb)
    canvas.fillGradient(0, 0, 0, kerb, [(0, .black, 0.05), (0.7, .black, 0), (1, .black, 0.3)])
  }
}
