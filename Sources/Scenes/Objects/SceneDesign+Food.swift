extension SceneDesign {
  static func banana(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let freckles = (0..<random.index(14)).map { _ in
      (random.uniform(-0.8, 0.85), random.uniform(-0.1, 0.5), random.uniform(0.012, 0.04))
    }
    let unripe = random.uniform(0, 0.5)
    let brown = SceneColor(0.34, 0.22, 0.08)
    let body = ScenePart(
      .drawn(color) { canvas in
        canvas.rectangle(-1.2, -1, 0.7, 2)
        canvas.fillGradient(-1, 0, -0.6, 0, [(0, SceneColor(0.6, 0.72, 0.2), unripe), (1, color, 0)])
        // The ridges along the fruit.
        canvas.move(-0.93, -0.5)
        canvas.curve(-0.7, 0.22, -0.2, 0.42, 0.25, 0.36)
        canvas.curve(0.6, 0.3, 0.85, -0.05, 0.93, -0.55)
        canvas.stroke(color.darker(0.28), 0.035, 0.55)
        canvas.move(-0.93, -0.4)
        canvas.curve(-0.75, 0.34, -0.2, 0.56, 0.25, 0.49)
        canvas.stroke(color.lighter(0.4), 0.04, 0.45)
        for freckle in freckles {
          canvas.circle(freckle.0, freckle.1, freckle.2)
          canvas.fill(brown, 0.55)
        }
        canvas.circle(-0.95, -0.5, 0.16)
        canvas.fillRadial(-0.96, -0.52, 0.16, [(0, brown, 1), (0.6, brown, 0.8), (1, brown, 0)])
      }, .inflated(0.36), gloss: 0.22
    ) { canvas in
      canvas.move(-1, -0.52)
      canvas.curve(-0.98, 0.3, -0.35, 0.74, 0.25, 0.64)
      canvas.curve(0.72, 0.54, 1.0, 0.1, 0.98, -0.42)
      canvas.curve(0.94, -0.5, 0.86, -0.5, 0.82, -0.42)
      canvas.curve(0.74, -0.1, 0.42, 0.06, 0.05, 0.08)
      canvas.curve(-0.35, 0.1, -0.72, -0.14, -0.86, -0.55)
      canvas.curve(-0.9, -0.6, -0.98, -0.6, -1, -0.52)
      canvas.close()
    }
    let stem = ScenePart(
      line: 0.14,
      .drawn(SceneColor(0.66, 0.6, 0.18)) { canvas in
        canvas.circle(0.97, -0.78, 0.12)
        canvas.fill(brown, 0.9)
      }, .inflated(0.08)
    ) { canvas in
      canvas.move(0.9, -0.45)
      canvas.curve(0.92, -0.55, 0.93, -0.62, 0.94, -0.74)
    }
    return SceneDesign(parts: [stem, body], left: -1.02, right: 1.04, top: -0.85, bottom: 0.66, tilt: 0.5)
  }

  static func orange(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let noise = SceneNoise(&random)
    let lean = random.uniform(-0.2, 0.2)
    let fruit = ScenePart(
      .surface { point in
        let pores = noise.fractal(point.x * 31 + 50, point.y * 31 + 50, octaves: 2)
        let patches = noise.value(point.x * 2.5 + 9, point.y * 2.5 + 9) - 0.5
        return SceneColor(color.rgb * (1 + 0.1 * patches - 0.13 * SceneMath.smoothStep(0.5, 0.8, pores)))
      }, .ellipsoid(x: 0, y: 0.02, radiusX: 0.98, radiusY: 0.94), gloss: 0.35
    ) { $0.ellipse(0, 0.02, 0.98, 0.94) }
    let green = SceneColor(hue: random.uniform(95, 125), saturation: 0.7, value: 0.5)
    let navel = ScenePart(.flat(SceneColor(0.3, 0.36, 0.12)), .inflated(0.06)) {
      $0.ellipse(lean, -0.8, 0.1, 0.055)
    }
    let leaf = ScenePart(
      .drawn(green) { canvas in
        canvas.move(lean, -0.82)
        canvas.line(lean + 0.52, -1.02)
        canvas.stroke(green.lighter(0.35), 0.025, 0.8)
      }, .inflated(0.12), gloss: 0.3
    ) { canvas in
      canvas.move(lean, -0.82)
      canvas.curve(lean + 0.12, -1.12, lean + 0.42, -1.16, lean + 0.6, -1.04)
      canvas.curve(lean + 0.46, -0.82, lean + 0.2, -0.74, lean, -0.82)
      canvas.close()
    }
    let parts = random.chance(0.75) ? [fruit, navel, leaf] : [fruit, navel]
    return SceneDesign(parts: parts, top: -1.1, bottom: 0.96, tilt: 0.35)
  }

  static func strawberry(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let seed = SceneColor(0.98, 0.86, 0.5)
    let body = ScenePart(
      .drawn(color) { canvas in
        for row in -4...5 {
          let y = Double(row) * 0.2
          for column in -4...4 {
            let x = (Double(column) + (row % 2 == 0 ? 0 : 0.5)) * 0.27 * (1 - 0.08 * Double(row))
            canvas.ellipse(x, y + 0.012, 0.036, 0.058)
            canvas.fill(color.darker(0.4), 0.8)
            canvas.ellipse(x, y, 0.026, 0.046)
            canvas.fill(seed)
          }
        }
      }, .inflated(0.62), gloss: 0.5
    ) { canvas in
      canvas.move(0, 1.06)
      canvas.curve(-0.34, 1.02, -0.86, 0.4, -0.88, -0.2)
      canvas.curve(-0.88, -0.62, -0.5, -0.78, 0, -0.68)
      canvas.curve(0.5, -0.78, 0.88, -0.62, 0.88, -0.2)
      canvas.curve(0.86, 0.4, 0.34, 1.02, 0, 1.06)
      canvas.close()
    }
    let green = SceneColor(hue: random.uniform(95, 125), saturation: 0.72, value: 0.55)
    let leaves = (0..<6).map { leaf -> ScenePart in
      // A ring of pointed leaves, seen from a little below.
      let angle = (Double(leaf) + 0.5) / 6 * .pi + random.uniform(-0.08, 0.08)
      let (along, down) = (SceneMath.cos(angle), SceneMath.sin(angle))
      let tip = (x: along * 0.72, y: -0.74 + down * 0.42 + abs(along) * 0.05)
      let (sideX, sideY) = (-down * 0.17, along * 0.11)
      return ScenePart(
        .drawn(green.lighter(leaf % 2 == 0 ? 0 : 0.12)) { canvas in
          canvas.move(0, -0.76)
          canvas.line(tip.x * 0.8, -0.76 + (tip.y + 0.76) * 0.8)
          canvas.stroke(green.lighter(0.35), 0.02, 0.7)
        }, .inflated(0.14)
      ) { canvas in
        let (midX, midY) = (tip.x * 0.5, -0.76 + (tip.y + 0.76) * 0.5)
        canvas.move(-sideX * 0.3, -0.78 - sideY * 0.3)
        canvas.curve(midX - sideX, midY - sideY, midX - sideX, midY - sideY, tip.x, tip.y)
        canvas.curve(midX + sideX, midY + sideY, midX + sideX, midY + sideY, sideX * 0.3, -0.78 + sideY * 0.3)
        canvas.close()
      }
    }
    let stem = ScenePart(line: 0.09, .flat(green.darker(0.15)), .inflated(0.05)) { canvas in
      canvas.move(0, -0.76)
      canvas.curve(0, -0.9, 0.06, -0.95, 0.12, -1.02)
    }
    return SceneDesign(
      parts: [body] + leaves + [stem], left: -0.9, right: 0.9, top: -1.06, bottom: 1.06, tilt: 0.5)
  }

  static func pumpkin(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let squash = random.uniform(0.92, 1.08)
    func lobe(_ x: Double, _ radiusX: Double, _ radiusY: Double, _ shade: Double) -> ScenePart {
      ScenePart(
        .drawn(color.darker(shade)) { canvas in
          for line in [-0.5, 0.5] {
            canvas.move(x + radiusX * line * 0.5, -radiusY)
            canvas.curve(
              x + radiusX * line, -radiusY * 0.4, x + radiusX * line, radiusY * 0.4, x + radiusX * line * 0.5, radiusY)
            canvas.stroke(color.darker(0.35), 0.02, 0.35)
          }
        }, .ellipsoid(x: x, y: 0.1, radiusX: radiusX, radiusY: radiusY), gloss: 0.25
      ) { $0.ellipse(x, 0.1, radiusX, radiusY) }
    }
    let stemLean = random.uniform(-0.2, 0.2)
    let stem = ScenePart(.flat(SceneColor(0.42, 0.46, 0.2)), .inflated(0.1)) { canvas in
      canvas.move(-0.14, -0.5)
      canvas.curve(-0.06, -0.7, -0.06 + stemLean, -0.8, -0.1 + stemLean, -0.95)
      canvas.line(0.1 + stemLean, -1)
      canvas.curve(0.06 + stemLean, -0.8, 0.1, -0.7, 0.18, -0.5)
      canvas.close()
    }
    let parts = [
      lobe(-0.62, 0.38, 0.54 * squash, 0.12), lobe(0.62, 0.38, 0.54 * squash, 0.12),
      lobe(-0.36, 0.42, 0.64 * squash, 0.06), lobe(0.36, 0.42, 0.64 * squash, 0.06), stem,
      lobe(0, 0.36, 0.68 * squash, 0),
    ]
    return SceneDesign(parts: parts, top: -1, bottom: 0.1 + 0.66 * squash, tilt: 0.12)
  }
}
