extension SceneDesign {
  static func stopSign(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let pole = ScenePart(.flat(SceneColor(0.62, 0.64, 0.66)), .inflated(0.07), gloss: 0.4) {
      $0.roundedRectangle(-0.07, 0.4, 0.14, 1.35, 0.03)
    }
    func octagon(_ radius: Double) -> [(Double, Double)] {
      (0..<8).map { corner in
        let angle = (Double(corner) + 0.5) * .pi / 4
        return (radius * SceneMath.cos(angle), radius * SceneMath.sin(angle))
      }
    }
    let rim = ScenePart(.flat(SceneColor(0.95, 0.95, 0.94)), .inflated(0.05)) { $0.polygon(octagon(1.04)) }
    let wear = random.uniform(0, 0.1)
    let face = ScenePart(
      .drawn(color) { canvas in
        canvas.rectangle(-1, 0, 2, 1)
        canvas.fillGradient(0, 0, 0, 1, [(0, color.darker(0.3), 0), (1, color.darker(0.3), wear * 4)])
        letters(canvas)
      }, .inflated(0.05), gloss: 0.2
    ) { $0.polygon(octagon(0.93)) }
    return SceneDesign(
      parts: [pole, rim, face], left: -0.97, right: 0.97, top: -0.97, bottom: 1.75, tilt: 0.08)
  }

  /// STOP, drawn as lines so that no font of the machine is needed.
  private static func letters(_ canvas: SceneCanvas) {
    let white = SceneColor(0.97, 0.97, 0.96)
    canvas.move(-0.42, -0.2)
    canvas.curve(-0.5, -0.3, -0.7, -0.26, -0.68, -0.12)
    canvas.curve(-0.66, 0.02, -0.42, -0.02, -0.42, 0.13)
    canvas.curve(-0.42, 0.28, -0.64, 0.3, -0.7, 0.18)
    canvas.stroke(white, 0.105)
    canvas.move(-0.32, -0.23)
    canvas.line(0.0, -0.23)
    canvas.move(-0.16, -0.23)
    canvas.line(-0.16, 0.25)
    canvas.stroke(white, 0.105)
    canvas.ellipse(0.2, 0.01, 0.125, 0.24)
    canvas.stroke(white, 0.105)
    canvas.move(0.47, 0.25)
    canvas.line(0.47, -0.23)
    canvas.curve(0.78, -0.25, 0.78, 0.07, 0.47, 0.05)
    canvas.stroke(white, 0.105)
  }

  static func umbrella(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let wood = SceneColor(0.55, 0.38, 0.22)
    let second = random.chance(0.6) ? SceneColor(0.96, 0.95, 0.9) : color.darker(0.22)
    let pole = ScenePart(line: 0.06, .flat(wood), .inflated(0.03), gloss: 0.3) { canvas in
      canvas.move(0, -0.8)
      canvas.line(0, 0.84)
      canvas.curve(0, 1.08, 0.26, 1.08, 0.26, 0.86)
    }
    let edges = [-1.0, -0.64, -0.22, 0.22, 0.64, 1.0]
    let canopy = ScenePart(
      .drawn(color) { canvas in
        for panel in stride(from: 0, to: 5, by: 2) {
          let (a, b) = (edges[panel], edges[panel + 1])
          canvas.move(0, -0.84)
          canvas.curve(a * 0.75, -0.7, a, -0.3, a, 0.3)
          canvas.line(b, 0.3)
          canvas.curve(b, -0.3, b * 0.75, -0.7, 0, -0.84)
          canvas.close()
          canvas.fill(second)
        }
        for edge in edges {
          canvas.move(0, -0.84)
          canvas.curve(edge * 0.75, -0.7, edge, -0.3, edge, 0.1)
          canvas.stroke(color.darker(0.45), 0.014, 0.6)
        }
      }, .ellipsoid(x: 0, y: 0.12, radiusX: 1.04, radiusY: 1.0), gloss: 0.25
    ) { canvas in
      canvas.move(-1, 0.04)
      canvas.curve(-0.98, -0.52, -0.52, -0.84, 0, -0.84)
      canvas.curve(0.52, -0.84, 0.98, -0.52, 1, 0.04)
      for index in stride(from: 5, to: 0, by: -1) {
        let (a, b) = (edges[index], edges[index - 1])
        canvas.curve(a - (a - b) * 0.25, -0.12, b + (a - b) * 0.25, -0.12, b, 0.04)
      }
      canvas.close()
    }
    let tip = ScenePart(line: 0.06, .flat(wood), .inflated(0.03)) { canvas in
      canvas.move(0, -0.84)
      canvas.line(0, -0.96)
    }
    return SceneDesign(
      parts: [pole, tip, canopy], left: -1.02, right: 1.02, top: -1, bottom: 1.04, tilt: 0.3)
  }

  static func starBadge(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    badge(&random, color, corners: 5, inner: 0.5)
  }

  static func hexagonBadge(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    badge(&random, color, corners: 6, inner: nil)
  }

  /// Enamel in a metal rim with a stud in the middle; `inner` is the inner radius of a star, nil for a polygon.
  private static func badge(
    _ random: inout SceneRandom, _ color: SceneColor, corners: Int, inner: Double?
  ) -> SceneDesign {
    let metal = random.chance(0.5) ? SceneColor(0.9, 0.76, 0.36) : SceneColor(0.82, 0.84, 0.88)
    func outline(_ radius: Double) -> [(Double, Double)] {
      let steps = inner == nil ? corners : corners * 2
      return (0..<steps).map { step in
        let angle = Double(step) * 2 * .pi / Double(steps) - .pi / 2
        let reach = step % 2 == 1 ? radius * (inner ?? 1) : radius
        return (reach * SceneMath.cos(angle), reach * SceneMath.sin(angle))
      }
    }
    let outer = inner == nil ? 0.92 : 1.0
    let rim = ScenePart(line: 0.12, .flat(metal), .inflated(0.1), gloss: 0.8) {
      $0.polygon(outline(outer - 0.06))
    }
    let enamel = ScenePart(
      .drawn(color) { canvas in
        for line in 0..<2 {
          canvas.polygon(outline(outer * (0.62 - 0.2 * Double(line))))
          canvas.stroke(color.lighter(0.35), 0.03, 0.7)
        }
      }, .inflated(0.3), gloss: 0.9
    ) { $0.polygon(outline(outer - 0.08)) }
    let stud = ScenePart(.flat(metal), .ellipsoid(x: 0, y: 0, radiusX: 0.15, radiusY: 0.15), gloss: 0.9) {
      $0.circle(0, 0, 0.15)
    }
    return SceneDesign(
      parts: [enamel, rim, stud], left: -outer - 0.04, right: outer + 0.04, top: -outer - 0.04, bottom: outer + 0.04,
      tilt: 0.5, floats: true)
  }
}
