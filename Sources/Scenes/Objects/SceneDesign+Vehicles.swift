extension SceneDesign {
  static func car(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let glass = SceneColor(0.24, 0.33, 0.42)
    let roof = random.uniform(-0.52, -0.44)
    let back = random.uniform(0.55, 0.78)
    let body = ScenePart(
      .drawn(color) { canvas in
        canvas.rectangle(-1.2, 0.24, 2.4, 0.2)
        canvas.fill(color.darker(0.5), 0.7)
        for x in [-0.06, -0.48] {
          canvas.move(x, -0.06)
          canvas.curve(x - 0.02, 0.06, x - 0.01, 0.18, x + 0.01, 0.24)
          canvas.stroke(color.darker(0.45), 0.018)
        }
        for x in [-0.36, 0.08] {
          canvas.roundedRectangle(x, 0.0, 0.12, 0.032, 0.016)
          canvas.fill(color.lighter(0.55))
        }
        canvas.ellipse(-0.97, 0.05, 0.09, 0.07)
        canvas.fill(SceneColor(1, 0.97, 0.82))
        canvas.roundedRectangle(0.9, -0.02, 0.12, 0.12, 0.03)
        canvas.fill(SceneColor(0.82, 0.1, 0.08))
      }, .inflated(0.2), gloss: 0.7
    ) { canvas in
      canvas.move(-1, 0.3)
      canvas.curve(-1.04, 0.05, -0.98, -0.06, -0.62, -0.1)
      canvas.curve(-0.48, -0.3, -0.38, roof, -0.12, roof)
      canvas.line(0.34, roof)
      canvas.curve(0.52, roof, 0.6, -0.34, back, -0.12)
      canvas.curve(0.98, -0.1, 1.02, 0.0, 1.0, 0.3)
      canvas.curve(0.98, 0.36, -0.98, 0.36, -1, 0.3)
      canvas.close()
    }
    func window(_ points: [(Double, Double)]) -> ScenePart {
      ScenePart(
        .drawn(glass) { canvas in
          canvas.polygon([(-0.3, -0.6), (-0.12, -0.6), (-0.42, 0), (-0.6, 0)])
          canvas.fill(.white, 0.28)
          canvas.polygon([(0.3, -0.6), (0.42, -0.6), (0.2, 0), (0.08, 0)])
          canvas.fill(.white, 0.22)
        }, .flat, gloss: 0.5
      ) { $0.polygon(points) }
    }
    let windows = [
      window([(-0.5, -0.1), (-0.34, roof + 0.13), (-0.26, roof + 0.075), (-0.06, roof + 0.07), (-0.06, -0.1)]),
      window([(0.0, -0.1), (0.0, roof + 0.07), (0.34, roof + 0.07), (0.42, roof + 0.12), (0.56, -0.1)]),
    ]
    func wheel(_ x: Double) -> [ScenePart] {
      [
        ScenePart(.flat(SceneColor(0.13, 0.13, 0.15)), .inflated(0.06)) { $0.circle(x, 0.34, 0.225) },
        ScenePart(
          .drawn(SceneColor(0.78, 0.79, 0.82)) { canvas in
            for spoke in 0..<5 {
              let angle = Double(spoke) * 2 * .pi / 5 + 0.3
              canvas.circle(x + 0.08 * SceneMath.cos(angle), 0.34 + 0.08 * SceneMath.sin(angle), 0.028)
              canvas.fill(SceneColor(0.25, 0.25, 0.28))
            }
          }, .inflated(0.04), gloss: 0.6
        ) { $0.circle(x, 0.34, 0.13) },
      ]
    }
    return SceneDesign(
      parts: [body] + windows + wheel(-0.58) + wheel(0.6), left: -1.04, right: 1.04, top: -0.54, bottom: 0.57,
      tilt: 0.05)
  }

  static func rocket(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let metal = SceneColor(0.93, 0.93, 0.95)
    let flame = random.uniform(0.85, 1.1)
    func fin(_ side: Double) -> ScenePart {
      ScenePart(.flat(color.darker(0.22)), .inflated(0.1)) { canvas in
        canvas.move(side * 0.26, 0.1)
        canvas.curve(side * 0.56, 0.24, side * 0.66, 0.5, side * 0.62, 0.86)
        canvas.curve(side * 0.5, 0.66, side * 0.4, 0.62, side * 0.22, 0.62)
        canvas.close()
      }
    }
    let fire = ScenePart(
      .drawn(SceneColor(1, 0.55, 0.1)) { canvas in
        canvas.ellipse(0, 0.72, 0.13, 0.24 * flame)
        canvas.fill(SceneColor(1, 0.9, 0.4))
      }, .flat, gloss: 0
    ) { canvas in
      canvas.move(-0.22, 0.64)
      canvas.curve(-0.28, 0.9, -0.08, 0.94, 0, 0.66 + 0.5 * flame)
      canvas.curve(0.08, 0.94, 0.28, 0.9, 0.22, 0.64)
      canvas.close()
    }
    let body = ScenePart(
      .drawn(color) { canvas in
        canvas.rectangle(-1, -1.2, 2, 0.62)
        canvas.fill(metal)
        canvas.rectangle(-1, 0.36, 2, 0.12)
        canvas.fill(metal)
      }, .inflated(0.36), gloss: 0.5
    ) { canvas in
      canvas.move(0, -1.1)
      canvas.curve(0.3, -0.8, 0.42, -0.4, 0.4, 0.0)
      canvas.curve(0.4, 0.3, 0.34, 0.5, 0.26, 0.68)
      canvas.line(-0.26, 0.68)
      canvas.curve(-0.34, 0.5, -0.4, 0.3, -0.4, 0.0)
      canvas.curve(-0.42, -0.4, -0.3, -0.8, 0, -1.1)
      canvas.close()
    }
    let frame = ScenePart(.flat(metal.darker(0.12)), .inflated(0.05), gloss: 0.5) { $0.circle(0, -0.18, 0.19) }
    let window = ScenePart(
      .drawn(SceneColor(0.2, 0.32, 0.45)) { canvas in
        canvas.circle(-0.05, -0.24, 0.05)
        canvas.fill(.white, 0.7)
      }, .ellipsoid(x: 0, y: -0.18, radiusX: 0.13, radiusY: 0.13), gloss: 0.6
    ) { $0.circle(0, -0.18, 0.13) }
    return SceneDesign(
      parts: [fire, fin(-1), fin(1), body, frame, window], left: -0.66, right: 0.66, top: -1.12,
      bottom: 0.68 + 0.5 * flame, tilt: 0.7, floats: true)
  }

  static func balloon(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let sway = random.uniform(-0.25, 0.25)
    let string = ScenePart(line: 0.03, .flat(SceneColor(0.88, 0.87, 0.84)), .flat) { canvas in
      canvas.move(0, 1.1)
      canvas.curve(sway, 1.35, -sway, 1.55, sway * 0.6, 1.85)
    }
    let knot = ScenePart(.flat(color.darker(0.2)), .inflated(0.06)) { canvas in
      canvas.polygon([(0, 0.96), (0.11, 1.14), (-0.11, 1.14)])
    }
    let body = ScenePart(
      .drawn(color) { canvas in
        canvas.ellipse(0.1, 0.55, 0.8, 0.5)
        canvas.fillRadial(0.1, 0.6, 0.8, [(0, color.lighter(0.35), 0.5), (1, color, 0)])
      }, .ellipsoid(x: 0, y: -0.05, radiusX: 0.88, radiusY: 1.06), gloss: 1
    ) { canvas in
      canvas.move(0, 1.02)
      canvas.curve(-0.3, 0.9, -0.86, 0.42, -0.86, -0.16)
      canvas.curve(-0.86, -0.72, -0.46, -1.06, 0, -1.06)
      canvas.curve(0.46, -1.06, 0.86, -0.72, 0.86, -0.16)
      canvas.curve(0.86, 0.42, 0.3, 0.9, 0, 1.02)
      canvas.close()
    }
    return SceneDesign(
      parts: [string, knot, body], left: -0.88, right: 0.88, top: -1.08, bottom: 1.86, tilt: 0.2, floats: true)
  }
}
