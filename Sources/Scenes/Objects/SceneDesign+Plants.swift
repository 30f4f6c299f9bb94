extension SceneDesign {
  static func cactus(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let leftTop = random.uniform(-0.45, -0.15)
    let rightTop = random.uniform(-0.7, -0.35)
    let leftJoint = random.uniform(0.2, 0.4)
    let rightJoint = random.uniform(-0.05, 0.2)
    func ribs(_ x: Double, _ halfWidth: Double) -> (SceneCanvas) -> Void {
      { canvas in
        for rib in -2...2 {
          let place = x + Double(rib) * halfWidth * 0.42
          canvas.move(place, -1.2)
          canvas.line(place, 1.2)
          canvas.stroke(color.darker(0.35), 0.022, 0.7)
          for spine in -11...11 {
            let y = Double(spine) * 0.1 + (rib % 2 == 0 ? 0 : 0.05)
            canvas.move(place - 0.022, y)
            canvas.line(place + 0.022, y - 0.02)
          }
          canvas.stroke(SceneColor(0.95, 0.95, 0.8), 0.013, 0.8)
        }
      }
    }
    func arm(_ side: Double, _ joint: Double, _ top: Double) -> ScenePart {
      ScenePart(line: 0.28, .drawn(color.darker(0.05), ribs(side * 0.62, 0.14)), .inflated(0.14), gloss: 0.12) {
        canvas in
        canvas.move(side * 0.1, joint)
        canvas.line(side * 0.4, joint)
        canvas.curve(side * 0.56, joint, side * 0.62, joint - 0.08, side * 0.62, joint - 0.24)
        canvas.line(side * 0.62, top)
      }
    }
    let trunk = ScenePart(.drawn(color, ribs(0, 0.27)), .inflated(0.27), gloss: 0.12) {
      $0.roundedRectangle(-0.27, -1, 0.54, 2.2, 0.26)
    }
    var parts = [arm(-1, leftJoint, leftTop), arm(1, rightJoint, rightTop), trunk]
    if random.chance(0.4) {
      let pink = SceneColor(0.95, 0.45, 0.62)
      for petal in -1...1 {
        let x = Double(petal) * 0.09
        parts.append(
          ScenePart(.flat(pink.lighter(petal == 0 ? 0.2 : 0)), .inflated(0.06)) {
            $0.ellipse(x, -1.02 + abs(x) * 0.3, 0.075, 0.11)
          })
      }
    }
    // The foot is cut off level, as if it went on under the sand.
    return SceneDesign(parts: parts, left: -0.78, right: 0.78, top: -1.12, bottom: 1.18, tilt: 0.06)
  }

  static func mushroom(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let cream = SceneColor(0.95, 0.91, 0.82)
    let spots = [(-0.55, -0.32, 0.1), (-0.2, -0.62, 0.13), (0.22, -0.28, 0.15), (0.6, -0.42, 0.09), (0.3, -0.76, 0.08)]
      .map { ($0.0 + random.uniform(-0.07, 0.07), $0.1 + random.uniform(-0.05, 0.05), $0.2) }
    let stem = ScenePart(
      .drawn(cream) { canvas in
        for line in -3...3 {
          canvas.move(Double(line) * 0.08, -0.1)
          canvas.curve(Double(line) * 0.07, 0.3, Double(line) * 0.1, 0.6, Double(line) * 0.12, 1)
          canvas.stroke(cream.darker(0.3), 0.014, 0.45)
        }
        canvas.rectangle(-1, -0.2, 2, 0.42)
        canvas.fillGradient(0, -0.1, 0, 0.3, [(0, .black, 0.45), (1, .black, 0)])
      }, .inflated(0.28)
    ) { canvas in
      canvas.move(-0.24, -0.1)
      canvas.curve(-0.18, 0.3, -0.24, 0.6, -0.38, 0.9)
      canvas.curve(-0.2, 1.02, 0.2, 1.02, 0.38, 0.9)
      canvas.curve(0.24, 0.6, 0.18, 0.3, 0.24, -0.1)
      canvas.close()
    }
    let gills = ScenePart(
      .drawn(cream.darker(0.22)) { canvas in
        for line in -12...12 {
          canvas.move(Double(line) * 0.025, -0.1)
          canvas.line(Double(line) * 0.085, 0.16)
          canvas.stroke(cream.darker(0.5), 0.014, 0.6)
        }
      }, .flat
    ) { $0.ellipse(0, -0.02, 0.9, 0.17) }
    let cap = ScenePart(
      .drawn(color) { canvas in
        for spot in spots {
          canvas.ellipse(spot.0, spot.1, spot.2, spot.2 * 0.82)
          canvas.fill(cream)
        }
      }, .inflated(0.55), gloss: 0.45
    ) { canvas in
      canvas.move(-1, -0.02)
      canvas.curve(-1.02, -0.6, -0.52, -1, 0, -1)
      canvas.curve(0.52, -1, 1.02, -0.6, 1, -0.02)
      canvas.curve(0.92, 0.1, 0.6, 0.0, 0, 0.0)
      canvas.curve(-0.6, 0.0, -0.92, 0.1, -1, -0.02)
      canvas.close()
    }
    return SceneDesign(parts: [stem, gills, cap], left: -1.01, right: 1.01, top: -1, bottom: 0.98, tilt: 0.18)
  }
}
