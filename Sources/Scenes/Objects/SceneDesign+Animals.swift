extension SceneDesign {
  private static func eye(_ x: Double, _ y: Double, _ radius: Double, _ look: Double) -> [ScenePart] {
    [
      ScenePart(.flat(SceneColor(0.97, 0.97, 0.94)), .ellipsoid(x: x, y: y, radiusX: radius, radiusY: radius)) {
        $0.circle(x, y, radius)
      },
      ScenePart(
        .drawn(SceneColor(0.07, 0.07, 0.1)) { canvas in
          canvas.circle(x + look - radius * 0.2, y - radius * 0.22, radius * 0.2)
          canvas.fill(.white)
        }, .flat, gloss: 0
      ) { $0.circle(x + look, y, radius * 0.58) },
    ]
  }

  static func frog(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let spots = (0..<9).map { _ in
      (random.uniform(-0.6, 0.6), random.uniform(-0.55, 0.1), random.uniform(0.04, 0.1))
    }
    let look = random.uniform(-0.05, 0.05)
    func limb(_ side: Double) -> [ScenePart] {
      [
        ScenePart(
          .flat(color.darker(0.12)), .ellipsoid(x: side * 0.68, y: 0.5, radiusX: 0.34, radiusY: 0.4)
        ) { $0.ellipse(side * 0.68, 0.5, 0.34, 0.4) },
        ScenePart(.flat(color.darker(0.2)), .inflated(0.08)) { canvas in
          canvas.smooth([
            (side * 0.5, 0.78), (side * 0.75, 0.74), (side * 1.0, 0.84), (side * 0.86, 0.9), (side * 0.6, 0.92),
          ])
        },
      ]
    }
    let body = ScenePart(
      .drawn(color) { canvas in
        canvas.ellipse(0, 0.66, 0.4, 0.5)
        canvas.fill(SceneColor(hue: 88, saturation: 0.38, value: 0.9))
      }, .ellipsoid(x: 0, y: 0.36, radiusX: 0.62, radiusY: 0.58)
    ) { $0.ellipse(0, 0.36, 0.62, 0.58) }
    let feet = [-1.0, 1.0].map { side in
      ScenePart(.flat(color.darker(0.06)), .inflated(0.07)) { canvas in
        canvas.smooth([
          (side * 0.16, 0.62), (side * 0.34, 0.62), (side * 0.36, 0.84), (side * 0.44, 0.95), (side * 0.1, 0.95),
          (side * 0.16, 0.84),
        ])
      }
    }
    let bumps = [-1.0, 1.0].map { side in
      ScenePart(.flat(color), .ellipsoid(x: side * 0.4, y: -0.62, radiusX: 0.27, radiusY: 0.27)) {
        $0.circle(side * 0.4, -0.62, 0.27)
      }
    }
    let head = ScenePart(
      .drawn(color) { canvas in
        for spot in spots {
          canvas.circle(spot.0, spot.1, spot.2)
          canvas.fill(color.darker(0.3), 0.6)
        }
        canvas.ellipse(0, 0.34, 0.72, 0.34)
        canvas.fill(SceneColor(hue: 88, saturation: 0.4, value: 0.88), 0.75)
        canvas.move(-0.6, -0.06)
        canvas.curve(-0.3, 0.2, 0.3, 0.2, 0.6, -0.06)
        canvas.stroke(color.darker(0.65), 0.045)
        for side in [-1.0, 1.0] {
          canvas.circle(side * 0.09, -0.2, 0.026)
          canvas.fill(color.darker(0.65))
        }
      }, .inflated(0.42), gloss: 0.3
    ) { $0.ellipse(0, -0.2, 0.82, 0.46) }
    let eyes = eye(-0.4, -0.64, 0.18, look) + eye(0.4, -0.64, 0.18, look)
    return SceneDesign(
      parts: limb(-1) + limb(1) + [body] + feet + bumps + [head] + eyes, top: -0.9, bottom: 0.95, tilt: 0.12)
  }

  static func whale(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let belly = SceneColor(0.86, 0.91, 0.95)
    let lift = random.uniform(-0.12, 0.12)
    let tail = ScenePart(.flat(color.darker(0.1)), .inflated(0.14)) { canvas in
      canvas.move(0.7, -0.05)
      canvas.curve(0.82, -0.3 + lift, 0.8, -0.5 + lift, 0.66, -0.72 + lift)
      canvas.curve(0.86, -0.72 + lift, 0.94, -0.62 + lift, 0.97, -0.48 + lift)
      canvas.curve(1.06, -0.6 + lift, 1.16, -0.62 + lift, 1.3, -0.56 + lift)
      canvas.curve(1.2, -0.36 + lift, 1.06, -0.2 + lift, 0.94, 0.1)
      canvas.close()
    }
    let body = ScenePart(
      .drawn(color) { canvas in
        canvas.move(-1.2, 0.16)
        canvas.curve(-0.6, 0.1, -0.1, 0.5, 0.7, 0.24)
        canvas.line(0.7, 1)
        canvas.line(-1.2, 1)
        canvas.close()
        canvas.fill(belly)
        for line in 0..<5 {
          let y = 0.24 + Double(line) * 0.07
          canvas.move(-1.1, y)
          canvas.curve(-0.6, y, -0.3, y + 0.16, 0.2, y + 0.12)
          canvas.stroke(color.mixed(belly, 0.35), 0.018, 0.8)
        }
        canvas.move(-1.02, 0.13)
        canvas.curve(-0.8, 0.12, -0.72, 0.14, -0.56, 0.2)
        canvas.stroke(color.darker(0.55), 0.03)
      }, .inflated(0.46), gloss: 0.35
    ) { canvas in
      canvas.move(-1, 0.08)
      canvas.curve(-1.02, -0.3, -0.7, -0.52, -0.25, -0.5)
      canvas.curve(0.25, -0.48, 0.55, -0.22, 0.82, -0.2)
      canvas.curve(0.95, -0.18, 0.98, 0.06, 0.84, 0.16)
      canvas.curve(0.5, 0.44, 0.1, 0.6, -0.35, 0.56)
      canvas.curve(-0.75, 0.52, -0.98, 0.38, -1, 0.08)
      canvas.close()
    }
    let fin = ScenePart(.flat(color.darker(0.16)), .inflated(0.12)) { canvas in
      canvas.move(-0.4, 0.3)
      canvas.curve(-0.3, 0.55, -0.1, 0.76, 0.1, 0.78)
      canvas.curve(0.06, 0.6, 0.0, 0.4, -0.1, 0.28)
      canvas.close()
    }
    return SceneDesign(
      parts: [tail, body, fin] + eye(-0.62, 0.0, 0.075, -0.015), left: -1.02, right: 1.3, top: -0.8, bottom: 0.78,
      tilt: 0.25, floats: true)
  }

  static func fish(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let accent = random.chance(0.5) ? color.lighter(0.55) : color.darker(0.4)
    let striped = random.chance(0.45)
    let height = random.uniform(0.46, 0.62)
    func fin(_ points: [(Double, Double)]) -> ScenePart {
      ScenePart(
        .drawn(color.darker(0.12)) { canvas in
          for ray in 0..<9 {
            let spread = Double(ray - 4) * 0.12
            canvas.move(0.3, spread * 0.4)
            canvas.line(1.15, spread * 1.7)
            canvas.stroke(color.darker(0.4), 0.018, 0.45)
          }
        }, .inflated(0.1)
      ) { $0.smooth(points, tension: 0.8) }
    }
    let tail = fin([(0.5, 0), (0.78, -0.2), (1.08, -0.5), (0.98, 0), (1.08, 0.5), (0.78, 0.2)])
    let dorsal = fin([(-0.35, -height * 0.8), (-0.1, -height - 0.24), (0.35, -height - 0.06), (0.5, -0.2), (0, -0.25)])
    let belly = fin([(-0.1, height * 0.7), (0.1, height + 0.2), (0.36, height - 0.02), (0.3, 0.2)])
    let body = ScenePart(
      .drawn(color) { canvas in
        for row in -5...5 {
          for column in -5...7 {
            let x = Double(column) * 0.15 + (row % 2 == 0 ? 0 : 0.075)
            canvas.arc(x, Double(row) * 0.115, 0.085, -1.4, 1.4)
            canvas.stroke(color.darker(0.35), 0.016, 0.5)
          }
        }
        if striped {
          for stripe in 0..<3 {
            let x = -0.28 + Double(stripe) * 0.34
            canvas.move(x, -1)
            canvas.curve(x + 0.12, -0.3, x + 0.12, 0.3, x, 1)
            canvas.stroke(accent, 0.12, 0.85)
          }
        }
        canvas.rectangle(-1, 0, 2, 1)
        canvas.fillGradient(0, 0.05, 0, height, [(0, color.lighter(0.6), 0), (1, color.lighter(0.6), 0.75)])
        canvas.circle(-1.0, 0, 0.52)
        canvas.fill(color.mixed(accent, 0.3), 0.85)
        canvas.arc(-0.98, 0, 0.5, -0.9, 0.9)
        canvas.stroke(color.darker(0.5), 0.025, 0.7)
        canvas.move(-1, 0.1)
        canvas.curve(-0.92, 0.14, -0.86, 0.14, -0.8, 0.1)
        canvas.stroke(color.darker(0.6), 0.03)
      }, .inflated(0.4), gloss: 0.5
    ) { canvas in
      canvas.move(-0.96, 0.02)
      canvas.curve(-0.7, -height * 1.1, 0.1, -height * 1.35, 0.66, -0.1)
      canvas.curve(0.7, -0.04, 0.7, 0.04, 0.66, 0.1)
      canvas.curve(0.1, height * 1.35, -0.7, height * 1.1, -0.96, 0.02)
      canvas.close()
    }
    let side = ScenePart(.flat(color.darker(0.22)), .inflated(0.08)) {
      $0.smooth([(-0.3, 0.1), (-0.02, 0.06), (0.14, 0.22), (-0.06, 0.26)])
    }
    return SceneDesign(
      parts: [tail, dorsal, belly, body, side] + eye(-0.66, -0.1, 0.105, -0.02), left: -0.98, right: 1.08,
      top: -height - 0.26, bottom: height + 0.22, tilt: 0.4, floats: true)
  }

  static func butterfly(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let dark = SceneColor(0.12, 0.1, 0.13)
    let spot = random.chance(0.5) ? color.lighter(0.7) : SceneColor(0.98, 0.94, 0.8)
    let open = random.uniform(0.82, 1)
    func wings(_ side: Double) -> [ScenePart] {
      let far = side * open
      let lower = ScenePart(
        .drawn(color.darker(0.12)) { canvas in
          canvas.circle(far * 0.42, 0.42, 0.11)
          canvas.fill(spot, 0.9)
          canvas.circle(far * 0.42, 0.42, 0.055)
          canvas.fill(dark, 0.9)
          canvas.smooth(lowerWing(far))
          canvas.stroke(dark, 0.17)
        }, .inflated(0.12), gloss: 0.12
      ) { $0.smooth(lowerWing(far)) }
      let upper = ScenePart(
        .drawn(color) { canvas in
          for vein in 0..<4 {
            canvas.move(side * 0.05, -0.1)
            canvas.line(far * (1.0 - Double(vein) * 0.06), -0.85 + Double(vein) * 0.26)
            canvas.stroke(dark, 0.022, 0.65)
          }
          canvas.smooth(upperWing(far))
          canvas.stroke(dark, 0.26)
          for dot in 0..<4 {
            canvas.circle(far * (0.88 - 0.02 * Double(dot)), -0.74 + Double(dot) * 0.18, 0.04)
            canvas.fill(spot)
          }
        }, .inflated(0.12), gloss: 0.12
      ) { $0.smooth(upperWing(far)) }
      return [lower, upper]
    }
    let body = ScenePart(.flat(dark.lighter(0.12)), .inflated(0.07), gloss: 0.3) { $0.ellipse(0, -0.04, 0.075, 0.5) }
    let antennae = [-1.0, 1.0].map { side in
      ScenePart(line: 0.035, .flat(dark), .flat) { canvas in
        canvas.move(0, -0.48)
        canvas.curve(side * 0.06, -0.7, side * 0.16, -0.82, side * 0.26, -0.86)
      }
    }
    return SceneDesign(
      parts: antennae + wings(-1) + wings(1) + [body], left: -1.02, right: 1.02, top: -0.95, bottom: 0.8, tilt: 0.6,
      floats: true)
  }

  private static func upperWing(_ far: Double) -> [(Double, Double)] {
    [(far * 0.04, -0.12), (far * 0.45, -0.72), (far * 0.96, -0.88), (far * 0.94, -0.35), (far * 0.62, 0.05)]
  }

  private static func lowerWing(_ far: Double) -> [(Double, Double)] {
    [(far * 0.04, -0.02), (far * 0.6, 0.0), (far * 0.78, 0.36), (far * 0.5, 0.76), (far * 0.2, 0.52)]
  }
}
