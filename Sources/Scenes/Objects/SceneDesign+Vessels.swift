extension SceneDesign {
  static func mug(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let glaze = Glaze(&random, color)
    let handle = ScenePart(line: 0.17, .flat(color.darker(0.04)), .inflated(0.085), gloss: 0.6) { canvas in
      canvas.move(0.5, -0.42)
      canvas.curve(1.02, -0.56, 1.06, 0.42, 0.46, 0.4)
    }
    let body = ScenePart(glaze.paint, .inflated(0.5), gloss: 0.6) { canvas in
      canvas.move(-0.7, -0.72)
      canvas.curve(-0.7, 0, -0.66, 0.4, -0.6, 0.72)
      canvas.curve(-0.5, 0.92, 0.4, 0.92, 0.5, 0.72)
      canvas.curve(0.56, 0.4, 0.6, 0, 0.6, -0.72)
      canvas.close()
    }
    return SceneDesign(
      parts: [handle, body] + glaze.mouth(x: -0.05, y: -0.72, radius: 0.65), left: -0.72, right: 0.96, top: -0.9,
      bottom: 0.87, tilt: 0.12)
  }

  static func vase(_ random: inout SceneRandom, _ color: SceneColor) -> SceneDesign {
    let glaze = Glaze(&random, color)
    let belly = random.uniform(0.62, 0.74)
    let body = ScenePart(glaze.paint, .inflated(0.5), gloss: 0.6) { canvas in
      canvas.move(-0.4, -0.92)
      canvas.curve(-0.34, -0.8, -0.22, -0.68, -0.24, -0.5)
      canvas.curve(-0.28, -0.26, -belly, -0.2, -belly, 0.24)
      canvas.curve(-belly, 0.58, -0.36, 0.7, -0.36, 0.96)
      canvas.curve(-0.26, 1.04, 0.26, 1.04, 0.36, 0.96)
      canvas.curve(0.36, 0.7, belly, 0.58, belly, 0.24)
      canvas.curve(belly, -0.2, 0.28, -0.26, 0.24, -0.5)
      canvas.curve(0.22, -0.68, 0.34, -0.8, 0.4, -0.92)
      canvas.close()
    }
    return SceneDesign(
      parts: [body] + glaze.mouth(x: 0, y: -0.92, radius: 0.4), left: -0.76, right: 0.76, top: -1.04, bottom: 1.02,
      tilt: 0.1)
  }

  /// The ceramic that mugs and vases share: same colours, same bands, same dots; only the outline tells them apart.
  private struct Glaze {
    let color: SceneColor
    let paint: ScenePart.Paint

    init(_ random: inout SceneRandom, _ color: SceneColor) {
      self.color = color
      let cream = SceneColor(0.96, 0.93, 0.86)
      let pattern = random.index(3)
      let offset = random.uniform(-0.1, 0.15)
      let speckles = (0..<40).map { _ in
        (random.uniform(-0.9, 0.9), random.uniform(-1, 1), random.uniform(0.008, 0.02))
      }
      paint = .drawn(color) { canvas in
        for speckle in speckles {
          canvas.circle(speckle.0, speckle.1, speckle.2)
          canvas.fill(color.darker(0.35), 0.5)
        }
        switch pattern {
        case 0:
          for band in [0.0, 0.28] {
            canvas.move(-1, offset + band)
            canvas.curve(-0.4, offset + band + 0.07, 0.4, offset + band + 0.07, 1, offset + band)
            canvas.stroke(cream, 0.1)
          }
        case 1:
          for dot in -3...3 {
            canvas.circle(Double(dot) * 0.24 - 0.03, offset + 0.14 - 0.012 * Double(dot * dot), 0.075)
            canvas.fill(cream)
          }
        default:
          canvas.move(-1, offset + 0.1)
          for step in -4...4 {
            canvas.line(Double(step) * 0.2, offset + (step % 2 == 0 ? 0.02 : 0.24))
          }
          canvas.stroke(cream, 0.07)
        }
      }
    }

    /// The opening seen from a little above.
    func mouth(x: Double, y: Double, radius: Double) -> [ScenePart] {
      [
        ScenePart(.flat(color.lighter(0.14)), .flat, gloss: 0.3) { $0.ellipse(x, y, radius, radius * 0.23) },
        ScenePart(
          .drawn(color.darker(0.55)) { canvas in
            canvas.rectangle(x - radius, y - radius, radius * 2, radius * 2)
            canvas.fillGradient(
              x, y - radius * 0.2, x, y + radius * 0.2, [(0, color.darker(0.7), 1), (1, color.darker(0.3), 1)])
          }, .flat, gloss: 0
        ) { $0.ellipse(x, y + radius * 0.012, radius * 0.87, radius * 0.165) },
      ]
    }
  }
}
